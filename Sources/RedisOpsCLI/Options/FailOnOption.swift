import ArgumentParser
import Findings
import RDB

/// Which findings of a verdict end with 1 besides those that make it bad.
struct FailOnOption: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The lowest severity that ends with 1: error, warning, info or never. What is bad always "
        + "does.", valueName: "severity"))
  var failOn: FailOn = .error

  /// What a verdict and its findings mean for the exit status. Findings do not make certain what
  /// could not be checked.
  func status(of verdict: VerifyReport.Verdict, _ findings: FindingReport) -> ExitStatus {
    verdict == .good && findings.fails(at: failOn.severity) ? .failed : verdict.status
  }
}
