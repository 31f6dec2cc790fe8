import ByteKit
import Foundation
import TestSupport
import Testing

@testable import AOF

/// What `verify` says would be lost and what `fix` cuts are one and the same.
@Suite struct CutAgreementTests {
  /// Damage at which `fix` cuts elsewhere than `verify` says, and why.
  static let exceptions: Set<String> = []

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
    do throws(InputError) {
      return try AOFSet(opening: path.path).mendingManifest()
    } catch {
      throw AOFPlanError(.unreadable, path.path, error.message)
    }
  }

  @Test(arguments: DamagedAOF.all)
  func `damaged files are cut where the check says`(_ example: DamagedAOF) throws {
    let found = try difference(example.path, example.server)
    #expect(
      found == nil || Self.exceptions.contains(example.name), "\(example.name): \(found ?? "")")
  }

  @Test(arguments: AOFLoadCase.all)
  func `sets made by hand are cut where the check says`(_ example: AOFLoadCase) throws {
    try withTemporaryFolder { folder in
      let found = try difference(example.write(to: folder.url), "redis-7.0.15")
      #expect(
        found == nil || Self.exceptions.contains(example.name), "\(example.name): \(found ?? "")")
    }
  }
}
