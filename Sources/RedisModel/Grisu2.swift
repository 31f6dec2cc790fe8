/// The digit generator Grisu2, as fpconv has it.
///
/// Its digits always read back to the same double and are the shortest such ones in all but 0.08 %
/// of cases. A digest needs exactly these digits, so a printer that is always shortest will not do.
///
/// Source: Florian Loitsch, "Printing Floating-Point Numbers Quickly and Accurately with Integers",
/// PLDI 2010, figure 6; choice of the cached power and rounding as in `deps/fpconv` of Redis 7.2.
enum Grisu2 {
  /// No double has more digits.
  static let digitCountMax = 18

  /// A number `significand` × 2^`exponent`.
  private struct Scaled {
    var significand: UInt64
    var exponent: Int

    /// The same number with the top bit of its significand set.
    var normalized: Scaled {
      let shift = significand.leadingZeroBitCount
      return Scaled(significand: significand &<< UInt64(shift), exponent: exponent - shift)
    }

    /// The product's upper 64 bits, rounded half up.
    static func * (left: Scaled, right: Scaled) -> Scaled {
      let product = left.significand.multipliedFullWidth(by: right.significand)
      return Scaled(
        significand: product.high &+ product.low &>> 63,
        exponent: left.exponent + right.exponent + 64)
    }
  }

  /// Writes the digits of `value` as ASCII, the first one not `0`.
  ///
  /// - Parameters:
  ///   - value: finite and above 0.
  ///   - target: room for `digitCountMax` digits.
  /// - Returns: how many digits, and the power of ten that the last one counts.
  static func digits(
    of value: Double, into target: UnsafeMutableBufferPointer<UInt8>
  ) -> (count: Int, exponent: Int) {
    let hiddenBit: UInt64 = 1 << 52
    let biased = Int(value.exponentBitPattern)
    let exact =
      biased == 0
      ? Scaled(significand: value.significandBitPattern, exponent: -1074)
      : Scaled(significand: value.significandBitPattern | hiddenBit, exponent: biased - 1075)

    // Halfway to the neighbours; the lower one is nearer below a power of two.
    let upper = Scaled(significand: exact.significand &<< 1 &+ 1, exponent: exact.exponent - 1)
      .normalized
    let step = exact.significand == hiddenBit ? 2 : 1
    let lower = Scaled(
      significand: (exact.significand &<< UInt64(step) &- 1)
        &<< UInt64(exact.exponent - step - upper.exponent),
      exponent: upper.exponent)

    let (power, decimalExponent) = cachedPower(for: upper.exponent)
    var generator = Generator(
      value: (exact.normalized * power).significand,
      upper: upper * power,
      lower: (lower * power).significand,
      exponent: -decimalExponent, target: target)
    return generator.run()
  }

  /// The cached power of ten that brings a number with `exponent` to a binary exponent of -60…-32,
  /// and its decimal exponent. Two may do; this is the one that fpconv takes.
  private static func cachedPower(for exponent: Int) -> (Scaled, decimalExponent: Int) {
    let logOfTwo = 0.30102999566398114
    let estimate = Int(-Double(exponent + CachedPowers.significands.count) * logOfTwo)
    var index = (estimate - CachedPowers.firstExponent) / CachedPowers.step
    while true {
      let decimal = CachedPowers.firstExponent + index * CachedPowers.step
      // floor(log2(10^decimal)) - 63: the binary exponent of a normalised significand.
      let binary = (decimal * 1_741_647) >> 19 - 63
      let product = exponent + binary + 64
      if product < -60 {
        index += 1
      } else if product > -32 {
        index -= 1
      } else {
        return (
          Scaled(significand: CachedPowers.significands[index], exponent: binary), decimal
        )
      }
    }
  }

  /// Generates the digits of the largest number below `upper` until they name one above `lower`,
  /// then lowers the last one while that brings it nearer to the value itself.
  private struct Generator {
    /// 2^-exponent of the scaled numbers: 1 in their fixed-point form.
    let oneShift: UInt64
    let upper: UInt64
    /// How far the value is below `upper`.
    var distance: UInt64
    /// How far `lower` is below `upper`.
    var delta: UInt64
    var exponent: Int
    var count = 0
    let target: UnsafeMutableBufferPointer<UInt8>

    /// Takes the bounds of the interval, and narrows it by one on both sides for the rounding.
    init(
      value: UInt64, upper: Scaled, lower: UInt64, exponent: Int,
      target: UnsafeMutableBufferPointer<UInt8>
    ) {
      oneShift = UInt64(-upper.exponent)
      self.upper = upper.significand &- 1
      distance = self.upper &- value
      delta = self.upper &- (lower &+ 1)
      self.exponent = exponent
      self.target = target
    }

    mutating func run() -> (count: Int, exponent: Int) {
      let fractionMask: UInt64 = 1 &<< oneShift &- 1
      var whole = upper &>> oneShift
      var fraction = upper & fractionMask

      var divisor: UInt64 = 1_000_000_000
      for place in stride(from: 9, through: 0, by: -1) {
        put(whole / divisor)
        whole %= divisor
        let rest = whole &<< oneShift &+ fraction
        if rest <= delta {
          round(rest: rest, unit: divisor &<< oneShift)
          return (count, exponent + place)
        }
        divisor /= 10
      }

      var place = 0
      repeat {
        fraction &*= 10
        delta &*= 10
        distance &*= 10
        place -= 1
        put(fraction &>> oneShift)
        fraction &= fractionMask
      } while fraction >= delta
      round(rest: fraction, unit: 1 &<< oneShift)
      return (count, exponent + place)
    }

    private mutating func put(_ digit: UInt64) {
      guard digit != 0 || count != 0 else { return }
      target[count] = UInt8(truncatingIfNeeded: 48 &+ digit)
      count &+= 1
    }

    /// Lowers the last digit by one as long as the number stays in the interval and comes nearer.
    ///
    /// - Parameters:
    ///   - rest: how far the digits are below `upper`.
    ///   - unit: what one of the last digit counts.
    private func round(rest: UInt64, unit: UInt64) {
      var rest = rest
      while rest < distance, delta &- rest >= unit,
        rest &+ unit < distance || distance &- rest > rest &+ unit &- distance
      {
        target[count &- 1] &-= 1
        rest &+= unit
      }
    }
  }
}
