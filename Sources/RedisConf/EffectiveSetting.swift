import RedisModel

/// A setting as CONFIG GET of the started server would print it.
public struct EffectiveSetting: Sendable, Hashable {
  /// A name of the directive; one that has several on the server has an entry for each.
  public let name: String
  /// The newest name of the directive.
  public let directive: String
  /// The value.
  public let value: [UInt8]
  /// The default of this server; nil where it depends on the machine.
  public let defaultValue: [UInt8]?
  /// The last line that it comes from; nil for a default.
  public let origin: ConfSetting.Origin?
  /// Whether it is a password or the like.
  public let isSensitive: Bool

  /// The value as text.
  public var text: String { String(decoding: value, as: UTF8.self) }
}

extension ServerReading {
  /// The settings of the server when it has started, by name; hidden ones only where the
  /// configuration writes them.
  public var effectiveSettings: [EffectiveSetting] {
    let catalogue = DirectiveCatalogue.shared
    let verdict = ConfVerdict(target, catalogue, isSentinel: isSentinel)
    var result: [EffectiveSetting] = []
    for directive in catalogue.directives {
      let names = directive.spellings.compactMap { spelling in
        verdict.variant(of: directive, spelling).map { (spelling.name, $0) }
      }
      guard let variant = names.first?.1, variant.kind != .ignored else { continue }
      let setting = settings[directive.name]
      guard let text = variant.defaultText ?? (variant.kind == .string ? "" : nil),
        setting != nil || !variant.flags.contains("hidden")
      else { continue }
      let rendering = SettingRendering(reading: self, verdict: verdict, variant: variant)
      let value = rendering.value(of: directive.name, setting, default: Array(text.utf8))
      let isSensitive =
        variant.flags.contains("sensitive") || Self.sensitiveNames.contains(directive.name)
      for (name, _) in names {
        result.append(
          EffectiveSetting(
            name: name, directive: directive.name, value: value,
            defaultValue: text.hasPrefix("(") ? nil : Array(text.utf8),
            origin: setting?.origins.last, isSensitive: isSensitive))
      }
    }
    return result.sorted { $0.name < $1.name }
  }

  private static let sensitiveNames: Set<String> = [
    "requirepass", "masterauth", "primaryauth", "tls-key-file-pass", "tls-client-key-file-pass",
  ]

  /// The words of a line as bytes, without the name.
  func words(_ origin: ConfSetting.Origin) -> [[UInt8]] {
    documents[origin.document].lines[origin.line].tokens.dropFirst().map(\.value)
  }
}
