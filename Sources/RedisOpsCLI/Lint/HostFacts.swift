import ByteKit

/// Facts about the machine that this process runs on, as Linux tells them. What cannot be read is
/// left out, never guessed.
struct HostFacts {
  /// The folder above `proc` and `sys`; another one in tests.
  var root = ""

  /// Names of facts and their values as a facts file would have them; a list for several.
  func all() -> [(name: String, values: [String])] {
    var facts: [(name: String, values: [String])] = []
    func add(_ name: String, _ value: String?) {
      if let value { facts.append((name, [value])) }
    }
    let memory = memoryInfo()
    add("host.memory", memory["MemTotal"].map { "\($0)kb" })
    add("host.swap", memory["SwapTotal"].map { "\($0)kb" })
    add("host.cores", processorCount().map { "\($0)" })
    add("host.somaxconn", number("/proc/sys/net/core/somaxconn"))
    add("host.overcommit", number("/proc/sys/vm/overcommit_memory"))
    add("host.swappiness", number("/proc/sys/vm/swappiness"))
    add("host.thp", choice("/sys/kernel/mm/transparent_hugepage/enabled"))
    add("host.arch_bits", "\(Int.bitWidth)")
    add("container.memory", containerMemory())
    add("container.cpus", containerProcessors())
    if root.isEmpty {
      var limit = rlimit()
      if getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 {
        add("host.nofile", "\(limit.rlim_max == .max ? UInt(UInt32.max) : UInt(limit.rlim_max))")
      }
      let addresses = addresses()
      if !addresses.isEmpty { facts.append(("host.addresses", addresses)) }
    }
    return facts
  }

  private func text(_ path: String) -> String? {
    SmallFile.readKernelFile(root + path).map { String(decoding: $0, as: UTF8.self) }
  }

  private func number(_ path: String) -> String? {
    guard let word = text(path)?.split(whereSeparator: \.isWhitespace).first,
      word.allSatisfy(\.isNumber)
    else { return nil }
    return String(word)
  }

  /// The word in brackets of `always [madvise] never`.
  private func choice(_ path: String) -> String? {
    guard let line = text(path), let open = line.firstIndex(of: "["),
      let close = line[open...].firstIndex(of: "]")
    else { return nil }
    return String(line[line.index(after: open)..<close])
  }

  private func memoryInfo() -> [String: Int] {
    var result: [String: Int] = [:]
    for line in text("/proc/meminfo")?.split(separator: "\n") ?? [] {
      let words = line.split(whereSeparator: { $0 == ":" || $0 == " " })
      if words.count >= 2, let value = Int(words[1]) { result[String(words[0])] = value }
    }
    return result
  }

  private func processorCount() -> Int? {
    let count = text("/proc/cpuinfo")?.split(separator: "\n").count { $0.hasPrefix("processor") }
    return count == 0 ? nil : count
  }

  /// The limit of the control group, in bytes.
  private func containerMemory() -> String? {
    for path in ["/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"] {
      // Without a limit version 1 shows a number near 2⁶³.
      if let value = number(path).flatMap(Int.init), value < 1 << 60 { return "\(value)" }
    }
    return nil
  }

  /// The quota of the control group as a number of processors, with at most two decimals.
  private func containerProcessors() -> String? {
    var pair = text("/sys/fs/cgroup/cpu.max")?.split(whereSeparator: \.isWhitespace)
      .compactMap { Int($0) }
    if pair?.count != 2 {
      pair = ["quota", "period"].compactMap {
        number("/sys/fs/cgroup/cpu/cpu.cfs_\($0)_us").flatMap { Int($0) }
      }
    }
    guard let pair, pair.count == 2, pair[0] > 0, pair[1] > 0 else { return nil }
    let hundredths = pair[0] * 100 / pair[1]
    let rest = hundredths % 100
    return rest == 0
      ? "\(hundredths / 100)" : "\(hundredths / 100).\(rest < 10 ? "0" : "")\(rest)"
  }

  /// The addresses of all interfaces that are up.
  private func addresses() -> [String] {
    var first: UnsafeMutablePointer<ifaddrs>?
    guard getifaddrs(&first) == 0 else { return [] }
    defer { freeifaddrs(first) }
    var result: [String] = []
    var entry = first
    while let current = entry {
      entry = current.pointee.ifa_next
      guard let address = current.pointee.ifa_addr else { continue }
      let family = Int32(address.pointee.sa_family)
      guard family == AF_INET || family == AF_INET6 else { continue }
      let length =
        family == AF_INET ? MemoryLayout<sockaddr_in>.size : MemoryLayout<sockaddr_in6>.size
      var name = [CChar](repeating: 0, count: Int(NI_MAXHOST))
      let status = getnameinfo(
        address, socklen_t(length), &name, socklen_t(name.count), nil, 0, NI_NUMERICHOST)
      guard status == 0 else { continue }
      let bytes = name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
      let text = String(decoding: bytes, as: UTF8.self)
      result.append(String(text.split(separator: "%").first ?? ""))
    }
    return Array(Set(result)).sorted()
  }
}
