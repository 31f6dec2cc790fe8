import ByteKit

/// Metrics in the text format of Prometheus.
struct PrometheusText {
  /// What is written so far.
  private(set) var text = ""
  private let labels: [(String, String)]
  private static let prefix = "redisops_verify_"

  /// - Parameter labels: what each sample carries.
  init(labels: [(String, String)]) { self.labels = labels }

  /// Begins a metric of several samples.
  mutating func begin(_ name: String, _ help: String) {
    text += "# HELP \(Self.prefix)\(name) \(help)\n# TYPE \(Self.prefix)\(name) gauge\n"
  }

  /// Adds a sample of the metric that was begun.
  mutating func add(_ name: String, _ value: Double, _ more: [(String, String)] = []) {
    let all = (labels + more).map { "\($0.0)=\"\(Self.escaped($0.1))\"" }
    text += "\(Self.prefix)\(name){\(all.joined(separator: ","))} \(Self.number(value))\n"
  }

  /// Adds a metric of one sample; none where the value is not known.
  mutating func add(_ name: String, _ help: String, _ value: Double?) {
    guard let value else { return }
    begin(name, help)
    add(name, value)
  }

  private static func number(_ value: Double) -> String {
    Int64(exactly: value).map { "\($0)" } ?? "\(value)"
  }

  private static func escaped(_ text: String) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\\": result += "\\\\"
      case "\"": result += "\\\""
      case "\n": result += "\\n"
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }
}
