import Findings
import TestSupport
import Testing

@testable import ConfLint

@Suite struct SuppressionTests {
  @Test func `a comment reaches the next setting and keeps its reason and date`() throws {
    let text = """
      # redisops:ignore MEM003,SEC001 until=2027-01-31 -- warmed by hand
      # another comment
      maxmemory 1gb
      """
    let comments = LinterComments(Array(text.utf8))
    let comment = try #require(comments.suppressions.first)
    #expect(comment.reach == .line(3))
    #expect(comment.rules == ["MEM003", "SEC001"])
    #expect(comment.until == "2027-01-31")
    #expect(comment.reason == "warmed by hand")
    #expect(comment.line == 1)
    #expect(comment.column == 3)
    #expect(comments.broken.isEmpty)
  }

  @Test func `ignore-file reaches everything and pragmas are facts`() {
    let text = "#redisops:ignore-file SEC -- private\n# redisops:workload=cache role=primary\n"
    let comments = LinterComments(Array(text.utf8))
    #expect(comments.suppressions.map(\.reach) == [.file])
    #expect(comments.facts.map(\.name) == ["workload", "role"])
    #expect(comments.facts.map(\.value) == ["cache", "primary"])
  }

  @Test(arguments: [
    "# redisops:", "# redisops:ignore", "# redisops:ignore -- why", "# redisops:nonsense",
    "# redisops:ignore MEM001 until=2027-02-30 -- why", "# redisops:=x",
  ])
  func `a comment that cannot be read is named`(_ line: String) {
    let comments = LinterComments(Array(line.utf8))
    #expect(comments.broken.count == 1)
    #expect(comments.suppressions.isEmpty)
  }

  @Test func `what is not addressed to the linter is left alone`() {
    let text = "# redisops is a tool\nrequirepass \"# redisops:ignore MEM001 -- x\"\n"
    let comments = LinterComments(Array(text.utf8))
    #expect(comments.suppressions.isEmpty)
    #expect(comments.broken.isEmpty)
  }

  @Test(arguments: [
    ("2027-01-31", true), ("2028-02-29", true), ("2027-02-29", false), ("2027-13-01", false),
    ("2027-1-1", false), ("27-01-01", false), ("2027-00-10", false), ("2027-04-31", false),
  ])
  func `a day exists or it does not`(_ text: String, _ isDay: Bool) {
    #expect(CalendarDay.isDay(text) == isDay)
  }
}
