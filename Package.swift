// swift-tools-version: 6.2
import PackageDescription

/// Settings of every target of our own: language mode 6 (the default of these tools), existentials
/// spelled out, warnings are errors, and cross-module optimisation so that the readers' generic
/// loops are specialised for sinks of other modules.
let settings: [SwiftSetting] = [
  .enableUpcomingFeature("ExistentialAny"),
  .treatAllWarnings(as: .error),
  .unsafeFlags(["-cross-module-optimization"], .when(configuration: .release)),
]

func library(
  _ name: String, _ dependencies: [Target.Dependency], exclude: [String] = []
) -> Target {
  .target(name: name, dependencies: dependencies, exclude: exclude, swiftSettings: settings)
}

func tests(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
  .testTarget(
    name: name, dependencies: dependencies + ["TestSupport"], swiftSettings: settings)
}

let package = Package(
  name: "redisops",
  products: [
    .executable(name: "redisops", targets: ["redisops"]),
    // For Fuzz/, which is a package of its own.
    .library(name: "RDB", targets: ["RDB"]),
    .library(name: "AOF", targets: ["AOF"]),
    .library(name: "YAMLTree", targets: ["YAMLTree"]),
    .library(name: "RedisConf", targets: ["RedisConf"]),
    .library(name: "ConfLint", targets: ["ConfLint"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0")
  ],
  targets: [
    // Layer 0: the system's C libraries, and the C targets of our own.
    .systemLibrary(name: "CZlib", providers: [.apt(["zlib1g-dev"])]),
    .systemLibrary(name: "CCrypto", providers: [.apt(["libssl-dev"])]),
    .systemLibrary(name: "CPCRE2", providers: [.apt(["libpcre2-dev"])]),
    .systemLibrary(name: "CLibYAML", providers: [.apt(["libyaml-dev"])]),
    // One instruction of the processor that Swift has no word for.
    .systemLibrary(name: "CPrefetch"),
    .target(name: "CChecksum", cSettings: [.unsafeFlags(["-O3"])]),
    // Lua itself is the system's (liblua5.1-0-dev, lua-bitop-dev); what can raise one of its errors
    // is C of our own.
    .target(
      name: "CLua", cSettings: [.unsafeFlags(["-Wall", "-Wextra", "-Werror"])],
      linkerSettings: [.linkedLibrary("lua5.1"), .linkedLibrary("lua5.1-bitop")]),
    // Layer 1
    library("ByteKit", ["CZlib"]),
    library("Findings", ["ByteKit"]),
    // Layer 2
    library("RedisCodecs", ["ByteKit", "CChecksum"]),
    library("RedisModel", ["RedisCodecs", "CCrypto", "CPCRE2"], exclude: ["Data"]),
    library("YAMLTree", ["ByteKit", "CLibYAML"]),
    // Layer 3
    library("RESP", ["ByteKit"]),
    library("RDB", ["RedisCodecs", "RedisModel"]),
    library("AOF", ["RESP", "RDB", "CPrefetch"]),
    // Layer 4
    library("Analysis", ["RDB"]),
    library("Export", ["RDB"]),
    library("Engine", ["RedisModel", "RedisCodecs"]),
    library("Scripting", ["Engine", "CLua"]),
    library("Replay", ["AOF", "Engine", "Export", "Scripting"]),
    library("RedisConf", ["RedisModel"], exclude: ["Data"]),
    library(
      "ConfLint", ["ByteKit", "RedisModel", "RedisConf", "YAMLTree", "Findings"], exclude: ["Data"]),
    // Layer 5
    library("Rendering", ["ByteKit", "Findings"]),
    // Layer 6
    library(
      "RedisOpsCLI",
      [
        "AOF", "Analysis", "ConfLint", "Export", "Rendering", "Replay",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ]),
    // Layer 7
    .executableTarget(
      name: "redisops", dependencies: ["RedisOpsCLI"], swiftSettings: settings,
      linkerSettings: []),
    // Tests
    .target(
      name: "TestSupport", dependencies: ["CCrypto"], path: "Tests/TestSupport",
      swiftSettings: settings),
    tests("ByteKitTests", ["ByteKit"]),
    tests("FindingsTests", ["Findings"]),
    tests("RedisCodecsTests", ["RedisCodecs"]),
    tests("RedisModelTests", ["RedisModel"]),
    tests("YAMLTreeTests", ["YAMLTree"]),
    tests("RESPTests", ["RESP"]),
    tests("RDBTests", ["RDB"]),
    tests("AOFTests", ["AOF"]),
    tests("ExportTests", ["Export"]),
    tests("RedisConfTests", ["RedisConf"]),
    tests("ConfLintTests", ["ConfLint"]),
    tests("AnalysisTests", ["Analysis"]),
    tests("EngineTests", ["Engine"]),
    tests("ScriptingTests", ["Scripting"]),
    tests("ReplayTests", ["Replay"]),
    tests("RenderingTests", ["Rendering"]),
    tests("CLITests", ["RedisOpsCLI"]),
    tests("ProjectTests", []),
  ]
)
