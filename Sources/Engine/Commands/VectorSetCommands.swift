/// Commands of vector sets (Redis 8): those that change data, and the reads that need no search.
enum VectorSetCommands {
  /// The commands by their names.
  static let all: [CommandRegistry.Entry] = [
    .init("VADD", vadd), .init("VREM", vrem), .init("VSETATTR", vsetattr), .init("VCARD", vcard),
    .init("VDIM", vdim), .init("VGETATTR", vgetattr), .init("VISMEMBER", vismember),
  ]

  /// The option M of a set that is not told otherwise.
  private static let linkCountDefault = 16
  /// The most dimensions that servers take.
  private static let dimensionMax = 65_536

  /// What VADD says.
  private struct Addition {
    var values: [Float]
    var element: Bytes
    /// As asked for; `nil` where it is not said: that of the set, eight bits for a new one.
    var quantization: Quantization?
    var attribute: Bytes?
    var linkCount: Int?
  }

  /// VADD key [REDUCE n] FP32 blob|VALUES n value … element [CAS] [NOQUANT|Q8|BIN] [EF n]
  /// [SETATTR text] [M n].
  private static func vadd(_ space: inout Keyspace, _ arguments: Arguments) throws(CommandError) {
    let addition = try read(arguments)
    let (heap, none) = (space.heap, Bytes(start: nil, count: 0))
    let set = try space.vectorSet(arguments[1])
    if let set { try check(addition, set.pointee) }
    let quantization = set?.pointee.quantization ?? addition.quantization ?? .int8
    let (vector, word) = VectorSet.quantize(addition.values, quantization)
    var target = set
    if target == nil {
      let new = VectorSet(
        dimension: UInt32(addition.values.count), quantization,
        linkCount: UInt32(addition.linkCount ?? linkCountDefault), heap)
      let address = new.allocate(heap)
      space.put(arguments[1], Value(.vectorSet, address))
      target = VectorSet.at(address)
    }
    guard let target else { return }
    let old = target.pointee.node(addition.element, heap)?.attribute
    // A new vector leaves the attribute as it was, unless another one is said with it.
    let attribute = Array(addition.attribute ?? old ?? none)
    target.pointee.hasGraph = false
    let isNew = vector.withUnsafeBytes { vector in
      attribute.withUnsafeBytes { attribute in
        target.pointee.set(
          addition.element, attribute: attribute, vector: vector, integers: [word], heap)
      }
    }
    space.reply.flag(isNew)
  }

  private static func check(_ addition: Addition, _ set: VectorSet) throws(CommandError) {
    if set.projection != nil { throw .unsupported("VADD to a set with a projection") }
    guard addition.values.count == Int(set.dimension) else {
      throw .text(
        "ERR Vector dimension mismatch - got \(addition.values.count) but set has "
          + "\(set.dimension)")
    }
    if let asked = addition.quantization, asked != set.quantization {
      throw .message("ERR asked quantization mismatch with existing vector set")
    }
    if let asked = addition.linkCount, asked != Int(set.linkCount) {
      throw .message("ERR asked M value mismatch with existing vector set")
    }
  }

  private static var badVector: CommandError { .message("ERR invalid vector specification") }

  private static func read(_ arguments: Arguments) throws(CommandError) -> Addition {
    var index = 2
    if arguments.isWord(index, "REDUCE") {
      // The matrix is made of the server's random numbers.
      throw .unsupported("VADD with REDUCE")
    }
    var values: [Float] = []
    if arguments.isWord(index, "FP32"), index + 1 < arguments.count {
      let blob = arguments[index + 1]
      guard blob.count % 4 == 0, blob.count > 0, blob.count / 4 <= dimensionMax else {
        throw badVector
      }
      for offset in stride(from: 0, to: blob.count, by: 4) {
        values.append(
          Float(
            bitPattern: UInt32(
              littleEndian: blob.loadUnaligned(fromByteOffset: offset, as: UInt32.self))))
      }
      index += 2
    } else if arguments.isWord(index, "VALUES"), index + 1 < arguments.count {
      let count = try arguments.integer(index + 1, or: badVector)
      guard count > 0, count <= dimensionMax, index + 2 + Int(count) <= arguments.count else {
        throw badVector
      }
      index += 2
      for place in index..<(index + Int(count)) {
        guard let value = DoubleText.parse(arguments[place]) else { throw badVector }
        values.append(Float(value))
      }
      index += Int(count)
    } else {
      throw badVector
    }
    guard index < arguments.count else { throw .message("ERR wrong number of arguments") }
    var addition = Addition(values: values, element: arguments[index])
    index += 1
    try readOptions(arguments, from: index, &addition)
    return addition
  }

