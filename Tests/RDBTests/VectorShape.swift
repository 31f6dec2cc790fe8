import RDB
import RedisCodecs
import RedisModel
import TestSupport

/// Values in the form in which `vectors.json` states them.
enum VectorShape {
  /// Printable ASCII as it is, else `hex:` and digits.
  static func text(_ bytes: [UInt8]) -> JSONValue {
    let isPlain = bytes.allSatisfy { (0x20..<0x7f).contains($0) }
    return .string(isPlain ? String(decoding: bytes, as: UTF8.self) : "hex:" + hex(bytes))
  }

  static func number(_ value: some BinaryInteger) -> JSONValue { .number("\(value)") }

  static func number(_ value: Double) -> JSONValue {
    value.isInfinite ? .string(value < 0 ? "-inf" : "inf") : .number("\(value)")
  }

  static func object(_ members: KeyValuePairs<String, JSONValue?>) -> JSONValue {
    .object(members.compactMap { name, value in value.map { .init(name: name, value: $0) } })
  }

  static func id(_ id: StreamID) -> JSONValue {
    .array([number(id.milliseconds), number(id.sequence)])
  }

  /// A key and what stands around it.
  static func key(_ header: KeyHeader, _ value: OwnedValue) -> JSONValue {
    object([
      "db": number(header.database), "key": text(Array(header.key)),
      "type": number(header.type.byte), "kind": .string(header.type.kind.rawValue),
      "value": self.value(value), "expire": header.expireAtMs.map { number($0) },
      "idle": header.idleSeconds.map { number($0) }, "freq": header.lfu.map { number($0) },
      "meta": metadata(header.metadata),
    ])
  }

  /// Key metadata; `nil` for none.
  static func metadata(_ classes: [KeyMetadata]) -> JSONValue? {
    if classes.isEmpty { return nil }
    return .array(
      classes.map {
        object([
          "class": .string($0.className), "ver": number($0.version), "flags": number($0.flags),
          "ops": .array($0.parts.map(part)),
        ])
      })
  }

  /// The value alone.
  static func value(_ value: OwnedValue) -> JSONValue {
    switch value {
    case .string(let bytes): text(bytes)
    case .elements(let elements): .array(elements.map(text))
    case .members(let members):
      .array(members.map { .array([text($0.member), number($0.score)]) })
    case .fields(let fields):
      .array(
        fields.map { field in
          var parts = [text(field.field), text(field.value)]
          if fields.contains(where: { $0.expireAtMs != nil }) {
            parts.append(field.expireAtMs.map { number($0) } ?? .null)
          }
          return .array(parts)
        })
    case .pathFields(let fields): .array(fields.map { .array($0.map(text)) })
    case .stream(let stream): self.stream(stream)
    case .array(let insertIndex, let elements):
      object([
        "insert": insertIndex.map { number($0) } ?? .null,
        "items": .array(
          elements.map {
            .array([number($0.index), .string(tag($0.tag)), content($0.tag, $0.text)])
          }
        ),
      ])
    case .module(let name, let parts):
      object([
        "type": .string(name.description), "encver": number(name.version),
        "ops": .array(parts.map(part)),
      ])
    case .gcra(let time): number(time)
    }
  }

  private static func tag(_ tag: ArrayTag) -> String {
    switch tag {
    case .sds: "sds"
    case .int: "int"
    case .float: "float"
    case .smallString: "small"
    }
  }

  private static func content(_ tag: ArrayTag, _ bytes: [UInt8]) -> JSONValue {
    switch tag {
    case .int, .float: .number(String(decoding: bytes, as: UTF8.self))
    case .sds, .smallString: text(bytes)
    }
  }

  private static func part(_ part: OwnedModulePart) -> JSONValue {
    switch part {
    case .signed(let value): .array([number(1), number(UInt64(bitPattern: value))])
    case .unsigned(let value): .array([number(2), number(value)])
    case .float(let value): .array([number(3), number(Double(value))])
    case .double(let value): .array([number(4), number(value)])
    case .string(let bytes): .array([number(5), text(bytes)])
    }
  }

  private static func stream(_ stream: OwnedStream) -> JSONValue {
    return object([
      "entries": .array(
        stream.entries.map { .array([id($0.id), .array($0.pairs.map { .array($0.map(text)) })]) }),
      "length": stream.metadata.map { number($0.length) },
      "last": stream.metadata.map { id($0.lastID) },
      "first": stream.metadata?.firstID.map(id),
      "maxdel": stream.metadata?.maxDeletedID.map(id),
      "added": stream.metadata?.entriesAdded.map { number($0) },
      "groups": .array(stream.groups.map(group)),
      "idmp": stream.idmp.map(idmp),
    ])
  }

  private static func group(_ group: OwnedStream.Group) -> JSONValue {
    object([
      "name": text(group.name), "last": id(group.lastID),
      "read": group.entriesRead.map { number($0) },
      "consumers": .array(
        group.consumers.map {
          object([
            "name": text($0.name), "seen": number($0.seenAtMs),
            "active": $0.activeAtMs.map { number($0) }, "pel": .array($0.ids.map(id)),
          ])
        }),
      "nack": group.nacks.isEmpty ? nil : .array(group.nacks.map(id)),
      "pel": .array(
        group.pending.map {
          .array([
            id($0.id), number($0.deliveredAtMs), number($0.count), text($0.consumer ?? []),
          ])
        }),
    ])
  }

  private static func idmp(_ idmp: OwnedStream.IDMP) -> JSONValue {
    object([
      "duration": number(idmp.settings.durationSeconds),
      "maxsize": number(idmp.settings.entriesMax),
      "producers": .array(
        idmp.producers.map { producer in
          .array([
            text(producer.name),
            .array(
              producer.messages.map {
                .array([text($0.name), number($0.id.milliseconds), number($0.id.sequence)])
              }),
          ])
        }),
      "iids_added": number(idmp.added), "iids_dup": number(idmp.duplicates),
    ])
  }
}

extension JSONValue {
  /// The same with one spelling for each number, members sorted, and empty NACK zones left out,
  /// which only some types have.
  var canonical: JSONValue {
    switch self {
    case .array(let elements): .array(elements.map(\.canonical))
    case .object(let members):
      .object(
        members.filter { $0.name != "nack" || !$0.value.elements.isEmpty }
          .map { .init(name: $0.name, value: $0.value.canonical) }
          .sorted { $0.name < $1.name })
    case .number(let text):
      if Int64(text) != nil || UInt64(text) != nil {
        self
      } else if let value = Double(text), let whole = Int64(exactly: value) {
        .number("\(whole)")
      } else {
        .number(Double(text).map { "\($0)" } ?? text)
      }
    default: self
    }
  }
}
