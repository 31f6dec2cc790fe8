/// Finding, making and removing keys of the chosen database.
extension Keyspace {
  /// The chosen database.
  @inline(__always)
  var database: UnsafeMutablePointer<Database> { databases + selected }

  /// The key, if it is there and not due.
  @inline(__always)
  func find(_ key: Bytes) -> KeyHandle? { find(key, in: selected) }

  /// The key in a database, if it is there; one that is due goes.
  @inline(__always)
  func find(_ key: Bytes, in number: Int) -> KeyHandle? {
    guard let handle = databases[number].find(key, heap) else { return nil }
    if !isLoading, let expiry = handle.expiry, expiry < nowMs {
      databases[number].remove(handle, heap)
      return nil
    }
    return handle
  }

  /// The key, if it is there.
  ///
  /// - Throws: where it holds a value of another type.
  @inline(__always)
  func find(_ key: Bytes, _ type: ValueType) throws(CommandError) -> KeyHandle? {
    guard let handle = find(key) else { return nil }
    guard handle.form.type == type else { throw .wrongType }
    return handle
  }

  /// Puts a value in the place of whatever the key held; it then expires at `expiry` or never.
  @discardableResult
  func put(_ key: Bytes, _ value: Value, expiry: Int64? = nil) -> KeyHandle {
    put(key, value, expiry: expiry, in: selected)
  }

  /// The same in another database.
  @discardableResult
  func put(_ key: Bytes, _ value: Value, expiry: Int64?, in number: Int) -> KeyHandle {
    if let old = databases[number].find(key, heap) { databases[number].remove(old, heap) }
    let cell = KeyCell.make(key, form: value.form, word: value.word, expiry: expiry, heap)
    return databases[number].add(cell, heap)
  }

  /// Puts a string in the place of whatever the key held.
  ///
  /// - Parameters:
  ///   - handle: the key's, where it is there.
  ///   - text: lies outside the key's own value.
  @inline(__always)
  func putString(_ key: Bytes, _ handle: KeyHandle?, _ text: Bytes, expiry: Int64?) {
    if let integer = IntegerText.canonical(text) {
      return putCell(
        key, handle, form: .integer, word: UInt64(bitPattern: integer), expiry, embedded: text)
    }
    if text.count <= KeyCell.embeddedMax {
      return putCell(
        key, handle, form: .embedded, word: UInt64(text.count), expiry, embedded: text)
    }
    let string = RawString(count: text.count, heap)
    string.bytes.copyMemory(from: text)
    let value = Value(.raw, string.start)
    putCell(key, handle, form: .raw, word: value.word, expiry, embedded: text)
  }

  /// Writes a string's cell: over the old one where it fits exactly, else a new one.
  @inline(__always)
  private func putCell(
    _ key: Bytes, _ handle: KeyHandle?, form: ValueForm, word: UInt64, _ expiry: Int64?,
    embedded text: Bytes
  ) {
    if let handle {
      if handle.form != .embedded { handle.value.destroy(heap) }
      if form == .embedded, handle.form == .embedded, expiry == nil,
        !KeyCell.hasExpiry(handle.cell)
      {
        let keyCount = KeyCell.key(of: handle.cell).count
        let new = KeyCell.byteCount(keyCount: keyCount, hasExpiry: false, embedded: text.count)
        if Heap.usable(new) == Heap.usable(KeyCell.byteCount(of: handle.cell)) {
          KeyCell.setEmbeddedCount(text.count, of: handle.cell)
          KeyCell.embedded(handle.cell).copyMemory(from: text)
          return
        }
      }
    }
    let cell = KeyCell.make(key, form: form, word: word, expiry: expiry, heap)
    if form == .embedded { KeyCell.embedded(cell).copyMemory(from: text) }
    if let handle {
      // The old value is gone already: the old cell must not be asked for it.
      database.pointee.replace(handle, by: cell, heap)
    } else {
      database.pointee.add(cell, heap)
    }
  }

  /// Takes a key and its value out.
  func delete(_ handle: KeyHandle) { database.pointee.remove(handle, heap) }

