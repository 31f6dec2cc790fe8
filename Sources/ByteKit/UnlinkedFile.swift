/// Temporary files that have no name, so that nothing is left of them however the program ends.
public enum UnlinkedFile {
  /// Makes one for reading and writing; −1 with `errno` set when that fails.
  ///
  /// - Parameter folder: where its blocks lie; `nil` for `$TMPDIR`, or `/tmp` where that is not
  ///   set.
  public static func make(in folder: String? = nil) -> Int32 {
    let folder = folder ?? getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
    var path = Array((folder + "/redisops-" + String(repeating: "X", count: 6)).utf8CString)
    let file = mkstemp(&path)
    if file >= 0 {
      unlink(path)
      _ = fcntl(file, F_SETFD, FD_CLOEXEC)
    }
    return file
  }
}
