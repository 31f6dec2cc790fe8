/// A function of a library.
public struct LibraryFunction: Sendable {
  /// Its name, as it was registered.
  public var name: [UInt8]
  /// What it is for; `nil` where that was not said.
  public var description: [UInt8]?
  /// What it says of itself.
  var flags: ScriptFlags
  /// What the interpreter knows it by.
  var callback: Int32

  /// The flags that it has, as `FUNCTION LIST` names them.
  public var flagNames: [String] {
    ScriptFlags.names.filter { flags.contains($0.flag) }.map(\.name)
  }
}

/// A library of functions.
public struct FunctionLibrary: Sendable {
  /// Its name.
  public var name: [UInt8]
  /// The whole text, its first line included: what snapshots and FUNCTION LOAD have.
  public var code: [UInt8]
  /// What it registered.
  public var functions: [LibraryFunction]
}

/// The libraries of a server. Names of functions are one in either case of letters, those of
/// libraries are not.
struct FunctionStore {
  private(set) var libraries: [[UInt8]: FunctionLibrary] = [:]
  private var owners: [[UInt8]: [UInt8]] = [:]

  /// None yet.
  init() {}

  /// The libraries in the order of their names.
  var sorted: [FunctionLibrary] {
    libraries.values.sorted { $0.name.lexicographicallyPrecedes($1.name) }
  }

  /// How many functions there are.
  var functionCount: Int { owners.count }

  /// A name in the form in which names are compared.
  static func key(_ name: some Collection<UInt8>) -> [UInt8] {
    name.map { $0 &- 0x41 < 26 ? $0 | 0x20 : $0 }
  }

  /// The function of that name.
  func function(_ name: some Collection<UInt8>) -> LibraryFunction? {
    let key = Self.key(name)
    guard let owner = owners[key] else { return nil }
    return libraries[owner]?.functions.first { Self.key($0.name) == key }
  }

  /// The library that has a function of that name; `nil` for none.
  func owner(of name: [UInt8]) -> [UInt8]? { owners[Self.key(name)] }

  /// Adds a library whose name and whose functions are new.
  mutating func add(_ library: FunctionLibrary) {
    libraries[library.name] = library
    for function in library.functions { owners[Self.key(function.name)] = library.name }
  }

  /// Takes a library out.
  @discardableResult
  mutating func remove(_ name: [UInt8]) -> FunctionLibrary? {
    guard let library = libraries.removeValue(forKey: name) else { return nil }
    for function in library.functions { owners[Self.key(function.name)] = nil }
    return library
  }
}
