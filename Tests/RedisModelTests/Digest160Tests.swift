import Testing

@testable import RedisModel

@Suite struct Digest160Tests {
  struct Case: CustomTestStringConvertible {
    let name: String
    let message: [UInt8]
    let hash: String
    var testDescription: String { name }

    init(_ text: String, _ hash: String) {
      (name, message, self.hash) = (text, Array(text.utf8), hash)
    }

    init(letters count: Int, _ hash: String) {
      (name, message, self.hash) = ("\(count) × a", Array(repeating: 0x61, count: count), hash)
    }
  }

  /// The examples of FIPS 180, then runs of `a` around each border of the padding (by `sha1sum`).
  static let cases: [Case] = [
    Case("", "da39a3ee5e6b4b0d3255bfef95601890afd80709"),
    Case("abc", "a9993e364706816aba3e25717850c26c9cd0d89d"),
    Case(
      "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
      "84983e441c3bd26ebaae4aa1f95129e5e54670f1"),
    Case(letters: 55, "c1c8bbdc22796e28c0e15163d20899b65621d65a"),
    Case(letters: 56, "c2db330f6083854c99d4b5bfb6e8f29f201be699"),
    Case(letters: 63, "03f09f5b158a7a8cdad920bddc29b81c18a551f5"),
    Case(letters: 64, "0098ba824b5c16427bd7a1122a5a442a25ec644d"),
    Case(letters: 65, "11655326c708d70319be2610e8a57d9a5b959d3b"),
    Case(letters: 118, "d0572de8e494e0b7b8e50302003fc4ae0596ef4d"),
    Case(letters: 119, "ee971065aaa017e0632a8ca6c77bb3bf8b1dfc56"),
    Case(letters: 120, "f34c1488385346a55709ba056ddd08280dd4c6d6"),
    Case(letters: 127, "89d95fa32ed44a7c610b7ee38517ddf57e0bb975"),
    Case(letters: 128, "ad5b3fdbcb526778c2839d2f151ea753995e26a0"),
    Case(letters: 129, "d96debf1bdcbc896e6c134ea76e8141f40d78536"),
    Case(letters: 1000, "291e9a6c66994949b57ba5e650361e98fc36b1ba"),
  ]

  @Test(arguments: cases)
  func `a message hashes as the standard says`(_ sample: Case) {
    let hash = sample.message.withUnsafeBytes { SHA1.hash($0) }
    #expect(hash.description == sample.hash)
  }

  @Test(arguments: cases)
  func `a message fed in pieces hashes as the whole one`(_ sample: Case) {
    var hash = SHA1()
    var rest = sample.message[...]
    var size = 1
    while !rest.isEmpty {
      rest.prefix(size).withUnsafeBytes { hash.update($0) }
      rest = rest.dropFirst(size)
      size = size * 3 % 101
    }
    #expect(hash.finish().description == sample.hash)
  }

  @Test(arguments: cases)
  func `the hash of a digest is that of its twenty bytes`(_ sample: Case) {
    let digest = sample.message.withUnsafeBytes { SHA1.hash($0) }
    #expect(SHA1.hash(digest) == bytes(of: digest).withUnsafeBytes { SHA1.hash($0) })
  }

  @Test func `the marks are the hashes of their texts`() {
    #expect(hash("!!expire!!") == .keyExpiryMark)
    #expect(hash("!!hexpire!!") == .fieldExpiryMark)
  }

  @Test func `mixing depends on the order and xoring does not`() {
    #expect(mixed("a", "b") != mixed("b", "a"))
    #expect(xored("a", "b") == xored("b", "a"))
    #expect(xored("a", "a") == .zero)
  }

  @Test func `a digest reads its own text and nothing else`() {
    let text = "a9993e364706816aba3e25717850c26c9cd0d89d"
    #expect(Digest160(text)?.description == text)
    #expect(Digest160(text.uppercased())?.description == text)
    #expect(Digest160(text.dropLast()) == nil)
    #expect(Digest160(text + "0") == nil)
    #expect(Digest160("+" + text.dropFirst()) == nil)
    #expect(Digest160("-0000000" + text.dropFirst(8)) == nil)
  }

  @Test func `a digest reads its own bytes and no other number of them`() {
    let digest = hash("abc")
    let content = bytes(of: digest)
    #expect(content.withUnsafeBytes { Digest160(bytes: $0) } == digest)
    #expect(content.dropLast().withUnsafeBytes { Digest160(bytes: $0) } == nil)
  }

  // Digests of whole data sets, put together by hand and compared with live servers.

  @Test func `one string gives the digest that servers report`() {
    // SET a 1, in database 0
    #expect(
      dataSet([(0, [string("a", "1")])]).description == "943d800368fb9c0e951138f1bc0e313ac769d91f")
  }

  @Test func `an expiry is marked`() {
    // SET a 1, PEXPIRE a 100000000
    var key = string("a", "1")
    key.xor(with: .keyExpiryMark)
    #expect(dataSet([(0, [key])]).description == "0c68bbcf4ad5c984f8ca839729889d52ec025271")
  }

  @Test func `databases are mixed in rising order`() {
    // SELECT 3, SET a 1, SELECT 0, SET b 2
    let digest = dataSet([(0, [string("b", "2")]), (3, [string("a", "1")])])
    #expect(digest.description == "0ef7e79d472cd9a6ec061ccaa11b28322a0cc579")
  }

  @Test func `a hash with an expiring field is marked once per field`() {
    // HSET h f v g w, HPEXPIRE h 100000000 FIELDS 1 f, on Redis 8.6.3
    var key = mixed("h")
    key.mixIn(bigEndian: 4)
    var marked = mixed("f", "v")
    marked.xor(with: .fieldExpiryMark)
    key.xorIn(marked)
    key.xorIn(mixed("g", "w"))
    #expect(dataSet([(0, [key])]).description == "316215cf5a59d7f20d8e7157d68a7a1b77690477")
  }

  // MARK: - Helpers

  private func hash(_ text: String) -> Digest160 {
    Array(text.utf8).withUnsafeBytes { SHA1.hash($0) }
  }

  private func mixed(_ texts: String...) -> Digest160 {
    var digest = Digest160.zero
    for text in texts { Array(text.utf8).withUnsafeBytes { digest.mixIn($0) } }
    return digest
  }

  private func xored(_ texts: String...) -> Digest160 {
    var digest = Digest160.zero
    for text in texts { Array(text.utf8).withUnsafeBytes { digest.xorIn($0) } }
    return digest
  }

  private func string(_ key: String, _ value: String) -> Digest160 {
    var digest = mixed(key)
    digest.mixIn(bigEndian: 0)
    digest.mixIn(hash: hash(value))
    return digest
  }

  private func dataSet(_ databases: [(UInt32, [Digest160])]) -> Digest160 {
    var digest = Digest160.zero
    for (number, keys) in databases {
      digest.mixIn(bigEndian: number)
      for key in keys { digest.xorIn(key) }
    }
    return digest
  }

  private func bytes(of digest: Digest160) -> [UInt8] {
    [digest.word0, digest.word1, digest.word2, digest.word3, digest.word4].flatMap { word in
      [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: word >> $0) }
    }
  }
}
