/// A mutex with a condition: what the workers of one pass share.
public final class Monitor: @unchecked Sendable {
  private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
  private let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)

  /// An unlocked monitor.
  public init() {
    pthread_mutex_init(mutex, nil)
    pthread_cond_init(condition, nil)
  }

  deinit {
    pthread_cond_destroy(condition)
    pthread_mutex_destroy(mutex)
    condition.deallocate()
    mutex.deallocate()
  }

  /// Takes the lock.
  public func lock() { pthread_mutex_lock(mutex) }
  /// Gives the lock back.
  public func unlock() { pthread_mutex_unlock(mutex) }
  /// Waits, the lock given back meanwhile, until somebody calls `wakeAll`.
  public func wait() { pthread_cond_wait(condition, mutex) }
  /// Wakes all that wait.
  public func wakeAll() { pthread_cond_broadcast(condition) }

  /// Runs `body` under the lock.
  public func withLock<R>(_ body: () -> R) -> R {
    lock()
    defer { unlock() }
    return body()
  }
}

/// Runs one function on several threads.
public enum Threads {
  /// The processors that are there.
  public static var available: Int { max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))) }

  /// Calls `body` on `count` threads, the calling one among them, and waits for all.
  public static func run(_ count: Int, _ body: @escaping @Sendable () -> Void) {
    var threads: [pthread_t] = []
    for _ in 1..<max(1, count) {
      var thread = pthread_t()
      let box = Unmanaged.passRetained(Job(body))
      let status = pthread_create(
        &thread, nil,
        { raw in
          guard let raw else { return nil }
          Unmanaged<Job>.fromOpaque(raw).takeRetainedValue().body()
          return nil
        }, box.toOpaque())
      if status == 0 {
        threads.append(thread)
      } else {
        box.release()
      }
    }
    body()
    for thread in threads { pthread_join(thread, nil) }
  }

  private final class Job {
    let body: @Sendable () -> Void
    init(_ body: @escaping @Sendable () -> Void) { self.body = body }
  }
}
