import Findings
import TestSupport
import Testing

@testable import ConfLint

@Suite struct UnifiedDiffTests {
  @Test func `a change is shown with three lines around it`() {
    let old = (1...9).map { "line \($0)\n" }.joined()
    let new = old.replacing("line 5", with: "line five")
    let text = UnifiedDiff.text(
      name: "a.conf", from: Array(old.utf8), to: Array(new.utf8)
    ) { String(decoding: $0, as: UTF8.self) }
    #expect(
      text == """
        --- a/a.conf
        +++ b/a.conf
        @@ -2,7 +2,7 @@
         line 2
         line 3
         line 4
        -line 5
        +line five
         line 6
         line 7
         line 8

        """)
  }

  @Test func `equal texts differ in nothing`() {
    #expect(UnifiedDiff.text(name: "a", from: [1, 2], to: [1, 2]) { _ in "" }.isEmpty)
  }

  @Test func `a last line without its end is told`() {
    let text = UnifiedDiff.text(name: "a", from: Array("x".utf8), to: Array("y\n".utf8)) {
      String(decoding: $0, as: UTF8.self)
    }
    #expect(text.contains("-x\n\\ No newline at end of file\n+y\n"))
  }
}
