// swift-tools-version: 6.2
import PackageDescription

/// The fuzz targets; `make fuzz` has the flags that they need. They share the tests' event sink,
/// through symbolic links, and use what is internal to RDB.
let targets = [
  ("fuzz-rdb", "RDB"), ("fuzz-payload", "RDB"), ("fuzz-yaml", "YAMLTree"),
  ("fuzz-aof", "AOF"), ("fuzz-conf", "RedisConf"), ("fuzz-lint", "ConfLint"),
]

let package = Package(
  name: "Fuzz",
  dependencies: [.package(name: "redisops", path: "..")],
  targets: targets.map { name, product in
    .executableTarget(
      name: name, dependencies: [.product(name: product, package: "redisops")],
      swiftSettings: [.enableUpcomingFeature("ExistentialAny"), .treatAllWarnings(as: .error)])
  }
)
