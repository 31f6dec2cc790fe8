// What the parts of the interpreter share. Not seen outside of this target.

#ifndef CLUA_INTERNAL_H
#define CLUA_INTERNAL_H

#include <lua5.1/lua.h>
#include <lua5.1/lauxlib.h>
#include <lua5.1/lualib.h>
#include "include/clua.h"

/// Bytes that grow; their memory counts as the interpreter's.
typedef struct {
  uint8_t *start;
  size_t count, capacity;
} clua_buffer;

/// The deepest nesting of an answer.
#define CLUA_DEPTH_MAX 1000
/// The most functions of a library.
#define CLUA_FUNCTIONS_MAX 10000

struct clua {
  lua_State *L;
  clua_config config;
  size_t used, allocated;
  uint64_t work, work_max;
  /// When to look at the time again, milliseconds of the coarse clock; and the time of the thread
  /// when it was looked at before, 0 for never.
  uint64_t look_ms, thread_ms;
  bool is_exhausted, is_loading, was_limited;
  /// 2 or 3, as redis.setresp says.
  int resp;
  const clua_run *run;
  clua_buffer parts, text;
  clua_registration *registrations;
  size_t registration_count;
  /// The functions that guards are put in front of.
  lua_CFunction insert, remove, sort, concat, maxn, getfenv, collectgarbage;
};

/// The interpreter of a state.
clua *clua_of(lua_State *L);

/// Appends bytes; raises an error where there is no room.
void clua_put(lua_State *L, clua_buffer *buffer, const void *start, size_t count);

/// Appends bytes; false where there is no room.
bool clua_append(clua *state, clua_buffer *buffer, const void *start, size_t count);

/// Gives the memory of a buffer back.
void clua_free(clua *state, clua_buffer *buffer);

/// Pushes what a command answered.
void clua_push_answer(lua_State *L, clua_bytes parts, int shape);

/// Writes the value on top as an answer, and pops it.
void clua_write_answer(lua_State *L);

/// Pushes an error as scripts see it and returns it, or raises it.
int clua_fail(lua_State *L, bool raises, const char *text, size_t count);

/// The same for an error that has no code yet.
int clua_fail_plain(lua_State *L, bool raises, const char *text);

/// The error handler of scripts.
int clua_handle_error(lua_State *L);

/// Keeps the error on top as the text of the last failure.
void clua_keep_error(lua_State *L);

/// Begins to count instructions.
void clua_begin_work(clua *state, uint64_t work_max);

/// Raises an error that servers do not have.
int clua_limit(lua_State *L, const char *text);

/// Counts instructions that a function in C takes, or is about to take, and looks at the time;
/// raises an error where that is too much.
void clua_work(lua_State *L, uint64_t count);

int clua_find(lua_State *L);
int clua_match(lua_State *L);
int clua_gmatch(lua_State *L);
int clua_gsub(lua_State *L);

/// Forgets what the last library registered.
void clua_forget_registrations(clua *state);

/// redis.register_function.
int clua_register_function(lua_State *L);

/// Puts the server's own table into the table on top.
void clua_add_server(lua_State *L);

/// Pushes the table `redis` that a library sees while it is loaded.
void clua_push_loading_server(lua_State *L);

/// Replaces or removes functions of the table of globals on top, and guards others.
void clua_restrict(lua_State *L);

/// Makes the table of globals on top the one that scripts see, and pops it.
void clua_enter_sandbox(lua_State *L);

/// Undoes what setfenv(0, ...) did.
void clua_reset_globals(lua_State *L);

/// Lets scripts see the globals of loading, or all.
void clua_show_globals(lua_State *L, bool is_loading);

/// Replaces the table on top by one that shows it and cannot be changed.
void clua_fix_table(lua_State *L);

/// Whether the value at `index` is such a table; the one behind it is then pushed.
bool clua_behind(lua_State *L, int index);

/// Pushes the globals that scripts see.
void clua_push_visible(lua_State *L);

/// Pushes the metatable of strings as scripts see it.
void clua_push_string_meta(lua_State *L);

/// Refuses the change of a table that cannot be changed.
int clua_refuse_change(lua_State *L);

int clua_open_json(lua_State *L);
int clua_open_msgpack(lua_State *L);
int clua_open_struct(lua_State *L);

/// math.random and math.randomseed.
int clua_random(lua_State *L);
int clua_randomseed(lua_State *L);

#endif
