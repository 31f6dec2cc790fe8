import ByteKit
import Foundation
import TestSupport
import Testing

@testable import AOF

/// What `verify` says would be lost and what `fix` cuts are one and the same.
@Suite struct CutAgreementTests {
  /// The kinds of removal that end a file.
  private static let ends: Set<AOFRemoval.Kind> = [
    .tornRecord, .openTransaction, .damage, .tornAnnotation,
  ]

  /// Compares the two for the set at `path`; what differs.
  private func difference(_ path: URL, _ server: String) throws -> String? {
    let check = try CheckTests.check(path, [server])
    let plan: AOFRepairPlan
    do throws(AOFPlanError) {
      let set = try Self.open(path)
      plan = try AOFRepairPlanner(set, AOFRepairOptions()).plan()
    } catch {
      return check.verdict == .good ? "good, and cannot be repaired: \(error.message)" : nil
    }
    if check.verdict == .good, !plan.removals.isEmpty { return "good, and something is cut" }
    guard check.set.manifest?.problems.isEmpty != false, !plan.usesHistory else { return nil }
    for part in check.parts where part.content != nil {
      let size = part.byteCount ?? 0
      let cut = plan.removals.first {
        $0.part.path == part.part.path && $0.range.upperBound == size && Self.ends.contains($0.kind)
      }
      let isBehind = plan.removals.contains {
        $0.part.path == part.part.path && $0.kind == .behindDamage
      }
      if isBehind { break }
      let end = cut?.range.lowerBound ?? size
      if end != part.soundOffset { return "\(part.part.name): \(part.soundOffset), \(end)" }
    }
    return nil
  }

  private static func open(_ path: URL) throws(AOFPlanError) -> AOFSet.Mended {
    let set: AOFSet
    do throws(InputError) { set = try AOFSet(opening: path.path) } catch {
      throw AOFPlanError(.unreadable, path.path, error.message)
    }
    return try set.mendingManifest()
  }

  @Test(arguments: DamagedAOF.all)
  func `damaged files are cut where the check says`(_ example: DamagedAOF) throws {
    let found = try difference(example.path, example.server)
    #expect(found == nil)
  }

  @Test(arguments: AOFLoadCase.all)
  func `sets made by hand are cut where the check says`(_ example: AOFLoadCase) throws {
    try withTemporaryFolder { folder in
      let found = try difference(example.write(to: folder.url), "redis-7.0.15")
      #expect(found == nil)
    }
  }

  @Test func `a file that is cut anywhere is cut where the check says`() throws {
    let words = ["SELECT 0", "SET a 1", "MULTI", "INCR n", "SADD s x y", "EXEC", "DEL a"]
    let bytes = words.flatMap { request($0.split(separator: " ").map { Array($0.utf8) }) }
    try withTemporaryFolder { folder in
      for end in 0...bytes.count {
        let path = try folder.write(Array(bytes[..<end]), to: "a.aof")
        #expect(try difference(path, "redis-7.0.15") == nil, "\(end)")
      }
    }
  }
}
