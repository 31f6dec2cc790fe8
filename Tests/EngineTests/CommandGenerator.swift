import TestSupport

/// Random commands of one group, on few keys, so that they meet each other's data.
struct CommandGenerator {
  /// A group of commands.
  enum Group: String, CaseIterable, Sendable {
    case strings, bits, lists, sets, hashes, zsets, streams, keys, hyperloglogs, places
  }

  private let group: Group
  private var random: RepeatableRandom

  /// - Parameter seed: the same one gives the same commands.
  init(_ group: Group, seed: UInt64) {
    self.group = group
    random = RepeatableRandom(seed: seed)
  }

  /// The next command, as words.
  mutating func next() -> [String] {
    let patterns = Self.patterns[group] ?? []
    let pattern = patterns[number(0..<patterns.count)]
    var words: [String] = []
    for word in pattern.split(separator: " ") { words += expand(String(word)) }
    return words
  }

  private mutating func number(_ range: Range<Int>) -> Int { Int.random(in: range, using: &random) }

  /// What a placeholder stands for; any other word is itself. A star behind it: up to four times.
  private mutating func expand(_ word: String) -> [String] {
    if word.hasSuffix("*"), word.count > 1, word.contains("%") {
      return (0..<number(1..<5)).flatMap { _ in expand(String(word.dropLast())) }
    }
    if word.contains("|") {
      let choices = word.split(separator: "|", omittingEmptySubsequences: false)
      let chosen = String(choices[number(0..<choices.count)])
      return chosen.isEmpty ? [] : chosen.split(separator: "_").flatMap { expand(String($0)) }
    }
    switch word {
    case "%key": return ["k\(number(0..<5))"]
    case "%other": return [number(0..<12) == 0 ? "other" : "k\(number(0..<5))"]
    case "%int": return ["\(number(-12..<40))"]
    case "%index": return ["\(number(-9..<9))"]
    case "%count": return ["\(number(-1..<5))"]
    case "%value": return [value()]
    case "%field": return ["f\(number(0..<9))"]
    case "%member": return [number(0..<4) == 0 ? "\(number(-3..<9))" : "m\(number(0..<9))"]
    case "%float": return [floats[number(0..<floats.count)]]
    case "%score": return [scores[number(0..<scores.count)]]
    case "%bit": return ["\(number(0..<70))"]
    case "%future": return ["\(number(100_000..<900_000))"]
    case "%id": return ["\(number(0..<40))-\(number(0..<4))"]
    case "%fv": return ["f\(number(0..<9))", value()]
    case "%sm": return [scores[number(0..<scores.count)], "m\(number(0..<9))"]
    case "%longitude":
      return [["-122.4", "2.35", "13.361389", "179.9", "-180", "200", "0"][number(0..<7)]]
    case "%latitude":
      return [["37.77", "48.85", "38.115556", "-33.9", "85", "-90", "0"][number(0..<7)]]
    case "%radius": return [["10", "400", "5000", "20000", "-1", "0"][number(0..<6)]]
    case "%kv": return ["k\(number(0..<5))", value()]
    default: return [word]
    }
  }

  private let floats = ["1.5", "-0.25", "3", "1e3", "0.1", "abc", "5.0e-2", "100000000.7"]
  private let scores = ["1", "2", "2.5", "-1", "0", "1e5", "-inf", "+inf", "0.1", "3", "nan", "7"]

  private mutating func value() -> String {
    switch number(0..<9) {
    case 0, 1: return "\(number(-5..<300))"
    case 2: return "9223372036854775807"
    case 3: return String(repeating: "x", count: number(0..<90))
    case 4: return "v with space \(number(0..<9))"
    default: return "v\(number(0..<9))"
    }
  }

