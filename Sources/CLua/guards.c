// Functions of the base libraries that are replaced: those that would go past a table that cannot
// be changed, and those that would take too much memory, time or stack.

#include <stdlib.h>
#include <string.h>
#include "internal.h"

// MARK: tables that cannot be changed

/// Refuses a table that cannot be changed as the first argument.
static void check_changeable(lua_State *L) {
  if (clua_behind(L, 1)) clua_refuse_change(L);
}

static int guarded_rawset(lua_State *L) {
  luaL_checktype(L, 1, LUA_TTABLE);
  luaL_checkany(L, 2);
  luaL_checkany(L, 3);
  lua_settop(L, 3);
  check_changeable(L);
  lua_rawset(L, 1);
  return 1;
}

static int guarded_rawget(lua_State *L) {
  luaL_checktype(L, 1, LUA_TTABLE);
  luaL_checkany(L, 2);
  lua_settop(L, 2);
  if (clua_behind(L, 1)) lua_replace(L, 1);
  lua_rawget(L, 1);
  return 1;
}

static int guarded_next(lua_State *L) {
  luaL_checktype(L, 1, LUA_TTABLE);
  lua_settop(L, 2);
  if (clua_behind(L, 1)) lua_replace(L, 1);
  if (lua_next(L, 1) != 0) return 2;
  lua_pushnil(L);
  return 1;
}

static int guarded_pairs(lua_State *L) {
  luaL_checktype(L, 1, LUA_TTABLE);
  lua_pushvalue(L, lua_upvalueindex(1));
  lua_pushvalue(L, 1);
  lua_pushnil(L);
  return 3;
}

static int guarded_setmetatable(lua_State *L) {
  int type = lua_type(L, 2);
  luaL_checktype(L, 1, LUA_TTABLE);
  luaL_argcheck(L, type == LUA_TNIL || type == LUA_TTABLE, 2, "nil or table expected");
  check_changeable(L);
  if (luaL_getmetafield(L, 1, "__metatable")) luaL_error(L, "cannot change a protected metatable");
  lua_settop(L, 2);
  lua_setmetatable(L, 1);
  return 1;
}

static int guarded_getmetatable(lua_State *L) {
  luaL_checkany(L, 1);
  if (lua_type(L, 1) == LUA_TSTRING) {
    clua_push_string_meta(L);
    return 1;
  }
  if (clua_behind(L, 1)) {
    // That of the globals has a field, which cannot be changed either.
    bool has_one = lua_getmetatable(L, -1);
    if (has_one) clua_fix_table(L);
    else lua_pushnil(L);
    return 1;
  }
  if (!lua_getmetatable(L, 1)) {
    lua_pushnil(L);
    return 1;
  }
  luaL_getmetafield(L, 1, "__metatable");
  return 1;
}

/// What a function in C takes for an element of a table, in instructions.
enum { WORK_OF_MOVE = 5, WORK_OF_JOIN = 8, WORK_OF_SORT = 32 };

/// Counts so many instructions for each element of the table that is the first argument.
static void charge_elements(lua_State *L, unsigned work) {
  if (lua_istable(L, 1)) clua_work(L, lua_objlen(L, 1) * work);
}

static int guarded_insert(lua_State *L) {
  check_changeable(L);
  // At the end nothing is moved.
  if (lua_gettop(L) > 2) charge_elements(L, WORK_OF_MOVE);
  return clua_of(L)->insert(L);
}

static int guarded_remove(lua_State *L) {
  check_changeable(L);
  if (lua_gettop(L) > 1) charge_elements(L, WORK_OF_MOVE);
  return clua_of(L)->remove(L);
}

static int guarded_sort(lua_State *L) {
  check_changeable(L);
  charge_elements(L, WORK_OF_SORT);
  return clua_of(L)->sort(L);
}

static int guarded_concat(lua_State *L) {
  charge_elements(L, WORK_OF_JOIN);
  return clua_of(L)->concat(L);
}

static int guarded_maxn(lua_State *L) {
  charge_elements(L, WORK_OF_JOIN);
  return clua_of(L)->maxn(L);
}

