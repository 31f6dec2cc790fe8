// The tables `redis` and `server`, and the error handler.

#include <string.h>
#include "internal.h"

// MARK: errors

/// Puts the place of the caller in front, as servers before 7.0 do.
static void push_placed(lua_State *L, const char *text, size_t count) {
  lua_Debug place;
  if (lua_getstack(L, 1, &place) && lua_getinfo(L, "nSl", &place)) {
    lua_pushfstring(L, "%s: %d: ", place.source, place.currentline);
    lua_pushlstring(L, text, count);
    lua_concat(L, 2);
  } else {
    lua_pushlstring(L, text, count);
  }
}

int clua_fail(lua_State *L, bool raises, const char *text, size_t count) {
  if (!clua_of(L)->config.has_error_tables) {
    push_placed(L, text, count);
    if (raises) return lua_error(L);
    lua_createtable(L, 0, 1);
    lua_insert(L, -2);
    lua_setfield(L, -2, "err");
    return 1;
  }
  lua_createtable(L, 0, 2);
  lua_pushlstring(L, text, count);
  lua_setfield(L, -2, "err");
  lua_pushboolean(L, 1);
  lua_setfield(L, -2, "ignore_error_stats_update");
  return raises ? lua_error(L) : 1;
}

/// An error that has no code yet.
int clua_fail_plain(lua_State *L, bool raises, const char *text) {
  if (!clua_of(L)->config.has_error_tables) return clua_fail(L, raises, text, strlen(text));
  lua_pushfstring(L, "ERR %s", text);
  size_t count;
  const char *whole = lua_tolstring(L, -1, &count);
  return clua_fail(L, raises, whole, count);
}

/// Pushes what `tostring` would say of the value at 1.
static void push_description(lua_State *L) {
  if (lua_isstring(L, 1)) lua_pushvalue(L, 1);
  else if (luaL_callmeta(L, 1, "__tostring")) return;
  else if (lua_isboolean(L, 1)) lua_pushstring(L, lua_toboolean(L, 1) ? "true" : "false");
  else if (lua_isnil(L, 1)) lua_pushliteral(L, "nil");
  else lua_pushfstring(L, "%s: %p", luaL_typename(L, 1), lua_topointer(L, 1));
}

int clua_handle_error(lua_State *L) {
  lua_settop(L, 1);
  lua_Debug place;
  bool is_known = lua_getstack(L, 1, &place) && lua_getinfo(L, "nSl", &place);
  if (is_known && strcmp(place.what, "C") == 0) {
    // Below a function of C stands who called it; at the bottom stands what runs scripts.
    lua_Debug below;
    is_known = lua_getstack(L, 2, &place) && lua_getstack(L, 3, &below)
        && lua_getinfo(L, "nSl", &place);
  }
  if (!lua_istable(L, 1)) {
    lua_createtable(L, 0, 3);
    lua_pushliteral(L, "ERR ");
    push_description(L);
    lua_concat(L, 2);
    lua_setfield(L, -2, "err");
    lua_replace(L, 1);
    lua_settop(L, 1);
  }
  if (is_known) {
    lua_pushliteral(L, "source");
    lua_pushstring(L, place.source);
    lua_rawset(L, 1);
    lua_pushliteral(L, "line");
    lua_pushinteger(L, place.currentline);
    lua_rawset(L, 1);
  }
  return 1;
}

// MARK: commands

/// Reads the arguments; false where one is neither a text nor a number.
static bool read_arguments(lua_State *L, clua_argument *arguments, int count) {
  for (int index = 0; index < count; index++) {
    clua_argument *argument = arguments + index;
    *argument = (clua_argument){0};
    switch (lua_type(L, index + 1)) {
      case LUA_TNUMBER:
        argument->is_number = true;
        argument->number = lua_tonumber(L, index + 1);
        break;
      case LUA_TSTRING:
        argument->text.start =
            (const uint8_t *)lua_tolstring(L, index + 1, &argument->text.count);
        break;
      default: return false;
    }
  }
  return true;
}

