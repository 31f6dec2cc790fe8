import Findings
import TestSupport
import Testing

@testable import ConfLint

@Suite struct SecretTextTests {
  @Test(arguments: [
    ("requirepass hunter2 # old", "requirepass ***"),
    ("  REQUIREPASS \"a b\"", "  REQUIREPASS ***"),
    ("# requirepass foobared", "# requirepass ***"),
    ("user app on >secret #abcd ~* <old !ef", "user app on >*** #*** ~* <*** !***"),
    ("user app on \">my secret\"", "user app on \">***"),
    ("sentinel auth-pass mymaster p4ss", "sentinel auth-pass mymaster ***"),
    ("sentinel sentinel-pass p4ss", "sentinel sentinel-pass ***"),
    ("tls-key-file-pass x", "tls-key-file-pass ***"),
    ("masterauth 'x y'", "masterauth ***"),
    ("maxmemory 1gb", "maxmemory 1gb"),
    ("# a comment on a user", "# a comment on a user"),
  ])
  func `secrets are hidden`(_ line: String, _ shown: String) {
    let masked = SecretText.masked(Array(line.utf8)[...], of: .conf)
    #expect(String(decoding: masked, as: UTF8.self) == shown)
  }
}
