import ByteKit
import ConfLint
import RedisModel
import YAMLTree

/// Reads a file of expectations: YAML whose values have the type that the schema says, whatever
/// YAML thinks of them.
struct ExpectationReader {
  private let file: String

  /// Reads `bytes`, which are those of `file`.
  static func read(_ bytes: [UInt8], file: String) throws(YAMLFileError) -> Expectations {
    let root: YAMLNode
    do throws(YAMLError) { root = try YAMLDocument.parse(bytes) } catch {
      throw YAMLFileError(error.message, in: file, at: error.position)
    }
    return try ExpectationReader(file: file).expectations(root)
  }

  private static let members = [
    "keys", "required", "ttl-required", "newest-write-within", "digest", "rto", "rpo", "memory",
  ]

  private func expectations(_ root: YAMLNode) throws(YAMLFileError) -> Expectations {
    var result = Expectations()
    for entry in try entries(of: root, Self.members) {
      let node = entry.value
      switch entry.key.text {
      case "keys":
        for item in try items(node) { result.keyCounts.append(try keyCount(item)) }
      case "required":
        for item in try items(node) { result.required.append(try requiredKey(item)) }
      case "ttl-required":
        for item in try items(node) { result.expiringPrefixes.append(try prefix(item)) }
      case "newest-write-within": result.newestWriteWithinMs = try duration(node)
      case "digest": result.digest = try digest(node)
      case "rto": result.recoveryMsMax = try duration(node)
      case "rpo": result.lossMsMax = try duration(node)
      default: result.memoryByteCountMax = try size(node)
      }
    }
    return result
  }

  // MARK: items

  private func keyCount(_ node: YAMLNode) throws(YAMLFileError) -> Expectations.KeyCount {
    var pattern = Array("*".utf8)
    var result = Expectations.KeyCount(pattern: GlobPattern(pattern), line: node.start.line)
    for entry in try entries(of: node, ["match", "db", "min", "max"]) {
      switch entry.key.text {
      case "match":
        pattern = Array(try text(entry.value).utf8)
        result.pattern = GlobPattern(pattern)
      case "db": result.database = try number(entry.value)
      case "min": result.countMin = try number(entry.value)
      default: result.countMax = try number(entry.value)
      }
    }
    guard result.countMin != nil || result.countMax != nil else {
      throw error("neither min nor max is given: nothing is expected", at: node.start)
    }
    if let low = result.countMin, let high = result.countMax, low > high {
      throw error("min is \(low) and max is \(high): no number is both", at: node.start)
    }
    return result
  }

  private func requiredKey(_ node: YAMLNode) throws(YAMLFileError) -> Expectations.Key {
    var result = Expectations.Key(name: [], database: 0, line: node.start.line)
    if node.scalar != nil {
      result.name = Array(try text(node).utf8)
      return result
    }
    var hasName = false
    for entry in try entries(of: node, ["key", "db"]) {
      if entry.key.text == "db" {
        result.database = try number(entry.value)
      } else {
        result.name = Array(try text(entry.value).utf8)
        hasName = true
      }
    }
    guard hasName else { throw error("'key' is missing: the name of the key", at: node.start) }
    return result
  }

  private func prefix(_ node: YAMLNode) throws(YAMLFileError) -> Expectations.Prefix {
    Expectations.Prefix(name: Array(try text(node).utf8), line: node.start.line)
  }

  // MARK: values

  private func error(_ message: String, at place: YAMLPosition) -> YAMLFileError {
    YAMLFileError(message, in: file, at: place)
  }

  private func entries(
    of node: YAMLNode, _ known: [String]
  ) throws(YAMLFileError) -> [YAMLEntry] {
    guard let entries = node.entries else {
      throw error(
        "\(node.kindName), where a map with \(known.joined(separator: ", ")) is expected",
        at: node.start)
    }
    for entry in entries where !known.contains(entry.key.text) {
      throw error(
        "unknown member '\(PrintableText.line(entry.key.text))'"
          + NearestWord.advice(entry.key.text, in: known)
          + "; known are \(known.joined(separator: ", "))", at: entry.keyStart)
    }
    return entries
  }

  private func items(_ node: YAMLNode) throws(YAMLFileError) -> [YAMLNode] {
    guard let items = node.items else {
      throw error("\(node.kindName), where a list is expected", at: node.start)
    }
    return items
  }

  private func text(_ node: YAMLNode) throws(YAMLFileError) -> String {
    guard let scalar = node.scalar, !scalar.isNull else {
      throw error("\(node.kindName), where a text is expected", at: node.start)
    }
    return scalar.text
  }

  private func number(_ node: YAMLNode) throws(YAMLFileError) -> Int {
    let text = try text(node)
    guard let number = Int(text), number >= 0 else {
      throw error(
        "'\(PrintableText.line(text))', where a whole number from 0 on is expected", at: node.start)
    }
    return number
  }

  private func duration(_ node: YAMLNode) throws(YAMLFileError) -> Int64 {
    let text = try text(node)
    do throws(TextInputError) { return try DurationText.parse(text) } catch {
      throw self.error("\(error)", at: node.start)
    }
  }

  private func size(_ node: YAMLNode) throws(YAMLFileError) -> Int {
    let text = try text(node)
    do throws(TextInputError) { return try ByteSize.parse(text) } catch {
      throw self.error("\(error)", at: node.start)
    }
  }

  private func digest(_ node: YAMLNode) throws(YAMLFileError) -> Digest160 {
    let text = try text(node)
    guard let digest = Digest160(text) else {
      throw error(
        "'\(PrintableText.line(text))', where the 40 hex digits of a digest are expected",
        at: node.start)
    }
    return digest
  }
}
