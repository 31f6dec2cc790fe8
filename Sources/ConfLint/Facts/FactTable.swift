// A table.

/// Something about the host, the deployment or the use of a server that no configuration tells.
public struct Fact: Sendable {
  /// The name in expressions and facts files: `host.memory`.
  public let name: String
  /// What a value may be; the number's unit where a bare number is given.
  let type: ValueType
  /// The words that it may have; empty if any text will do.
  let words: [String]
  /// Other spellings of words.
  let synonyms: [String: String]
  /// What it is, one sentence without a full stop.
  public let summary: String

  init(
    _ name: String, _ type: ValueType, words: [String] = [], synonyms: [String: String] = [:],
    _ summary: String
  ) {
    self.name = name
    self.type = type
    self.words = words
    self.synonyms = synonyms
    self.summary = summary
  }

  /// What is expected as its value, for messages and the manual.
  public var form: String {
    let list = words.joined(separator: ", ")
    return switch type {
    case .bool: "yes or no"
    case .quantity(.bytes): "a size such as 8gb or 8GiB, or bytes"
    case .quantity(.rate): "a size per second such as 10mb"
    case .quantity(.duration): "a duration such as 30s or 5min, or seconds"
    case .quantity: "a number"
    case .words: "one or several of \(list)"
    case .list: "a list"
    default: words.isEmpty ? "text" : "one of \(list)"
    }
  }
}

/// All facts.
public enum FactTable {
  static let roles = ["primary", "replica", "standalone", "cluster", "sentinel"]
  static let workloads = [
    "cache", "session", "lock", "rate-limiter", "leaderboard", "queue", "stream", "pubsub",
    "primary-store", "ledger",
  ]
  static let environments = [
    "production", "staging", "development", "test", "container", "kubernetes",
  ]

  /// In the order in which a facts file would give them.
  public static let all: [Fact] = [
    Fact(
      "role", .string, words: roles, synonyms: ["master": "primary", "slave": "replica"],
      "The part that the server plays"),
    Fact(
      "workload", .words, words: workloads, synonyms: ["rate-limit": "rate-limiter"],
      "What the data is used for"),
    Fact(
      "env", .words, words: environments,
      synonyms: [
        "prod": "production", "dev": "development", "k8s": "kubernetes", "docker": "container",
      ],
      "Where the server runs"),
    Fact("host.memory", .bytes, "Memory of the host"),
    Fact("host.cores", .number, "Processor cores of the host"),
    Fact("host.swap", .bytes, "Swap space of the host"),
    Fact("host.disk_free", .bytes, "Free space where the data directory lies"),
    Fact(
      "host.disk_type", .string, words: ["nvme", "ssd", "hdd", "network"],
      "What the data directory lies on"),
    Fact("host.somaxconn", .number, "net.core.somaxconn"),
    Fact("host.overcommit", .number, "vm.overcommit_memory: 0, 1 or 2"),
    Fact("host.swappiness", .number, "vm.swappiness"),
    Fact(
      "host.thp", .string, words: ["always", "madvise", "never"],
      "Transparent huge pages, /sys/kernel/mm/transparent_hugepage/enabled"),
    Fact("host.nofile", .number, "Open files that the server process may have"),
    Fact("host.arch_bits", .number, "Bits of an address in the server's build: 32 or 64"),
    Fact(
      "host.allocator", .string, words: ["bundled", "system", "libc"],
      "The build's allocator: the jemalloc that comes with the server, another one, or libc's"),
    Fact("host.tls", .bool, "Whether the build has TLS"),
    Fact("host.fragmentation", .number, "mem_fragmentation_ratio of INFO memory"),
    Fact("host.addresses", .list(.string), "Addresses of the host's interfaces"),
    Fact("host.service_user", .string, "The user that runs the server"),
    Fact("host.shared", .bool, "Whether others run on the host"),
    Fact("host.cap_net_admin", .bool, "Whether the server has the capability CAP_NET_ADMIN"),
    Fact("container.memory", .bytes, "The memory limit of the container or control group"),
    Fact("container.cpus", .number, "The processor limit of the container or control group"),
    Fact("build.modules", .list(.string), "Modules that the build brings"),
    Fact("replicas", .number, "Replicas of the primary"),
    Fact("sentinels", .number, "Sentinels that watch the primary"),
    Fact("cluster.primaries", .number, "Primaries of the cluster"),
    Fact("cluster.replicas", .number, "Replicas of the cluster, all together"),
    Fact("instances", .number, "Servers on the host"),
    Fact("app_instances", .number, "Processes of the application"),
    Fact("pool_size", .number, "Connections that each of them may open"),
    Fact("idle_pool", .duration, "How long a connection may rest in the application's pool"),
    Fact("write_rate", .quantity(.rate), "Bytes written to the replication stream per second"),
    Fact("max_disconnect", .duration, "The longest break of a replica's link to get over"),
    Fact("link_bandwidth", .quantity(.rate), "Bytes per second between primary and replica"),
    Fact("dataset", .bytes, "Size of the data, as a snapshot"),
    Fact("grace_period", .duration, "Time between SIGTERM and SIGKILL"),
    Fact(
      "restart", .string, words: ["always", "on-failure", "no"],
      "Whether a supervisor restarts it"),
    Fact("ttl_contract", .bool, "Whether the application gives every key a time to live"),
    Fact("rebuildable", .bool, "Whether all data can be fetched again from elsewhere"),
    Fact("strict", .bool, "Whether nothing that was acknowledged may be lost"),
    Fact("untrusted_clients", .bool, "Whether clients connect that are not trusted"),
    Fact("multi_tenant", .bool, "Whether several parties share the server"),
    Fact("regulated", .bool, "Whether rules on personal or payment data apply"),
    Fact("crosses_hosts", .bool, "Whether clients or replicas connect over a network"),
    Fact("nat", .bool, "Whether addresses are translated between server and clients"),
    Fact("sentinel_managed", .bool, "Whether Sentinels manage the server"),
    Fact("primary_auth", .bool, "Whether the primary asks for a password"),
    Fact("config_readonly", .bool, "Whether the server cannot write its configuration file"),
    Fact("template", .bool, "Whether the file is rendered or kept under version control"),
    Fact("renamed_commands", .list(.string), "Commands that are renamed on the data servers"),
    Fact("from", .string, "The version that an upgrade starts from: redis:6.2"),
  ]

  private static let places: [String: Int] = Dictionary(
    uniqueKeysWithValues: all.enumerated().map { ($0.element.name, $0.offset) })

  /// The place of a fact in `all`.
  static func index(of name: String) -> Int? { places[name] }

  /// Whether some fact's name begins with `name` and a point.
  static func isGroup(_ name: String) -> Bool {
    all.contains { $0.name.hasPrefix(name + ".") }
  }
}
