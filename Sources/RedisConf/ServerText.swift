/// The bytes of a file that a server gets to see, and where they stand in the file.
struct ServerText {
  /// What is left of the file.
  let bytes: [UInt8]
  /// The place of each byte in the file; nil where nothing is left out.
  private let places: [Int]?
  private let fileSize: Int
  /// The offsets of the line feeds of the file; empty where nothing is left out.
  private let lineFeeds: [Int]

  /// - Parameter piece: how many bytes the server reads at once.
  init(_ file: [UInt8], piece: Int) {
    fileSize = file.count
    guard file.contains(0) else {
      bytes = file
      places = nil
      lineFeeds = []
      return
    }
    var kept: [UInt8] = []
    var places: [Int] = []
    var start = 0
    while start < file.count {
      let limit = min(start + piece, file.count)
      let end = file[start..<limit].firstIndex(of: 0x0A).map { $0 + 1 } ?? limit
      let stop = file[start..<end].firstIndex(of: 0) ?? end
      kept += file[start..<stop]
      places += start..<stop
      start = end
    }
    bytes = kept
    self.places = places
    lineFeeds = file.indices.filter { file[$0] == 0x0A }
  }

  /// The place in the file of a range of `bytes`.
  func offsets(of range: Range<Int>) -> Range<Int> {
    guard let places else { return range }
    let start = range.lowerBound < places.count ? places[range.lowerBound] : fileSize
    guard !range.isEmpty else { return start..<start }
    return start..<places[range.upperBound - 1] + 1
  }

  /// Calls `body` with each line: the number in the file of the line where it begins, and its range
  /// in `bytes` without the line feed.
  func forEachLine(_ body: (_ number: Int, _ range: Range<Int>) -> Void) {
    var start = 0
    var number = 0
    while start < bytes.count {
      let end = bytes[start...].firstIndex(of: 0x0A) ?? bytes.count
      number = places.map { lineNumber(at: $0[start]) } ?? number + 1
      body(number, start..<end)
      start = end + 1
    }
  }

  private func lineNumber(at offset: Int) -> Int {
    var (low, high) = (0, lineFeeds.count)
    while low < high {
      let middle = (low + high) / 2
      if lineFeeds[middle] < offset { low = middle + 1 } else { high = middle }
    }
    return low + 1
  }
}