static int call(lua_State *L, bool raises) {
  clua *state = clua_of(L);
  int count = lua_gettop(L);
  if (state->run == NULL)
    return clua_fail_plain(
        L, raises, "redis.call/pcall can only be called inside a script invocation");
  if (count == 0) return clua_fail_plain(L, raises, state->config.no_arguments);
  clua_argument few[16], *arguments = few;
  // What the interpreter owns is not lost where an error is raised.
  if (count > 16) arguments = lua_newuserdata(L, (size_t)count * sizeof(clua_argument));
  if (!read_arguments(L, arguments, count))
    return clua_fail_plain(L, raises, state->config.bad_arguments);
  clua_answer answer = {0};
  clua_work(L, 0);
  state->run->call(state->run->context, arguments, (size_t)count, state->resp == 3, &answer);
  lua_settop(L, 0);
  if (answer.is_refused)
    return clua_fail(L, raises, (const char *)answer.parts.start, answer.parts.count);
  if (answer.parts.count > 9 && answer.parts.start[0] == CLUA_ERROR) {
    const char *text = (const char *)answer.parts.start + 9;
    size_t length = answer.parts.count - 9;
    if (state->config.has_error_tables) return clua_fail(L, raises, text, length);
    if (raises) {
      lua_pushlstring(L, text, length);
      return lua_error(L);
    }
  }
  clua_push_answer(L, answer.parts, answer.shape);
  return 1;
}

static int redis_call(lua_State *L) { return call(L, true); }
static int redis_pcall(lua_State *L) { return call(L, false); }

static int redis_acl_check_cmd(lua_State *L) {
  clua *state = clua_of(L);
  int count = lua_gettop(L);
  if (count == 0) return clua_fail_plain(L, true, state->config.no_arguments);
  clua_argument *arguments = lua_newuserdata(L, (size_t)count * sizeof(clua_argument));
  if (!read_arguments(L, arguments, count))
    return clua_fail_plain(L, true, state->config.bad_arguments);
  if (state->run == NULL
      || !state->run->knows(state->run->context, arguments, (size_t)count))
    return clua_fail_plain(L, true, "Invalid command passed to redis.acl_check_cmd()");
  lua_pushboolean(L, 1);
  return 1;
}

// MARK: the rest

static int single_field(lua_State *L, const char *name) {
  if (lua_gettop(L) != 1 || lua_type(L, -1) != LUA_TSTRING)
    return clua_fail_plain(L, false, "wrong number or type of arguments");
  lua_createtable(L, 0, 1);
  lua_pushstring(L, name);
  lua_pushvalue(L, 1);
  lua_rawset(L, -3);
  return 1;
}

static int redis_error_reply(lua_State *L) {
  if (!clua_of(L)->config.has_error_tables) return single_field(L, "err");
  if (lua_gettop(L) != 1 || lua_type(L, -1) != LUA_TSTRING)
    return clua_fail_plain(L, false, "wrong number or type of arguments");
  size_t count;
  const char *text = lua_tolstring(L, 1, &count);
  if (count > 0 && text[0] == '-') {
    text++;
    count--;
  }
  while (count > 0 && (text[count - 1] == '\r' || text[count - 1] == '\n')) count--;
  // The first word is its code; a single word has none.
  if (memchr(text, ' ', count) != NULL) return clua_fail(L, false, text, count);
  lua_pushliteral(L, "ERR ");
  lua_pushlstring(L, text, count);
  lua_concat(L, 2);
  text = lua_tolstring(L, -1, &count);
  return clua_fail(L, false, text, count);
}

static int redis_status_reply(lua_State *L) { return single_field(L, "ok"); }

static int redis_sha1hex(lua_State *L) {
  if (lua_gettop(L) != 1) return clua_fail_plain(L, true, "wrong number of arguments");
  size_t count;
  const char *text = lua_tolstring(L, 1, &count);
  uint8_t digits[40];
  clua_of(L)->config.sha1((const uint8_t *)(text == NULL ? "" : text), text ? count : 0, digits);
  lua_pushlstring(L, (const char *)digits, 40);
  return 1;
}

static int redis_log(lua_State *L) {
  if (lua_gettop(L) < 2)
    return clua_fail_plain(L, true, "redis.log() requires two arguments or more.");
  if (!lua_isnumber(L, 1))
    return clua_fail_plain(L, true, "First argument must be a number (log level).");
  lua_Number level = lua_tonumber(L, 1);
  if (!(level >= 0 && level <= 3)) return clua_fail_plain(L, true, "Invalid debug level.");
  return 0;
}

