import Engine
import RedisModel
import Testing

/// Transactions, expiries, and what is not executed.
@Suite struct ExecutionTests {
  @Test func `a transaction is executed as a whole or not at all`() {
    let session = Session()
    #expect(session.run("MULTI") == .ok)
    #expect(session.run("SET", "a", "1") == .status("QUEUED"))
    #expect(session.run("LPUSH", "a", "x") == .status("QUEUED"))
    let wrongType = "WRONGTYPE Operation against a key holding the wrong kind of value"
    #expect(session.run("EXEC") == .array([.ok, .error(wrongType)]))
    session.run("MULTI")
    session.run("GET")
    #expect(
      session.run("EXEC")
        == .error("EXECABORT Transaction discarded because of previous errors."))
    #expect(session.run("EXEC") == .error("ERR EXEC without MULTI"))
  }

  @Test func `keys expire when they are looked up, but not while data are loaded`() {
    let session = Session(nowMs: 1000)
    session.run("SET", "a", "1", "PX", "500")
    session.run("SADD", "b", "x")
    session.run("PEXPIREAT", "b", "1200")
    session.space.nowMs = 1600
    session.space.isLoading = true
    #expect(session.run("APPEND", "a", "2") == .integer(2))
    session.space.isLoading = false
    #expect(session.run("GET", "a") == .null)
    #expect(session.space.keyCount(0) == 1)
    #expect(session.space.expiryCount(0) == 1)
    #expect(session.space.deleteDue() == 1)
    #expect(session.space.keyCount(0) == 0)
    #expect(session.space.expiryCount(0) == 0)
  }

  @Test func `fields that are due are gone`() {
    let session = Session(ServerVersion(.redis, 8, 0, 6), nowMs: 1000)
    session.run("HSET", "h", "a", "1", "b", "2")
    #expect(session.run("HPEXPIRE", "h", "500", "FIELDS", "1", "a") == .array([.integer(1)]))
    session.space.nowMs = 2000
    #expect(session.run("HGET", "h", "a") == .null)
    #expect(session.run("HGETALL", "h") == .texts("b", "2"))
    #expect(session.space.deleteDue() == 0)
    #expect(session.run("HLEN", "h") == .integer(1))
  }

  @Test func `an unknown command differs from one that cannot be executed`() {
    let session = Session()
    #expect(session.execute([Array("NOSUCH".utf8)]) == .unknown)
    #expect(session.execute(["EVAL", "return 1", "0"].map { Array($0.utf8) }) == .unsupported)
    #expect(session.space.unsupportedPart == "EVAL")
  }

  @Test func `the memory of what is deleted comes back`() {
    let session = Session()
    let before = session.space.byteCount
    for index in 0..<300 {
      session.run("SET", "s\(index)", String(repeating: "v", count: index * 30))
      session.run("RPUSH", "l", String(repeating: "e", count: index))
      session.run("ZADD", "z", "\(index).5", "m\(index)")
      session.run("HSET", "h", "f\(index)", "\(index)")
      session.run("SADD", "t", "m\(index)")
      session.run("XADD", "x", "\(index + 1)-1", "f", "v")
    }
    session.run("XGROUP", "CREATE", "x", "g", "0")
    session.run("XCLAIM", "x", "g", "c", "0", "5-1", "FORCE")
    session.run("COPY", "x", "x2")
    session.run("COPY", "z", "z2")
    session.run("FLUSHALL")
    #expect(session.space.byteCount == before)
  }
}
