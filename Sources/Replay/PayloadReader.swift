import Engine
import RDB
import RedisModel

/// Reads DUMP payloads by the rules of a server.
struct PayloadReader: PayloadCodec {
  private static let metadataByte: UInt8 = 243
  /// From here on versions are Valkey's.
  private static let valkeyVersionMin = 80

  private let rules: LoadRules

  /// - Parameter target: the server that reads.
  init(_ target: ServerVersion) {
    rules = LoadRules.of(target)
  }

  func read(_ payload: Bytes, into loader: inout ValueLoader) -> PayloadOutcome {
    guard let version = version(of: payload) else { return .wrongVersionOrChecksum }
    if payload[0] == Self.metadataByte, version < Self.valkeyVersionMin {
      return .unsupported("metadata of keys")
    }
    let family: RDBFamily = version < Self.valkeyVersionMin ? .redis : .valkey
    guard let type = RDBType(byte: payload[0], family: family), rules.types.contains(type.byte)
    else { return .badFormat }
    var sink = LoadSink(loader, fieldsDueBeforeMs: nil)
    sink.begin(type)
    defer { loader = sink.loader }
    do throws(RDBError) {
      let (_, violations) = try RDBPayload.read(Array(payload), into: &sink)
      if violations.contains(where: { !$0.isWarning }) { return .badFormat }
      if let gap = sink.gap { return .unsupported(gap) }
      sink.finish()
      if let unknown = sink.unknownType { return .kept(unknown) }
      return sink.loader.isEmpty ? .badFormat : .loaded
    } catch {
      let isFooter = error.kind == .checksum || error.kind == .unknownVersion
      return isFooter ? .wrongVersionOrChecksum : .badFormat
    }
  }

  /// The version in the footer; `nil` where there is none, or the server does not take it.
  private func version(of payload: Bytes) -> Int? {
    guard payload.count > RDBPayload.footerByteCount else { return nil }
    let at = payload.count - RDBPayload.footerByteCount
    let version = Int(payload[at]) | Int(payload[at + 1]) << 8
    let isTaken = rules.accepts.contains { $0.versions.upperBound >= version }
    return isTaken ? version : nil
  }
}
