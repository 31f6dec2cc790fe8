import AOF
import ByteKit

/// What a reader said of one record, in own memory.
enum ReadRecord: Equatable {
  case command(ReadCommand)
  case annotation(offset: Int, text: String, timestamp: Int64?, isCut: Bool)
}

/// A command in own memory.
struct ReadCommand: Equatable {
  var offset: Int
  var byteCount: Int
  var index: Int
  var line: Int
  var database: Int
  var transaction: Int?
  var timestamp: Int64?
  var oddities: AOFOddities
  var argumentCount: Int
  var arguments: [[UInt8]]
  var bytes: [UInt8]

  init(_ command: AOFCommand) {
    offset = command.offset
    byteCount = command.byteCount
    index = command.index
    line = command.line
    database = command.database
    transaction = command.transaction
    timestamp = command.timestamp
    oddities = command.oddities
    argumentCount = command.argumentCount
    arguments = (0..<command.heldCount).map { Array(command[$0]) }
    bytes = command.isWhole ? Array(command.bytes) : []
  }

  /// The arguments as text.
  var words: [String] { arguments.map { String(decoding: $0, as: UTF8.self) } }
}

/// A file read to its end or its damage.
struct Reading: Equatable {
  var records: [ReadRecord] = []
  var error: AOFError?
  var openTransactionOffset: Int?
  var soundOffset = 0
  var recordOffset = 0
  var transactionCount = 0

  init(
    _ bytes: [UInt8], chunkByteCount: Int = .max, knowsSize: Bool = true,
    windowByteCount: Int = ByteInput.windowByteCount, holding: AOFReader.Holding = .everything
  ) {
    let source = MemorySource(bytes, chunkByteCount: chunkByteCount, knowsSize: knowsSize)
    let input = ByteInput(source, windowByteCount: windowByteCount)
    var reader = AOFReader(input, holding: holding)
    do throws(AOFError) {
      while let record = try reader.next() {
        switch record {
        case .command(let command): records.append(.command(ReadCommand(command)))
        case .annotation(let line):
          records.append(
            .annotation(
              offset: line.offset, text: String(decoding: line.text, as: UTF8.self),
              timestamp: line.timestamp, isCut: line.isCut))
        }
      }
    } catch {
      self.error = error
    }
    openTransactionOffset = reader.openTransactionOffset
    soundOffset = reader.soundOffset
    recordOffset = reader.recordOffset
    transactionCount = reader.progress.transactionCount
  }

  /// The commands alone.
  var commands: [ReadCommand] {
    records.compactMap { if case .command(let command) = $0 { command } else { nil } }
  }
}

/// `words` as a request.
func request(_ words: String...) -> [UInt8] { request(words.map { Array($0.utf8) }) }

/// `arguments` as a request.
func request(_ arguments: [[UInt8]]) -> [UInt8] {
  arguments.reduce(into: Array("*\(arguments.count)\r\n".utf8)) {
    $0 += Array("$\($1.count)\r\n".utf8) + $1 + [13, 10]
  }
}
