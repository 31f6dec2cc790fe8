// The sandbox: which globals there are, and tables that cannot be changed.
//
// Servers since 6.2.7 have an interpreter whose tables can be made read-only. This one is not
// changed, so scripts see an empty table in place of each: it shows the table behind, refuses to be
// written to, and the functions that would go past that are replaced.

#include <string.h>
#include "internal.h"

/// Keys of the registry, by their addresses.
static char visible_key, behind_key, loading_key, string_meta_key;

static void remember(lua_State *L, char *key) {
  lua_pushlightuserdata(L, key);
  lua_insert(L, -2);
  lua_rawset(L, LUA_REGISTRYINDEX);
}

static void recall(lua_State *L, char *key) {
  lua_pushlightuserdata(L, key);
  lua_rawget(L, LUA_REGISTRYINDEX);
}

// MARK: tables that cannot be changed

int clua_refuse_change(lua_State *L) {
  lua_pushliteral(L, "Attempt to modify a readonly table");
  return lua_error(L);
}

/// The same with the place of the script in front.
static int refuse_assignment(lua_State *L) {
  return luaL_error(L, "Attempt to modify a readonly table");
}

void clua_fix_table(lua_State *L) {
  lua_newtable(L);
  lua_createtable(L, 0, 3);
  lua_pushvalue(L, -3);
  lua_setfield(L, -2, "__index");
  lua_pushcfunction(L, refuse_assignment);
  lua_setfield(L, -2, "__newindex");
  // Nothing but this function makes a table with this key.
  lua_pushlightuserdata(L, &behind_key);
  lua_pushvalue(L, -4);
  lua_rawset(L, -3);
  lua_setmetatable(L, -2);
  lua_remove(L, -2);
}

bool clua_behind(lua_State *L, int index) {
  if (lua_type(L, index) != LUA_TTABLE || !lua_getmetatable(L, index)) return false;
  lua_pushlightuserdata(L, &behind_key);
  lua_rawget(L, -2);
  lua_remove(L, -2);
  if (lua_istable(L, -1)) return true;
  lua_pop(L, 1);
  return false;
}

// MARK: what scripts see

/// A global that is not there.
static int refuse_missing(lua_State *L) {
  const char *name = lua_type(L, 2) == LUA_TSTRING || lua_type(L, 2) == LUA_TNUMBER
      ? lua_tostring(L, 2) : luaL_typename(L, 2);
  return luaL_error(L, "Script attempted to access nonexistent global variable '%s'", name);
}

static void refuse_missing_fields(lua_State *L) {
  lua_createtable(L, 0, 1);
  lua_pushcfunction(L, refuse_missing);
  lua_setfield(L, -2, "__index");
  lua_setmetatable(L, -2);
}

/// Fixes the tables in the table of globals on top.
static void fix_libraries(lua_State *L) {
  static const char *const names[] = {
    "coroutine", "table", "string", "math", "bit", "cjson", "cmsgpack", "struct", "redis", "os",
  };
  for (size_t index = 0; index < sizeof names / sizeof *names; index++) {
    lua_getfield(L, -1, names[index]);
    if (!lua_istable(L, -1)) {
      lua_pop(L, 1);
      continue;
    }
    clua_fix_table(L);
    lua_setfield(L, -2, names[index]);
  }
  lua_getfield(L, -1, "redis");
  if (clua_of(L)->config.is_valkey) lua_setfield(L, -2, "server");
  else lua_pop(L, 1);
  // Methods of strings are those of the table that scripts see.
  lua_pushliteral(L, "");
  lua_getmetatable(L, -1);
  lua_getfield(L, -3, "string");
  lua_setfield(L, -2, "__index");
  clua_fix_table(L);
  remember(L, &string_meta_key);
  lua_pop(L, 1);
}

/// What a library sees while it is loaded.
static void make_loading_globals(lua_State *L) {
  lua_newtable(L);
  clua_push_loading_server(L);
  refuse_missing_fields(L);
  clua_fix_table(L);
  if (clua_of(L)->config.is_valkey) {
    lua_pushvalue(L, -1);
    lua_setfield(L, -3, "server");
  }
  lua_setfield(L, -2, "redis");
  refuse_missing_fields(L);
  remember(L, &loading_key);
}

