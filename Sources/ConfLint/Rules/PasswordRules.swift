import Findings
import RedisModel

/// A password in a file, and the place that holds it.
struct WrittenPassword {
  /// The password itself; never to be shown.
  var text: String
  /// The name of the user, if one is named.
  var user: String?
  /// The directive, or `user`.
  var directive: String
  /// Whether it is the password of this server's own door.
  var guardsServer: Bool
  /// The line.
  var line: SourceLine
  /// Where it stands.
  var range: Range<Int>

  private static let directives = [
    "requirepass", "masterauth", "primaryauth", "tls-key-file-pass", "tls-client-key-file-pass",
  ]

  /// All passwords in clear text of a file.
  static func all(in file: RuleFile) -> [WrittenPassword] {
    var result: [WrittenPassword] = []
    for line in file.lines where !file.isComment(line) && file.kind != .acl {
      let words = WordScan.words(file.bytes, in: line.range)
      guard let name = words.first.map({ file.bytes[$0].loweredText }) else { continue }
      if directives.contains(name), words.count == 2 {
        result.append(
          WrittenPassword(
            text: unquoted(file.bytes[words[1]]), user: nil, directive: name,
            guardsServer: name == "requirepass", line: line, range: words[1]))
      }
      if name == "sentinel", words.count >= 3 {
        let verb = file.bytes[words[1]].loweredText
        let index = verb == "auth-pass" ? 3 : verb == "sentinel-pass" ? 2 : -1
        if words.indices.contains(index) {
          result.append(
            WrittenPassword(
              text: unquoted(file.bytes[words[index]]), user: nil, directive: "sentinel \(verb)",
              guardsServer: false, line: line, range: words[index]))
        }
      }
    }
    for user in file.users {
      for rule in user.rules where rule.text.hasPrefix(">") {
        result.append(
          WrittenPassword(
            text: String(rule.text.dropFirst()), user: user.name, directive: "user",
            guardsServer: true, line: user.line, range: rule.range))
      }
    }
    return result
  }

  /// Whether it is a variable that something else fills in, or nothing at all.
  var isPlaceholder: Bool {
    text.isEmpty || text.contains("${") || text.contains("{{") || text.hasPrefix("$")
      || (text.hasPrefix("<") && text.hasSuffix(">")) || text.contains("@@")
  }

  private static func unquoted(_ word: ArraySlice<UInt8>) -> String {
    guard let quote = word.first, word.count >= 2, word.last == quote,
      quote == UInt8(ascii: "\"") || quote == UInt8(ascii: "'")
    else { return word.text }
    return word.dropFirst().dropLast().text
  }

  func place(in file: RuleFile) -> Location {
    let start = line.range.lowerBound
    return file.place(
      line: line.number,
      columns: range.lowerBound - start + 1..<range.upperBound - start + 1)
  }
}

/// SEC004: a password that is short, well known, or the name of its user.
enum WeakPassword: TextRule {
  static let id = "SEC004"
  private static let lengthMin = 16
  private static let known: Set<String> = [
    "foobared", "redis", "redispass", "redispassword", "valkey", "changeme", "change-me",
    "password", "passw0rd", "p@ssw0rd", "secret", "admin", "administrator", "root", "test",
    "testpass", "default", "mypassword", "yourpassword", "your-password", "yourstrongpassword",
    "strongpassword", "supersecret", "letmein", "qwerty", "welcome", "hunter2", "123456",
    "12345678", "1234567890", "masterpassword", "sentinel", "replica", "cache", "session",
    "correct-horse-battery-staple", "correcthorsebatterystaple",
  ]

  static func check(_ file: RuleFile, into hits: inout RuleHits) {
    for password in WrittenPassword.all(in: file)
    where password.guardsServer && !password.isPlaceholder {
      let lowered = password.text.lowercased()
      let reason: String
      if known.contains(lowered) {
        reason = "is on every list of well-known passwords"
      } else if let user = password.user, lowered == user.lowercased() {
        reason = "is the name of the user"
      } else if password.text.utf8.count < lengthMin {
        reason = "has fewer than \(lengthMin) bytes"
      } else if Set(password.text.utf8).count < 5 {
        reason = "repeats a few characters"
      } else {
        continue
      }
      let whose = password.user.map { "the password of user \($0)" } ?? "the password"
      hits.add(
        password.place(in: file),
        "\(whose) \(reason): a server answers very many guesses a second",
        directive: password.directive,
        identity: "\(password.user ?? "") weak")
    }
  }
}

/// SEC005: a password in clear text.
enum PlaintextPassword: TextRule {
  static let id = "SEC005"

  static func check(_ file: RuleFile, into hits: inout RuleHits) {
    for password in WrittenPassword.all(in: file) where !password.isPlaceholder {
      var fix: Fix?
      if password.directive == "user" {
        fix = file.fix(
          "write the SHA-256 of the password", isSafe: false,
          [(password.range, "#" + SHA256.hexadecimal(of: password.text.utf8))], isSecret: true)
      }
      let whose = password.user.map { " of user \($0)" } ?? ""
      hits.add(
        password.place(in: file),
        "\(password.directive) holds the password\(whose) in clear text: whoever reads the file "
          + "has it", directive: password.directive,
        identity: "\(password.user ?? "") clear", fix: fix)
    }
  }
}
