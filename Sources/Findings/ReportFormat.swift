import ByteKit

/// The forms that a report of findings can take.
public enum ReportFormat: String, CaseIterable, Sendable {
  /// One line for each finding, for people and editors.
  case text
  /// As text, and never with the lines of the files.
  case concise
  /// One document of the schema `redisops/findings/1`.
  case json
  /// SARIF 2.1.0, for code scanning.
  case sarif
  /// JUnit XML, for test viewers of CI systems.
  case junit
  /// Annotations as GitHub Actions reads them from the log.
  case github
  /// The code quality report of GitLab.
  case gitlab
  /// A table for a comment or a summary page.
  case markdown
  /// Checkstyle XML, which editors and review tools read.
  case checkstyle
}

/// What a report needs to know beside the findings.
public struct ReportOptions: Sendable {
  /// The version of this program, for formats that name their producer.
  public var version: String
  /// A page about this program.
  public var informationURI: String?
  /// Whether text carries colours.
  public var isColored = false
  /// The lowest severity that counts as a failure; nil when nothing does.
  public var failOn: Severity? = .error
  /// The line of a finding's file for people, without secrets; nil when no lines are shown. Its
  /// bytes are those of the file as far as columns matter.
  public var sourceLine: (@Sendable (Location) -> String?)?
  /// A column of a place, which counts bytes, as one that counts UTF-16 code units; nil when that
  /// cannot be told. Without the function lines are taken for ASCII.
  public var utf16Column: (@Sendable (_ column: Int, Location) -> Int?)?

  /// Options with the defaults of the command line.
  public init(version: String, informationURI: String? = nil) {
    self.version = version
    self.informationURI = informationURI
  }

  /// The same, without the lines of files.
  var withoutSource: ReportOptions {
    var copy = self
    copy.sourceLine = nil
    return copy
  }
}

extension FindingReport {
  /// Takes the bytes of a report, in order; they are valid during the call only.
  public typealias Drain = (UnsafeRawBufferPointer) -> Void

  /// Writes the report in `format`.
  public func write(
    as format: ReportFormat, _ options: ReportOptions, drain: @escaping Drain
  ) {
    switch format {
    case .text: TextReport.write(self, options, drain: drain)
    case .concise: TextReport.write(self, options.withoutSource, drain: drain)
    case .json: JSONReport.write(self, drain: drain)
    case .sarif: SARIFReport.write(self, options, drain: drain)
    case .junit: JUnitReport.write(self, options, drain: drain)
    case .github: GitHubReport.write(self, drain: drain)
    case .gitlab: GitLabReport.write(self, drain: drain)
    case .markdown: MarkdownReport.write(self, drain: drain)
    case .checkstyle: CheckstyleReport.write(self, options, drain: drain)
    }
  }

  /// The report in `format`, whole; for tests and small reports.
  public func text(as format: ReportFormat, _ options: ReportOptions) -> String {
    var bytes: [UInt8] = []
    write(as: format, options) { bytes.append(contentsOf: $0) }
    return String(decoding: bytes, as: UTF8.self)
  }
}
