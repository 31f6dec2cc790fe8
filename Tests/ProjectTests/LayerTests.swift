import TestSupport
import Testing

/// The arrows of the architecture, held against the manifest and against each file's imports.
struct LayerTests {
  @Test func `no row of the module map points up`() {
    for row in ModuleMap.rows {
      for name in row.imports {
        guard let imported = ModuleMap.row(of: name) else { continue }
        #expect(imported.layer <= row.layer, "\(row.module) imports \(name) from above")
        #expect(!ModuleMap.reach(of: name).contains(row.module), "\(row.module) ⇄ \(name)")
      }
    }
  }

  @Test func `the manifest declares only what the module map allows`() throws {
    let targets = try Manifest.current().targets.filter { !$0.isTest }
    #expect(targets.contains { $0.name == "RDB" && $0.dependencies.contains("RedisModel") })
    for target in targets {
      #expect(ModuleMap.row(of: target.name) != nil, "\(target.name) has no row")
      let allowed = ModuleMap.reach(of: target.name)
      for dependency in target.dependencies {
        #expect(allowed.contains(dependency), "\(target.name) → \(dependency)")
      }
    }
  }

  @Test func `each file imports only what its module may`() throws {
    for target in try Manifest.current().targets where !target.isTest {
      let allowed = ModuleMap.reach(of: target.name).union(ModuleMap.freeModules)
      let mayUseFoundation = ModuleMap.row(of: target.name)?.mayUseFoundation ?? false
      for file in try SourceFile.all(below: "Sources/\(target.name)") {
        for name in file.imports where !(mayUseFoundation && ModuleMap.foundation.contains(name)) {
          #expect(allowed.contains(name), "\(file.path) imports \(name)")
        }
      }
    }
  }

  @Test func `no type is named like a module`() throws {
    let modules = Set(ModuleMap.rows.map(\.module))
    for file in try SourceFile.all(below: "Sources") {
      for type in file.declaredTypes {
        #expect(!modules.contains(type), "\(file.path) declares \(type)")
      }
    }
  }

  @Test func `an upward or undeclared arrow would be seen`() {
    let manifest = Manifest(
      parsing: """
        // library("Ghost", ["CLI"]),
        library("ByteKit", ["CZlib", "RDB"]),
        library(
          "RedisOpsCLI",
          ["Export", .product(name: "ArgumentParser", package: "swift-argument-parser")]),
        .target(name: "TestSupport", dependencies: ["RDB"]),
        """)
    #expect(manifest.targets.map(\.name) == ["ByteKit", "RedisOpsCLI", "TestSupport"])
    #expect(manifest.targets[0].dependencies == ["CZlib", "RDB"])
    #expect(manifest.targets[1].dependencies == ["Export", "ArgumentParser"])
    #expect(!ModuleMap.reach(of: "ByteKit").contains("RDB"))

    let file = SourceFile(
      path: "x.swift",
      lines: ["@testable import RDB", "  public import struct ByteKit.Cursor", "// import AOF"])
    #expect(file.imports == ["RDB", "ByteKit"])
  }
}
