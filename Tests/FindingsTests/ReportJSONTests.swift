import Findings
import Foundation
import Testing

/// A JSON value with the few ways to look into it that these tests need.
private struct JSON {
  let value: Any?

  init(_ value: Any?) { self.value = value }

  init(parsing text: String) throws {
    value = try JSONSerialization.jsonObject(with: Data(text.utf8))
  }

  subscript(_ key: String) -> JSON { JSON((value as? [String: Any])?[key]) }
  subscript(_ index: Int) -> JSON {
    guard let list = value as? [Any], list.indices.contains(index) else { return JSON(nil) }
    return JSON(list[index])
  }
  var text: String? { value as? String }
  var number: Int? { value as? Int }
  var flag: Bool? { value as? Bool }
  var count: Int? { (value as? [Any])?.count }
  var keys: [String]? { (value as? [String: Any])?.keys.sorted() }
  var isAbsent: Bool { value == nil }
}

@Suite struct ReportJSONTests {
  @Test func `json has the members that programs rely on`() {
    let report = FindingReport([
      Finding(
        "RDB001", .error, at: Location(file: "d", offset: 16), "m", key: [0xFF], database: 2)
    ])
    let text = report.text(as: .json, options)
    let expected =
      #"{"schema":"redisops/findings/1","complete":true,"files":["d"],"findings":[{"id":"RDB001","#
      + #""severity":"error","file":"d","offset":16,"message":"m","db":2,"#
      + #""key":"\u0000b64:/w==","fingerprint":""#
    #expect(text.hasPrefix(expected))
    #expect(text.dropFirst(expected.count + 32) == "\"}]}\n")
  }

  @Test func `json carries notes and fixes`() throws {
    let finding = try JSON(parsing: sample.text(as: .json, options))["findings"][2]
    #expect(finding["slug"].text == "aof-off-durable")
    #expect(finding["line"].number == 14)
    #expect(finding["column"].number == 12)
    #expect(finding["endColumn"].number == 14)
    #expect(finding["directive"].text == "appendonly")
    #expect(finding["notes"][0]["message"].text == "first set here")
    #expect(finding["notes"][0]["line"].number == 3)
    #expect(finding["fix"]["safe"].flag == false)
    #expect(finding["fix"]["edits"][0]["offset"].number == 120)
    #expect(finding["fix"]["edits"][0]["replacement"].text == "yes")
  }