  private static func readOptions(
    _ arguments: Arguments, from start: Int, _ addition: inout Addition
  ) throws(CommandError) {
    let invalid = CommandError.message("ERR invalid option after element")
    var index = start
    while index < arguments.count {
      let hasMore = index + 1 < arguments.count
      if arguments.isWord(index, "CAS") {
        // How the server computes, not what.
      } else if arguments.isWord(index, "NOQUANT") {
        addition.quantization = .float32
      } else if arguments.isWord(index, "Q8") {
        addition.quantization = .int8
      } else if arguments.isWord(index, "BIN") {
        addition.quantization = .binary
      } else if hasMore, arguments.isWord(index, "EF") {
        index += 1
        guard try arguments.integer(index, or: .message("ERR invalid EF")) > 0 else {
          throw .message("ERR invalid EF")
        }
      } else if hasMore, arguments.isWord(index, "M") {
        index += 1
        let count = try arguments.integer(index, or: .message("ERR invalid M"))
        guard (4...4096).contains(count) else { throw .message("ERR invalid M") }
        addition.linkCount = Int(count)
      } else if hasMore, arguments.isWord(index, "SETATTR") {
        index += 1
        addition.attribute = arguments[index]
      } else {
        throw invalid
      }
      index += 1
    }
  }

  /// VREM key element.
  private static func vrem(_ space: inout Keyspace, _ arguments: Arguments) throws(CommandError) {
    guard let set = try space.vectorSet(arguments[1]) else { return space.reply.integer(0) }
    let isThere = set.pointee.nodes.remove(arguments[2], space.heap)
    if isThere { set.pointee.hasGraph = false }
    if set.pointee.nodes.cells.count == 0 { space.delete(arguments[1]) }
    space.reply.flag(isThere)
  }

  /// VSETATTR key element text; an empty text takes the attribute away.
  private static func vsetattr(
    _ space: inout Keyspace, _ arguments: Arguments
  ) throws(CommandError) {
    guard let set = try space.vectorSet(arguments[1]),
      let node = set.pointee.node(arguments[2], space.heap)
    else { return space.reply.integer(0) }
    let vector = Array(node.vector)
    let integers = (0..<node.integerCount).map { node.integer(at: $0) }
    vector.withUnsafeBytes { vector in
      _ = set.pointee.set(
        arguments[2], attribute: arguments[3], vector: vector, integers: integers, space.heap)
    }
    space.reply.integer(1)
  }

  private static func vcard(_ space: inout Keyspace, _ arguments: Arguments) throws(CommandError) {
    space.reply.integer(try space.vectorSet(arguments[1])?.pointee.nodes.cells.count ?? 0)
  }

  private static func vdim(_ space: inout Keyspace, _ arguments: Arguments) throws(CommandError) {
    guard let set = try space.vectorSet(arguments[1]) else {
      throw .message("ERR key does not exist")
    }
    space.reply.integer(Int(set.pointee.dimension))
  }

  private static func vgetattr(
    _ space: inout Keyspace, _ arguments: Arguments
  ) throws(CommandError) {
    guard let node = try space.vectorSet(arguments[1])?.pointee.node(arguments[2], space.heap),
      !node.attribute.isEmpty
    else { return space.reply.null() }
    space.reply.bulk(node.attribute)
  }

  private static func vismember(
    _ space: inout Keyspace, _ arguments: Arguments
  ) throws(CommandError) {
    let set = try space.vectorSet(arguments[1])
    space.reply.flag(set?.pointee.node(arguments[2], space.heap) != nil)
  }
}

extension Keyspace {
  /// The vector set of a key.
  func vectorSet(_ key: Bytes) throws(CommandError) -> UnsafeMutablePointer<VectorSet>? {
    guard let handle = find(key) else { return nil }
    guard handle.form == .vectorSet else { throw .wrongType }
    return VectorSet.at(handle.value.address)
  }
}
