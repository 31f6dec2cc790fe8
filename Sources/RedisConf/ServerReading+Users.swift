import RedisModel

extension ServerReading {
  mutating func readUsers(_ files: any ConfFiles, _ base: String) {
    let channels = settings["acl-pubsub-default"]?.values.last?.first?.lowercased()
    let acl = ACLServer(target, givesAllChannels: channels.map { $0 == "allchannels" })
    startUsers(acl)
    if let password = settings["requirepass"]?.values.last?.first, !password.isEmpty {
      users[0].setPassword(password)
    }
    let lines = settings["user"]?.origins ?? []
    for origin in lines {
      let words = documents[origin.document].lines[origin.line].tokens.map(\.text)
      if let trouble = ConfUser.startTrouble(Array(words.dropFirst(2)), acl) {
        refuse(trouble, origin, isAtStart: true)
      } else {
        define(words, origin, acl)
      }
    }
    // A Sentinel takes the line and never loads the file.
    guard !isSentinel, let setting = settings["aclfile"], let name = setting.values.last?.first,
      let origin = setting.origins.last, !name.isEmpty
    else { return }
    guard lines.isEmpty else {
      return refuse(
        ConfVerdict.Trouble(
          kind: .twoSources, reason: "users stand both in the configuration and in an ACL file",
          message: ServerMessage.twoSources(target)), origin, isAtStart: true)
    }
    let path = files.resolve(ConfPath.join(base, name))
    guard let bytes = files.read(path) else {
      guard files.presence(ConfPath.join(base, name)) == false else { return }
      return refuse(
        ConfVerdict.Trouble(
          kind: .missingHere, reason: "there is no file '\(path)' on this machine", argument: 0,
          message: "Error loading ACLs, opening file '\(name)': No such file or directory"),
        origin, isAtStart: true)
    }
    documents.append(ConfDocument(aclName: path, bytes: bytes))
    aclDocument = documents.count - 1
    startUsers(acl)
    readACL(documents.count - 1, acl)
  }

  /// The user of that name, as an index into `users`; nil for none.
  public func userIndex(_ name: String) -> Int? { userIndexes[name] }

  mutating func startUsers(_ acl: ACLServer) {
    let first = ConfUser.initialDefault(acl)
    users = [first]
    userIndexes = [first.name: 0]
  }

  mutating func readACL(_ index: Int, _ acl: ACLServer) {
    for number in documents[index].lines.indices {
      let words = documents[index].lines[number].tokens.map(\.text)
      let origin = ConfSetting.Origin(document: index, line: number)
      guard words.first == "user", words.count >= 2 else {
        refuse(
          ConfVerdict.Trouble(
            kind: .user, reason: "each line must begin with 'user' and a name",
            message: "should start with user keyword followed by the username"), origin,
          isAtStart: true)
        continue
      }
      let isAgain = userIndexes[words[1]].map { users[$0].origin != nil } ?? false
      if isAgain, acl.isSeven {
        refuse(
          ConfVerdict.Trouble(
            kind: .user, reason: "the user '\(words[1])' is defined twice",
            message: "WARNING: Duplicate user '\(words[1])' found"), origin, isAtStart: true)
        continue
      }
      let rules = Array(words.dropFirst(2))
      if let trouble = ConfUser.trouble(rules, target) ?? ConfUser.startTrouble(rules, acl) {
        refuse(trouble, origin, isAtStart: true)
      } else {
        define(words, origin, acl)
      }
    }
  }

  private mutating func define(
    _ words: [String], _ origin: ConfSetting.Origin, _ acl: ACLServer
  ) {
    guard words.count >= 2,
      case .success(let rules) = ConfUser.merged(Array(words.dropFirst(2)), acl)
    else { return }
    let index: Int
    if let known = userIndexes[words[1]] {
      index = known
      if users[known].origin == nil { _ = users[known].set("reset") }
    } else {
      users.append(
        ConfUser(name: words[1], server: acl, hasAllChannels: acl.givesAllChannels))
      index = users.count - 1
      userIndexes[words[1]] = index
    }
    for rule in rules { _ = users[index].set(rule) }
    users[index].origin = origin
  }
}
