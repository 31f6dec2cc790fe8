import Foundation
import Testing

@testable import RedisModel

@Suite struct TextInputTests {
  struct Case: CustomTestStringConvertible {
    let text: String
    let value: Int64
    var testDescription: String { text }

    init(_ text: String, _ value: Int64) { (self.text, self.value) = (text, value) }
  }

  @Test(arguments: [
    Case("0", 0), Case("512", 512), Case("512b", 512), Case("1k", 1000), Case("64kb", 65536),
    Case("10MB", 10_485_760), Case("1m", 1_000_000), Case("1g", 1_000_000_000),
    Case("1gb", 1 << 30), Case("2Ki", 2048), Case("2KiB", 2048), Case("3MiB", 3 << 20),
    Case("9223372036854775807", .max),
  ])
  func `a size reads in bytes`(_ sample: Case) throws {
    #expect(Int64(try ByteSize.parse(sample.text)) == sample.value)
  }

  @Test(arguments: ["", "k", "-1", "+1", "1.5mb", "1 mb", "1x", "9223372036854775807k", "１kb"])
  func `a wrong size is refused with the right form`(_ text: String) {
    let error = #expect(throws: TextInputError.self) { try ByteSize.parse(text) }
    #expect(error?.expected == ByteSize.form)
  }

  @Test(arguments: [
    Case("500ms", 500), Case("90s", 90_000), Case("15m", 900_000), Case("24h", 86_400_000),
    Case("7d", 604_800_000), Case("0s", 0),
  ])
  func `a duration reads in milliseconds`(_ sample: Case) throws {
    #expect(try DurationText.parse(sample.text) == sample.value)
  }

  @Test(arguments: ["", "90", "s", "-1s", "1.5h", "1h30m", "1 d", "9223372036854775807d"])
  func `a wrong duration is refused with the right form`(_ text: String) {
    let error = #expect(throws: TextInputError.self) { try DurationText.parse(text) }
    #expect(error?.expected == DurationText.form)
  }

  @Test(arguments: [
    Case("0", 0), Case("1700000000", 1_700_000_000_000), Case("99999999999", 99_999_999_999_000),
    Case("100000000000", 100_000_000_000), Case("1700000000123", 1_700_000_000_123),
    Case("1970-01-01T00:00:00Z", 0), Case("2023-11-14T22:13:20Z", 1_700_000_000_000),
    Case("2023-11-14 22:13:20.5Z", 1_700_000_000_500),
    Case("2023-11-14T22:13:20.123456Z", 1_700_000_000_123),
    Case("2023-11-15T00:13:20+02:00", 1_700_000_000_000),
    Case("2023-11-14T16:43:20-05:30", 1_700_000_000_000),
    Case("1969-12-31T23:59:59z", -1000), Case("2016-12-31t23:59:60Z", 1_483_228_800_000),
    Case("2000-02-29T00:00:00Z", 951_782_400_000),
  ])
  func `a time reads in Unix milliseconds`(_ sample: Case) throws {
    #expect(try TimeText.parse(sample.text) == sample.value)
  }

  @Test(arguments: [
    "", "now", "-1", "2023-11-14", "2023-11-14T22:13:20", "2023-02-29T00:00:00Z",
    "2023-13-01T00:00:00Z", "2023-11-14T24:00:00Z", "2023-11-14T22:13:20.Z",
    "2023-11-14T22:13:20+2:00", "2023-11-14T22:13:20Zx", "99999999999999999999",
  ])
  func `a wrong time is refused with the right form`(_ text: String) {
    let error = #expect(throws: TextInputError.self) { try TimeText.parse(text) }
    #expect(error?.expected == TimeText.form)
  }

  @Test func `days agree with the calendar of Foundation`() throws {
    let style = Date.ISO8601FormatStyle()
    // From 1583 on: earlier dates of Foundation are those of the Julian calendar.
    for day in stride(from: -141_000, through: 2_900_000, by: 997) {
      let date = Date(timeIntervalSince1970: Double(day) * 86400 + 43210)
      #expect(try TimeText.parse(style.format(date)) == Int64(day) * 86_400_000 + 43_210_000)
    }
  }
}
