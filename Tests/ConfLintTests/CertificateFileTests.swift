import Foundation
import TestSupport
import Testing

@testable import ConfLint

@Suite struct CertificateFileTests {
  /// Made with `openssl req -x509 -newkey ed25519 -days …`.
  private func certificate(days: Int) throws -> [UInt8] {
    try withTemporaryFolder { folder in
      let file = folder.file("c.pem").path
      let result = try runProcess(
        "openssl",
        [
          "req", "-x509", "-newkey", "ed25519", "-nodes", "-subj", "/CN=redis", "-keyout",
          folder.file("k.pem").path, "-out", file, "-days", "\(days)",
        ])
      try #require(result.exitStatus == 0)
      return Array(try Data(contentsOf: URL(filePath: file)))
    }
  }

  private func day(after days: Int) -> PolicyDate? {
    var calendar = Calendar(identifier: .gregorian)
    calendar.timeZone = .gmt
    let date = calendar.dateComponents(
      [.year, .month, .day], from: Date(timeIntervalSinceNow: Double(days) * 86_400))
    return PolicyDate(year: date.year ?? 0, month: date.month ?? 0, day: date.day ?? 0)
  }

  /// 12,000 days lie beyond 2049, where the form of the date changes.
  @Test(arguments: [1, 400, 12_000])
  func `the last day of a certificate is told`(_ days: Int) throws {
    let bytes = try certificate(days: days)
    let last = try #require(CertificateFile.lastDay(bytes))
    let expected = try #require(day(after: days))
    #expect(abs(last.dayNumber - expected.dayNumber) <= 1)
  }

  @Test func `what is no certificate has no last day, however it is cut`() throws {
    let bytes = try certificate(days: 30)
    for count in 0..<bytes.count {
      _ = CertificateFile.lastDay(Array(bytes.prefix(count)))
    }
    #expect(CertificateFile.lastDay([]) == nil)
    #expect(CertificateFile.lastDay(Array("-----BEGIN CERTIFICATE-----\nMIIB".utf8)) == nil)
    #expect(CertificateFile.lastDay([0x30, 0x83, 0xFF, 0xFF, 0xFF]) == nil)
  }

  @Test func `days are counted over the ends of months and years`() throws {
    let days = ["2024-02-28", "2024-02-29", "2024-03-01", "2024-12-31", "2025-01-01"]
    let numbers = try days.map { try #require(PolicyDate($0)).dayNumber }
    #expect(zip(numbers, numbers.dropFirst()).map { $1 - $0 } == [1, 1, 305, 1])
  }
}
