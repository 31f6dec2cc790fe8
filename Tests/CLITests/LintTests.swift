import Foundation
import TestSupport
import Testing

/// `redisops lint`: what ends how, and what is printed.
@Suite struct LintTests {
  private let clean = """
    bind 127.0.0.1 -::1
    dir /
    maxmemory 1gb
    maxmemory-policy noeviction
    maxclients 500
    save ""
    latency-monitor-threshold 100

    """

  private func lint(
    _ text: String, _ arguments: String..., name: String = "redis.conf"
  ) throws -> ProcessResult {
    try withTemporaryFolder { folder in
      let file = try folder.write(Array(text.utf8), to: name)
      return try redisops(["lint"] + arguments + [file.path])
    }
  }

  private func ids(_ result: ProcessResult) throws -> [String] {
    (try document(result)["findings"]?.elements ?? []).compactMap { $0["id"]?.string }
  }

  @Test func `the end tells good from bad from unreadable`() throws {
    #expect(try lint(clean).exitStatus == 0)
    #expect(try lint("maxmemory 1gb\nbind 0.0.0.0\n").exitStatus == 1)
    #expect(try lint("timeout 10\ntimeout 20\n" + clean).exitStatus == 0)
    #expect(try lint("timeout 10\ntimeout 20\n" + clean, "--fail-on", "warning").exitStatus == 1)
    #expect(try lint("bind 0.0.0.0\n", "--fail-on", "never").exitStatus == 0)
    #expect(try redisops("lint", "/nonexistent.conf").exitStatus == 2)
    #expect(try lint(clean, "--policy", "/nonexistent.yaml").exitStatus == 2)
    #expect(try lint(clean, "--policy", "reccomended").exitStatus == 2)
    #expect(try lint(clean, "--select", "NOPE").exitStatus == 64)
    #expect(try lint(clean, "--target", "redis:99").exitStatus == 64)
    #expect(try redisops("lint").exitStatus == 64)
  }

  @Test func `a file whose folder is missing is missing`() throws {
    let text = """
      tls-port 6390
      tls-auth-clients no
      tls-cert-file tls/a.crt
      tls-key-file tls/a.key

      """
    for isThere in [false, true] {
      let result = try withTemporaryFolder { folder in
        if isThere {
          let tls = folder.file("tls")
          try FileManager.default.createDirectory(at: tls, withIntermediateDirectories: false)
          for name in ["a.crt", "a.key"] { try Data().write(to: tls.appending(path: name)) }
        }
        let file = try folder.write(Array(text.utf8), to: "redis.conf")
        return try redisops(["lint", "--format", "json", "--target", "redis:7.2", file.path])
      }
      let verdict = try document(result)["targets"]?.elements.first
      #expect(verdict?["accepted"] == .bool(isThere))
    }
  }

  @Test func `a user with very many rules takes no longer than its length`() throws {
    let text = "user a reset " + String(repeating: "+get ~a ", count: 4000) + "\n"
    let result = try lint(text, "--format", "json", "--target", "redis:7.2", "--select", "SEC010")
    #expect(try ids(result) == [])
    let few = try lint(
      "user a +get ~a on resetkeys -@all\n", "--format", "json", "--target", "redis:7.2",
      "--select", "SEC010")
    #expect(try ids(few) == ["SEC010", "SEC010"])
  }

  @Test func `a file that cannot be read is not without findings`() throws {
    let result = try redisops("lint", "/nonexistent.conf")
    #expect(result.exitStatus == 2)
    #expect(result.outputText.contains("no findings in what could be read"))
  }

  @Test func `a clean file has no findings at all`() throws {
    let result = try lint(clean, "--format", "json")
    #expect(try ids(result) == [])
    #expect(try document(result)["targets"]?.elements.count == 8)
  }

  @Test func `the targets that a user names must all take the file`() throws {
    let text = "maxmemory-policy allkeys-lrm\n" + clean.replacing("noeviction", with: "allkeys-lrm")
    let usual = try lint(text, "--format", "json", "--select", "VER006")
    #expect(try document(usual)["findings"]?.elements.first?["severity"]?.string == "info")
    let named = try lint(
      text, "--format", "json", "--select", "VER006", "--target", "redis:7.2,redis:8.6")
    #expect(try document(named)["findings"]?.elements.first?["severity"]?.string == "error")
    #expect(named.exitStatus == 1)
    let targets = try document(named)["targets"]?.elements ?? []
    #expect(targets.map { $0["target"]?.string } == ["redis:7.2", "redis:8.6"])
    #expect(targets.map { $0["accepted"] } == [.bool(false), .bool(true)])
  }

