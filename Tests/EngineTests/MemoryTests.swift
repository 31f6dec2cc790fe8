import RedisCodecs
import TestSupport
import Testing

@testable import Engine

/// The building blocks of values, each against a plain model.
@Suite struct MemoryTests {
  private static func makeHeap() -> Heap {
    var generator = RandomSource(seed: 3)
    return Heap(hash: KeyedHash(using: &generator))
  }

  /// A text that is often a number, so that both kinds of entries come up.
  private static func randomText(_ random: inout RandomSource) -> [UInt8] {
    switch Int.random(in: 0..<6, using: &random) {
    case 0: return Array(String(Int.random(in: 0...200, using: &random)).utf8)
    case 1: return Array(String(Int64.random(in: .min ... .max, using: &random)).utf8)
    case 2: return Array(String(Int.random(in: -70_000...70_000, using: &random)).utf8)
    case 3: return [UInt8](repeating: 0x61, count: Int.random(in: 0...5000, using: &random))
    default:
      let count = Int.random(in: 0...90, using: &random)
      return (0..<count).map { _ in UInt8.random(in: 0...255, using: &random) }
    }
  }

  private static func contents(_ list: PackedList) -> [[UInt8]] {
    var (result, offset) = ([[UInt8]](), PackedList.firstOffset)
    while offset < list.endOffset { result.append(list.read(&offset).bytes) }
    return result
  }

  @Test func `blocks of a heap do not overlap and come back`() {
    let heap = Self.makeHeap()
    defer { heap.destroy() }
    var random = RandomSource(seed: 11)
    var blocks: [(start: UnsafeMutableRawPointer, count: Int, mark: UInt8)] = []
    func check(_ index: Int) -> Bool {
      let block = blocks[index]
      return (0..<block.count).allSatisfy {
        block.start.load(fromByteOffset: $0, as: UInt8.self) == block.mark
      }
    }
    for round in 0..<4000 {
      let count =
        Int.random(in: 0..<20, using: &random) == 0
        ? Int.random(in: 1...80_000, using: &random) : Int.random(in: 1...700, using: &random)
      if blocks.count > 60 || round % 3 == 2 && !blocks.isEmpty {
        let index = Int.random(in: 0..<blocks.count, using: &random)
        #expect(check(index))
        if Bool.random(using: &random) {
          heap.deallocate(blocks[index].start, blocks[index].count)
          blocks.remove(at: index)
        } else {
          blocks[index].start = heap.reallocate(
            blocks[index].start, from: blocks[index].count, to: count)
          blocks[index].count = min(count, blocks[index].count)
          #expect(check(index))
          heap.deallocate(blocks[index].start, count)
          blocks.remove(at: index)
        }
      } else {
        let mark = UInt8(truncatingIfNeeded: round)
        let start = heap.allocate(count)
        #expect(UInt(bitPattern: start) % 8 == 0)
        start.initializeMemory(as: UInt8.self, repeating: mark, count: count)
        blocks.append((start, count, mark))
      }
    }
    for block in blocks { heap.deallocate(block.start, block.count) }
    #expect(heap.byteCount == 0)
  }

  @Test func `the usable size of a block is never less than what was asked for`() {
    for count in 1...70_000 {
      let usable = Heap.usable(count)
      #expect(usable >= count && usable <= max(8, count + count / 8 + 8))
      #expect(Heap.usable(usable) == usable)
    }
  }

