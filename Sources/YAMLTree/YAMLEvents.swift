import CLibYAML

/// What libyaml found next.
struct YAMLEvent {
  /// The kinds that a tree is made of.
  enum Kind {
    case documentStart
    case scalar(YAMLScalar)
    case alias(String)
    case sequenceStart
    case mappingStart
    case end
  }

  let kind: Kind
  /// The anchor's name.
  var anchor: String?
  /// Offsets into the text's bytes.
  let start: Int
  let end: Int
}

/// libyaml's parser as a series of events.
struct YAMLEvents {
  private let text: YAMLText
  /// On the heap: the parser keeps addresses of its own parts.
  private let parser: UnsafeMutablePointer<yaml_parser_t>
  /// The input, which the parser does not copy.
  private let input: UnsafeMutableBufferPointer<UInt8>

  /// A parser at the start of `text`; `close` frees it.
  init(_ text: YAMLText) throws(YAMLError) {
    self.text = text
    parser = .allocate(capacity: 1)
    input = .allocate(capacity: max(text.bytes.count, 1))
    input.initialize(repeating: 0)
    _ = input.update(fromContentsOf: text.bytes)
    guard yaml_parser_initialize(parser) == 1 else {
      input.deallocate()
      parser.deallocate()
      throw YAMLError(.limit, "no memory is left", at: text.position(ofOffset: 0))
    }
    yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING)
    yaml_parser_set_input_string(parser, input.baseAddress, text.bytes.count)
  }

  /// Frees the parser.
  func close() {
    yaml_parser_delete(parser)
    parser.deallocate()
    input.deallocate()
  }

  /// The next event that matters; nil at the end.
  mutating func next() throws(YAMLError) -> YAMLEvent? {
    while true {
      var event = yaml_event_t()
      guard yaml_parser_parse(parser, &event) == 1 else { throw error() }
      defer { yaml_event_delete(&event) }
      if event.type == YAML_STREAM_END_EVENT || event.type == YAML_NO_EVENT { return nil }
      if let result = try translate(event) { return result }
    }
  }

  private func translate(_ event: yaml_event_t) throws(YAMLError) -> YAMLEvent? {
    let start = text.offset(ofCharacter: Int(event.start_mark.index))
    let end = text.offset(ofCharacter: Int(event.end_mark.index))
    func found(
      _ kind: YAMLEvent.Kind, anchor: UnsafeMutablePointer<UInt8>? = nil,
      tag: UnsafeMutablePointer<UInt8>? = nil
    ) throws(YAMLError) -> YAMLEvent {
      if let tag { throw tagError(tag, at: start) }
      return YAMLEvent(
        kind: kind, anchor: anchor.map { String(cString: $0) }, start: start, end: end)
    }
    switch event.type {
    case YAML_DOCUMENT_START_EVENT:
      return try found(.documentStart)
    case YAML_ALIAS_EVENT:
      return try found(.alias(event.data.alias.anchor.map { String(cString: $0) } ?? ""))
    case YAML_SCALAR_EVENT:
      let scalar = event.data.scalar
      return try found(
        .scalar(self.scalar(scalar, end: end)), anchor: scalar.anchor, tag: scalar.tag)
    case YAML_SEQUENCE_START_EVENT:
      let sequence = event.data.sequence_start
      return try found(.sequenceStart, anchor: sequence.anchor, tag: sequence.tag)
    case YAML_MAPPING_START_EVENT:
      let mapping = event.data.mapping_start
      return try found(.mappingStart, anchor: mapping.anchor, tag: mapping.tag)
    case YAML_SEQUENCE_END_EVENT, YAML_MAPPING_END_EVENT:
      return try found(.end)
    default:
      return nil
    }
  }

  private typealias LibraryScalar = yaml_event_t.__Unnamed_union_data.__Unnamed_struct_scalar

  private func scalar(_ scalar: LibraryScalar, end: Int) -> YAMLScalar {
    let value = UnsafeBufferPointer(start: scalar.value, count: scalar.length)
    let style: YAMLScalar.Style =
      switch scalar.style {
      case YAML_SINGLE_QUOTED_SCALAR_STYLE: .singleQuoted
      case YAML_DOUBLE_QUOTED_SCALAR_STYLE: .doubleQuoted
      case YAML_LITERAL_SCALAR_STYLE: .literal
      case YAML_FOLDED_SCALAR_STYLE: .folded
      default: .plain
      }
    let behind = text.restOfLine(from: end).first { $0 != 0x20 && $0 != 0x09 }
    return YAMLScalar(
      text.restored(String(decoding: value, as: UTF8.self)), style: style,
      isFollowedByComment: behind == UInt8(ascii: "#"))
  }

  private func tagError(_ tag: UnsafeMutablePointer<UInt8>, at offset: Int) -> YAMLError {
    let written = text.restOfLine(from: offset).prefix { $0 != 0x20 && $0 != 0x09 }
    let shown = String(decoding: written.prefix(40), as: UTF8.self)
    return YAMLError(
      .tag, "tags are not read: remove \(shown), or quote the value if it starts with !",
      at: text.position(ofOffset: offset))
  }

  /// What libyaml could not read, said in the file's terms.
  private func error() -> YAMLError {
    let problem = parser.pointee.problem.map { String(cString: $0) } ?? "this is no YAML"
    if parser.pointee.error == YAML_MEMORY_ERROR {
      return YAMLError(.limit, "no memory is left", at: text.position(ofOffset: 0))
    }
    if parser.pointee.error == YAML_READER_ERROR {
      return YAMLAdvice.readerError(
        problem, character: parser.pointee.problem_value,
        at: text.position(ofOffset: min(Int(parser.pointee.problem_offset), text.bytes.count)))
    }
    let context = parser.pointee.context.map { String(cString: $0) }
    return YAMLAdvice(
      text: text, problem: problem, context: context,
      offset: text.offset(ofCharacter: Int(parser.pointee.problem_mark.index)),
      contextOffset: context == nil
        ? nil : text.offset(ofCharacter: Int(parser.pointee.context_mark.index))
    ).error
  }
}
