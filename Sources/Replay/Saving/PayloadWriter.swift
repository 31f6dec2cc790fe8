import Engine
import RDB
import RedisModel

/// Makes DUMP payloads by the rules of a server.
struct PayloadWriter {
  private let form: RDBForm

  /// - Parameter target: the server whose payloads these are.
  init(_ target: ServerVersion) { form = RDBForm(target) }

  /// The payload of a value; `nil` where the server has no form for it.
  func payload(of value: KeptValue) -> [UInt8]? {
    guard let type = SavedType.of(value, in: form) else { return nil }
    var bytes: [UInt8] = []
    let file = RDBWriter(form, compresses: false, capacity: 1 << 12) { bytes += $0 }
    var writer = ValueWriter(file)
    writer.file.beginPayload(type: type)
    writer.body(of: value, type: type)
    writer.file.finishPayload()
    return bytes
  }
}
