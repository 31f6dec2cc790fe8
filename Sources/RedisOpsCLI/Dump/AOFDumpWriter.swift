import AOF
import ByteKit
import RESP

/// Writes commands in one of the formats of `aof dump`.
struct AOFDumpWriter: ~Copyable {
  private let format: AOFDumpFormat
  private var writer: ByteWriter
  /// `{"file":"…","offset":`
  private var front: [UInt8] = []
  /// The database that whoever takes the commands has chosen.
  private var database = 0

  /// - Parameter drain: takes the bytes in order.
  init(_ format: AOFDumpFormat, drain: @escaping (UnsafeRawBufferPointer) -> Void) {
    self.format = format
    writer = ByteWriter(drain: drain)
  }

  /// The next commands stand in the file `name`.
  mutating func begin(_ name: String) {
    var bytes: [UInt8] = []
    var text = ByteWriter { bytes += $0 }
    text.write("{\"file\":")
    text.writeJSON(text: name)
    text.write(",\"offset\":")
    text.flush()
    front = bytes
  }

  /// Writes one command, which is whole.
  mutating func write(_ command: AOFCommand) {
    guard format != .ndjson else { return writeJSON(command) }
    if command.isArgument(0, "SELECT") {
      database = command.database
    } else if command.database != database, !command.isArgument(0, "MULTI"),
      !command.isArgument(0, "EXEC")
    {
      choose(command.database)
    }
    if format == .resp {
      writer.write(command.bytes)
    } else {
      writeLine(command)
    }
  }

  /// Hands on what has been written.
  mutating func flush() { writer.flush() }

  private mutating func writeJSON(_ command: AOFCommand) {
    front.withUnsafeBytes { writer.write($0) }
    writer.write(decimal: command.offset)
    writer.write(",\"db\":")
    writer.write(decimal: command.database)
    if let timestamp = command.timestamp {
      writer.write(",\"timestamp\":")
      writer.write(decimal: timestamp)
    }
    if let transaction = command.transaction {
      writer.write(",\"tx\":")
      writer.write(decimal: transaction)
    }
    writer.write(",\"argv\":[")
    for index in 0..<command.heldCount {
      if index > 0 { writer.write(UInt8(ascii: ",")) }
      writer.writeJSON(bytes: command[index])
    }
    writer.write("]}\n")
  }

  private mutating func writeLine(_ command: AOFCommand) {
    for index in 0..<command.heldCount {
      if index > 0 { writer.write(UInt8(ascii: " ")) }
      writer.writeQuoted(command[index])
    }
    writer.write(UInt8(ascii: "\n"))
  }

  /// Writes a SELECT that the selection has left out, or that a file needs behind another.
  private mutating func choose(_ database: Int) {
    let number = String(database)
    if format == .resp {
      writer.write(text: "*2\r\n$6\r\nSELECT\r\n$\(number.utf8.count)\r\n\(number)\r\n")
    } else {
      writer.write(text: "\"SELECT\" \"\(number)\"\n")
    }
    self.database = database
  }
}
