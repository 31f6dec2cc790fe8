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
    ("requirepas hunter2", "requirepas ***"),
    ("sentinel auth-pas m p4ss", "sentinel auth-pas m ***"),
    ("sentinel auth-user m bob", "sentinel auth-user m bob"),
    ("user a on (+get >secret ~a)", "user a on (+get >*** ~a)"),
    ("usr a >secret", "usr a >***"),
    ("# user a >secret", "# user a >***"),
    ("maxmemory 1gb", "maxmemory 1gb"),
    ("rename-command CONFIG #", "rename-command CONFIG #"),
    ("protected-mode no", "protected-mode no"),
    ("# a comment on a user", "# a comment on a user"),
  ])
  func `secrets are hidden`(_ line: String, _ shown: String) {
    let masked = SecretText.masked(Array(line.utf8)[...], of: .conf)
    #expect(String(decoding: masked, as: UTF8.self) == shown)
  }

  @Test(arguments: [
    (
      "command: [\"redis-server\", \"--requirepass\", \"s3\", \"--hz\", \"10\"]",
      "command: [\"redis-server\", \"--requirepass *** --hz\", \"10\"]"
    ),
    ("- --masterauth s3 x", "- --masterauth *** "),
    ("    requirepass s3", "    requirepass ***"),
    ("- --maxmemory 1gb", "- --maxmemory 1gb"),
  ])
  func `secrets of a YAML file are hidden`(_ line: String, _ shown: String) {
    let masked = SecretText.masked(yaml: Array(line.utf8))
    #expect(String(decoding: masked, as: UTF8.self) == shown)
  }
}
