import RedisCodecs
import TestSupport
import Testing

@testable import Engine

/// Lists and sorted sets against plain models, across the changes of their form.
@Suite struct ValueTests {
  private static func makeHeap() -> Heap {
    var generator = RandomSource(seed: 3)
    return Heap(hash: KeyedHash(using: &generator))
  }

  private static func contents(_ list: ListValue) -> [[UInt8]] {
    var result: [[UInt8]] = []
    list.forEach(count: list.count) { result.append($0.bytes) }
    return result
  }

  @Test func `a list does what an array does`() {
    let heap = Self.makeHeap()
    defer { heap.destroy() }
    var random = RandomSource(seed: 21)
    var (list, model) = (ListValue(heap), [[UInt8]]())
    for round in 0..<6000 {
      let text = [UInt8](
        repeating: UInt8.random(in: 48...122, using: &random),
        count: Int.random(in: 0...(round % 40 == 0 ? 9000 : 60), using: &random))
      text.withUnsafeBytes { bytes in
        let atHead = Bool.random(using: &random)
        switch Int.random(in: 0..<8, using: &random) {
        case 0...3:
          list.push(PackedEntry(bytes), atHead: atHead, heap)
          model.insert(text, at: atHead ? 0 : model.count)
        case 4 where !model.isEmpty:
          let index = Int.random(in: 0..<model.count, using: &random)
          list.insert(PackedEntry(bytes), at: list.place(of: index), after: atHead, heap)
          model.insert(text, at: atHead ? index + 1 : index)
        case 5 where !model.isEmpty:
          let index = Int.random(in: 0..<model.count, using: &random)
          list.replace(list.place(of: index), by: PackedEntry(bytes), heap)
          model[index] = text
        case 6 where !model.isEmpty:
          let index = Int.random(in: 0..<model.count, using: &random)
          list.remove(list.place(of: index), heap)
          model.remove(at: index)
        case 7 where model.count > 300 && round % 7 == 0:
          list.removeEnd(150, atHead: atHead, heap)
          if atHead { model.removeFirst(150) } else { model.removeLast(150) }
        default: break
        }
      }
      #expect(list.count == model.count)
      if round % 200 == 0 { #expect(Self.contents(list) == model) }
    }
    #expect(Self.contents(list) == model)
    for index in stride(from: 0, to: model.count, by: 37) {
      #expect(list.element(index).bytes == model[index])
    }
    let copy = ListValue(list.value.copy(heap))
    #expect(Self.contents(copy) == model)
    copy.value.destroy(heap)
    list.value.destroy(heap)
    #expect(heap.byteCount == 0)
  }

  @Test(arguments: [60, 2000])
  func `a sorted set orders by score and member`(_ names: Int) {
    let heap = Self.makeHeap()
    defer { heap.destroy() }
    var random = RandomSource(seed: 23)
    var (zset, model) = (ZsetValue(heap), [String: Double]())
    for _ in 0..<6000 {
      let name = "m\(Int.random(in: 0..<names, using: &random))"
      let member = Array(name.utf8)
      member.withUnsafeBytes { bytes in
        #expect(zset.score(bytes, heap) == model[name])
        if Int.random(in: 0..<4, using: &random) == 0 {
          let wasThere = zset.remove(bytes, heap)
          #expect(wasThere == (model[name] != nil))
          model[name] = nil
        } else {
          let score = Double(Int.random(in: -20...20, using: &random)) / 4
          zset.set(bytes, score, rules: ZsetRules(), heap)
          model[name] = score
        }
      }
      #expect(zset.count == model.count)
    }
    let sorted = model.sorted { ($0.value, $0.key) < ($1.value, $1.key) }
    var walked: [String] = []
    zset.forEach { member, score in
      let name = String(decoding: member.bytes, as: UTF8.self)
      #expect(model[name] == score)
      walked.append(name)
      return true
    }
    #expect(walked == sorted.map(\.key))
    for (rank, name) in walked.enumerated() where rank % 17 == 0 {
      Array(name.utf8).withUnsafeBytes { #expect(zset.rank($0, heap) == rank) }
    }
    #expect(zset.rank { _, score in score < 0 } == sorted.filter { $0.value < 0 }.count)
    zset.removeRange(from: 3, count: 20, heap)
    #expect(zset.count == model.count - 20)
    zset.value.destroy(heap)
    #expect(heap.byteCount == 0)
  }

  @Test func `a hash and a set change their form without losing anything`() {
    let heap = Self.makeHeap()
    defer { heap.destroy() }
    var hash = HashValue(heap)
    var set = Optional<SetValue>.none
    for index in 0..<400 {
      Array("f\(index)".utf8).withUnsafeBytes { field in
        _ = hash.set(field, field, expiry: index % 50 == 49 ? 5 : nil, heap)
      }
      Array((index < 20 ? "\(index)" : "s\(index)").utf8).withUnsafeBytes { member in
        var held = set ?? SetValue(first: member, heap)
        let isNew = held.insert(member, heap)
        #expect(isNew)
        set = held
      }
    }
    #expect(hash.count == 400 && hash.expiryCount == 8 && set?.count == 400)
    for index in 0..<400 {
      Array("f\(index)".utf8).withUnsafeBytes { field in
        #expect(hash.get(field, heap)?.bytes == Array(field))
        #expect(hash.expiry(field, heap) == (index % 50 == 49 ? 5 : nil))
        let wasThere = hash.remove(field, heap)
        #expect(wasThere)
      }
      Array((index < 20 ? "\(index)" : "s\(index)").utf8).withUnsafeBytes { member in
        #expect(set?.contains(member, heap) == true)
      }
    }
    hash.value.destroy(heap)
    set?.value.destroy(heap)
    #expect(heap.byteCount == 0)
  }
}
