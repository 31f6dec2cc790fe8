import Rendering
import Testing

@Suite struct HumanNumberTests {
  struct Size: Sendable {
    let byteCount: Int64
    let expected: String
  }

  @Test(arguments: [
    Size(byteCount: 0, expected: "0 B"),
    Size(byteCount: 1023, expected: "1023 B"),
    Size(byteCount: 1024, expected: "1.0 KiB"),
    Size(byteCount: 1536, expected: "1.5 KiB"),
    Size(byteCount: 1_468_006, expected: "1.4 MiB"),
    Size(byteCount: 1_048_575, expected: "1.0 MiB"),  // 1023.999 KiB
    Size(byteCount: 1 << 30, expected: "1.0 GiB"),
    Size(byteCount: (5 << 40) + (1 << 39), expected: "5.5 TiB"),
    Size(byteCount: .max, expected: "8.0 EiB"),
    Size(byteCount: .min, expected: "-8.0 EiB"),
    Size(byteCount: -2048, expected: "-2.0 KiB"),
  ])
  func `sizes have one decimal and binary units`(_ size: Size) {
    #expect(HumanNumber.size(size.byteCount) == size.expected)
  }

  struct Count: Sendable {
    let value: Int64
    let expected: String
  }

  @Test(arguments: [
    Count(value: 0, expected: "0"),
    Count(value: 999, expected: "999"),
    Count(value: 1000, expected: "1,000"),
    Count(value: 1_234_567, expected: "1,234,567"),
    Count(value: -123, expected: "-123"),
    Count(value: -123_456, expected: "-123,456"),
    Count(value: .min, expected: "-9,223,372,036,854,775,808"),
  ])
  func `counts have groups of three digits`(_ count: Count) {
    #expect(HumanNumber.count(count.value) == count.expected)
  }

  @Test func `nouns agree with their numbers`() {
    #expect(HumanNumber.count(0, "key") == "0 keys")
    #expect(HumanNumber.count(1, "key") == "1 key")
    #expect(HumanNumber.count(1000, "key") == "1,000 keys")
    #expect(HumanNumber.count(1, "hash", "hashes") == "1 hash")
    #expect(HumanNumber.count(2, "hash", "hashes") == "2 hashes")
  }

  @Test func `percentages have one decimal`() {
    #expect(HumanNumber.percentage(1, of: 3) == "33.3%")
    #expect(HumanNumber.percentage(2, of: 3) == "66.7%")
    #expect(HumanNumber.percentage(5, of: 5) == "100.0%")
    #expect(HumanNumber.percentage(-1, of: 4) == "-25.0%")
    #expect(HumanNumber.percentage(1, of: 0) == "-")
  }

  @Test func `durations grow as they need`() {
    #expect(HumanNumber.duration(seconds: 7) == "0:07")
    #expect(HumanNumber.duration(seconds: 754) == "12:34")
    #expect(HumanNumber.duration(seconds: 3723) == "1:02:03")
    #expect(HumanNumber.duration(seconds: 273_906) == "3d 04:05:06")
    #expect(HumanNumber.duration(seconds: -1) == "0:00")
  }
}
