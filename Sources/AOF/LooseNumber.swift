/// A number as the C library reads it: spaces and a sign in front, digits up to anything else, no
/// digit is 0.
struct LooseNumber {
  /// The number; beyond what an `Int` holds the nearest one.
  let value: Int
  /// What follows the last digit.
  let rest: Slice<UnsafeRawBufferPointer>
  /// Whether servers would have written it in another way.
  let isLoose: Bool
  /// Whether more digits could make it a number that servers write.
  let isCutShort: Bool

  init(_ text: UnsafeRawBufferPointer) {
    var rest = text[...]
    let isSpace = { (byte: UInt8) in byte == 0x20 || (0x09...0x0D).contains(byte) }
    while let byte = rest.first, isSpace(byte), byte != 0x0A { rest.removeFirst() }
    let sign = rest.first.flatMap { $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "+") ? $0 : nil }
    if sign != nil { rest.removeFirst() }
    let digits = rest.prefix { (0x30...0x39).contains($0) }
    var value = 0
    for digit in digits {
      let (product, overflow) = value.multipliedReportingOverflow(by: 10)
      value = overflow || product > Int.max - 9 ? Int.max - 9 : product + Int(digit &- 0x30)
    }
    self.value = sign == UInt8(ascii: "-") ? -value : value
    self.rest = digits.isEmpty ? text[...] : rest.dropFirst(digits.count)
    let hasFront = digits.startIndex > text.startIndex
    isLoose = hasFront || digits.isEmpty || (digits.count > 1 && digits.first == 0x30)
    let tail = self.rest
    isCutShort = text.isEmpty || !isLoose && (tail.isEmpty || tail.count == 1 && tail.first == 0x0D)
  }
}
