// Running scripts and functions, and loading libraries.

#include <string.h>
#include "internal.h"

static void push_list(lua_State *L, const clua_bytes *items, size_t count) {
  lua_createtable(L, count < 100000 ? (int)count : 0, 0);
  for (size_t index = 0; index < count; index++) {
    lua_pushlstring(
        L, items[index].start == NULL ? "" : (const char *)items[index].start,
        items[index].count);
    lua_rawseti(L, -2, (int)index + 1);
  }
}

static void set_global_list(
    lua_State *L, const char *name, const clua_bytes *items, size_t count) {
  // Behind the table that scripts see, which they cannot change, is the one that holds globals.
  if (!clua_behind(L, LUA_GLOBALSINDEX)) lua_pushvalue(L, LUA_GLOBALSINDEX);
  lua_pushstring(L, name);
  push_list(L, items, count);
  lua_rawset(L, -3);
  lua_pop(L, 1);
}

/// Writes the error on top as the answer.
static void write_error(lua_State *L, const clua_run *run) {
  clua *state = clua_of(L);
  const clua_config *config = &state->config;
  luaL_Buffer text;
  if (lua_istable(L, -1)) {
    int table = lua_gettop(L);
    lua_getfield(L, table, "err");
    lua_getfield(L, table, "source");
    lua_getfield(L, table, "line");
    const char *source = lua_tostring(L, table + 2), *line = lua_tostring(L, table + 3);
    luaL_buffinit(L, &text);
    if (lua_isstring(L, table + 1)) {
      lua_pushvalue(L, table + 1);
      luaL_addvalue(&text);
    } else {
      luaL_addstring(&text, "ERR unknown error");
    }
    if (source != NULL && line != NULL) {
      luaL_addstring(&text, " script: ");
      if (!config->omits_script_name) {
        luaL_addlstring(&text, (const char *)run->name.start, run->name.count);
        luaL_addstring(&text, ", ");
      }
      luaL_addstring(&text, "on ");
      luaL_addstring(&text, source);
      luaL_addchar(&text, ':');
      luaL_addstring(&text, line);
      luaL_addchar(&text, '.');
    }
  } else {
    size_t count;
    const char *message = lua_tolstring(L, -1, &count);
    luaL_buffinit(L, &text);
    luaL_addstring(&text, "ERR ");
    if (!config->has_error_tables) {
      luaL_addstring(&text, "Error running script (call to f_");
      luaL_addlstring(&text, (const char *)run->name.start, run->name.count);
      luaL_addstring(&text, "): ");
    }
    if (message != NULL) luaL_addlstring(&text, message, count);
    if (config->ends_errors_in_blank) luaL_addchar(&text, ' ');
  }
  luaL_pushresult(&text);
  size_t count;
  const char *whole = lua_tolstring(L, -1, &count);
  uint8_t head[9] = {CLUA_ERROR};
  int64_t word = (int64_t)count;
  memcpy(head + 1, &word, 8);
  state->parts.count = 0;
  clua_put(L, &state->parts, head, 9);
  clua_put(L, &state->parts, whole, count);
  uint8_t *start = state->parts.start + 9;
  for (size_t index = 0; index < count; index++) {
    if (start[index] == '\r' || start[index] == '\n') start[index] = ' ';
  }
}

typedef struct {
  int script;
  const clua_run *run;
} execution;

static int execute(lua_State *L) {
  clua *state = clua_of(L);
  execution *work = lua_touserdata(L, 1);
  const clua_run *run = work->run;
  clua_reset_globals(L);
  if (state->config.has_error_tables) {
    lua_pushcfunction(L, clua_handle_error);
  } else {
    // Behind a global of this name, which scripts can call and replace.
    lua_pushliteral(L, "__redis__err__handler");
    if (clua_behind(L, LUA_GLOBALSINDEX)) lua_insert(L, -2);
    else {
      lua_pushvalue(L, LUA_GLOBALSINDEX);
      lua_insert(L, -2);
    }
    lua_rawget(L, -2);
    lua_remove(L, -2);
  }
  int handler = lua_gettop(L), argument_count = 0;
  lua_rawgeti(L, LUA_REGISTRYINDEX, work->script);
  if (state->config.is_for_functions) {
    push_list(L, run->keys, run->key_count);
    push_list(L, run->arguments, run->argument_count);
    argument_count = 2;
  } else {
    set_global_list(L, "KEYS", run->keys, run->key_count);
    set_global_list(L, "ARGV", run->arguments, run->argument_count);
  }
  int status = lua_pcall(L, argument_count, 1, handler);
  // The error needs some memory itself.
  if (status == LUA_ERRMEM) lua_gc(L, LUA_GCCOLLECT, 0);
  if (status != 0) write_error(L, run);
  else clua_write_answer(L);
  return 0;
}

void clua_run_script(clua *state, int script, const clua_run *run) {
  execution work = {script, run};
  state->parts.count = 0;
  state->run = run;
  state->resp = 2;
  if (state->config.seeds_each_script) *state->config.random = 0x330E;
  clua_begin_work(state, state->config.work_max);
  if (lua_cpcall(state->L, execute, &work) != 0) {
    clua_free(state, &state->parts);
    lua_gc(state->L, LUA_GCCOLLECT, 0);
    clua_keep_error(state->L);
    uint8_t head[9] = {CLUA_ERROR};
    int64_t word = (int64_t)state->text.count + 4;
    memcpy(head + 1, &word, 8);
    clua_append(state, &state->parts, head, 9);
    clua_append(state, &state->parts, "ERR ", 4);
    clua_append(state, &state->parts, state->text.start, state->text.count);
  }
  lua_settop(state->L, 0);
  state->run = NULL;
  // What a greedy script leaves is not kept until the next one needs it.
  if (state->used > state->config.memory_max / 2) lua_gc(state->L, LUA_GCCOLLECT, 0);
}

static int load(lua_State *L) {
  clua *state = clua_of(L);
  const clua_bytes *code = lua_touserdata(L, 1);
  const char *text = code->start == NULL ? "" : (const char *)code->start;
  clua_reset_globals(L);
  lua_pushcfunction(L, clua_handle_error);
  int status = luaL_loadbuffer(L, text, code->count, "@user_function");
  if (status != 0) {
    lua_pushliteral(L, "Error compiling function: ");
    lua_insert(L, -2);
    lua_concat(L, 2);
    clua_keep_error(L);
    return 0;
  }
  clua_show_globals(L, true);
  status = lua_pcall(L, 0, 0, 2);
  clua_show_globals(L, false);
  if (status == 0) {
    state->is_loading = false;
    return 0;
  }
  if (lua_istable(L, -1)) lua_getfield(L, -1, "err");
  if (!lua_isstring(L, -1)) lua_pushliteral(L, "ERR unknown error");
  lua_pushliteral(L, "Error registering functions: ");
  lua_insert(L, -2);
  lua_concat(L, 2);
  clua_keep_error(L);
  return 0;
}

bool clua_load_library(clua *state, clua_bytes code) {
  clua_forget_registrations(state);
  state->text.count = 0;
  state->is_loading = true;
  clua_begin_work(state, state->config.load_work_max);
  if (lua_cpcall(state->L, load, &code) != 0) clua_keep_error(state->L);
  lua_settop(state->L, 0);
  // It is cleared where all went well.
  bool is_done = !state->is_loading;
  state->is_loading = false;
  return is_done;
}