  /// Takes a key out, if it is there.
  ///
  /// - Returns: whether it was.
  @discardableResult
  func delete(_ key: Bytes) -> Bool {
    guard let handle = find(key) else { return false }
    delete(handle)
    return true
  }

  /// Gives a key another expiry, or none.
  @discardableResult
  func setExpiry(_ expiry: Int64?, of handle: KeyHandle) -> KeyHandle {
    setExpiry(expiry, of: handle, in: selected)
  }

  private func setExpiry(_ expiry: Int64?, of handle: KeyHandle, in number: Int) -> KeyHandle {
    if let expiry, KeyCell.hasExpiry(handle.cell) {
      KeyCell.setExpiry(expiry, of: handle.cell)
      return handle
    }
    if expiry == nil, !KeyCell.hasExpiry(handle.cell) { return handle }
    let cell = copyCell(handle.cell, key: KeyCell.key(of: handle.cell), expiry: expiry)
    return databases[number].replace(handle, by: cell, heap)
  }

  /// A cell with the same value, which both then share unless it is embedded.
  func copyCell(
    _ cell: UnsafeMutableRawPointer, key: Bytes, expiry: Int64?
  ) -> UnsafeMutableRawPointer {
    let form = KeyCell.form(of: cell)
    let copy = KeyCell.make(key, form: form, word: KeyCell.word(of: cell), expiry: expiry, heap)
    if form == .embedded {
      KeyCell.embedded(copy).copyMemory(from: Bytes(KeyCell.embedded(cell)))
    }
    return copy
  }

  /// Stores what became of a collection; an empty one is no key.
  @inline(__always)
  func store(_ value: Value, count: Int, _ handle: KeyHandle) {
    KeyCell.setValue(value, of: handle.cell)
    if count == 0 { delete(handle) }
  }
}

/// The bytes of strings.
extension Keyspace {
  /// The text of a string; that of an integer lies in `scratch` and is valid until the next one.
  @inline(__always)
  func text(of handle: KeyHandle) -> Bytes {
    switch handle.form {
    case .embedded: return Bytes(KeyCell.embedded(handle.cell))
    case .raw: return Bytes(RawString(at: handle.value.address).bytes)
    default: return integerText(Int64(bitPattern: handle.value.word))
    }
  }

  /// A string's bytes, for change in place, made `count` long: what is new is zero.
  ///
  /// - Parameters:
  ///   - handle: the key's, where it is there; a string.
  ///   - count: not less than what it has.
  func mutableText(
    _ key: Bytes, _ handle: KeyHandle?, count: Int
  ) -> UnsafeMutableRawBufferPointer {
    if let handle, handle.form == .raw {
      var string = RawString(at: handle.value.address)
      let old = string.count
      if count > old { string.resize(to: count, heap) }
      Self.clear(string.bytes, from: old)
      KeyCell.setValue(Value(.raw, string.start), of: handle.cell)
      return string.bytes
    }
    let old = handle.map { text(of: $0) } ?? Bytes(start: nil, count: 0)
    let expiry = handle.flatMap { $0.expiry }
    if let handle, handle.form == .embedded, count == old.count {
      return KeyCell.embedded(handle.cell)
    }
    let target: UnsafeMutableRawBufferPointer
    let cell: UnsafeMutableRawPointer
    if count <= KeyCell.embeddedMax {
      cell = KeyCell.make(key, form: .embedded, word: UInt64(count), expiry: expiry, heap)
      target = KeyCell.embedded(cell)
    } else {
      let string = RawString(count: count, heap)
      target = string.bytes
      cell = KeyCell.make(
        key, form: .raw, word: Value(.raw, string.start).word, expiry: expiry, heap)
    }
    target.copyMemory(from: old)
    Self.clear(target, from: old.count)
    if let handle {
      database.pointee.replace(handle, by: cell, heap)
    } else {
      database.pointee.add(cell, heap)
    }
    return target
  }

  private static func clear(_ bytes: UnsafeMutableRawBufferPointer, from start: Int) {
    guard start < bytes.count else { return }
    UnsafeMutableRawBufferPointer(rebasing: bytes[start...])
      .initializeMemory(as: UInt8.self, repeating: 0)
  }
}
