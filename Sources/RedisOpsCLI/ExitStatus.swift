/// How the program ends. Pipelines rely on the three answers good, bad and could-not-check.
enum ExitStatus: Int32, Error {
  /// Done; every check passed.
  case done = 0
  /// A check failed: damaged or unloadable data, digests that differ.
  case failed = 1
  /// Could not check: nothing is said about the data.
  case unchecked = 2
  /// Wrong usage; ArgumentParser ends with the same number.
  case usage = 64
  /// A defect of the program itself.
  case defect = 70

  /// The status of two pieces of work together: a certain "bad" outweighs a "could not check".
  func and(_ other: ExitStatus) -> ExitStatus {
    let order: [ExitStatus] = [.defect, .usage, .failed, .unchecked]
    return order.first { $0 == self || $0 == other } ?? .done
  }
}