  @Test func `gitlab issues have path, line and fingerprint`() throws {
    let issues = try JSON(parsing: sample.text(as: .gitlab, options))
    #expect(issues.count == 3)
    #expect(issues[0]["location"]["path"].text == "dump.rdb")
    #expect(issues[0]["location"]["lines"]["begin"].number == 1)
    #expect(issues[2]["location"]["lines"]["begin"].number == 14)
    #expect(
      issues[2]["description"].text == "PER002 aof-off-durable: appendonly is no, 100% wrong")
    #expect(issues[2]["check_name"].text == "PER002")
    let prints = (0..<3).compactMap { issues[$0]["fingerprint"].text }
    #expect(Set(prints).count == 3)
    #expect((0..<3).map { issues[$0]["severity"].text } == ["major", "info", "major"])
    #expect(try JSON(parsing: FindingReport([]).text(as: .gitlab, options)).count == 0)
  }

  @Test func `sarif has the members that the schema requires`() throws {
    let log = try JSON(parsing: sample.text(as: .sarif, options))
    #expect(log["version"].text == "2.1.0")
    #expect(log["runs"].count == 1)
    let run = log["runs"][0]
    #expect(run["tool"]["driver"]["name"].text == "redisops")
    #expect(run["tool"]["driver"]["version"].text == "1.2.3")
    #expect(run["invocations"][0]["executionSuccessful"].flag == true)
    #expect(run["results"].count == 3)
    for index in 0..<3 {
      let result = run["results"][index]
      #expect(result["message"]["text"].text?.isEmpty == false)
      #expect(["error", "warning", "note"].contains(result["level"].text))
      #expect(result["partialFingerprints"]["redisops/v1"].text?.utf8.count == 32)
    }
  }

  @Test func `sarif lists all rules and results point at them`() throws {
    let run = try JSON(parsing: sample.text(as: .sarif, options))["runs"][0]
    let rules = run["tool"]["driver"]["rules"]
    #expect(rules.count == 2)
    #expect(rules[0]["id"].text == "PER002")
    #expect(rules[0]["name"].text == "aof-off-durable")
    #expect(rules[0]["shortDescription"]["text"].text == "The AOF is off.")
    #expect(rules[0]["help"]["markdown"].text == "Turn it **on**.")
    #expect(rules[0]["helpUri"].text == "https://example.com/PER002")
    #expect(rules[0]["defaultConfiguration"]["level"].text == "error")
    #expect(rules[1]["defaultConfiguration"]["level"].text == "note")
    #expect(run["results"][2]["ruleIndex"].number == 0)
    #expect(run["results"][1]["ruleIndex"].number == 1)
    #expect(run["results"][0]["ruleIndex"].isAbsent, "the rule is not listed")
  }

  @Test func `sarif places are relative, with lines or a byte offset`() throws {
    let results = try JSON(parsing: sample.text(as: .sarif, options))["runs"][0]["results"]
    let binary = results[0]["locations"][0]["physicalLocation"]
    #expect(binary["artifactLocation"]["uri"].text == "dump.rdb")
    #expect(binary["artifactLocation"]["uriBaseId"].text == "%SRCROOT%")
    #expect(binary["region"].keys == ["byteOffset"])
    #expect(binary["region"]["byteOffset"].number == 0x1f3a)
    #expect(results[0]["properties"]["key"].text == "user:42")
    let text = results[2]["locations"][0]["physicalLocation"]
    #expect(text["artifactLocation"]["uri"].text == "conf/redis%201.conf")
    #expect(text["region"].keys == ["endColumn", "startColumn", "startLine"])
    #expect(text["region"]["startLine"].number == 14)
    #expect(text["region"]["endColumn"].number == 14)
    let related = results[2]["relatedLocations"][0]
    #expect(related["message"]["text"].text == "first set here")
    #expect(related["physicalLocation"]["region"]["startLine"].number == 3)
  }

  @Test func `sarif fixes replace byte ranges`() throws {
    let fix = try JSON(parsing: sample.text(as: .sarif, options))["runs"][0]["results"][2]["fixes"][
      0]
    let replacement = fix["artifactChanges"][0]["replacements"][0]
    #expect(fix["description"]["text"].text == "turn the AOF on")
    #expect(replacement["deletedRegion"]["byteOffset"].number == 120)
    #expect(replacement["deletedRegion"]["byteLength"].number == 2)
    #expect(replacement["insertedContent"]["text"].text == "yes")
  }

  struct Path: Sendable {
    let path: String
    let uri: String
    let hasBase: Bool
  }

  @Test(arguments: [
    Path(path: "a.conf", uri: "a.conf", hasBase: true),
    Path(path: "./a//b/./c", uri: "a/b/c", hasBase: true),
    Path(path: "/etc/redis.conf", uri: "file:///etc/redis.conf", hasBase: false),
    Path(path: "../a", uri: "../a", hasBase: false),
    Path(path: "c:d%é", uri: "c%3Ad%25%C3%A9", hasBase: true),
  ])
  func `sarif paths become URI references`(_ example: Path) throws {
    let report = FindingReport([Finding("A001", .info, at: Location(file: example.path), "m")])
    let result = try JSON(parsing: report.text(as: .sarif, options))["runs"][0]["results"][0]
    let physical = result["locations"][0]["physicalLocation"]
    #expect(physical["artifactLocation"]["uri"].text == example.uri)
    #expect(physical["artifactLocation"]["uriBaseId"].isAbsent == !example.hasBase)
    #expect(physical["region"].isAbsent)
  }

  @Test func `what could not be checked is no success`() throws {
    let report = FindingReport([], isComplete: false)
    let run = try JSON(parsing: report.text(as: .sarif, options))["runs"][0]
    #expect(run["invocations"][0]["executionSuccessful"].flag == false)
    #expect(run["results"].count == 0)
  }

  @Test(arguments: ReportFormat.allCases)
  func `reports are the same in every run`(_ format: ReportFormat) {
    let again = FindingReport(
      sample.findings.reversed(), rules: sample.rules.reversed(), files: sample.files)
    #expect(again.text(as: format, options) == sample.text(as: format, options))
  }
}