  /// Commands; `a|b` is one of both, `_` a space within one of them.
  private static let patterns: [Group: [String]] = [
    .strings: [
      "SET %key %value", "SET %key %value NX|XX|GET|KEEPTTL|",
      "SET %key %value EX_%future|PX_%future|",
      "SETNX %key %value", "SETEX %key %future %value", "GET %key", "GETSET %key %value",
      "GETDEL %key", "GETEX %key EX_%future|PERSIST|", "MGET %key*", "MSET %kv*", "MSETNX %kv*",
      "APPEND %key %value", "SETRANGE %key %int %value", "GETRANGE %key %index %index",
      "STRLEN %key", "INCR %key", "DECR %key", "INCRBY %key %int", "DECRBY %key %int",
      "INCRBYFLOAT %key %float", "DEL %key", "SET %key %int", "SET %key %float",
      "LCS %key %key LEN|IDX|IDX_WITHMATCHLEN|IDX_MINMATCHLEN_2|", "SUBSTR %key %index %index",
      "SET %key %value EXAT_99999999999|PXAT_99999999999999|XX_KEEPTTL|", "LPOS %key a",
    ],
    .bits: [
      "SETBIT %key %bit 0|1", "GETBIT %key %bit", "BITCOUNT %key", "BITCOUNT %key %index %index",
      "BITCOUNT %key %index %index BIT|BYTE", "BITOP AND|OR|XOR %key %key %key",
      "BITOP NOT %key %key",
      "BITFIELD %key SET u8|i5|u1|i64 %bit %int", "BITFIELD %key GET u8|i5|u63 %bit",
      "BITFIELD %key OVERFLOW WRAP|SAT|FAIL INCRBY u8|i5|u3|i8 %bit %int", "SET %key %value",
      "BITFIELD %key OVERFLOW WRAP|SAT|FAIL SET u8|i5|u3|i8 #2 %int", "GET %key", "DEL %key",
      "BITFIELD_RO %key GET u8 %bit", "BITPOS %key 0|1|2", "BITPOS %key 0|1 %index",
      "BITPOS %key 0|1 %index %index BIT|BYTE|", "SETRANGE %key %int %value",
      "BITOP XOR|AND %key %key",
    ],
    .lists: [
      "LPUSH %key %value*", "RPUSH %key %value*", "LPUSHX %key %value", "RPUSHX %key %value",
      "LPOP %key", "RPOP %key", "LPOP %key %count", "RPOP %key %count", "LLEN %key",
      "LINDEX %key %index", "LRANGE %key %index %index", "LSET %key %index %value",
      "LINSERT %key BEFORE|AFTER %value %value", "LREM %key %count %value",
      "LTRIM %key %index %index", "RPOPLPUSH %key %other",
      "LMOVE %key %other LEFT|RIGHT LEFT|RIGHT",
      "LMPOP 2 %key %key LEFT|RIGHT COUNT %count", "SORT %key ALPHA ASC|DESC|",
      "SORT %key LIMIT 0 %count ALPHA STORE %other", "DEL %key", "SORT %key",
      "LPOS %key %value", "LPOS %key %value RANK %index", "LPOS %key %value COUNT %count",
      "LPOS %key %value RANK %index COUNT %count MAXLEN %count", "RPUSH %key v1 v2 v1 v3",
    ],
    .sets: [
      "SADD %key %member*", "SREM %key %member*", "SMOVE %key %other %member", "SCARD %key",
      "SISMEMBER %key %member", "SMISMEMBER %key %member*", "SUNIONSTORE %other %key*",
      "SINTERSTORE %other %key*", "SDIFFSTORE %other %key*", "SADD %key %value*", "DEL %key",
      "SORT %key ALPHA", "SPOP %key 0", "SRANDMEMBER %key 0",
      "SUNION %key*", "SINTER %key*", "SDIFF %key*", "SMEMBERS %key", "SINTERCARD 2 %key %key",
      "SINTERCARD 2 %key %key LIMIT %count", "SINTERCARD %count %key", "SSCAN %key 0 COUNT 1000",
    ],
    .hashes: [
      "HSET %key %fv*", "HMSET %key %fv*", "HSETNX %key %fv", "HGET %key %field",
      "HMGET %key %field*", "HDEL %key %field*", "HLEN %key", "HEXISTS %key %field",
      "HSTRLEN %key %field", "HINCRBY %key %field %int", "HINCRBYFLOAT %key %field %float",
      "DEL %key", "HSET %key %field %int", "HSET %key %field",
      "HKEYS %key", "HVALS %key", "HGETALL %key", "HSCAN %key 0 COUNT 1000",
      "HSCAN %key 0 MATCH f[1-4] COUNT 1000", "HRANDFIELD %key 0", "HRANDFIELD %key 1000",
    ],
    .zsets: [
      "ZADD %key %sm*", "ZADD %key NX|XX|GT|LT|CH|INCR %sm", "ZADD %key XX|GT CH %sm*",
      "ZADD %key GT|LT|NX INCR %sm", "ZINCRBY %key %sm", "ZREM %key %member*", "ZCARD %key",
      "ZSCORE %key %member", "ZMSCORE %key %member*", "ZRANK %key %member", "ZREVRANK %key %member",
      "ZPOPMIN %key", "ZPOPMAX %key %count", "ZRANGE %key %index %index WITHSCORES|",
      "ZRANGE %key %score %score BYSCORE LIMIT_1_2|", "ZREVRANGE %key %index %index WITHSCORES",
      "ZADD lex 0 %member", "ZRANGE lex [m1 [m5 BYLEX", "ZRANGE %key %score %score BYSCORE REV",
      "ZCOUNT %key %score %score",
      "ZRANGEBYSCORE %key (1 %score WITHSCORES", "ZREMRANGEBYRANK %key %index %index",
      "ZREMRANGEBYSCORE %key %score %score", "ZREMRANGEBYLEX lex [m2 (m4",
      "ZLEXCOUNT lex -|(m3|[m1 +|[m6",
      "ZUNIONSTORE %other 2 %key %key WEIGHTS_2_0.5|AGGREGATE_MAX|AGGREGATE_MIN|",
      "ZINTERSTORE %other 2 %key %key AGGREGATE_SUM|", "ZDIFFSTORE %other 2 %key %key", "DEL %key",
      "ZRANGESTORE %other %key 0 %index", "ZUNION 2 %key %key WITHSCORES", "SADD %other %member",
      "ZMPOP 1 %key MIN|MAX COUNT %count", "ZINTER 2 %key %key", "ZRANGESTORE %other %key 0 2 REV",
      "ZINTERCARD 2 %key %key", "ZINTERCARD 2 %key %key LIMIT %count", "ZINTERCARD %count %key",
      "ZDIFF 2 %key %key WITHSCORES|", "ZRANGEBYLEX lex [m1 (m7 LIMIT_1_3|",
      "ZREVRANGEBYLEX lex + [m2", "ZREVRANGEBYSCORE %key %score %score WITHSCORES|",
      "ZSCAN %key 0 COUNT 1000", "ZRANDMEMBER %key 0",
    ],
    .streams: [
      "XADD %key %id %fv*", "XADD %key %id f1 a f2 b", "XADD %key MAXLEN =|~| 5 %id f1 %value",
      "XADD %key NOMKSTREAM %id f1 a", "XADD %key MINID =|~ %id %id f1 a",
      "XTRIM %key MAXLEN %count",
      "XTRIM %key MINID %id", "XDEL %key %id", "XLEN %key", "XRANGE %key - +",
      "XRANGE %key %id %id COUNT %count", "XREVRANGE %key + -", "XREVRANGE %key (%id - COUNT 2",
      "XSETID %key %id", "XGROUP CREATE %key g1|g2 %id|0|$ MKSTREAM|", "XGROUP SETID %key g1 %id|0",
      "XGROUP CREATECONSUMER %key g1|g2 c1|c2", "XGROUP DELCONSUMER %key g1 c1|c2",
      "XGROUP DESTROY %key g2", "XCLAIM %key g1 c1|c2 0 %id FORCE JUSTID TIME 1000 RETRYCOUNT 3",
      "XCLAIM %key g1|g2 c1|c2 0 %id %id LASTID %id", "XACK %key g1 %id %id", "XPENDING %key g1|g2",
      "XAUTOCLAIM %key g1 c2 0 %id COUNT 2", "XADD %key %id f1 a f1 b", "DEL %key",
      "XREADGROUP GROUP g1 c1|c2 COUNT_2| NOACK| STREAMS %key >", "XINFO GROUPS %key",
      "XREADGROUP GROUP g1|g2 c1|c2 COUNT_2| STREAMS %key 0|%id", "XREAD STREAMS %key %id",
      "XREAD COUNT 2 STREAMS %key %key 0 %id|$", "XREADGROUP GROUP g1 c3 STREAMS %key %key > 0",
      "XPENDING %key g1 - + 0", "XPENDING %key g1 %id x 3", "XGROUP CREATE %key g1 0 MKSTREAM",
    ],
    .keys: [
      "SET %key %value", "RPUSH %key %value", "SADD %key %member", "HSET %key %fv", "ZADD %key %sm",
      "DEL %key*", "UNLINK %key", "EXISTS %key*", "TYPE %key", "RENAME %key %other",
      "RENAMENX %key %other", "COPY %key %other REPLACE|", "COPY %key %other DB_1|DB_99|",
      "MOVE %key 1|0|x", "EXPIRE %key %future NX|XX|GT|LT|", "PEXPIREAT %key 1", "EXPIRE %key -1",
      "PERSIST %key", "TTL other", "EXPIRE %key abc", "SELECT 0|1|99", "SWAPDB 0 1", "DBSIZE",
      "TOUCH %key*", "FLUSHDB", "GET %key", "LLEN %key", "MULTI", "EXEC", "DISCARD", "NOSUCH a b",
      "GET", "INCR %key", "OBJECT ENCODING other",
      "KEYS *|k[0-2]|o*|k?", "SCAN 0 COUNT 1000", "SCAN 0 MATCH k[^1] COUNT 1000",
      "SCAN 0 COUNT 1000 TYPE list|string|nosuch", "SCAN x", "EXPIRETIME other", "RANDOMKEY x",
    ],
    .hyperloglogs: [
      "PFADD %key %value*", "PFADD %key %member*", "PFCOUNT %key", "PFCOUNT %key %key",
      "PFMERGE %other %key %key", "GET %key", "SET %key %value", "DEL %key", "STRLEN %key",
      "PFADD %key %int*",
    ],
    .places: [
      "GEOADD %key %longitude %latitude %member", "GEOADD %key NX|XX|CH %longitude %latitude m1",
      "GEOADD %key %longitude %latitude m1 %longitude %latitude m2", "GEOPOS %key %member*",
      "GEODIST %key %member %member m|km|ft|mi|xy|", "GEOHASH %key %member*", "ZREM %key %member",
      "GEOSEARCH %key FROMLONLAT %longitude %latitude BYRADIUS %radius km ASC WITHDIST",
      "GEOSEARCH %key FROMMEMBER %member BYBOX %radius %radius km ASC WITHCOORD|WITHHASH|",
      "GEOSEARCHSTORE %other %key FROMMEMBER %member BYRADIUS %radius km ASC COUNT_2| STOREDIST|",
      "GEORADIUS %key %longitude %latitude %radius km WITHDIST|WITHCOORD| ASC|DESC",
      "GEORADIUS_RO %key %longitude %latitude %radius mi ASC COUNT 3",
      "GEORADIUSBYMEMBER %key %member %radius km STORE|STOREDIST %other", "DEL %key",
      "GEORADIUSBYMEMBER_RO %key %member %radius km ASC", "ZSCORE %key %member", "SET %other x",
    ],
  ]
}
