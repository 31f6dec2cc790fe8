/// What scripts may use, so that each ends.
public struct ScriptLimits: Sendable {
  /// Memory of an interpreter, bytes.
  public var memoryMax = 512 << 20
  /// Instructions of a script; memory counts too, 16 bytes as one. Servers let scripts run on; so
  /// many are one to two seconds.
  public var instructionMax: UInt64 = 500_000_000
  /// Instructions of the body of a library, for which servers have half a second.
  public var loadingInstructionMax: UInt64 = 50_000_000
  /// Milliseconds of the processor after which a script is ended that takes as long once more: few
  /// instructions can take long. No answer depends on it, for what a script does that comes to a
  /// limit is not known.
  public var timeMaxMs: UInt64 = 2000

  /// The limits of every run.
  public init() {}

  /// What is left to scripts behind one that came to a limit: what they work on is not known any
  /// more, and a file may hold any number of such ones.
  var reduced: ScriptLimits {
    var limits = self
    limits.instructionMax = max(instructionMax / 8, min(instructionMax, 100_000))
    limits.loadingInstructionMax = max(
      loadingInstructionMax / 8, min(loadingInstructionMax, 100_000))
    limits.timeMaxMs = max(timeMaxMs / 8, min(timeMaxMs, 20))
    return limits
  }
}
