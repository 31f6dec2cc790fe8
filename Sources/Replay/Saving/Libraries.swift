extension DatasetLoader {
  /// The texts of the function libraries.
  var savedLibraries: [[UInt8]] { [] }
}
