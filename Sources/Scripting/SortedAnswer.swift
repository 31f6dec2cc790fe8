/// Answers of sets in the order in which servers before 5.0 gave them to scripts.
enum SortedAnswer {
  private static let headByteCount = 9
  private static let (bulkTag, nullTag, arrayTag): (UInt8, UInt8, UInt8) = (3, 4, 6)

  /// Sorts the elements of an array of texts in place; leaves any other answer alone.
  ///
  /// - Parameter parts: an answer, as `ReplyBuffer` keeps it.
  static func sort(_ parts: UnsafeMutableRawBufferPointer) {
    guard parts.count > headByteCount, parts[0] == arrayTag else { return }
    var (elements, offset) = ([Range<Int>](), headByteCount)
    while offset + headByteCount <= parts.count {
      let tag = parts[offset]
      guard tag == bulkTag || tag == nullTag else { return }
      let count =
        tag == nullTag ? 0 : Int(parts.loadUnaligned(fromByteOffset: offset + 1, as: Int64.self))
      elements.append(offset..<(offset + headByteCount + count))
      offset += headByteCount + count
    }
    let copy = Array(parts)
    elements.sort { left, right in
      copy[left].dropFirst(headByteCount)
        .lexicographicallyPrecedes(copy[right].dropFirst(headByteCount))
    }
    offset = headByteCount
    for element in elements {
      parts[offset..<(offset + element.count)].copyBytes(from: copy[element])
      offset += element.count
    }
  }
}
