// swift-tools-version: 6.2
import PackageDescription

/// The fuzz targets; `make fuzz` has the flags that they need. They share the tests' event sink,
/// through symbolic links, and use what is internal to RDB.
let package = Package(
  name: "Fuzz",
  dependencies: [.package(name: "redisops", path: "..")],
  targets: ["fuzz-rdb", "fuzz-payload"].map {
    .executableTarget(
      name: $0, dependencies: [.product(name: "RDB", package: "redisops")],
      swiftSettings: [.enableUpcomingFeature("ExistentialAny"), .treatAllWarnings(as: .error)])
  }
)
