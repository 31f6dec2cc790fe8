import ByteKit
import RedisCodecs
import RedisModel

/// DEBUG DIGEST of the data, as the target computes it.
extension Keyspace {
  /// The digest of all databases. Keys that are due take part, as they do on servers until somebody
  /// touches them.
  public var digest: Digest160 {
    let rules = DigestRules(target)
    var digest = Digest160.zero
    for number in 0..<databaseCount where databases[number].keys.count > 0 {
      digest.mixIn(bigEndian: UInt32(truncatingIfNeeded: number))
      let keys = databases[number].keys
      for slot in 0..<keys.capacity {
        guard let cell = keys.cell(at: slot) else { continue }
        var key = Digest160.zero
        key.mixIn(KeyCell.key(of: cell))
        mix(KeyHandle(slot: slot, cell: cell), into: &key, rules)
        digest.xorIn(key)
      }
    }
    return digest
  }

  /// The digest of one key's value (DEBUG DIGEST-VALUE) in the chosen database; zero for a key that
  /// is not there.
  public func digestValue(of key: Bytes) -> Digest160 {
    var digest = Digest160.zero
    if let handle = database.pointee.find(key, heap) {
      mix(handle, into: &digest, DigestRules(target))
    }
    return digest
  }

  private func mix(_ handle: KeyHandle, into digest: inout Digest160, _ rules: DigestRules) {
    let form = handle.form
    digest.mixIn(bigEndian: UInt32(form.type.rawValue))
    switch form.type {
    case .string: digest.mixIn(text(of: handle))
    case .list: mix(ListValue(handle.value), into: &digest)
    case .set:
      SetValue(handle.value).forEach { member in
        member.withBytes { digest.xorIn($0) }
        return true
      }
    case .zset: mix(ZsetValue(handle.value), into: &digest, rules)
    case .hash: mix(HashValue(handle.value), into: &digest, rules)
    case .stream: mix(StreamValue.at(handle.value.address).pointee, into: &digest)
    case .module:
      // Other modules' shares are known to their modules only; loaders report such values.
      if form == .vectorSet {
        digest.xorIn(VectorSet.at(handle.value.address).pointee.digestShare)
      }
    }
    if KeyCell.hasExpiry(handle.cell) { digest.xor(with: .keyExpiryMark) }
  }

  private func mix(_ list: ListValue, into digest: inout Digest160) {
    list.forEach(count: list.count) { element in element.withBytes { digest.mixIn($0) } }
  }

  private func mix(_ zset: ZsetValue, into digest: inout Digest160, _ rules: DigestRules) {
    withUnsafeTemporaryAllocation(byteCount: ScoreText.byteCountMax, alignment: 8) { room in
      zset.forEach { member, score in
        var pair = Digest160.zero
        member.withBytes { pair.mixIn($0) }
        if let target = room.baseAddress {
          let count = rules.scoreText.write(score, to: target)
          pair.mixIn(Bytes(start: target, count: count))
        }
        digest.xorIn(pair)
        return true
      }
    }
  }

  private func mix(_ stream: StreamValue, into digest: inout Digest160) {
    stream.forEach { node, entry in
      digest.mixIn(idText(entry.id, separator: UInt8(ascii: ".")))
      node.forEachField(of: entry) { field, value in
        field.withBytes { digest.mixIn($0) }
        value.withBytes { digest.mixIn($0) }
      }
      return true
    }
  }

  private func mix(_ hash: HashValue, into digest: inout Digest160, _ rules: DigestRules) {
    hash.forEach { field, value, expiry in
      if rules.hidesDueFields, let expiry, expiry < nowMs { return true }
      var pair = Digest160.zero
      field.withBytes { pair.mixIn($0) }
      value.withBytes { pair.mixIn($0) }
      if expiry != nil, rules.marksFieldExpiry { pair.xor(with: .fieldExpiryMark) }
      digest.xorIn(pair)
      return true
    }
  }
}