  @Test(arguments: [
    "text", "concise", "json", "sarif", "junit", "github", "gitlab", "markdown", "checkstyle",
  ])
  func `no format shows a secret`(_ format: String) throws {
    let secrets = [
      "hunter2", "sentinelpw", "aclsecret", "keyfilepass", "8d969eef6ecad3c29a3a629280",
    ]
    let text = """
      requirepass hunter2 # old
      masterauth "hunter2"
      tls-key-file-pass keyfilepass
      user app on >aclsecret -@x +@all \
      #8d969eef6ecad3c29a3a629280e686cf0c3f5d5a86aff3ca12020c923adc6c92
      user app on >aclsecret nopass
      requirepass hunter2 hunter2
      # requirepass hunter2

      """
    let sentinel = "sentinel monitor m 10.0.0.1 6379 1\nsentinel auth-pass m sentinelpw\n"
    for result in [
      try lint(text, "--format", format), try lint(text, "--fix", "--unsafe-fixes", "--diff"),
      try lint(sentinel, "--format", format, name: "sentinel.conf"),
    ] {
      for secret in secrets {
        #expect(!result.outputText.contains(secret), "\(format): \(secret)")
        #expect(!result.errorText.contains(secret), "\(format): \(secret)")
      }
    }
  }

  @Test func `a comment suppresses with its reason and is told when it does not`() throws {
    let text = """
      # redisops:ignore SEC003 -- the firewall is in front
      bind 0.0.0.0
      # redisops:ignore MEM011
      maxmemory 1gb
      # redisops:ignore SEC001 until=2020-01-01 -- soon
      protected-mode no
      # redisops:ignore NOPE001 -- typo
      timeout 10

      """
    let result = try lint(text, "--format", "json")
    let found = try ids(result)
    #expect(!found.contains("SEC003"))
    #expect(found.contains("SUP001"))
    #expect(found.contains("SUP002"))
    #expect(found.contains("SUP003"))
    #expect(found.contains("SUP004"))
    #expect(try document(result)["suppressed"]?.elements.first?["id"]?.string == "SEC003")
  }

  @Test func `an acl file has its suppressions beside it`() throws {
    try withTemporaryFolder { folder in
      let file = try folder.write(
        Array("user ops on >a-long-password-of-words ~* +get\n".utf8), to: "u.acl")
      let select = ["lint", "--select", "SEC005", "--format", "json", file.path]
      #expect(try ids(try redisops(select)) == ["SEC005"])
      let sidecar = "ignore:\n  - {rule: SEC005, user: ops, reason: rotated each week}\n"
      _ = try folder.write(Array(sidecar.utf8), to: "u.acl.redisops.yml")
      #expect(try ids(try redisops(select)) == [])
      _ = try folder.write(
        Array("ignore:\n  - {rule: SEC005, user: x}\n".utf8), to: "u.acl.redisops.yml")
      #expect(try ids(try redisops(select)) == ["SEC005", "SUP004"])
    }
  }

  @Test func `a baseline hides what is known and nothing else`() throws {
    try withTemporaryFolder { folder in
      let file = try folder.write(Array("bind 0.0.0.0\n".utf8), to: "redis.conf").path
      let baseline = folder.file("baseline.txt").path
      let first = try redisops("lint", "--baseline", baseline, "--write-baseline", file)
      #expect(first.exitStatus == 0)
      #expect(try redisops("lint", "--baseline", baseline, file).exitStatus == 0)
      _ = try folder.write(
        Array("# moved\n\nbind 0.0.0.0\ntimeout abc\n".utf8), to: "redis.conf")
      let second = try redisops("lint", "--baseline", baseline, "--format", "json", file)
      #expect(try ids(second) == ["SYN003"])
      #expect(try redisops("lint", "--write-baseline", file).exitStatus == 64)
    }
  }