  @Test func `a packed list does what an array does`() throws {
    let heap = Self.makeHeap()
    defer { heap.destroy() }
    var random = RandomSource(seed: 5)
    var (list, model) = (PackedList(heap), [[UInt8]]())
    for round in 0..<3000 {
      let text = Self.randomText(&random)
      let index = Int.random(in: 0...model.count, using: &random)
      switch Int.random(in: 0..<5, using: &random) {
      case 0, 1:
        let offset = index == model.count ? list.endOffset : list.offset(ofIndex: index)
        text.withUnsafeBytes { _ = list.insert(PackedEntry($0), at: offset, heap) }
        model.insert(text, at: index)
      case 2 where index < model.count:
        let offset = list.offset(ofIndex: index)
        text.withUnsafeBytes { list.replace(at: offset, by: PackedEntry($0), heap) }
        model[index] = text
      case 3 where index < model.count:
        let offset = list.offset(ofIndex: index)
        list.remove(offset..<list.next(offset), entries: 1, heap)
        model.remove(at: index)
      case 4 where model.count > 40:
        let offset = list.offset(ofIndex: 20)
        let tail = list.split(at: offset, leaving: 20, heap)
        #expect(Self.contents(tail) == Array(model[20...]))
        tail.destroy(heap)
        model.removeLast(model.count - 20)
      default: break
      }
      #expect(list.count == model.count)
      if round % 50 == 0 {
        #expect(Self.contents(list) == model)
        // What others read of it is the same: it is a sound listpack.
        var reader = try ListpackReader(Bytes(start: list.start, count: list.byteCount))
        for entry in model { #expect(try reader.read()?.bytes == entry) }
        #expect(reader.isAtEnd)
      }
    }
    let found = text(at: list.count / 2, list).withUnsafeBytes { list.find(PackedNeedle($0)) }
    #expect(found == list.offset(ofIndex: model.firstIndex(of: model[list.count / 2]) ?? -1))
    list.destroy(heap)
    #expect(heap.byteCount == 0)
  }

  private func text(at index: Int, _ list: PackedList) -> [UInt8] {
    list.element(at: list.offset(ofIndex: index)).bytes
  }

  @Test func `a table finds what was put in and nothing else`() {
    let heap = Self.makeHeap()
    defer { heap.destroy() }
    var random = RandomSource(seed: 7)
    var (table, model) = (MemberTable(cells: CellTable(heap)), Set<[UInt8]>())
    for _ in 0..<20_000 {
      let member = Array("m\(Int.random(in: 0..<1500, using: &random))".utf8)
      member.withUnsafeBytes { bytes in
        if Int.random(in: 0..<5, using: &random) < 2 {
          let isNew = table.insert(bytes, heap)
          #expect(isNew == !model.contains(member))
          model.insert(member)
        } else if let slot = table.cells.find(bytes, hash: heap.hash(bytes)),
          let cell = table.cells.cell(at: slot)
        {
          let wasThere = model.remove(member) != nil
          #expect(wasThere)
          table.cells.remove(at: slot)
          heap.deallocate(cell, MemberCell.byteCount(of: cell))
          table.cells.shrinkIfSparse(heap)
        } else {
          #expect(!model.contains(member))
        }
      }
      #expect(table.cells.count == model.count)
    }
    let held = (0..<table.cells.capacity).compactMap { table.cells.cell(at: $0) }
    #expect(Set(held.map { Array(MemberCell.key(of: $0)) }) == model)
  }

  private struct Number: SortedEntry {
    var value: Int
    static func precedes(_ left: Number, _ right: Number) -> Bool { left.value < right.value }
  }

  @Test func `sorted blocks keep order and ranks`() {
    let heap = Self.makeHeap()
    defer { heap.destroy() }
    var random = RandomSource(seed: 9)
    var (blocks, model) = (SortedBlocks<Number>(heap), [Int]())
    for round in 0..<8000 {
      let value = Int.random(in: 0..<4000, using: &random)
      let index = model.firstIndex { $0 >= value } ?? model.count
      let place = blocks.position(of: Number(value: value))
      #expect(blocks.rank(of: place) == index)
      let isThere = blocks.entry(at: place)?.value == value
      #expect(isThere == (index < model.count && model[index] == value))
      if !isThere, round < 5000 || round % 2 == 0 {
        blocks.insert(Number(value: value), heap)
        model.insert(value, at: index)
      } else if isThere {
        blocks.remove(at: place, heap)
        model.remove(at: index)
      }
      #expect(blocks.count == model.count)
    }
    for (rank, value) in model.enumerated() {
      #expect(blocks.entry(at: blocks.position(rank: rank))?.value == value)
    }
    var (place, walked) = (blocks.start, [Int]())
    while let entry = blocks.entry(at: place) {
      walked.append(entry.value)
      place = blocks.next(place)
    }
    #expect(walked == model)
    blocks.destroy(heap)
    #expect(heap.byteCount == 0)
  }

  @Test func `a deque of addresses does what an array does`() {
    let heap = Self.makeHeap()
    defer { heap.destroy() }
    var random = RandomSource(seed: 13)
    var (deque, model) = (PointerDeque(heap), [UnsafeMutableRawPointer]())
    for _ in 0..<5000 {
      if model.isEmpty || Int.random(in: 0..<5, using: &random) < 3 {
        let index = Int.random(in: 0...model.count, using: &random)
        let address = heap.allocate(8)
        deque.insert(address, at: index, heap)
        model.insert(address, at: index)
      } else {
        let index = Int.random(in: 0..<model.count, using: &random)
        deque.remove(at: index)
        model.remove(at: index)
      }
    }
    #expect((0..<deque.count).map { deque[$0] } == model)
  }

  @Test func `a set of integers widens and stays sorted`() {
    let heap = Self.makeHeap()
    defer { heap.destroy() }
    var random = RandomSource(seed: 17)
    var (set, model) = (IntegerSet(heap), Set<Int64>())
    for round in 0..<2000 {
      let bound: Int64 = round < 500 ? 300 : round < 1000 ? 70_000 : 5_000_000_000
      let value = Int64.random(in: -bound...bound, using: &random)
      if Bool.random(using: &random) {
        let isNew = set.insert(value, heap)
        #expect(isNew == !model.contains(value))
        model.insert(value)
      } else if let value = model.randomElement(using: &random) {
        let wasThere = set.remove(value, heap)
        #expect(wasThere)
        model.remove(value)
      }
    }
    #expect((0..<set.count).map { set[$0] } == model.sorted())
    set.destroy(heap)
    #expect(heap.byteCount == 0)
  }
}
