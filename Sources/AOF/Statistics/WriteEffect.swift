import RedisModel

/// What a command does to what was written to its keys before, as far as its form shows.
enum WriteEffect: UInt8 {
  /// The value grows by the command.
  case adds
  /// Each key gets a new value.
  case replaces
  /// The first key gets a new value, the others are read.
  case stores
  /// The keys go.
  case deletes
  /// Elements go that the command names: about as many bytes as it has itself.
  case takesAway
  /// Nothing that a rewrite would write again: expiries, pops, acknowledgements.
  case leavesNothing
  /// An element goes from the first key to the second.
  case passesOn
  /// The first key becomes the second.
  case renames
  /// The second key becomes what the first one is.
  case copies
  /// The key goes to another database.
  case moves
  /// The database loses all keys.
  case flushesDatabase
  /// All databases lose all keys.
  case flushesAll
  /// Two databases change places.
  case swapsDatabases

  /// The effects of the commands that `CommandTable.all` has, by index there: what is named in no
  /// list and writes adds, what does not write leaves nothing.
  static let all: [WriteEffect] = {
    let table = CommandTable.all
    var effects = (0..<table.count).map { index -> WriteEffect in
      table[index].flags.contains(.write) ? .adds : .leavesNothing
    }
    func set(_ effect: WriteEffect, _ names: String) {
      for name in names.split(separator: " ") {
        if let index = CommandName(name).flatMap({ table.index(of: $0) }) {
          effects[index] = effect
        }
      }
    }
    set(
      .replaces,
      "SET SETEX PSETEX SETNX GETSET MSET MSETNX INCR DECR INCRBY DECRBY INCRBYFLOAT RESTORE "
        + "RESTORE-ASKING")
    set(
      .stores,
      "SINTERSTORE SUNIONSTORE SDIFFSTORE ZINTERSTORE ZUNIONSTORE ZDIFFSTORE ZRANGESTORE "
        + "GEOSEARCHSTORE BITOP")
    set(.deletes, "DEL UNLINK GETDEL DELEX DELIFEQ MIGRATE")
    set(.takesAway, "SREM HDEL ZREM HGETDEL VREM")
    set(
      .leavesNothing,
      "EXPIRE PEXPIRE EXPIREAT PEXPIREAT PERSIST GETEX HEXPIRE HPEXPIRE HEXPIREAT HPEXPIREAT "
        + "HPERSIST LPOP RPOP LTRIM LREM SPOP ZPOPMIN ZPOPMAX ZREMRANGEBYSCORE ZREMRANGEBYRANK "
        + "ZREMRANGEBYLEX LMPOP ZMPOP BLPOP BRPOP BZPOPMIN BZPOPMAX XDEL XTRIM XACK XACKDEL XDELEX")
    set(.passesOn, "RPOPLPUSH BRPOPLPUSH LMOVE BLMOVE SMOVE")
    set(.renames, "RENAME RENAMENX")
    set(.copies, "COPY")
    set(.moves, "MOVE")
    set(.flushesDatabase, "FLUSHDB")
    set(.flushesAll, "FLUSHALL")
    set(.swapsDatabases, "SWAPDB")
    return effects
  }()
}