  @Test(arguments: [[], ["--unsafe-fixes"]])
  func `after fixes there is nothing to fix`(_ extra: [String]) throws {
    try withTemporaryFolder { folder in
      let files = try LintSample.all.map { sample in
        try folder.write(
          Array(try Data(contentsOf: sample.file)), to: sample.file.lastPathComponent
        ).path
      }
      let arguments = ["lint", "--fail-on", "never"] + extra
      _ = try redisops(arguments + ["--fix"] + files)
      #expect(try redisops(arguments + ["--diff"] + files).outputText.isEmpty)
    }
  }

  @Test func `a fix shows as a patch and is written whole`() throws {
    try withTemporaryFolder { folder in
      let file = try folder.write(
        Array("maxmemory 100mb # ceiling\r\nTimeout\t10\n".utf8), to: "r.conf")
      let shown = try redisops("lint", "--select", "SYN005,SYN018", "--diff", file.path)
      #expect(shown.outputText.contains("+# ceiling\n+maxmemory 100mb"))
      #expect(Array(try Data(contentsOf: file)).count == 38)
      _ = try redisops("lint", "--select", "SYN005,SYN018", "--fix", file.path)
      #expect(
        String(decoding: try Data(contentsOf: file), as: UTF8.self)
          == "# ceiling\nmaxmemory 100mb\r\ntimeout 10\n")
    }
  }

  @Test func `folders are walked and yaml is looked into`() throws {
    try withTemporaryFolder { folder in
      let root = folder.file("deploy")
      try FileManager.default.createDirectory(at: root, withIntermediateDirectories: true)
      try Data("maxmemory 1.5gb\nsave 900 1\n".utf8).write(to: root.appending(path: "redis.conf"))
      try Data("server { listen 80; }\n".utf8).write(to: root.appending(path: "nginx.conf"))
      let yaml = "data:\n  redis.conf: |\n    appendonly yes\n    appendonly true\n"
      try Data(yaml.utf8).write(to: root.appending(path: "map.yaml"))
      let result = try redisops("lint", "--format", "json", "--select", "SYN003", root.path)
      let places = (try document(result)["findings"]?.elements ?? []).map {
        "\(($0["file"]?.string ?? "").split(separator: "/").last ?? ""):\($0["line"]?.int ?? 0)"
      }
      #expect(places == ["map.yaml:4", "redis.conf:1"])
      let inputs = try document(result)["targets"]?.elements.compactMap { $0["input"]?.string }
      #expect(Set(inputs ?? []).count == 2)
    }
  }

  @Test func `instances are compared with each other`() throws {
    try withTemporaryFolder { folder in
      let one = try folder.write(
        Array("dir /srv/a\nport 7001\npidfile /run/a\n".utf8), to: "a.conf")
      let two = try folder.write(
        Array("dir /srv/a\nport 7002\npidfile /run/a\n".utf8), to: "b.conf")
      let result = try redisops(
        "lint", "--format", "json", "--select", "PER022,XDR005", one.path, two.path)
      #expect(try ids(result).sorted() == ["PER022", "XDR005"])
    }
  }

  @Test func `rules explain themselves`() throws {
    let text = try redisops("lint", "explain", "mem003")
    #expect(text.exitStatus == 0)
    #expect(text.outputText.hasPrefix("MEM003 cache-not-allkeys (error)"))
    #expect(text.outputText.contains("What to do"))
    let json = try redisops("lint", "explain", "cache-not-allkeys", "--format", "json")
    #expect(try document(json)["rules"]?.elements.first?["id"]?.string == "MEM003")
    #expect(try redisops("lint", "explain", "MEM999").exitStatus == 64)
    let rules = try redisops("lint", "rules", "--format", "json")
    #expect(try document(rules)["rules"]?.elements.count == 253 + 4)
  }

  @Test func `the page of all rules is what the program prints`() throws {
    let page = try String(
      contentsOf: ProjectFolders.root.appending(path: "docs/rules.md"), encoding: .utf8)
    let printed = try redisops("lint", "rules", "--format", "markdown").outputText
    #expect(page == printed, "write docs/rules.md with: redisops lint rules --format markdown")
  }

  @Test func `a starter policy is a policy`() throws {
    let starter = try redisops("lint", "--init")
    #expect(starter.exitStatus == 0)
    try withTemporaryFolder { folder in
      let policy = try folder.write(starter.output, to: "policy.yaml").path
      let file = try folder.write(Array("timeout 0\n".utf8), to: "redis.conf").path
      let result = try redisops("lint", "--policy", policy, "--format", "json", file)
      #expect(try ids(result).contains("ACME001"))
    }
  }

  @Test func `examples of policies are run`() throws {
    let file = ProjectFolders.fixtures.appending(path: "policies/worked-rules.yml").path
    let good = try redisops("lint", "policy", "test", file)
    #expect(good.exitStatus == 0)
    #expect(good.outputText == "8 rules, 28 examples, 0 failed\n")
    try withTemporaryFolder { folder in
      let text = """
        redisops-policy: 1
        rules:
          - {id: TST001, severity: error, directive: port, equals: 1, tests: {good: ["port 2"]}}

        """
      let policy = try folder.write(Array(text.utf8), to: "policy.yaml").path
      let bad = try redisops("lint", "policy", "test", policy)
      #expect(bad.exitStatus == 1)
      #expect(bad.outputText.hasPrefix("\(policy):3:"))
      #expect(bad.outputText.contains("this good example fires for redis:6.2"))
      #expect(bad.outputText.hasSuffix("1 rules, 1 examples, 1 failed\n"))
    }
    #expect(try redisops("lint", "policy", "test", "/nonexistent.yaml").exitStatus == 2)
  }

  @Test func `a policy shows who changed what`() throws {
    try withTemporaryFolder { folder in
      let text = """
        redisops-policy: 1
        extends: builtin:recommended
        severity-overrides: {MEM001: warning}
        rules: []

        """
      let policy = try folder.write(Array(text.utf8), to: "policy.yaml").path
      let shown = try redisops("lint", "policy", "show", "--origins", policy)
      #expect(shown.exitStatus == 0)
      let lines = shown.outputText.split(separator: "\n")
      let index = try #require(lines.firstIndex { $0.contains("MEM001") })
      #expect(lines[index].contains("warning"))
      #expect(lines[index...].prefix(3).contains { $0.contains("\(policy):3") })
      let listed = try redisops("lint", "policy", "show", "--format", "json", policy)
      #expect(try document(listed)["rules"]?.elements.count ?? 0 >= 253)
    }
  }

  @Test func `two configurations differ in what is in effect`() throws {
    try withTemporaryFolder { folder in
      let one = try folder.write(Array("maxmemory 1gb\nslaveof a 1\n".utf8), to: "a.conf").path
      let two = try folder.write(
        Array("# x\nreplicaof a 1\nmaxmemory 1024mb\nhz 10\n".utf8), to: "b.conf"
      ).path
      #expect(try redisops("lint", "diff", one, two).outputText == "no difference in effect\n")
      let three = try folder.write(
        Array("requirepass secret\nmaxmemory 2gb\n".utf8), to: "c.conf"
      ).path
      let result = try redisops("lint", "diff", one, three)
      #expect(result.exitStatus == 1)
      #expect(result.outputText.contains("maxmemory: 1073741824 → 2147483648"))
      #expect(!result.outputText.contains("secret"))
    }
  }

  @Test func `a difference that switches the log on is warned of, one that switches it off is not`()
    throws
  {
    try withTemporaryFolder { folder in
      let off = try folder.write(Array("port 7000\n".utf8), to: "a.conf").path
      let on = try folder.write(Array("port 7000\nappendonly yes\n".utf8), to: "b.conf").path
      let result = try redisops("lint", "diff", off, on)
      #expect(result.errorText.contains("warning: PER023 aof-turned-on-in-file"))
      #expect(try !redisops("lint", "diff", on, off).errorText.contains("PER023"))
    }
  }

  @Test func `a running server drifts from its file`() throws {
    try withTemporaryFolder { folder in
      let file = try folder.write(Array("maxmemory 1gb\ntimeout 300\n".utf8), to: "a.conf").path
      let running = "maxmemory\n2147483648\ntimeout\n300\nsave\n3600 1 300 100 60 10000\n"
      let result = try redisops(
        ["lint", "drift", file, "--config-get", "-"], input: Array(running.utf8))
      #expect(result.exitStatus == 1)
      #expect(
        result.outputText == "maxmemory: 1073741824 → 2147483648\n1 setting differs\n")
    }
  }
}
