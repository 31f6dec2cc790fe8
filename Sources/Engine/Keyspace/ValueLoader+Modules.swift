import RedisCodecs

/// Values of modules, as files give them: the id of the type, then the parts of the record.
extension ValueLoader {
  private static let vectorSetName = "vectorset"

  /// Begins an array; its elements follow, then `finishModule`.
  ///
  /// - Parameter insertIndex: where commands that append go on; `nil` where that is not said.
  public mutating func array(insertIndex: UInt64?) {
    ModuleRecord.begin(ModuleRecord.arrayID, &moduleRecord)
    modulePart(unsigned: insertIndex == nil ? 0 : 1)
    modulePart(unsigned: insertIndex ?? 0)
  }

  /// The next element of an array.
  ///
  /// - Parameter tag: how snapshots store it.
  public mutating func arrayElement(index: UInt64, _ value: Element, tag: UInt8) {
    modulePart(unsigned: index)
    modulePart(unsigned: UInt64(tag))
    modulePart(string: value)
  }

  /// Begins the value of a module; its parts follow, then `finishModule`.
  public mutating func module(id: UInt64) { ModuleRecord.begin(id, &moduleRecord) }

  /// A signed integer of the record.
  public mutating func modulePart(signed value: Int64) {
    ModuleRecord.append(.signed(value), &moduleRecord)
  }

  /// An unsigned integer of the record.
  public mutating func modulePart(unsigned value: UInt64) {
    ModuleRecord.append(.unsigned(value), &moduleRecord)
  }

  /// A float of the record.
  public mutating func modulePart(float value: Float) {
    ModuleRecord.append(.float(value.bitPattern), &moduleRecord)
  }

  /// A double of the record.
  public mutating func modulePart(double value: Double) {
    ModuleRecord.append(.double(value.bitPattern), &moduleRecord)
  }

  /// A string of the record.
  public mutating func modulePart(string: Element) {
    string.withBytes { ModuleRecord.append(.string($0), &moduleRecord) }
  }

  /// Ends the value of a module: a vector set becomes one, anything else is kept as its record.
  ///
  /// - Returns: what the value is, where it is kept without being known; `nil` for none.
  public mutating func finishModule() -> String? {
    let heap = heap
    let (value, name): (Value, String?) = moduleRecord.withUnsafeBytes { bytes in
      let record = ModuleRecord(bytes)
      let isArray = record.id == ModuleRecord.arrayID
      let name = record.name
      if name == Self.vectorSetName, let set = VectorSet(record, heap) {
        return (Value(.vectorSet, set.allocate(heap)), nil)
      }
      let block = RawString(count: bytes.count, heap)
      block.bytes.copyMemory(from: bytes)
      return (
        Value(isArray ? .array : .module, block.start), isArray ? "type array" : "module \(name)"
      )
    }
    moduleRecord.removeAll(keepingCapacity: true)
    setValue(value)
    return name
  }
}
