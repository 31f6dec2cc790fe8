import Synchronization
import Testing

@testable import Rendering

@Suite struct ColorModeTests {
  struct Case: Sendable {
    let mode: ColorMode
    let isTerminal: Bool
    let environment: [String: String]
    let isOn: Bool
  }

  @Test(arguments: [
    Case(mode: .auto, isTerminal: true, environment: [:], isOn: true),
    Case(mode: .auto, isTerminal: false, environment: [:], isOn: false),
    Case(mode: .auto, isTerminal: true, environment: ["NO_COLOR": "1"], isOn: false),
    Case(mode: .auto, isTerminal: true, environment: ["NO_COLOR": ""], isOn: true),
    Case(mode: .auto, isTerminal: true, environment: ["TERM": "dumb"], isOn: false),
    Case(mode: .always, isTerminal: false, environment: ["NO_COLOR": "1"], isOn: true),
    Case(mode: .never, isTerminal: true, environment: [:], isOn: false),
  ])
  func `colours follow the flag, the terminal and the environment`(_ example: Case) {
    let isOn = example.mode.isOn(isTerminal: example.isTerminal) { example.environment[$0] }
    #expect(isOn == example.isOn)
  }

  @Test func `styles wrap text or leave it alone`() {
    #expect(TextStyle(isOn: true).red("x") == "\u{1B}[31mx\u{1B}[0m")
    #expect(TextStyle(isOn: true).red("") == "")
    #expect(TextStyle.plain.red("x") == "x")
  }
}

/// A clock that a test sets, and what was shown.
private final class Stage: Sendable {
  let now = Atomic<UInt64>(0)
  let shown = Mutex<[String]>([])

  func line(_ label: String = "dump.rdb", total: Int64?, isEnabled: Bool = true, width: Int = 80)
    -> ProgressLine
  {
    ProgressLine(
      label, totalByteCount: total, isEnabled: isEnabled, width: { width },
      clock: { self.now.load(ordering: .relaxed) },
      show: { text in self.shown.withLock { $0.append(text) } })
  }

  func advance(milliseconds: UInt64) {
    now.add(milliseconds * 1_000_000, ordering: .relaxed)
  }

  var texts: [String] { shown.withLock { $0 } }
}

@Suite struct ProgressLineTests {
  private let mebibyte = 1 << 20

  @Test func `nothing is shown in the first half second`() {
    let stage = Stage()
    let line = stage.line(total: 10 << 20)
    for _ in 0..<4 {
      stage.advance(milliseconds: 100)
      line.add(mebibyte)
    }
    line.finish()
    #expect(stage.texts.isEmpty)
  }

  @Test func `a line tells share, bytes, rate and what is left, and goes away`() {
    let stage = Stage()
    let line = stage.line(total: 10 << 20)
    stage.advance(milliseconds: 1000)
    line.add(4 * mebibyte)
    #expect(
      stage.texts == ["\rdump.rdb  40%  4.0 MiB of 10.0 MiB  4.0 MiB/s  ETA 0:02\u{1B}[K"])
    line.finish()
    #expect(stage.texts.last == "\r\u{1B}[K")
    stage.advance(milliseconds: 1000)
    line.add(mebibyte)
    #expect(stage.texts.count == 2)
  }

  @Test func `without a total there is no share`() {
    let stage = Stage()
    let line = stage.line("-", total: nil)
    stage.advance(milliseconds: 2000)
    line.add(3 * mebibyte)
    #expect(stage.texts == ["\r-  3.0 MiB  1.5 MiB/s\u{1B}[K"])
  }

  @Test func `lines come at most ten times a second`() {
    let stage = Stage()
    let line = stage.line(total: 1 << 40)
    stage.advance(milliseconds: 500)
    for _ in 0..<1000 {
      line.add(mebibyte)
      stage.advance(milliseconds: 1)
    }
    #expect(stage.texts.count == 10)
  }

  @Test func `a line fits the terminal and a hostile name does not drive it`() {
    let stage = Stage()
    let line = stage.line("\u{1B}[2Jx", total: nil, width: 12)
    stage.advance(milliseconds: 1000)
    line.add(mebibyte)
    #expect(stage.texts == ["\r\\x1b[2Jx  …\u{1B}[K"])
  }

  @Test func `a file that grew stays at its whole`() {
    let stage = Stage()
    let line = stage.line(total: 1 << 20)
    stage.advance(milliseconds: 1000)
    line.add(2 * mebibyte)
    #expect(
      stage.texts == ["\rdump.rdb  100%  1.0 MiB of 1.0 MiB  2.0 MiB/s  ETA 0:00\u{1B}[K"])
  }

  @Test func `other output pushes the line aside`() {
    let stage = Stage()
    let line = stage.line(total: nil)
    stage.advance(milliseconds: 1000)
    line.add(mebibyte)
    #expect(line.suspended { stage.texts.last } == "\r\u{1B}[K")
  }

  @Test func `a silent line costs and shows nothing`() {
    let stage = Stage()
    let line = stage.line(total: nil, isEnabled: false)
    stage.advance(milliseconds: 1000)
    line.add(mebibyte)
    line.finish()
    #expect(stage.texts.isEmpty)
  }

  @Test func `threads may add at the same time`() async {
    let stage = Stage()
    let line = stage.line(total: nil)
    stage.advance(milliseconds: 1000)
    await withTaskGroup(of: Void.self) { group in
      for _ in 0..<4 {
        group.addTask { for _ in 0..<1000 { line.add(1024) } }
      }
    }
    stage.advance(milliseconds: 1000)
    line.add(1 << 20)
    #expect(stage.texts.last == "\rdump.rdb  4.9 MiB  2.5 MiB/s\u{1B}[K")
  }
}
