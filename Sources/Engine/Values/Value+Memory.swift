extension Value {
  /// Gives the value's memory back.
  func destroy(_ heap: Heap) {
    switch form {
    case .integer, .embedded: break
    case .raw, .module, .array: RawString(at: address).destroy(heap)
    case .vectorSet: VectorSet.at(address).pointee.destroy(heap, at: address)
    case .packedList, .packedSet, .packedZset, .packedHash:
      PackedList(at: address).destroy(heap)
    case .blockList: BlockList.at(address).pointee.destroy(heap, at: address)
    case .integerSet: IntegerSet(at: address).destroy(heap)
    case .tableSet: MemberTable.at(address).pointee.destroy(heap, at: address)
    case .rankedZset: RankedSet.at(address).pointee.destroy(heap, at: address)
    case .tableHash: FieldTable.at(address).pointee.destroy(heap, at: address)
    case .stream: StreamValue.at(address).pointee.destroy(heap, at: address)
    }
  }

  /// A copy that shares nothing with this value, which is not embedded.
  func copy(_ heap: Heap) -> Value {
    switch form {
    case .integer, .embedded: return self
    case .raw, .module, .array:
      return Value(form, RawString(copying: RawString(at: address), heap).start)
    case .vectorSet: return VectorSet.at(address).pointee.copy(heap)
    case .packedList, .packedSet, .packedZset, .packedHash:
      return Value(form, PackedList(copying: PackedList(at: address), heap).start)
    case .blockList: return BlockList.at(address).pointee.copy(heap)
    case .integerSet: return Value(form, IntegerSet(copying: IntegerSet(at: address), heap).start)
    case .tableSet: return MemberTable.at(address).pointee.copy(heap)
    case .rankedZset: return RankedSet.at(address).pointee.copy(heap)
    case .tableHash: return FieldTable.at(address).pointee.copy(heap)
    case .stream: return StreamValue.at(address).pointee.copy(heap)
    }
  }
}

/// The head of a large value, in a block of the heap.
protocol HeapObject: BitwiseCopyable {}

extension HeapObject {
  /// The head at an address.
  @inline(__always)
  static func at(_ address: UnsafeMutableRawPointer) -> UnsafeMutablePointer<Self> {
    address.assumingMemoryBound(to: Self.self)
  }

  /// Moves a new head into the heap.
  func allocate(_ heap: Heap) -> UnsafeMutableRawPointer {
    let address = heap.allocate(MemoryLayout<Self>.stride)
    address.bindMemory(to: Self.self, capacity: 1).initialize(to: self)
    return address
  }

  /// Gives the head's block back.
  func deallocate(_ heap: Heap, at address: UnsafeMutableRawPointer) {
    heap.deallocate(address, MemoryLayout<Self>.stride)
  }
}
