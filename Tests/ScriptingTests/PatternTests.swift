import Engine
import RedisModel
import TestSupport
import Testing

/// The scripts that everybody has: limits of rates, locks, token buckets. Each is run by the clock
/// of the test, on servers of each kind.
@Suite struct PatternTests {
  static let targets = [
    ServerVersion(.redis, 2, 8, 24), ServerVersion(.redis, 6, 2, 16),
    ServerVersion(.redis, 7, 0, 15), ServerVersion(.redis, 8, 6, 3),
    ServerVersion(.valkey, 9, 1, 2),
  ]

  @Test(arguments: targets)
  func `a fixed window sets its TTL once and counts on`(_ target: ServerVersion) {
    let script = """
      local current = redis.call('INCR', KEYS[1])
      if current == 1 then
        redis.call('EXPIRE', KEYS[1], ARGV[2])
      end
      if current > tonumber(ARGV[1]) then
        return 0
      end
      return 1
      """
    let session = ScriptSession(target)
    for call in 1...5 {
      let answer = session.run("EVAL", script, "1", "rate:u1", "3", "60")
      #expect(answer == .integer(call <= 3 ? 1 : 0))
      #expect(session.run("TTL", "rate:u1") == .integer(Int64(60 - (call - 1) * 10)))
      session.space.nowMs += 10_000
    }
    #expect(session.run("GET", "rate:u1") == .text("5"))
    session.space.nowMs += 60_000
    #expect(session.run("EVAL", script, "1", "rate:u1", "3", "60") == .integer(1))
  }

  @Test(arguments: targets)
  func `a lock is released by its holder alone`(_ target: ServerVersion) {
    let script = """
      if redis.call("get", KEYS[1]) == ARGV[1] then
        return redis.call("del", KEYS[1])
      else
        return 0
      end
      """
    let session = ScriptSession(target)
    session.run("SET", "lock:a", "token1")
    #expect(session.run("EVAL", script, "1", "lock:a", "token2") == .integer(0))
    #expect(session.run("GET", "lock:a") == .text("token1"))
    #expect(session.run("EVAL", script, "1", "lock:a", "token1") == .integer(1))
    #expect(session.run("EXISTS", "lock:a") == .integer(0))
    session.run("SETEX", "lock:a", "30", "token1")
    session.space.nowMs += 30_001
    #expect(session.run("EVAL", script, "1", "lock:a", "token1") == .integer(0))
  }

  @Test(arguments: targets)
  func `a token bucket fills by the clock up to its size`(_ target: ServerVersion) {
    let script = """
      local max = tonumber(ARGV[1])
      local rate = tonumber(ARGV[2])
      local now = tonumber(ARGV[3])
      local tokens = tonumber(redis.call('HGET', KEYS[1], 'tokens') or max)
      local last = tonumber(redis.call('HGET', KEYS[1], 'last') or now)
      tokens = math.min(max, tokens + (now - last) * rate)
      local allowed = 0
      if tokens >= 1 then
        tokens = tokens - 1
        allowed = 1
      end
      redis.call('HSET', KEYS[1], 'tokens', tokens)
      redis.call('HSET', KEYS[1], 'last', now)
      redis.call('EXPIRE', KEYS[1], 3600)
      return allowed
      """
    let session = ScriptSession(target)
    func take(_ now: String) -> ReplyValue? {
      session.run("EVAL", script, "1", "bucket:u", "2", "0.1", now)
    }
    func tokens() -> ReplyValue? { session.run("HGET", "bucket:u", "tokens") }
    #expect(take("100") == .integer(1))
    #expect(take("100") == .integer(1))
    #expect(take("100") == .integer(0))
    // 0.1 a second: 0.3 after three, as the server writes a number.
    #expect(take("103") == .integer(0))
    #expect(tokens() == .text("0.30000000000000004"))
    #expect(take("111") == .integer(1))
    #expect(tokens() == .text("0.10000000000000009"))
    #expect(take("100000") == .integer(1))
    #expect(tokens() == .text("1"))
    #expect(session.run("TTL", "bucket:u") == .integer(3600))
  }

  @Test(arguments: targets)
  func `a sliding window holds its limit and counts equal times once`(_ target: ServerVersion) {
    let script = """
      local now = tonumber(ARGV[1])
      local window = tonumber(ARGV[2])
      local max = tonumber(ARGV[3])
      redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now - window)
      local count = redis.call('ZCARD', KEYS[1])
      if count < max then
        redis.call('ZADD', KEYS[1], now, now)
        redis.call('EXPIRE', KEYS[1], window)
        return 1
      end
      return 0
      """
    let session = ScriptSession(target)
    func request(_ now: String) -> ReplyValue? {
      session.run("EVAL", script, "1", "window:u", now, "10", "3")
    }
    #expect(request("100.25") == .integer(1))
    #expect(request("100.25") == .integer(1))
    #expect(session.run("ZCARD", "window:u") == .integer(1))
    #expect(request("101.5") == .integer(1))
    #expect(request("102") == .integer(1))
    #expect(request("103") == .integer(0))
    #expect(session.run("ZSCORE", "window:u", "101.5") == .text("101.5"))
    #expect(request("110.5") == .integer(1))
    #expect(session.run("ZCARD", "window:u") == .integer(3))
    session.space.nowMs += 10_001
    #expect(session.run("EXISTS", "window:u") == .integer(0))
  }

  @Test(arguments: targets)
  func `a throttle never goes over its limit`(_ target: ServerVersion) {
    let script = """
      local current = tonumber(redis.call('GET', KEYS[1]) or '0')
      if current >= tonumber(ARGV[1]) then
        return 0
      end
      current = redis.call('INCR', KEYS[1])
      if current == 1 then
        redis.call('EXPIRE', KEYS[1], ARGV[2])
      end
      return 1
      """
    let session = ScriptSession(target)
    let hash = session.run("SCRIPT", "LOAD", script)
    guard case .bulk(let digits) = hash else {
      Issue.record("no hash")
      return
    }
    for call in 1...6 {
      let answer = session.run(
        "EVALSHA", String(decoding: digits, as: UTF8.self), "1", "throttle:ip", "4", "60")
      #expect(answer == .integer(call <= 4 ? 1 : 0))
      session.space.nowMs += 1000
    }
    #expect(session.run("GET", "throttle:ip") == .text("4"))
    #expect(session.run("TTL", "throttle:ip") == .integer(54))
  }
}