static int redis_setresp(lua_State *L) {
  if (lua_gettop(L) != 1)
    return clua_fail_plain(L, true, "redis.setresp() requires one argument.");
  lua_Number resp = lua_tonumber(L, 1);
  if (resp != 2 && resp != 3) return clua_fail_plain(L, true, "RESP version must be 2 or 3.");
  clua_of(L)->resp = (int)resp;
  return 0;
}

static int redis_set_repl(lua_State *L) {
  clua *state = clua_of(L);
  if (state->run == NULL || !state->run->replicates(state->run->context, false))
    return clua_fail_plain(
        L, true,
        "You can set the replication behavior only after turning on single commands replication "
        "with redis.replicate_commands().");
  if (lua_gettop(L) != 1)
    return clua_fail_plain(L, true, "redis.set_repl() requires two arguments.");
  lua_Number flags = lua_tonumber(L, 1);
  if (!(flags >= 0 && flags <= 3))
    return clua_fail_plain(
        L, true,
        "Invalid replication flags. Use REPL_AOF, REPL_REPLICA, REPL_ALL or REPL_NONE.");
  return 0;
}

static int redis_replicate_commands(lua_State *L) {
  clua *state = clua_of(L);
  lua_pushboolean(L, state->run == NULL || state->run->replicates(state->run->context, true));
  return 1;
}

static int redis_breakpoint(lua_State *L) {
  lua_pushboolean(L, 0);
  return 1;
}

static int redis_debug(lua_State *L) {
  (void)L;
  return 0;
}

// MARK: the tables

static void add(lua_State *L, const char *name, lua_CFunction function) {
  lua_pushcfunction(L, function);
  lua_setfield(L, -2, name);
}

static void add_number(lua_State *L, const char *name, int value) {
  lua_pushinteger(L, value);
  lua_setfield(L, -2, name);
}

static void add_text(lua_State *L, const char *name, const char *value) {
  lua_pushstring(L, value);
  lua_setfield(L, -2, name);
}

/// What libraries see while they are loaded, too.
static void add_basics(lua_State *L, const clua_config *config) {
  add(L, "log", redis_log);
  add_number(L, "LOG_DEBUG", 0);
  add_number(L, "LOG_VERBOSE", 1);
  add_number(L, "LOG_NOTICE", 2);
  add_number(L, "LOG_WARNING", 3);
  if (config->has_version) {
    add_text(L, "REDIS_VERSION", config->version);
    add_number(L, "REDIS_VERSION_NUM", config->version_number);
  }
  if (config->is_valkey) {
    add_text(L, "SERVER_NAME", "valkey");
    add_text(L, "VALKEY_VERSION", config->valkey_version);
    add_number(L, "VALKEY_VERSION_NUM", config->valkey_version_number);
  }
}

void clua_add_server(lua_State *L) {
  const clua_config *config = &clua_of(L)->config;
  lua_newtable(L);
  add_basics(L, config);
  add(L, "call", redis_call);
  add(L, "pcall", redis_pcall);
  add(L, "error_reply", redis_error_reply);
  add(L, "status_reply", redis_status_reply);
  add(L, "sha1hex", redis_sha1hex);
  if (config->has_replication) {
    add(L, "set_repl", redis_set_repl);
    add_number(L, "REPL_NONE", 0);
    add_number(L, "REPL_AOF", 1);
    add_number(L, "REPL_SLAVE", 2);
    add_number(L, "REPL_ALL", 3);
    if (!config->is_for_functions) {
      add(L, "replicate_commands", redis_replicate_commands);
      add(L, "breakpoint", redis_breakpoint);
      add(L, "debug", redis_debug);
    }
  }
  if (config->has_replica_name) add_number(L, "REPL_REPLICA", 2);
  if (config->has_resp3) add(L, "setresp", redis_setresp);
  if (config->has_version) add(L, "acl_check_cmd", redis_acl_check_cmd);
  if (config->is_valkey) {
    lua_pushvalue(L, -1);
    lua_setfield(L, -3, "server");
  }
  lua_setfield(L, -2, "redis");
}

void clua_push_loading_server(lua_State *L) {
  lua_newtable(L);
  add_basics(L, &clua_of(L)->config);
  add(L, "register_function", clua_register_function);
}