/// Going through all memory takes an instruction for every two dozen bytes of it.
static int guarded_collectgarbage(lua_State *L) {
  clua_work(L, clua_of(L)->used / 24);
  return clua_of(L)->collectgarbage(L);
}

/// The environment of what is no script's is not shown.
static int guarded_getfenv(lua_State *L) {
  int count = clua_of(L)->getfenv(L);
  clua_push_visible(L);
  if (clua_behind(L, -1)) {
    if (lua_rawequal(L, -1, -3)) {
      lua_pop(L, 1);
      return 1;
    }
    lua_pop(L, 1);
  }
  lua_pop(L, 1);
  return count;
}

// MARK: texts and code

/// string.rep, without going round for nothing.
static int guarded_rep(lua_State *L) {
  size_t length;
  const char *text = luaL_checklstring(L, 1, &length);
  int count = luaL_checkint(L, 2);
  if (count <= 0 || length == 0) {
    lua_pushliteral(L, "");
    return 1;
  }
  if (length > clua_of(L)->config.memory_max / (size_t)count)
    return clua_limit(L, "not enough memory");
  size_t total = length * (size_t)count, done = length;
  char *whole = lua_newuserdata(L, total);
  memcpy(whole, text, length);
  for (; done < total; done *= 2)
    memcpy(whole + done, whole, done < total - done ? done : total - done);
  lua_pushlstring(L, whole, total);
  return 1;
}

/// Compiles the source on top; compiled code could do anything, and is refused.
static int compile(lua_State *L, const char *name) {
  size_t count;
  const char *code = lua_tolstring(L, -1, &count);
  if (count > 0 && code[0] == LUA_SIGNATURE[0]) {
    char id[LUA_IDSIZE + 8];
    // As the compiler names a piece of source.
    if (name[0] == '@' || name[0] == '=') {
      lua_pushnil(L);
      lua_pushfstring(L, "%s:1: unexpected symbol near 'char(27)'", name + 1);
    } else {
      size_t length = strcspn(name, "\n\r"), room = LUA_IDSIZE - 17;
      bool is_cut = length > room || name[length] != 0;
      if (length > room) length = room;
      memcpy(id, name, length);
      strcpy(id + length, is_cut ? "..." : "");
      lua_pushnil(L);
      lua_pushfstring(L, "[string \"%s\"]:1: unexpected symbol near 'char(27)'", id);
    }
    return 2;
  }
  if (luaL_loadbuffer(L, code, count, name) == 0) return 1;
  lua_pushnil(L);
  lua_insert(L, -2);
  return 2;
}

static int guarded_loadstring(lua_State *L) {
  size_t count;
  const char *code = luaL_checklstring(L, 1, &count);
  const char *name = luaL_optstring(L, 2, code);
  lua_pushvalue(L, 1);
  return compile(L, name);
}

static int guarded_load(lua_State *L) {
  const char *name = luaL_optstring(L, 2, "=(load)");
  luaL_checktype(L, 1, LUA_TFUNCTION);
  lua_settop(L, 2);
  lua_newtable(L);
  int count = 0;
  for (;;) {
    lua_pushvalue(L, 1);
    lua_call(L, 0, 1);
    if (lua_isnil(L, -1)) break;
    if (!lua_isstring(L, -1)) {
      lua_pushnil(L);
      lua_pushliteral(L, "reader function must return a string");
      return 2;
    }
    if (lua_objlen(L, -1) == 0) break;
    lua_rawseti(L, 3, ++count);
  }
  lua_settop(L, 3);
  luaL_Buffer whole;
  luaL_buffinit(L, &whole);
  for (int index = 1; index <= count; index++) {
    lua_rawgeti(L, 3, index);
    luaL_addvalue(&whole);
  }
  luaL_pushresult(&whole);
  return compile(L, name);
}

