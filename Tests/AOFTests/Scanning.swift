import AOF
import ByteKit
import TestSupport

/// Goes over a file as commands do, without a progress line.
func scanPart(
  _ part: AOFSet.Part, _ progress: AOFReader.Progress, _ body: (AOFRecord) -> Bool
) throws(AOFPlanError) -> AOFPartScan {
  var result = AOFPartScan(progress: progress)
  let file: AOFFile
  do throws(InputError) { file = try part.open() } catch {
    throw AOFPlanError(.unreadable, part.path, error.message)
  }
  var front = file.skipSnapshot(.init(), creationTime: &result.creationTime)
  result.frontEnd = front.snapshot?.endOffset ?? 0
  guard let tail = front.takeTail() else {
    result.error = AOFError(.snapshot, at: 0, "damaged")
    return result
  }
  var reader = AOFReader(tail, holding: .front, progress: progress)
  do throws(AOFError) {
    var goesOn = true
    while goesOn, let record = try reader.next() { goesOn = body(record) }
    if goesOn { result.error = reader.openTransactionError }
  } catch {
    result.error = error
  }
  result.progress = reader.progress
  result.soundOffset = reader.soundOffset
  result.endOffset = reader.input.offset
  return result
}

/// A random file of commands, annotations and transactions, and the offsets at which a cut tears
/// nothing: 0, and behind each record outside transactions.
struct RandomCommands {
  var bytes: [UInt8] = []
  var places: [Int] = [0]

  /// The names of its commands, which have two arguments.
  private let names: [String]

  init(
    _ random: inout RepeatableRandom, units: Int,
    names: [String] = ["SET", "DEL", "FLUSHALL", "select", "EXPIRE"]
  ) {
    self.names = names
    for _ in 0..<units { add(&random) }
  }

  private mutating func add(_ random: inout RepeatableRandom) {
    switch Int.random(in: 0..<5, using: &random) {
    case 0:
      bytes += Array("#TS:\(Int.random(in: 1...2000, using: &random))\r\n".utf8)
    case 1:
      bytes += request("MULTI")
      for _ in 0..<Int.random(in: 0..<4, using: &random) {
        if Bool.random(using: &random) { bytes += Array("#TS:99\r\n".utf8) }
        addCommand(&random)
      }
      bytes += request("exec")
    default: addCommand(&random)
    }
    places.append(bytes.count)
  }

  private mutating func addCommand(_ random: inout RepeatableRandom) {
    let word = names[Int.random(in: 0..<names.count, using: &random)]
    let value = random.bytes(count: Int.random(in: 0..<30, using: &random))
    bytes += request([Array(word.utf8), Array("2".utf8), value])
  }
}