/// The guard of older servers: a piece of Lua, whose lines their errors name.
static const char old_guard[] =
    "local info, names, made, missing = ...\n"
    "local meta = {}\n"
    "\n"
    "meta.__newindex = function(t, n, v)\n"
    "  if info(2) then\n"
    "    local what = info(2)\n"
    "    if what ~= 'main' and what ~= 'C' then\n"
    "      error(made .. tostring(n) .. \"'\", 2)\n"
    "    end\n"
    "  end\n"
    "  rawset(t, n, v)\n"
    "end\n"
    "meta.__index = function(t, n)\n"
    "  if info(2) and info(2) ~= 'C' then\n"
    "    error(missing .. tostring(n) .. \"'\", 2)\n"
    "  end\n"
    "  return rawget(t, n)\n"
    "end\n"
    "setmetatable(names, meta)\n";

/// The error handler of older servers, at whose line 8 or 9 it fails for what is no text.
static const char old_handler[] =
    "local place = ...\n"
    "function __redis__err__handler(err)\n"
    "  local where = place(2)\n"
    "\n"
    "\n"
    "\n"
    "%s"
    "  if where then\n"
    "    return where .. err\n"
    "  else\n"
    "    return err\n"
    "  end\n"
    "end\n";

static const char old_helper[] =
    "function __redis__compare_helper(a, b)\n"
    "  if a == false then a = '' end\n"
    "  if b == false then b = '' end\n"
    "  return a < b\n"
    "end\n";

/// What kind of function runs at a level: `main`, `Lua` or `C`.
static int kind_at_level(lua_State *L) {
  lua_Debug place;
  if (!lua_getstack(L, luaL_checkint(L, 1), &place) || !lua_getinfo(L, "S", &place)) return 0;
  lua_pushstring(L, place.what);
  return 1;
}

/// The source and line of a level, or of the one below where that is C.
static int place_of_level(lua_State *L) {
  lua_Debug place;
  int level = luaL_checkint(L, 1);
  if (!lua_getstack(L, level, &place) || !lua_getinfo(L, "nSl", &place)) return 0;
  if (strcmp(place.what, "C") == 0
      && (!lua_getstack(L, level + 1, &place) || !lua_getinfo(L, "nSl", &place)))
    return 0;
  lua_pushfstring(L, "%s:%d: ", place.source, place.currentline);
  return 1;
}

static void run_piece(lua_State *L, const char *code, const char *name, int arguments) {
  if (luaL_loadbuffer(L, code, strlen(code), name) != 0) lua_error(L);
  lua_insert(L, -1 - arguments);
  lua_call(L, arguments, 0);
}

/// Defines the globals that older servers define by pieces of Lua.
static void define_old(lua_State *L, const clua_config *config) {
  if (!config->has_error_tables) {
    lua_pushcfunction(L, place_of_level);
    lua_pushfstring(L, old_handler, config->ends_errors_in_blank ? "" : "\n");
    lua_insert(L, -2);
    run_piece(L, lua_tostring(L, -2), "@err_handler_def", 1);
    lua_pop(L, 1);
  }
  if (config->has_compare_helper) run_piece(L, old_helper, "@cmp_func_def", 0);
}

static void guard_old(lua_State *L, const clua_config *config) {
  lua_pushcfunction(L, kind_at_level);
  lua_pushvalue(L, LUA_GLOBALSINDEX);
  lua_pushliteral(L, "Script attempted to create global variable '");
  lua_pushstring(
      L, config->says_nonexistent ? "Script attempted to access nonexistent global variable '"
                                  : "Script attempted to access unexisting global variable '");
  run_piece(L, old_guard, "@enable_strict_lua", 4);
}

void clua_enter_sandbox(lua_State *L) {
  const clua_config *config = &clua_of(L)->config;
  define_old(L, config);
  if (!config->has_fixed_tables) {
    lua_pushvalue(L, -1);
    remember(L, &visible_key);
    guard_old(L, config);
    lua_pop(L, 1);
    return;
  }
  fix_libraries(L);
  refuse_missing_fields(L);
  lua_pushvalue(L, -1);
  clua_fix_table(L);
  lua_pushvalue(L, -1);
  lua_setfield(L, -3, "_G");
  remember(L, &visible_key);
  lua_pop(L, 1);
  if (config->is_for_functions) make_loading_globals(L);
  clua_reset_globals(L);
}

void clua_push_visible(lua_State *L) { recall(L, &visible_key); }

void clua_push_string_meta(lua_State *L) { recall(L, &string_meta_key); }

void clua_reset_globals(lua_State *L) {
  recall(L, &visible_key);
  lua_replace(L, LUA_GLOBALSINDEX);
}

void clua_show_globals(lua_State *L, bool is_loading) {
  recall(L, &visible_key);
  lua_getmetatable(L, -1);
  if (is_loading) recall(L, &loading_key);
  else clua_behind(L, -2);
  lua_setfield(L, -2, "__index");
  lua_pop(L, 2);
}
