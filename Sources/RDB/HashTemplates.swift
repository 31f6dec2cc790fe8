import ByteKit
import RedisCodecs

/// The field lists that hashes of Redis RDB 15 share, by id.
struct HashTemplates: Equatable, Sendable {
  private var byID: [Int: HashTemplate] = [:]

  subscript(id: Int) -> HashTemplate? { byID[id] }

  /// Adds a template. False: the id is taken.
  mutating func add(_ id: Int, _ template: HashTemplate) -> Bool {
    guard byID[id] == nil else { return false }
    byID[id] = template
    return true
  }
}

/// One field list.
struct HashTemplate: Equatable, Sendable {
  private(set) var bytes: [UInt8] = []
  private(set) var ends: [Int] = []

  var count: Int { ends.count }

  mutating func append(_ field: Element) {
    field.withBytes { bytes += $0 }
    ends.append(bytes.count)
  }

  /// Calls `body` with the field at `index`.
  func withField<R>(_ index: Int, _ body: (Element) throws(RDBError) -> R) throws(RDBError) -> R {
    let start = index == 0 ? 0 : ends[index - 1]
    let count = ends[index] - start
    var result: Result<R, RDBError>?
    bytes.withUnsafeBytes { all in
      // An empty field list of empty names has no storage: any address serves zero bytes.
      let base = all.baseAddress ?? UnsafeRawPointer(bitPattern: 1).unsafelyUnwrapped
      do throws(RDBError) {
        result = .success(try body(Element(start: base + start, count: count)))
      } catch {
        result = .failure(error)
      }
    }
    guard let result else { throw RDBError(.value, at: 0, "a template without fields") }
    return try result.get()
  }

  /// The first index whose field does not come after the one before, by (length, bytes).
  var firstOutOfOrder: Int? {
    for index in 1..<max(1, count) where !isOrdered(index) { return index }
    return nil
  }

  private func isOrdered(_ index: Int) -> Bool {
    let left = bytes[(index == 1 ? 0 : ends[index - 2])..<ends[index - 1]]
    let right = bytes[ends[index - 1]..<ends[index]]
    if left.count != right.count { return left.count < right.count }
    return left.lexicographicallyPrecedes(right)
  }
}

extension RDBReader {
  /// Opcode 242: `len` id, `len` n, n × `str` field, strictly ascending.
  mutating func readHashTemplate() throws(RDBError) -> RDBRecord {
    let offset = input.offset
    let id = try readLength()
    guard id <= UInt64(RDBLimits.templateIDMax) else {
      throw RDBError(.record, at: offset, "hash template id \(id) is beyond all sense")
    }
    let template = try readTemplateFields()
    if let index = template.firstOutOfOrder {
      throw RDBError(
        .record, at: offset,
        "template fields not strictly sorted: field \(index + 1) of hash template \(id)")
    }
    guard templates.add(Int(id), template) else {
      throw RDBError(.record, at: offset, "duplicate hash template ID \(id)")
    }
    return .hashTemplate(id: Int(id), fieldCount: template.count)
  }

  private mutating func readTemplateFields() throws(RDBError) -> HashTemplate {
    let offset = input.offset
    let count = try readCount(minimum: 1)
    guard count > 0 else {
      throw RDBError(
        .record, at: offset, "hash template has zero fields (template with zero fields)")
    }
    var template = HashTemplate()
    for _ in 0..<count {
      template.append(element(try readString()))
    }
    return template
  }

  /// The fields in front of types 29 and 31: `len` form; 0 a listpack, 1 strings.
  private mutating func readInlineTemplate() throws(RDBError) -> HashTemplate {
    let offset = input.offset
    switch try readLength() {
    case 0:
      var template = HashTemplate()
      try walkListpack { (field) throws(RDBError) in template.append(field) }
      guard template.count > 0 else {
        throw RDBError(.value, at: offset, "template with zero fields")
      }
      return template
    case 1: return try readTemplateFields()
    case let form: throw RDBError(.value, at: offset, "unknown template fields format \(form)")
    }
  }

  /// Types 29 to 32: values for the fields of a template.
  mutating func readTemplateHash<S: ValueSink & ~Copyable>(
    _ type: RDBType, into sink: inout S
  ) throws(RDBError) {
    let offset = input.offset
    switch type.byte {
    case 29: try readTemplateListpack(inline: try readInlineTemplate(), into: &sink)
    case 30: try readTemplateListpack(inline: nil, into: &sink)
    case 31: try readTemplateArray(try readInlineTemplate(), into: &sink)
    default:
      let id = try readLength()
      guard let template = Int(exactly: id).flatMap({ templates[$0] }) else {
        throw RDBError(.value, at: offset, "unknown template \(id)")
      }
      try readTemplateArray(template, into: &sink)
    }
  }

  private mutating func readTemplateArray<S: ValueSink & ~Copyable>(
    _ template: HashTemplate, into sink: inout S
  ) throws(RDBError) {
    if let index = template.firstOutOfOrder {
      note(.value, at: recordOffset, "template fields not strictly sorted: field \(index + 1)")
    }
    for index in 0..<template.count {
      let value = element(try readString())
      try template.withField(index) { (field) throws(RDBError) in
        sink.field(field, value, expireAtMs: nil)
      }
    }
  }

  /// A listpack of a template id and as many values as the template has fields.
  private mutating func readTemplateListpack<S: ValueSink & ~Copyable>(
    inline: HashTemplate?, into sink: inout S
  ) throws(RDBError) {
    let offset = input.offset
    if let inline, let index = inline.firstOutOfOrder {
      note(.value, at: offset, "template fields not strictly sorted: field \(index + 1)")
    }
    let known = templates
    var template = inline
    var index = -1
    try walkListpack { (value) throws(RDBError) in
      defer { index += 1 }
      if index < 0 {
        guard value.start == nil else {
          throw RDBError(
            .value, at: offset, "template listpack: first entry is not an integer")
        }
        if template == nil { template = known[Int(value.integer)] }
        guard template != nil else {
          throw RDBError(.value, at: offset, "unknown template \(value.integer)")
        }
      } else if let template, index < template.count {
        try template.withField(index) { (field) throws(RDBError) in
          sink.field(field, value, expireAtMs: nil)
        }
      }
    }
    guard index >= 0 else { throw RDBError(.value, at: offset, "template listpack is empty") }
    guard index == template?.count else {
      throw RDBError(
        .value, at: offset,
        "template value count: \(index) values for \(template?.count ?? 0) fields")
    }
  }

  /// Reads a listpack and calls `body` with each entry.
  mutating func walkListpack(
    _ body: (Element) throws(RDBError) -> Void
  ) throws(RDBError) {
    let blob = try readBlob()
    var entries = try entries(of: blob, as: ListpackReader.self)
    var count = 0
    while let entry = try next(&entries, blob) {
      count += 1
      try body(entry)
    }
    noteCount(entries, count, blob)
  }
}
