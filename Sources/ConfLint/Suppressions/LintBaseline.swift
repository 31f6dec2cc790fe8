import Findings
import RedisModel

/// Findings that were there when somebody drew a line: one line of text each, sorted, so that
/// changes to it read well in a review.
///
/// A finding is known by the SHA-256 of its rule, its file, its directive with the value, and its
/// number among findings that are equal in all of these. Lines of the file do not matter, and a
/// secret is hashed as `***`.
public struct LintBaseline: Hashable, Sendable {
  private static let heading = "# redisops lint baseline 1: fingerprint, rule, file"
  private static let fingerprintLength = 64

  /// The fingerprints.
  public private(set) var fingerprints: Set<String> = []
  private var lines: [String] = []

  /// The baseline of these findings.
  public init(of findings: [Finding]) {
    for (finding, fingerprint) in zip(findings, Self.fingerprints(of: findings))
    where fingerprints.insert(fingerprint).inserted {
      lines.append("\(fingerprint) \(finding.id) \(finding.location.file)")
    }
    lines.sort { $0.dropFirst(Self.fingerprintLength) < $1.dropFirst(Self.fingerprintLength) }
  }

  /// Reads a baseline.
  ///
  /// - Returns: nil, with the number of the line, when a line is not of the form.
  public static func parse(_ bytes: [UInt8]) -> (baseline: LintBaseline?, badLine: Int?) {
    var baseline = LintBaseline(of: [])
    let text = String(decoding: bytes, as: UTF8.self)
    for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated()
    {
      let content = line.hasSuffix("\r") ? line.dropLast() : line
      if content.isEmpty || content.hasPrefix("#") { continue }
      let parts = content.split(separator: " ", maxSplits: 2)
      guard parts.count == 3, parts[0].utf8.count == fingerprintLength,
        parts[0].utf8.allSatisfy({ ($0 >= 0x30 && $0 <= 0x39) || ($0 >= 0x61 && $0 <= 0x66) })
      else { return (nil, index + 1) }
      if baseline.fingerprints.insert(String(parts[0])).inserted {
        baseline.lines.append(String(content))
      }
    }
    return (baseline, nil)
  }

  /// The text of the file.
  public var text: String {
    ([Self.heading] + lines).joined(separator: "\n") + "\n"
  }

  /// Which findings the baseline knows, in their order.
  public func knows(_ findings: [Finding]) -> [Bool] {
    Self.fingerprints(of: findings).map { fingerprints.contains($0) }
  }

  /// The fingerprints of findings in report order.
  static func fingerprints(of findings: [Finding]) -> [String] {
    var counts: [String: Int] = [:]
    return findings.map { finding in
      let subject = [
        finding.id, normalized(finding.location.file), finding.directive ?? "",
        finding.identity ?? finding.message,
      ].joined(separator: "\u{0}")
      let ordinal = counts[subject, default: 0]
      counts[subject] = ordinal + 1
      return SHA256.hexadecimal(of: "\(subject)\u{0}\(ordinal)".utf8)
    }
  }

  private static func normalized(_ path: String) -> String {
    let parts = path.split(separator: "/").filter { $0 != "." }
    return (path.hasPrefix("/") ? "/" : "") + parts.joined(separator: "/")
  }
}
