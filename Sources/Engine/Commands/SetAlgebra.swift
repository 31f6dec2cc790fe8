import RedisCodecs

/// Unions, intersections and differences of sets.
enum SetAlgebra {
  /// What is made of the sources.
  enum Operation {
    case union, intersection, difference
  }

  /// SUNION and its kin: the members are the answer.
  static func answer(
    _ space: inout Keyspace, _ arguments: Arguments, _ operation: Operation
  ) throws(CommandError) {
    guard let result = try combine(space, arguments, from: 1, operation) else {
      return space.reply.array(0)
    }
    space.reply.array(result.count)
    result.forEach {
      space.answer($0)
      return true
    }
    result.value.destroy(space.heap)
  }

  /// SUNIONSTORE and its kin: the members go to the first key.
  static func store(
    _ space: inout Keyspace, _ arguments: Arguments, _ operation: Operation
  ) throws(CommandError) {
    let target = arguments[1]
    guard let result = try combine(space, arguments, from: 2, operation) else {
      space.delete(target)
      return space.reply.integer(0)
    }
    space.put(target, result.value)
    space.reply.integer(result.count)
  }

  /// A new set; `nil` where it has no members.
  private static func combine(
    _ space: borrowing Keyspace, _ arguments: Arguments, from first: Int, _ operation: Operation
  ) throws(CommandError) -> SetValue? {
    var sets: [SetValue?] = []
    for index in first..<arguments.count {
      sets.append(try space.find(arguments[index], .set).map { SetValue($0.value) })
    }
    let heap = space.heap
    var result: SetValue?
    func add(_ member: Element) {
      member.withBytes { bytes in
        var set = result ?? SetValue(first: bytes, heap)
        set.insert(bytes, heap)
        result = set
      }
    }
    func isIn(_ set: SetValue?, _ member: Element) -> Bool {
      guard let set else { return false }
      return member.withBytes { set.contains($0, heap) }
    }
    switch operation {
    case .union:
      for set in sets {
        set?.forEach {
          add($0)
          return true
        }
      }
    case .intersection:
      // The smallest set decides how often the others are asked.
      guard sets.allSatisfy({ $0 != nil }),
        let base = sets.compactMap({ $0 }).min(by: { $0.count < $1.count })
      else { return nil }
      base.forEach { member in
        if sets.allSatisfy({ isIn($0, member) }) { add(member) }
        return true
      }
    case .difference:
      sets.first??.forEach { member in
        if !sets.dropFirst().contains(where: { isIn($0, member) }) { add(member) }
        return true
      }
    }
    return result
  }
}
