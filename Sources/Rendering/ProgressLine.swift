import ByteKit
import Synchronization

/// One line on standard error that tells how far the work is, and goes away when it is done:
/// `dump.rdb  42%  1.2 GiB of 2.9 GiB  412.0 MiB/s  ETA 0:04`.
///
/// `add` may be called from any thread and costs one atomic addition; a look at the clock comes
/// with each 256 KiB. Nothing is shown in the first half second.
public final class ProgressLine: Sendable {
  /// The work has to last this long before a line appears.
  static let delayNanoseconds: UInt64 = 500_000_000
  /// The shortest time between two lines.
  static let intervalNanoseconds: UInt64 = 100_000_000
  /// The bytes between two looks at the clock.
  static let strideByteCount: Int64 = 256 << 10

  private let label: String
  private let totalByteCount: Int64?
  private let isEnabled: Bool
  private let width: @Sendable () -> Int
  private let clock: @Sendable () -> UInt64
  private let show: @Sendable (String) -> Void

  private let start: UInt64
  private let byteCount = Atomic<Int64>(0)
  /// The count at which to look at the clock again.
  private let nextCheck = Atomic<Int64>(0)
  /// Guards `Shown`, and lets one thread at a time write.
  private let shown = Mutex(Shown())

  private struct Shown {
    /// When to write next.
    var nextDraw: UInt64
    var isVisible = false
    var isFinished = false

    init() { nextDraw = 0 }
  }

  /// A line on standard error, if that is a terminal and nobody wants silence.
  ///
  /// - Parameters:
  ///   - label: what is being read.
  ///   - totalByteCount: the bytes in all; nil when nobody knows, as on standard input.
  ///   - isQuiet: whether `--quiet` was given.
  public convenience init(_ label: String, totalByteCount: Int64?, isQuiet: Bool) {
    self.init(
      label, totalByteCount: totalByteCount,
      isEnabled: !isQuiet && Terminal.isTerminal(.error),
      width: { Terminal.width(.error) ?? 80 }, clock: ProgressLine.monotonicNanoseconds,
      show: ProgressLine.writeToStandardError)
  }

  /// A line anywhere; the parameters stand for the terminal and its clock.
  init(
    _ label: String, totalByteCount: Int64?, isEnabled: Bool,
    width: @escaping @Sendable () -> Int, clock: @escaping @Sendable () -> UInt64,
    show: @escaping @Sendable (String) -> Void
  ) {
    self.label = PrintableText.line(label)
    self.totalByteCount = totalByteCount
    self.isEnabled = isEnabled
    self.width = width
    self.clock = clock
    self.show = show
    start = clock()
  }

  deinit { finish() }

  /// Adds bytes that are done.
  public func add(_ count: Int) {
    guard isEnabled else { return }
    let total = byteCount.add(Int64(count), ordering: .relaxed).newValue
    if total >= nextCheck.load(ordering: .relaxed) { check(total) }
  }

  /// Erases the line. Nothing is shown afterwards.
  public func finish() {
    guard isEnabled else { return }
    shown.withLock {
      if $0.isVisible { show("\r\u{1B}[K") }
      $0.isVisible = false
      $0.isFinished = true
    }
  }

  /// Erases the line while `body` writes something else to the terminal; it comes back later.
  public func suspended<Result>(_ body: () -> Result) -> Result {
    shown.withLock {
      if $0.isVisible { show("\r\u{1B}[K") }
      $0.isVisible = false
      return body()
    }
  }

  @inline(never)
  private func check(_ total: Int64) {
    nextCheck.store(total &+ ProgressLine.strideByteCount, ordering: .relaxed)
    let now = clock()
    let elapsed = now &- start
    guard elapsed >= ProgressLine.delayNanoseconds else { return }
    // Who cannot have the lock need not wait: another thread is writing.
    _ = shown.withLockIfAvailable {
      guard !$0.isFinished, now >= $0.nextDraw else { return }
      $0.nextDraw = now &+ ProgressLine.intervalNanoseconds
      $0.isVisible = true
      let line = text(byteCount: total, elapsedNanoseconds: elapsed)
      // One column stays free: some terminals wrap after the last.
      show("\r" + TextWidth.truncatingEnd(line, to: max(width() - 1, 1)) + "\u{1B}[K")
    }
  }

  private func text(byteCount: Int64, elapsedNanoseconds: UInt64) -> String {
    let seconds = Double(elapsedNanoseconds) / 1e9
    let rate = Double(byteCount) / seconds
    let rateText = HumanNumber.size(Int64(rate)) + "/s"
    guard let totalByteCount, totalByteCount > 0 else {
      return "\(label)  \(HumanNumber.size(byteCount))  \(rateText)"
    }
    // A file may grow while it is read.
    let done = min(byteCount, totalByteCount)
    let percent = Int(Double(done) * 100 / Double(totalByteCount))
    let left = rate >= 1 ? Double(totalByteCount - done) / rate : 0
    let leftText = HumanNumber.duration(seconds: Int64(min(left.rounded(.up), 1e9)))
    return "\(label)  \(percent)%  \(HumanNumber.size(done)) of \(HumanNumber.size(totalByteCount))"
      + "  \(rateText)  ETA \(leftText)"
  }

  @Sendable
  private static func monotonicNanoseconds() -> UInt64 {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return UInt64(time.tv_sec) &* 1_000_000_000 &+ UInt64(time.tv_nsec)
  }

  /// Nobody can be told when this fails, and the work goes on.
  @Sendable
  private static func writeToStandardError(_ text: String) {
    var copy = text
    copy.withUTF8 { _ = write(STDERR_FILENO, $0.baseAddress, $0.count) }
  }
}
