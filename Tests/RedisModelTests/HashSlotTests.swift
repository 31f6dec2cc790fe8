import RedisCodecs
import Testing

@testable import RedisModel

@Suite struct HashSlotTests {
  @Test func `the checksum has its published check value`() {
    #expect(Array("123456789".utf8).withUnsafeBytes { CRC16.checksum($0) } == 0x31c3)
  }

  @Test func `keys have the slots that servers gave them`() throws {
    let rows = try TestFiles.rows("keyslot.tsv")
    #expect(rows.count == 41)
    for row in rows {
      let key = bytes(row[0])
      key.withUnsafeBytes { key in
        #expect(Array(HashSlot.hashedPart(of: key)) == bytes(row[1]), "\(row[0])")
        #expect(String(HashSlot.of(key)) == row[2], "\(row[0])")
      }
    }
  }

  @Test func `ranges of slots read as a set`() throws {
    let set = try SlotSet("0-5460,10923,16383")
    #expect(set.count == 5463)
    #expect([0, 5460, 10923, 16383].allSatisfy { set.contains($0) })
    #expect([5461, 10922, 10924, 16382].allSatisfy { !set.contains($0) })
    #expect(try SlotSet("7,7,5-9").count == 5)
  }

  @Test(arguments: ["", "1-", "-1", "a", "1,,2", "1-2-3", "16384", "9-5", "0-16384", " 1", "+1"])
  func `a wrong range is refused with the right form`(_ text: String) {
    let error = #expect(throws: TextInputError.self) { try SlotSet(text) }
    #expect(error?.description.hasSuffix("expected slots 0-16383 such as 0-5460,10923") == true)
  }

  private func bytes(_ hex: String) -> [UInt8] {
    stride(from: 0, to: hex.count, by: 2).compactMap { position in
      UInt8(hex.dropFirst(position).prefix(2), radix: 16)
    }
  }
}
