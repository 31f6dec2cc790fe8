import Testing

@testable import RedisModel

@Suite struct ScoreTextTests {
  struct Case: Decodable, CustomTestStringConvertible {
    let bits: String
    let printf17g: String
    let fpconv: String
    var testDescription: String { bits }

    enum CodingKeys: String, CodingKey {
      case bits, fpconv
      case printf17g = "printf_17g"
    }

    var value: Double { Double(bitPattern: UInt64(bits, radix: 16) ?? 0) }
  }

  struct Layout: CustomTestStringConvertible {
    let value: Double
    let text: String
    var testDescription: String { text }

    init(_ value: Double, _ text: String) { (self.value, self.text) = (value, text) }
  }

  /// The borders between the layouts, and extremes.
  static let layouts: [Layout] = [
    Layout(0, "0"), Layout(-0.0, "-0"), Layout(.infinity, "inf"), Layout(-.infinity, "-inf"),
    Layout(.nan, "nan"), Layout(1e7, "10000000"), Layout(-1e7, "-10000000"),
    Layout(1e8, "1e+8"), Layout(-1e8, "-1e+8"), Layout(12e7, "120000000"), Layout(12e8, "1.2e+9"),
    Layout(0x1p60, "1152921504606847000"), Layout(9_007_199_254_740_991, "9007199254740991"),
    Layout(1e21, "1e+21"), Layout(0.1, "0.1"), Layout(0.001, "0.001"), Layout(1e-6, "0.000001"),
    Layout(1e-7, "1e-7"), Layout(1.5e-6, "1.5e-6"), Layout(1.5e-5, "0.000015"),
    Layout(1.25e-3, "0.00125"), Layout(1e-5, "0.00001"), Layout(1.2345678e-3, "0.0012345678"),
    Layout(1.2345678e-4, "1.2345678e-4"), Layout(123.12345678, "123.12345678"),
    Layout(12345.5, "12345.5"), Layout(12345.12345678, "1.234512345678e+4"),
    Layout(.leastNonzeroMagnitude, "5e-324"),
    Layout(.greatestFiniteMagnitude, "1.7976931348623157e+308"),
    Layout(317.0748460727186, "317.07484607271863"),
    Layout(7094982.39813011, "7.0949823981301105e+6"),
    // 72.2187467071575, which is too near the middle of two doubles to be a literal.
    Layout(Double(bitPattern: 0x4052_0dff_f230_5659), "72.21874670715751"),
  ]

  @Test func `texts equal those of the fixture`() throws {
    let rows = try TestFiles.rows("doubles.tsv")
    #expect(rows.count > 90)
    for row in rows { expect(Case(bits: row[0], printf17g: row[1], fpconv: row[2])) }
  }

  @Test(.enabled(if: TestFiles.hasShared))
  func `texts equal those of the oracle data`() throws {
    let cases = try TestFiles.shared([Case].self, "corpus/doubles.json")
    #expect(cases.count > 400)
    for sample in cases { expect(sample) }
  }

  @Test(arguments: layouts)
  func `fpconv lays a score out`(_ sample: Layout) {
    #expect(text(.fpconv, sample.value) == sample.text)
  }

  @Test func `whole numbers read the same by the short way and by Grisu2`() {
    var generator = SplitMix(state: 7)
    for round in 0..<20_000 {
      let magnitude = Int64(generator.next() >> UInt64(11 + round % 52))
      let value = Double(round % 2 == 0 ? magnitude : -magnitude)
      guard value != 0 else { continue }
      #expect(text(.fpconv, value) == written { FpconvText.write(value, to: $0) })
    }
  }

  @Test func `any score reads back to itself`() {
    var generator = SplitMix(state: 11)
    for _ in 0..<20_000 {
      let value = Double(bitPattern: generator.next())
      guard value.isFinite else { continue }
      #expect(Double(text(.fpconv, value)) == value)
      #expect(Double(text(.printf17g, value)) == value)
    }
  }

  // MARK: - Helpers

  private func expect(_ sample: Case) {
    #expect(text(.printf17g, sample.value) == sample.printf17g, "\(sample.bits)")
    #expect(text(.fpconv, sample.value) == sample.fpconv, "\(sample.bits)")
  }

  private func text(_ format: ScoreText, _ value: Double) -> String {
    written { format.write(value, to: $0) }
  }

  private func written(_ body: (UnsafeMutableRawPointer) -> Int) -> String {
    withUnsafeTemporaryAllocation(byteCount: ScoreText.byteCountMax, alignment: 1) { room in
      guard let target = room.baseAddress else { return "" }
      return String(decoding: room[..<body(target)], as: UTF8.self)
    }
  }
}

/// A seeded generator: the same numbers in every run.
struct SplitMix: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var mixed = state
    mixed = (mixed ^ mixed >> 30) &* 0xbf58_476d_1ce4_e5b9
    mixed = (mixed ^ mixed >> 27) &* 0x94d0_49bb_1331_11eb
    return mixed ^ mixed >> 31
  }
}
