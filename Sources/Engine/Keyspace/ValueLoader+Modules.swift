import RedisCodecs

/// Values of modules, as files give them: the id of the type, then the parts of the record.
extension ValueLoader {
  private static let vectorSetName = "vectorset"

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
  /// - Returns: the module whose value is kept without being known; `nil` for none.
  public mutating func finishModule() -> String? {
    let heap = heap
    let (value, name): (Value, String?) = moduleRecord.withUnsafeBytes { bytes in
      let record = ModuleRecord(bytes)
      let name = record.name
      if name == Self.vectorSetName, let set = VectorSet(record, heap) {
        return (Value(.vectorSet, set.allocate(heap)), nil)
      }
      let block = RawString(count: bytes.count, heap)
      block.bytes.copyMemory(from: bytes)
      return (Value(.module, block.start), name)
    }
    moduleRecord.removeAll(keepingCapacity: true)
    setValue(value)
    return name
  }
}
