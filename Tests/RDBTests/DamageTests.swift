import ByteKit
import Foundation
import RedisCodecs
import TestSupport
import Testing

@testable import RDB

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Files cut and changed at every place: always an answer, never a trap, never much memory.
@Suite struct DamageTests {
  /// Larger files are damaged at sampled places.
  private static let everyPlaceByteCountMax = 16 << 10
  private static let sampledPlaces = 400
  private static let memoryGrowthMax = 256 << 20

  @Test(arguments: 0..<4)
  func `damage at every place gives an answer`(_ quarter: Int) throws {
    let before = residentByteCountMax()
    var random = RepeatableRandom(seed: UInt64(quarter))
    var answers = Answers()
    let files = SnapshotFile.all.enumerated().filter { $0.offset % 4 == quarter }.map(\.element)
    try withEach(files) { file in
      let bytes = try file.bytes()
      let sweep = try DamageSweep(bytes)
      let places =
        bytes.count <= Self.everyPlaceByteCountMax
        ? Array(bytes.indices)
        : (0..<Self.sampledPlaces).map { _ in Int.random(in: bytes.indices, using: &random) }
      for place in places {
        for level in [Walk.Level.values, .skip] {
          let cut = sweep.answer(level, cutAt: place)
          answers.count(cut)
          #expect(
            cut.isRefusal || place >= sweep.endOffset,
            "\(file.testDescription) cut at \(place): \(cut)")
          for mask: UInt8 in [0xff, 1] {
            answers.count(sweep.answer(level, changing: place, by: mask))
          }
        }
      }
    }
    #expect(answers.refused > 1000)
    #expect(answers.accepted > 1000)
    #expect(answers.outside == 0, "an error's place is within the file")
    let growth = residentByteCountMax() - before
    #expect(growth < Self.memoryGrowthMax, "\(growth) bytes more, at the peak")
  }

  private struct Answers {
    var accepted = 0
    var refused = 0
    var outside = 0

    mutating func count(_ answer: DamageSweep.Answer) {
      if answer.isRefusal { refused += 1 } else { accepted += 1 }
      if answer.isOutside { outside += 1 }
    }
  }

  /// The most memory that this process had so far, bytes.
  private func residentByteCountMax() -> Int {
    var usage = rusage()
    // RUSAGE_SELF, whose type differs between C libraries.
    getrusage(0, &usage)
    return Int(usage.ru_maxrss) << 10
  }
}

/// Damages one file, and reads what the damage can change: from the last record border before it to
/// the first border behind it where the reader is in the state that it has in the sound file.
private struct DamageSweep {
  /// How reading a damaged file ended.
  struct Answer {
    /// An error, or a rule that is broken.
    var isRefusal: Bool
    /// An error whose place is not in the file.
    var isOutside = false
  }

  private let bytes: [UInt8]
  private let borders: [RDBReader.Checkpoint]
  /// Behind the file's last whole record.
  let endOffset: Int

  init(_ bytes: [UInt8]) throws {
    self.bytes = bytes
    var borders: [RDBReader.Checkpoint] = []
    var endOffset = 0
    var input = ByteInput(MemorySource(bytes))
    do throws(RDBError) {
      let opening = try RDBOpening.read(&input)
      var reader = RDBReader(input, family: opening.family, version: opening.version)
      borders.append(reader.checkpoint)
      while true {
        let record = try reader.next()
        if case .key = record {
          var sink = EventSink()
          try reader.readValue(into: &sink)
        }
        if case .end = record {
          endOffset = reader.input.offset
          break
        }
        borders.append(reader.checkpoint)
      }
    } catch {
      // A file that is damaged already: behind its last whole record there is only the error.
      endOffset = bytes.count
    }
    self.borders = borders
    self.endOffset = endOffset
  }

  func answer(_ level: Walk.Level, cutAt end: Int) -> Answer {
    answer(level, DamagedSource(bytes, end: end, change: (0, 0)), at: end)
  }

  func answer(_ level: Walk.Level, changing place: Int, by mask: UInt8) -> Answer {
    answer(level, DamagedSource(bytes, end: bytes.count, change: (place, mask)), at: place)
  }

  private func answer(_ level: Walk.Level, _ source: DamagedSource, at place: Int) -> Answer {
    do throws(RDBError) {
      let start = borders.last { $0.offset <= place }
      source.position = start?.offset ?? 0
      var input = ByteInput(source, at: source.position, windowByteCount: 4096)
      if let start {
        var reader = RDBReader(resuming: start, input: input)
        return try read(&reader, level, behind: place)
      }
      let opening = try RDBOpening.read(&input)
      var reader = RDBReader(input, family: opening.family, version: opening.version)
      return try read(&reader, level, behind: place)
    } catch {
      return Answer(isRefusal: true, isOutside: !(0...bytes.count).contains(error.offset))
    }
  }

  private func read(
    _ reader: inout RDBReader, _ level: Walk.Level, behind place: Int
  ) throws(RDBError) -> Answer {
    while true {
      let record = try reader.next()
      if case .key = record {
        if level == .skip {
          _ = try reader.skipValue()
        } else {
          var sink = EventSink()
          try reader.readValue(into: &sink)
        }
      }
      if case .end = record { break }
      if reader.input.offset > place, isBorder(reader.checkpoint) { break }
    }
    return Answer(isRefusal: reader.violations.kept.contains { !$0.isWarning })
  }

  private func isBorder(_ checkpoint: RDBReader.Checkpoint) -> Bool {
    var low = 0
    var high = borders.count
    while low < high {
      let middle = (low + high) / 2
      if borders[middle].offset < checkpoint.offset { low = middle + 1 } else { high = middle }
    }
    return low < borders.count && borders[low] == checkpoint
  }
}

/// A file in memory that ends early or has one byte changed.
private final class DamagedSource: ByteSource {
  private let bytes: [UInt8]
  private let end: Int
  private let change: (place: Int, mask: UInt8)
  var position = 0

  init(_ bytes: [UInt8], end: Int, change: (place: Int, mask: UInt8)) {
    self.bytes = bytes
    self.end = end
    self.change = change
  }

  var remainingByteCount: Int? { end - position }

  func read(into target: UnsafeMutableRawBufferPointer) throws(InputError) -> Int {
    let count = min(target.count, end - position)
    guard count > 0 else { return 0 }
    target.copyBytes(from: bytes[position..<(position + count)])
    if (position..<(position + count)).contains(change.place) {
      target[change.place - position] ^= change.mask
    }
    position += count
    return count
  }
}