/// pcall of 7.0 and later: an error that is a table becomes its text.
static int guarded_pcall(lua_State *L) {
  luaL_checkany(L, 1);
  int status = lua_pcall(L, lua_gettop(L) - 1, LUA_MULTRET, 0);
  if (status != 0 && lua_istable(L, -1)) {
    lua_pushliteral(L, "err");
    lua_rawget(L, -2);
    if (lua_isstring(L, -1)) lua_replace(L, -2);
    else lua_pop(L, 1);
  }
  lua_pushboolean(L, status == 0);
  lua_insert(L, 1);
  return lua_gettop(L);
}

static int no_output(lua_State *L) {
  (void)L;
  return 0;
}

/// Its objects could have finalizers, which no limit ends.
static int no_proxy(lua_State *L) { return clua_limit(L, "newproxy is not offered"); }

static int no_file(lua_State *L) { return clua_limit(L, "scripts have no files"); }

/// Seconds, by the work that was done: two runs of a script see the same.
static int work_clock(lua_State *L) {
  clua *state = clua_of(L);
  lua_pushnumber(L, (lua_Number)(state->work + state->allocated / 16) / 1e8);
  return 1;
}

// MARK: which globals there are

static void set(lua_State *L, const char *name, lua_CFunction function) {
  if (function == NULL) lua_pushnil(L);
  else lua_pushcfunction(L, function);
  lua_setfield(L, -2, name);
}

/// Sets a function of the table on top and gives the one that was there.
static lua_CFunction replace(lua_State *L, const char *name, lua_CFunction function) {
  lua_getfield(L, -1, name);
  lua_CFunction old = lua_tocfunction(L, -1);
  lua_pop(L, 1);
  set(L, name, function);
  return old;
}

static void guard_strings(lua_State *L) {
  lua_getfield(L, -1, "string");
  set(L, "find", clua_find);
  set(L, "match", clua_match);
  set(L, "gmatch", clua_gmatch);
  set(L, "gfind", clua_gmatch);
  set(L, "gsub", clua_gsub);
  set(L, "rep", guarded_rep);
  lua_pop(L, 1);
}

static void guard_tables(lua_State *L, clua *state) {
  set(L, "rawset", guarded_rawset);
  set(L, "rawget", guarded_rawget);
  set(L, "next", guarded_next);
  lua_pushcfunction(L, guarded_next);
  lua_pushcclosure(L, guarded_pairs, 1);
  lua_setfield(L, -2, "pairs");
  set(L, "setmetatable", guarded_setmetatable);
  set(L, "getmetatable", guarded_getmetatable);
  if (state->config.has_environments) state->getfenv = replace(L, "getfenv", guarded_getfenv);
}

static void guard_elements(lua_State *L, clua *state) {
  lua_getfield(L, -1, "table");
  state->insert = replace(L, "insert", guarded_insert);
  state->remove = replace(L, "remove", guarded_remove);
  state->sort = replace(L, "sort", guarded_sort);
  state->concat = replace(L, "concat", guarded_concat);
  state->maxn = replace(L, "maxn", guarded_maxn);
  lua_pop(L, 1);
}

void clua_restrict(lua_State *L) {
  clua *state = clua_of(L);
  const clua_config *config = &state->config;
  set(L, "print", config->has_print ? no_output : NULL);
  set(L, "dofile", config->has_dofile ? no_file : NULL);
  set(L, "loadfile", NULL);
  set(L, "loadstring", guarded_loadstring);
  set(L, "load", guarded_load);
  if (!config->has_environments) {
    set(L, "getfenv", NULL);
    set(L, "setfenv", NULL);
  }
  set(L, "newproxy", config->has_environments ? no_proxy : NULL);
  if (config->has_error_tables) set(L, "pcall", guarded_pcall);
  guard_strings(L);
  guard_elements(L, state);
  state->collectgarbage = replace(L, "collectgarbage", guarded_collectgarbage);
  lua_getfield(L, -1, "math");
  set(L, "random", clua_random);
  set(L, "randomseed", clua_randomseed);
  lua_pop(L, 1);
  if (config->has_clock) {
    lua_newtable(L);
    set(L, "clock", work_clock);
    lua_setfield(L, -2, "os");
  }
  if (config->has_fixed_tables) guard_tables(L, state);
  if (config->has_error_tables && !config->is_for_functions)
    set(L, "__redis__err__handler", clua_handle_error);
}
