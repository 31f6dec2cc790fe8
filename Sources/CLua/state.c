// The interpreter's life: memory, instructions, what is opened, and what is run protected.

#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "internal.h"
#include <lua5.1/lua-bitop.h>

/// Instructions between two looks at the limits, at most and at least. An instruction can go through
/// all memory (comparing texts, say), so the looks are closer together where much is used.
enum { WORK_STEP = 250, WORK_STEP_MIN = 20 };
/// The memory from which on they are.
enum { LARGE_BYTE_COUNT = 1 << 24 };
/// Bytes of memory that count as an instruction.
enum { BYTES_PER_WORK = 16 };

clua *clua_of(lua_State *L) {
  void *state;
  lua_getallocf(L, &state);
  return state;
}

// MARK: memory

/// Whether a script has had its share.
static bool is_spent(const clua *state) {
  return state->work + state->allocated / BYTES_PER_WORK > state->work_max;
}

static void count_work(lua_State *L, lua_Debug *event);

/// Instructions until the next look.
static int next_step(const clua *state) {
  if (state->used <= LARGE_BYTE_COUNT) return WORK_STEP;
  int step = (int)((uint64_t)WORK_STEP * LARGE_BYTE_COUNT / state->used);
  return step < WORK_STEP_MIN ? WORK_STEP_MIN : step;
}

static void *resize(clua *state, void *block, size_t old_count, size_t count) {
  if (count == 0) {
    free(block);
    state->used -= old_count;
    return NULL;
  }
  if (count > old_count) {
    size_t growth = count - old_count;
    if (state->used > state->config.memory_max
        || growth > state->config.memory_max - state->used) {
      state->was_limited = true;
      return NULL;
    }
    state->allocated += growth;
    // Few instructions can take much: the limit is looked at as soon as it is passed.
    if (state->L != NULL && !state->is_exhausted && is_spent(state)) {
      state->was_limited = true;
      if (state->allocated / BYTES_PER_WORK > 2 * state->work_max) return NULL;
      lua_sethook(state->L, count_work, LUA_MASKCOUNT, 1);
    } else if (state->L != NULL && next_step(state) < lua_gethookcount(state->L) / 2) {
      lua_sethook(state->L, count_work, LUA_MASKCOUNT, next_step(state));
    }
  }
  void *moved = realloc(block, count);
  if (moved == NULL) state->was_limited = true;
  if (moved != NULL) state->used = state->used - old_count + count;
  // Lua relies on shrinking never failing.
  return moved == NULL && count <= old_count ? block : moved;
}

static void *allocate(void *state, void *block, size_t old_count, size_t count) {
  return resize(state, block, old_count, count);
}

bool clua_append(clua *state, clua_buffer *buffer, const void *start, size_t count) {
  if (count > buffer->capacity - buffer->count) {
    if (count > state->config.memory_max) {
      state->was_limited = true;
      return false;
    }
    size_t capacity = buffer->capacity < 256 ? 256 : buffer->capacity;
    while (capacity - buffer->count < count) capacity *= 2;
    void *moved = resize(state, buffer->start, buffer->capacity, capacity);
    if (moved == NULL) return false;
    buffer->start = moved;
    buffer->capacity = capacity;
  }
  if (count > 0) memcpy(buffer->start + buffer->count, start, count);
  buffer->count += count;
  return true;
}

void clua_put(lua_State *L, clua_buffer *buffer, const void *start, size_t count) {
  if (!clua_append(clua_of(L), buffer, start, count)) luaL_error(L, "not enough memory");
}

void clua_free(clua *state, clua_buffer *buffer) {
  resize(state, buffer->start, buffer->capacity, 0);
  *buffer = (clua_buffer){0};
}

static void set_text(clua *state, const char *start, size_t count) {
  state->text.count = 0;
  clua_append(state, &state->text, start, count);
}

// MARK: instructions

