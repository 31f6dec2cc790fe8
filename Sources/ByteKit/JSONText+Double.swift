extension ByteWriter {
  /// Writes a score: a JSON number in shortest form that reads back as the same value, or one of
  /// `"inf"`, `"-inf"`, `"nan"`, for which JSON has no number.
  ///
  /// Integral values below 2⁵³ are written as integers, negative zero as `-0.0`.
  public mutating func writeJSON(score: Double) {
    // Below 2^53 every integral value is exact and its digits are the shortest form.
    if score.magnitude < 0x1p53 {
      let integer = Int64(score)
      if Double(integer) == score && (integer != 0 || score.sign == .plus) {
        return write(decimal: integer)
      }
    }
    if score.isFinite { return write(text: score.description) }
    if score.isNaN {
      write("\"nan\"")
    } else if score < 0 {
      write("\"-inf\"")
    } else {
      write("\"inf\"")
    }
  }
}
