import Analysis
import ByteKit
import RDB
import Rendering

/// What `rdb info` knows of one file.
struct FactsReport {
  /// The file's name.
  var file: String
  /// What the snapshot says of itself.
  var facts: SnapshotFacts
  /// How the pass over it ended.
  var result: RDBScanResult
  /// The size of a regular file.
  var size: Int?

  /// The size of the (unpacked) input, where its end was reached or its size is known.
  var byteCount: Int? {
    if let size { return size }
    guard let trailing = result.trailing else { return nil }
    return result.endOffset + trailing.count
  }
}

/// The report as a JSON document.
enum FactsJSON {
  static func write(_ reports: [FactsReport], to document: inout JSONDocument) {
    document.object {
      $0.schema("rdb-info")
      $0.array("files") { for report in reports { write(report, to: &$0) } }
    }
  }

  private static func write(_ report: FactsReport, to document: inout JSONDocument) {
    let facts = report.facts
    let result = report.result
    document.object {
      $0.member("file", report.file)
      $0.member("magic", result.opening?.family.rawValue)
      $0.member("version", result.opening?.version)
      $0.member("writer", facts.writer?.description)
      $0.member("createdAt", facts.creationTime.flatMap(Clock.rfc3339))
      $0.member("size", report.byteCount)
      $0.member("checksum", result.checksum.name)
      $0.member("trailingBytes", result.trailing?.count)
      $0.member("keys", result.keyCount)
      writeDatabases(facts, to: &$0)
      $0.array("aux") {
        for (name, value) in facts.aux {
          $0.array {
            $0.value(bytes: name)
            $0.value(bytes: value)
          }
        }
      }
      writeCode(facts, to: &$0)
      $0.object("opcodes") {
        for (byte, count) in result.opcodeCounts.enumerated() where count > 0 {
          $0.member("\(byte)", count)
        }
      }
      $0.object("types") {
        for (byte, count) in facts.typeCounts.enumerated() where count > 0 {
          $0.member("\(byte)", count)
        }
      }
      $0.member("omittedRecords", facts.omittedRecordCount == 0 ? nil : facts.omittedRecordCount)
      if let failure = result.failure { write(failure, to: &$0) }
    }
  }

  private static func writeDatabases(_ facts: SnapshotFacts, to document: inout JSONDocument) {
    document.array("databases") {
      for (database, tally) in facts.databases {
        $0.object {
          $0.member("db", database)
          $0.member("keys", tally.keys)
          $0.member("expires", tally.expires)
        }
      }
    }
    document.array("resizedb") {
      for hint in facts.sizeHints {
        $0.array {
          $0.value(hint.database ?? 0)
          $0.value(hint.keys)
          $0.value(hint.expires)
        }
      }
    }
    document.array("slotInfo") {
      for hint in facts.slotHints {
        $0.array {
          $0.value(hint.slot)
          $0.value(hint.keys)
          $0.value(hint.expires)
        }
      }
    }
    guard !facts.slotImports.isEmpty else { return }
    document.array("slotImports") {
      for (job, ranges) in facts.slotImports {
        $0.object {
          $0.member("job", bytes: job)
          $0.array("slots") {
            for range in ranges {
              $0.array {
                $0.value(range.lowerBound)
                $0.value(range.upperBound)
              }
            }
          }
        }
      }
    }
  }

  private static func writeCode(_ facts: SnapshotFacts, to document: inout JSONDocument) {
    document.array("functions") {
      for code in facts.functions {
        $0.object {
          $0.member("name", bytes: FunctionLibrary.name(in: code))
          $0.member("code", bytes: code)
        }
      }
    }
    document.array("modules") {
      for use in facts.modules {
        $0.object {
          $0.member("name", use.module.description)
          $0.member("version", use.module.version)
          $0.member("keys", use.keys)
          $0.member("auxRecords", use.auxRecords)
        }
      }
    }
    document.array("metadataClasses") {
      for use in facts.metadataClasses {
        $0.object {
          $0.member("name", use.name)
          $0.member("version", use.version)
          $0.member("optional", use.isOptional)
          $0.member("keys", use.keys)
        }
      }
    }
  }

  private static func write(_ failure: RDBFailure, to document: inout JSONDocument) {
    document.object("failure") {
      $0.member("id", failure.error.kind.rawValue)
      $0.member("offset", failure.error.offset)
      $0.member("message", failure.error.message)
      $0.member("db", failure.key == nil ? nil : failure.database)
      $0.member("key", bytes: failure.key)
      $0.member("lastSoundOffset", failure.recordOffset)
    }
  }
}

/// The source of a function library.
enum FunctionLibrary {
  /// The name in its first line, `#!lua name=x`; `nil` where there is none.
  static func name(in code: [UInt8]) -> [UInt8]? {
    let line = code.prefix { $0 != 0x0A && $0 != 0x0D }
    guard line.starts(with: "#!".utf8) else { return nil }
    let words = line.split { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }
    let mark = Array("name=".utf8)
    return words.dropFirst().first { $0.starts(with: mark) }.map { Array($0.dropFirst(mark.count)) }
  }
}
