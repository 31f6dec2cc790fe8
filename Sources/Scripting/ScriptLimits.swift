/// What scripts may use, so that each ends.
public struct ScriptLimits: Sendable {
  /// Memory of an interpreter, bytes.
  public var memoryMax = 512 << 20
  /// Instructions of a script; memory counts too, 16 bytes as one. Servers let scripts run on; a
  /// billion are some five seconds.
  public var instructionMax: UInt64 = 1_000_000_000
  /// Instructions of the body of a library, for which servers have half a second.
  public var loadingInstructionMax: UInt64 = 50_000_000

  /// The limits of every run.
  public init() {}
}
