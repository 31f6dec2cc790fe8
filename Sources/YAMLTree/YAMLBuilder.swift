/// Builds the tree from events, within the limits.
struct YAMLBuilder {
  private let text: YAMLText
  /// The finished document.
  private(set) var root: YAMLNode?
  private var open: [OpenNode] = []
  private var anchors: [String: Anchor] = [:]
  private var documentCount = 0
  private var nodeCount = 0
  private var expandedNodeCount = 0

  /// A node and the number of nodes in it.
  private struct Anchor {
    var node: YAMLNode
    var nodeCount: Int
  }

  /// A sequence or mapping whose end has not come yet.
  private struct OpenNode {
    var isMapping: Bool
    var anchor: String?
    var start: YAMLPosition
    var items: [YAMLNode] = []
    var entries: [YAMLEntry] = []
    /// The places of the keys.
    var keys: [String: Int] = [:]
    /// The key that waits for its value.
    var key: (scalar: YAMLScalar, start: YAMLPosition, end: YAMLPosition)?
    /// What `<<` named.
    var merged: [(node: YAMLNode, at: YAMLPosition)] = []
    /// Nodes inside, and the node itself.
    var nodeCount = 1
  }

  init(_ text: YAMLText) {
    self.text = text
  }

  /// Takes the next event.
  mutating func take(_ event: YAMLEvent) throws(YAMLError) {
    let start = text.position(ofOffset: event.start)
    let end = text.position(ofOffset: event.end)
    switch event.kind {
    case .documentStart:
      documentCount += 1
      guard documentCount == 1 else {
        throw YAMLError(
          .documents, "a second document starts here: the file must have exactly one", at: start)
      }
    case .scalar(let scalar):
      if let anchor = event.anchor, scalar.text.isEmpty, scalar.style == .plain {
        throw YAMLError(
          .anchor, "&\(anchor) names nothing: quote values that start with &", at: start)
      }
      try countNode(at: start)
      let node = YAMLNode(.scalar(scalar), start: start, end: end)
      try add(node, anchor: event.anchor, nodeCount: 1, start: start, end: end)
    case .alias(let name):
      try addAlias(name, start: start, end: end)
    case .sequenceStart, .mappingStart:
      try countNode(at: start)
      guard open.count < YAMLLimits.depth else {
        throw YAMLError(.limit, "more than \(YAMLLimits.depth) levels of nesting", at: start)
      }
      var isMapping = false
      if case .mappingStart = event.kind { isMapping = true }
      if let parent = open.last, parent.isMapping, parent.key == nil {
        throw YAMLError(.key, "a key must be a word, not a list or a map", at: start)
      }
      open.append(OpenNode(isMapping: isMapping, anchor: event.anchor, start: start))
    case .end:
      guard let finished = open.popLast() else { return }
      try close(finished, end: end)
    }
  }

  private mutating func countNode(at position: YAMLPosition) throws(YAMLError) {
    nodeCount += 1
    guard nodeCount <= YAMLLimits.nodeCount else {
      throw YAMLError(.limit, "more than \(YAMLLimits.nodeCount) nodes", at: position)
    }
  }

  private mutating func expand(_ count: Int, at position: YAMLPosition) throws(YAMLError) {
    expandedNodeCount += count
    guard expandedNodeCount <= YAMLLimits.expandedNodeCount else {
      throw YAMLError(
        .limit, "aliases add more than \(YAMLLimits.expandedNodeCount) nodes", at: position)
    }
  }

  private mutating func addAlias(
    _ name: String, start: YAMLPosition, end: YAMLPosition
  ) throws(YAMLError) {
    if open.contains(where: { $0.anchor == name }) {
      throw YAMLError(.alias, "*\(name) stands inside the node that it names", at: start)
    }
    guard let anchor = anchors[name] else {
      throw YAMLError(
        .alias, "nothing above is named &\(name): quote values that start with *", at: start)
    }
    try expand(anchor.nodeCount, at: start)
    try add(anchor.node, anchor: nil, nodeCount: anchor.nodeCount, start: start, end: end)
  }

  private mutating func close(_ finished: OpenNode, end: YAMLPosition) throws(YAMLError) {
    var finished = finished
    let start = finished.start
    guard finished.isMapping else {
      let node = YAMLNode(.sequence(finished.items), start: start, end: end)
      try add(
        node, anchor: finished.anchor, nodeCount: finished.nodeCount, start: start, end: end)
      return
    }
    for (node, position) in finished.merged {
      for entry in node.entries ?? [] where finished.keys[entry.key.text] == nil {
        try expand(1, at: position)
        finished.keys[entry.key.text] = finished.entries.count
        finished.entries.append(entry)
      }
    }
    let node = YAMLNode(.mapping(finished.entries), start: start, end: end)
    try add(node, anchor: finished.anchor, nodeCount: finished.nodeCount, start: start, end: end)
  }

  /// Puts a node where it belongs: into the innermost open one, or as the root.
  private mutating func add(
    _ node: YAMLNode, anchor: String?, nodeCount: Int, start: YAMLPosition, end: YAMLPosition
  ) throws(YAMLError) {
    if let anchor { anchors[anchor] = Anchor(node: node, nodeCount: nodeCount) }
    guard let last = open.indices.last else {
      root = node
      return
    }
    open[last].nodeCount += nodeCount
    guard open[last].isMapping else {
      open[last].items.append(node)
      return
    }
    guard let key = open[last].key else {
      guard let scalar = node.scalar else {
        throw YAMLError(.key, "a key must be a word, not a list or a map", at: start)
      }
      open[last].key = (scalar, start, end)
      return
    }
    open[last].key = nil
    if key.scalar.text == "<<", key.scalar.style == .plain {
      try merge(node, into: last, at: key.start)
      return
    }
    if let first = open[last].keys[key.scalar.text] {
      let other = open[last].entries[first].keyStart
      throw YAMLError(
        .key, "the key '\(key.scalar.text)' is already on line \(other.line)", at: key.start,
        otherPosition: other)
    }
    open[last].keys[key.scalar.text] = open[last].entries.count
    open[last].entries.append(
      YAMLEntry(key: key.scalar, keyStart: key.start, keyEnd: key.end, value: node))
  }

  private mutating func merge(
    _ node: YAMLNode, into last: Int, at position: YAMLPosition
  ) throws(YAMLError) {
    guard open[last].merged.isEmpty else {
      throw YAMLError(
        .key, "a second << in one map: give one list, <<: [*first, *second]", at: position)
    }
    let sources = node.items ?? [node]
    for source in sources {
      guard source.entries != nil else {
        throw YAMLError(
          .key, "<< takes a map or a list of maps, not \(source.kindName)", at: position)
      }
      open[last].merged.append((source, position))
    }
  }
}
