import YAMLTree

/// Reads the input as YAML; a tree keeps within the limits and within the input.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzYAML(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let bytes = Array(UnsafeBufferPointer(start: start, count: count))
  guard let root = try? YAMLDocument.parse(bytes) else { return 0 }
  check(root, within: bytes.count, depth: 0)
  return 0
}

private func check(_ node: YAMLNode, within byteCount: Int, depth: Int) {
  let places = 0...byteCount
  if !places.contains(node.start.offset) || !places.contains(node.end.offset) {
    fatalError("a node lies outside the text")
  }
  // An alias puts a node of the allowed depth below another one.
  if depth > 2 * YAMLLimits.depth { fatalError("nested too deeply") }
  for item in node.items ?? [] { check(item, within: byteCount, depth: depth + 1) }
  for entry in node.entries ?? [] { check(entry.value, within: byteCount, depth: depth + 1) }
}
