/// Names of findings that stay the same from run to run, while lines move.
///
/// A fingerprint is FNV-1a of 128 bits over the rule, the file, what the finding is about, and its
/// number among findings that are equal in all of these. It tells findings apart, keeps no secret,
/// so a cryptographic hash is not needed.
enum Fingerprint {
  /// The fingerprints of `findings`, in the same order, all different: 32 hexadecimal digits each.
  static func all(of findings: [Finding]) -> [String] {
    var counts: [String: Int] = [:]
    return findings.map { finding in
      let subject = subject(of: finding)
      let ordinal = counts[subject, default: 0]
      counts[subject] = ordinal + 1
      return hexadecimal(hash(subject + "\u{0}\(ordinal)"))
    }
  }

  /// What makes a finding itself, as one text: parts cannot run together, for none holds U+0000.
  private static func subject(of finding: Finding) -> String {
    let about =
      finding.identity
      ?? [
        finding.database.map { "\($0)" } ?? "", finding.key.map { "\($0)" } ?? "",
        finding.directive ?? "", finding.message,
      ].joined(separator: "\u{0}")
    return [finding.id, finding.location.file, about].joined(separator: "\u{0}")
  }

  /// FNV-1a with the offset basis and the prime 2⁸⁸ + 0x13B of 128 bits.
  static func hash(_ text: String) -> UInt128 {
    var state: UInt128 = 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d
    for byte in text.utf8 {
      state ^= UInt128(byte)
      state = state &* 0x0000_0000_0100_0000_0000_0000_0000_013b
    }
    return state
  }

  /// 32 lower-case digits.
  static func hexadecimal(_ value: UInt128) -> String {
    let digits = String(value, radix: 16)
    return String(repeating: "0", count: 32 - digits.utf8.count) + digits
  }
}
