// Lua 5.1 as the servers embed it: an interpreter with their libraries and their sandbox.
//
// Lua reports errors by longjmp, which must never cross a frame of Swift. So all that can raise an
// error is done here: what Swift calls is protected, and what Swift offers to scripts is called,
// returns, and only then is an error raised. Nothing of lua.h is seen outside.

#ifndef CLUA_H
#define CLUA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// Bytes that lie elsewhere.
typedef struct {
  const uint8_t *start;
  size_t count;
} clua_bytes;

/// An argument of redis.call: a text, or a number that has none yet.
typedef struct {
  clua_bytes text;
  double number;
  bool is_number;
} clua_argument;

/// The parts of an answer. Each is a tag, 8 bytes in the machine's order, and for texts as many
/// bytes as these say; the parts of an array follow it.
enum clua_tag {
  CLUA_STATUS = 0,
  CLUA_ERROR = 1,
  CLUA_INTEGER = 2,
  CLUA_BULK = 3,
  CLUA_NULL = 4,
  CLUA_NULL_ARRAY = 5,
  CLUA_ARRAY = 6,
  /// The bits of a double; in answers of scripts only.
  CLUA_DOUBLE = 7,
};

/// What RESP3 makes of the RESP2 answer to a command.
enum clua_shape {
  CLUA_PLAIN = 0,
  /// Names and values in turn.
  CLUA_MAP = 1,
  /// Arrays of a name and a value.
  CLUA_MAP_OF_PAIRS = 2,
  CLUA_SET = 3,
  CLUA_NUMBER = 4,
  /// An array of numbers, with nothing in between.
  CLUA_NUMBERS = 5,
  /// Members and scores in turn, which RESP3 has as arrays of both.
  CLUA_SCORED = 6,
  /// Fields and values in turn, which RESP3 has as arrays of both.
  CLUA_PAIRED = 7,
};

/// What a command that a script called answered.
typedef struct {
  /// Parts; valid until the next call.
  clua_bytes parts;
  /// One of clua_shape.
  int shape;
  /// The command was not executed: the text in `parts` says why.
  bool is_refused;
} clua_answer;

/// Executes a command that a script called; the shape is asked for where the script wants RESP3.
typedef void (*clua_call)(
    void *context, const clua_argument *arguments, size_t count, bool is_resp3,
    clua_answer *answer);

/// Says whether a command exists with so many arguments, for acl_check_cmd.
typedef bool (*clua_knows)(void *context, const clua_argument *arguments, size_t count);

/// Writes the 40 hex digits of a SHA-1 to `digits`.
typedef void (*clua_sha1)(const uint8_t *start, size_t count, uint8_t *digits);

/// Says whether single commands are replicated, not the script; with `asks`, asks for it first.
typedef bool (*clua_replicates)(void *context, bool asks);

/// What differs between servers, and what a script may use.
typedef struct {
  /// Bytes of memory.
  size_t memory_max;
  /// Instructions of one script; memory counts too, at 16 bytes each.
  uint64_t work_max;
  /// The same of loading a library.
  uint64_t load_work_max;
  /// Milliseconds of the processor after which a script is looked at, and ended when it takes as
  /// long again; 0 for none.
  uint64_t time_max_ms;
  /// The state of math.random, shared by all interpreters of a server.
  uint64_t *random;
  /// For functions: libraries can be loaded, and EVAL has no place.
  bool is_for_functions;
  /// Tables of the server cannot be changed; before 6.2.7 only globals were guarded.
  bool has_fixed_tables;
  /// Errors are tables; before 7.0 they were texts.
  bool has_error_tables;
  /// The errors of older servers end in a blank that was a newline.
  bool ends_errors_in_blank;
  /// "nonexistent", not "unexisting".
  bool says_nonexistent;
  /// V 9: no name of the script in its errors.
  bool omits_script_name;
  /// Every script begins with the seed 0.
  bool seeds_each_script;
  bool has_print, has_dofile, has_environments, has_compare_helper, has_clock;
  bool has_replication, has_replica_name, has_resp3, has_version, has_array_metatable;
  /// The alias `server`, and what it says of itself.
  bool is_valkey;
  const char *version, *valkey_version;
  int version_number, valkey_version_number;
  /// Texts of errors.
  const char *no_arguments, *bad_arguments;
  clua_sha1 sha1;
} clua_config;

/// An interpreter.
typedef struct clua clua;

/// A function that a library registered.
typedef struct {
  clua_bytes name;
  /// `start` is NULL for none.
  clua_bytes description;
  /// 1 no-writes, 2 allow-oom, 4 allow-stale, 8 no-cluster, 16 allow-cross-slot-keys.
  int flags;
  int callback;
} clua_registration;

/// A run of a script or a function.
typedef struct {
  void *context;
  clua_call call;
  clua_knows knows;
  clua_replicates replicates;
  const clua_bytes *keys;
  size_t key_count;
  const clua_bytes *arguments;
  size_t argument_count;
  /// What errors name: the SHA-1, or the function.
  clua_bytes name;
} clua_run;

/// Sets what the next runs may use: see `clua_config`.
void clua_set_limits(
    clua *state, uint64_t work_max, uint64_t load_work_max, uint64_t time_max_ms);

/// Makes an interpreter; NULL where there is no memory.
clua *clua_open(const clua_config *config);

/// Ends it.
void clua_close(clua *state);

/// Compiles a script, whose errors name it `user_script`.
///
/// `name`: the 40 digits of its SHA-1.
/// Returns a number for `clua_run_script`; below zero: `clua_text` says why not.
int clua_compile(clua *state, clua_bytes code, clua_bytes name);

/// Runs a compiled script or a registered function. `clua_parts` has its answer.
void clua_run_script(clua *state, int script, const clua_run *run);

/// Runs the body of a library, which registers functions.
///
/// Returns false where it failed: `clua_text` says why. What was registered is to be released by
/// the caller in either case, when its time has come.
bool clua_load_library(clua *state, clua_bytes code);

/// What the last library registered; valid until the next one.
const clua_registration *clua_registrations(const clua *state, size_t *count);

/// Forgets a script or a function.
void clua_release(clua *state, int script);

/// Whether the last run, compilation or library came to a limit that servers do not have, also where
/// the script caught the error: what a server would have done is not known.
bool clua_was_limited(const clua *state);

/// The parts of the last answer.
clua_bytes clua_parts(const clua *state);

/// The text of the last failure.
clua_bytes clua_text(const clua *state);

/// Bytes that the interpreter holds.
size_t clua_byte_count(const clua *state);

#endif
