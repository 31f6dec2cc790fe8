import ByteKit
import ConfLint
import Findings

/// A configuration that is to be linted.
struct LintInput {
  /// The path as the user named it, or as it was found below a folder.
  var path: String
  /// What it is.
  var kind: ConfFileKind
  /// Its bytes, of the configuration alone when it stands within a YAML file; nil for a file that
  /// is read again when its turn comes.
  var held: [UInt8]?
  /// Where it stands within a YAML file.
  var embedded: EmbeddedConf?

  /// Its bytes.
  func bytes() throws(InputError) -> [UInt8] {
    if let held { return held }
    return try SmallFile.read(path)
  }

  /// The bytes of the file that it stands in; nil when that can no longer be read.
  var fileBytes: [UInt8]? {
    embedded == nil ? try? bytes() : try? SmallFile.read(path)
  }
}

/// Finds what there is to lint.
struct LintInputs {
  /// What was found, in order.
  private(set) var inputs: [LintInput] = []
  /// What could not be read.
  private(set) var errors: [(path: String, error: InputError)] = []

  /// Folders within folders that are followed.
  private static let depthMax = 32
  /// Folders that were walked: links may lead to one several times, or round in circles.
  private var visited: Set<FolderID> = []
  /// Larger YAML files in a folder are not looked through.
  private static let foundByteCountMax = 4 << 20
  /// Bytes that are kept of files: a thousand of them need not fit into memory.
  private static let heldByteCountMax = 4 << 20
  private var heldByteCount = 0

  /// Reads what the user named: files, `-`, folders with all below them.
  ///
  /// - Parameter kind: what every named file is; nil to find out.
  init(_ paths: [String]) {
    for path in paths {
      if path != "-", Self.isFolder(path) {
        walk(path, depth: 0)
      } else {
        readNamed(path)
      }
    }
  }

  /// Other bytes for an input.
  mutating func replace(at index: Int, _ bytes: [UInt8]) { inputs[index].held = bytes }

  /// Adds a file that is no YAML; what is no longer held can be read once more.
  private mutating func add(_ path: String, _ kind: ConfFileKind, _ bytes: [UInt8]) {
    var status = stat()
    let isAgain = path != "-" && stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
    let isHeld = !isAgain || heldByteCount + bytes.count <= Self.heldByteCountMax
    if isHeld { heldByteCount += bytes.count }
    inputs.append(
      LintInput(path: path == "-" ? "<stdin>" : path, kind: kind, held: isHeld ? bytes : nil))
  }

  private static func isFolder(_ path: String) -> Bool {
    var status = stat()
    return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
  }

  private mutating func readNamed(_ path: String) {
    do throws(InputError) {
      let bytes = try SmallFile.read(path)
      if EmbeddedConf.isYAMLName(path), addEmbedded(path, bytes) { return }
      let name = path == "-" ? "<stdin>" : path
      add(path, ConfSniffer.namedKind(path: name, bytes), bytes)
    } catch {
      errors.append((path, error))
    }
  }

  /// Whether there was something.
  private mutating func addEmbedded(_ path: String, _ bytes: [UInt8]) -> Bool {
    let found = EmbeddedConf.all(in: bytes)
    for entry in found {
      inputs.append(
        LintInput(path: path, kind: entry.kind, held: entry.bytes, embedded: entry))
    }
    return !found.isEmpty
  }

  /// A folder, whatever path leads to it.
  private struct FolderID: Hashable {
    var device: UInt64
    var node: UInt64
  }

  private mutating func walk(_ folder: String, depth: Int) {
    var own = stat()
    guard depth < Self.depthMax, stat(folder, &own) == 0,
      visited.insert(FolderID(device: UInt64(own.st_dev), node: UInt64(own.st_ino))).inserted
    else { return }
    for name in names(in: folder) where !name.hasPrefix(".") && name != "node_modules" {
      let path = folder.hasSuffix("/") ? folder + name : "\(folder)/\(name)"
      var status = stat()
      guard stat(path, &status) == 0 else {
        // A link to nothing that has the name of a configuration is told as such.
        if ConfSniffer.mayBeConf(path: path) { readFound(path) }
        continue
      }
      switch status.st_mode & S_IFMT {
      case S_IFDIR: walk(path, depth: depth + 1)
      case S_IFREG
      where status.st_size <= Self.foundByteCountMax || ConfSniffer.mayBeConf(path: path):
        readFound(path)
      default: break
      }
    }
  }

  /// Takes a file below a folder if it looks like a configuration.
  private mutating func readFound(_ path: String) {
    let isYAML = EmbeddedConf.isYAMLName(path)
    guard isYAML || ConfSniffer.mayBeConf(path: path) else { return }
    do throws(InputError) {
      let bytes = try SmallFile.read(path)
      if isYAML {
        _ = addEmbedded(path, bytes)
      } else if let kind = ConfSniffer.kind(path: path, bytes) {
        add(path, kind, bytes)
      }
    } catch {
      errors.append((path, error))
    }
  }

  /// The names in a folder, sorted.
  private mutating func names(in folder: String) -> [String] {
    guard let stream = opendir(folder) else {
      errors.append((folder, InputError(.system, at: 0, "cannot open: \(systemErrorText(errno))")))
      return []
    }
    defer { closedir(stream) }
    var result: [String] = []
    while let entry = readdir(stream) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if name != "." && name != ".." { result.append(name) }
    }
    return result.sorted()
  }
}