static uint64_t milliseconds(clockid_t clock) {
  struct timespec now;
  if (clock_gettime(clock, &now) != 0) return 0;
  return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

/// Whether a script has taken too long. The time is the thread's: other programs do not count.
static bool is_late(clua *state) {
  uint64_t time_max = state->config.time_max_ms, now = milliseconds(CLOCK_MONOTONIC_COARSE);
  if (time_max == 0 || now < state->look_ms) return false;
  uint64_t thread = milliseconds(CLOCK_THREAD_CPUTIME_ID);
  // It began about as long ago as this look was due.
  if (state->thread_ms == 0) state->thread_ms = thread;
  uint64_t taken = thread - state->thread_ms;
  if (taken >= time_max) return true;
  state->look_ms = now + time_max - taken;
  return false;
}

/// Ends a script. From here on every instruction does so again, so that no pcall holds it up.
static void exhaust(lua_State *L) {
  clua *state = clua_of(L);
  state->is_exhausted = true;
  state->was_limited = true;
  lua_sethook(state->L, count_work, LUA_MASKCOUNT, 1);
  lua_sethook(L, count_work, LUA_MASKCOUNT, 1);
  if (state->is_loading) luaL_error(L, "FUNCTION LOAD timeout");
  if (is_spent(state))
    luaL_error(L, "the script takes more than %f instructions", (double)state->work_max);
  luaL_error(L, "the script takes too long");
}

static void count_work(lua_State *L, lua_Debug *event) {
  (void)event;
  clua *state = clua_of(L);
  int step = lua_gethookcount(L), next = next_step(state);
  state->work += (uint64_t)step;
  if (state->is_exhausted || is_spent(state) || is_late(state)) return exhaust(L);
  if (next != step) lua_sethook(L, count_work, LUA_MASKCOUNT, next);
}

void clua_work(lua_State *L, uint64_t count) {
  clua *state = clua_of(L);
  state->work += count;
  if (state->is_exhausted || is_spent(state) || is_late(state)) exhaust(L);
}

void clua_begin_work(clua *state, uint64_t work_max) {
  state->work = 0;
  state->allocated = 0;
  state->work_max = work_max;
  state->is_exhausted = false;
  state->was_limited = false;
  state->look_ms = milliseconds(CLOCK_MONOTONIC_COARSE) + state->config.time_max_ms;
  state->thread_ms = 0;
  lua_sethook(state->L, count_work, LUA_MASKCOUNT, next_step(state));
}

void clua_set_limits(
    clua *state, uint64_t work_max, uint64_t load_work_max, uint64_t time_max_ms) {
  state->config.work_max = work_max;
  state->config.load_work_max = load_work_max;
  state->config.time_max_ms = time_max_ms;
}

// MARK: opening

static void open_library(lua_State *L, const char *name, lua_CFunction open) {
  lua_pushcfunction(L, open);
  lua_pushstring(L, name);
  lua_call(L, 1, 0);
}

static int open_all(lua_State *L) {
  open_library(L, "", luaopen_base);
  open_library(L, LUA_TABLIBNAME, luaopen_table);
  open_library(L, LUA_STRLIBNAME, luaopen_string);
  open_library(L, LUA_MATHLIBNAME, luaopen_math);
  open_library(L, "bit", luaopen_bit);
  open_library(L, "cjson", clua_open_json);
  open_library(L, "cmsgpack", clua_open_msgpack);
  open_library(L, "struct", clua_open_struct);
  lua_pushvalue(L, LUA_GLOBALSINDEX);
  clua_add_server(L);
  clua_restrict(L);
  clua_enter_sandbox(L);
  return 0;
}

clua *clua_open(const clua_config *config) {
  clua *state = calloc(1, sizeof(clua));
  if (state == NULL) return NULL;
  state->config = *config;
  state->work_max = UINT64_MAX / 4;
  state->L = lua_newstate(allocate, state);
  if (state->L == NULL || lua_cpcall(state->L, open_all, NULL) != 0) {
    clua_close(state);
    return NULL;
  }
  return state;
}

void clua_forget_registrations(clua *state) {
  for (size_t index = 0; index < state->registration_count; index++) {
    free((void *)state->registrations[index].name.start);
    free((void *)state->registrations[index].description.start);
  }
  free(state->registrations);
  state->registrations = NULL;
  state->registration_count = 0;
}

void clua_close(clua *state) {
  clua_forget_registrations(state);
  if (state->L != NULL) lua_close(state->L);
  clua_free(state, &state->parts);
  clua_free(state, &state->text);
  free(state);
}

bool clua_was_limited(const clua *state) { return state->was_limited; }

int clua_limit(lua_State *L, const char *text) {
  clua_of(L)->was_limited = true;
  return luaL_error(L, "%s", text);
}

clua_bytes clua_parts(const clua *state) {
  return (clua_bytes){state->parts.start, state->parts.count};
}

clua_bytes clua_text(const clua *state) {
  return (clua_bytes){state->text.start, state->text.count};
}

size_t clua_byte_count(const clua *state) { return state->used; }

const clua_registration *clua_registrations(const clua *state, size_t *count) {
  *count = state->registration_count;
  return state->registrations;
}

void clua_release(clua *state, int script) { luaL_unref(state->L, LUA_REGISTRYINDEX, script); }

// MARK: compiling

typedef struct {
  clua_bytes code, name;
  int script;
  bool is_done;
} compilation;

void clua_keep_error(lua_State *L) {
  if (lua_istable(L, -1)) {
    lua_pushliteral(L, "err");
    lua_rawget(L, -2);
  }
  size_t count;
  const char *text = lua_tolstring(L, -1, &count);
  if (text == NULL) {
    text = "ERR unknown error";
    count = strlen(text);
  }
  set_text(clua_of(L), text, count);
}

/// Older servers compile a script as the body of a function that is a global.
static int compile_global(lua_State *L) {
  compilation *work = lua_touserdata(L, 1);
  clua_reset_globals(L);
  lua_pushliteral(L, "f_");
  lua_pushlstring(L, (const char *)work->name.start, work->name.count);
  lua_concat(L, 2);
  lua_pushliteral(L, "function ");
  lua_pushvalue(L, 2);
  lua_pushliteral(L, "() ");
  lua_pushlstring(L, (const char *)work->code.start, work->code.count);
  lua_pushliteral(L, "\nend");
  lua_concat(L, 5);
  size_t count;
  const char *text = lua_tolstring(L, 3, &count);
  if (luaL_loadbuffer(L, text, count, "@user_script") != 0 || lua_pcall(L, 0, 0, 0) != 0) {
    clua_keep_error(L);
    return 0;
  }
  lua_pushvalue(L, 2);
  lua_rawget(L, LUA_GLOBALSINDEX);
  work->script = luaL_ref(L, LUA_REGISTRYINDEX);
  work->is_done = true;
  return 0;
}

static int compile(lua_State *L) {
  compilation *work = lua_touserdata(L, 1);
  clua_reset_globals(L);
  const char *code = (const char *)work->code.start;
  if (work->code.count > 0 && code[0] == LUA_SIGNATURE[0]) {
    lua_pushliteral(L, "user_script:1: unexpected symbol near 'char(27)'");
    clua_keep_error(L);
    return 0;
  }
  if (luaL_loadbuffer(L, code == NULL ? "" : code, work->code.count, "@user_script") != 0) {
    clua_keep_error(L);
    return 0;
  }
  work->script = luaL_ref(L, LUA_REGISTRYINDEX);
  work->is_done = true;
  return 0;
}

int clua_compile(clua *state, clua_bytes code, clua_bytes name) {
  compilation work = {code, name, -1, false};
  state->text.count = 0;
  clua_begin_work(state, state->config.work_max);
  lua_CFunction function = state->config.has_fixed_tables ? compile : compile_global;
  if (lua_cpcall(state->L, function, &work) != 0) clua_keep_error(state->L);
  lua_settop(state->L, 0);
  return work.is_done ? work.script : -1;
}
