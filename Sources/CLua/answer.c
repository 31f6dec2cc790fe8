// Answers: what commands answer becomes values of Lua, and what scripts return becomes answers.

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "internal.h"

// MARK: answers of commands

typedef struct {
  const uint8_t *start, *end;
  bool is_resp3;
} reader;

/// Takes the head of a part, and for texts moves behind them.
static int next_part(reader *from, int64_t *word, const char **text) {
  if (from->end - from->start < 9) return CLUA_NULL;
  int tag = from->start[0];
  memcpy(word, from->start + 1, 8);
  from->start += 9;
  *text = (const char *)from->start;
  if (tag == CLUA_STATUS || tag == CLUA_ERROR || tag == CLUA_BULK) {
    if (*word < 0 || *word > from->end - from->start) *word = 0;
    from->start += *word;
  }
  return tag;
}

static void push_field(lua_State *L, const char *name, const char *text, size_t count) {
  lua_createtable(L, 0, 1);
  lua_pushstring(L, name);
  lua_pushlstring(L, text, count);
  lua_rawset(L, -3);
}

static void push_part(lua_State *L, reader *from);

static void push_number(lua_State *L, reader *from) {
  reader ahead = *from;
  int64_t word = 0;
  const char *text;
  if (next_part(&ahead, &word, &text) != CLUA_BULK || word > 350) {
    push_part(L, from);
    return;
  }
  char copy[352];
  memcpy(copy, text, (size_t)word);
  copy[word] = 0;
  lua_createtable(L, 0, 1);
  lua_pushliteral(L, "double");
  lua_pushnumber(L, strtod(copy, NULL));
  lua_rawset(L, -3);
  *from = ahead;
}

static void push_part(lua_State *L, reader *from) {
  int64_t word = 0;
  const char *text = NULL;
  luaL_checkstack(L, 4, "answer");
  switch (next_part(from, &word, &text)) {
    case CLUA_STATUS: push_field(L, "ok", text, (size_t)word); break;
    case CLUA_ERROR: push_field(L, "err", text, (size_t)word); break;
    case CLUA_INTEGER: lua_pushnumber(L, (lua_Number)word); break;
    case CLUA_BULK: lua_pushlstring(L, text, (size_t)word); break;
    case CLUA_ARRAY:
      lua_createtable(L, word > 0 && word < 1 << 20 ? (int)word : 0, 0);
      for (int64_t index = 0; index < word && from->start < from->end; index++) {
        push_part(L, from);
        lua_rawseti(L, -2, (int)index + 1);
      }
      break;
    default:
      if (from->is_resp3) lua_pushnil(L);
      else lua_pushboolean(L, 0);
  }
}

/// Pushes {name = {}} and the inner table.
static void open_holder(lua_State *L, const char *name) {
  lua_createtable(L, 0, 1);
  lua_pushstring(L, name);
  lua_newtable(L);
}

/// Ends what `open_holder` began.
static void close_holder(lua_State *L) { lua_rawset(L, -3); }

static void push_shaped(lua_State *L, reader *from, int shape) {
  reader ahead = *from;
  int64_t count = 0;
  const char *text;
  bool is_array = next_part(&ahead, &count, &text) == CLUA_ARRAY;
  if (shape == CLUA_NUMBER) {
    push_number(L, from);
    return;
  }
  if (!is_array) {
    push_part(L, from);
    return;
  }
  luaL_checkstack(L, 6, "answer");
  *from = ahead;
  int index = 0;
  switch (shape) {
    case CLUA_MAP:
      open_holder(L, "map");
      for (; index + 1 < count; index += 2) {
        push_part(L, from);
        push_part(L, from);
        lua_rawset(L, -3);
      }
      close_holder(L);
      break;
    case CLUA_MAP_OF_PAIRS:
      open_holder(L, "map");
      for (; index < count && from->end - from->start > 9; index++) {
        from->start += 9;
        push_part(L, from);
        push_part(L, from);
        lua_rawset(L, -3);
      }
      close_holder(L);
      break;
    case CLUA_SET:
      open_holder(L, "set");
      for (; index < count; index++) {
        push_part(L, from);
        lua_pushboolean(L, 1);
        lua_rawset(L, -3);
      }
      close_holder(L);
      break;
    case CLUA_NUMBERS:
      lua_newtable(L);
      for (; index < count; index++) {
        push_number(L, from);
        lua_rawseti(L, -2, index + 1);
      }
      break;
    default:
      lua_newtable(L);
      for (; index + 1 < count; index += 2) {
        lua_createtable(L, 2, 0);
        push_part(L, from);
        lua_rawseti(L, -2, 1);
        if (shape == CLUA_SCORED) push_number(L, from);
        else push_part(L, from);
        lua_rawseti(L, -2, 2);
        lua_rawseti(L, -2, index / 2 + 1);
      }
  }
}

void clua_push_answer(lua_State *L, clua_bytes parts, int shape) {
  reader from = {parts.start, parts.start + parts.count, clua_of(L)->resp == 3};
  if (from.is_resp3 && shape != CLUA_PLAIN) push_shaped(L, &from, shape);
  else push_part(L, &from);
}

// MARK: answers of scripts

static void put_part(
    lua_State *L, int tag, int64_t word, const char *text, size_t count) {
  clua_buffer *parts = &clua_of(L)->parts;
  uint8_t head[9] = {(uint8_t)tag};
  memcpy(head + 1, &word, 8);
  clua_put(L, parts, head, 9);
  if (count > 0) clua_put(L, parts, text, count);
}

/// A status or an error: one line.
static void put_line(lua_State *L, int tag, const char *text, size_t count) {
  clua_buffer *parts = &clua_of(L)->parts;
  put_part(L, tag, (int64_t)count, text, count);
  for (size_t index = parts->count - count; index < parts->count; index++) {
    uint8_t *byte = parts->start + index;
    if (*byte == '\r' || *byte == '\n') *byte = ' ';
  }
}

/// What a conversion on x86-64 gives: what does not fit is the least integer.
static int64_t integer_of(lua_Number number) {
  if (number >= -9223372036854775808.0 && number < 9223372036854775808.0) return (int64_t)number;
  return INT64_MIN;
}

static void write_value(lua_State *L, int depth);

/// Pushes the field of the table on top; false, and nothing pushed, where it is of another type.
static bool has_field(lua_State *L, const char *name, int type) {
  lua_pushstring(L, name);
  lua_rawget(L, -2);
  if (lua_type(L, -1) == type) return true;
  lua_pop(L, 1);
  return false;
}

/// Writes the table on top, a map or a set, as RESP2 has it.
static void write_entries(lua_State *L, bool has_values, int depth) {
  int64_t count = 0;
  for (lua_pushnil(L); lua_next(L, -2) != 0; lua_pop(L, 1)) count++;
  put_part(L, CLUA_ARRAY, has_values ? 2 * count : count, NULL, 0);
  lua_pushnil(L);
  while (lua_next(L, -2) != 0) {
    lua_pushvalue(L, -2);
    write_value(L, depth + 1);
    if (has_values) {
      lua_pushvalue(L, -1);
      write_value(L, depth + 1);
    }
    lua_pop(L, 1);
  }
}

/// Writes the table on top if it is one of RESP3's.
static bool write_resp3(lua_State *L, int depth) {
  size_t count;
  if (has_field(L, "double", LUA_TNUMBER)) {
    lua_Number number = lua_tonumber(L, -1);
    int64_t bits;
    memcpy(&bits, &number, 8);
    put_part(L, CLUA_DOUBLE, bits, NULL, 0);
  } else if (has_field(L, "map", LUA_TTABLE)) {
    write_entries(L, true, depth);
  } else if (has_field(L, "set", LUA_TTABLE)) {
    write_entries(L, false, depth);
  } else if (has_field(L, "big_number", LUA_TSTRING)) {
    const char *text = lua_tolstring(L, -1, &count);
    put_part(L, CLUA_BULK, (int64_t)count, text, count);
  } else if (has_field(L, "verbatim_string", LUA_TTABLE)) {
    if (!has_field(L, "string", LUA_TSTRING)) {
      lua_pop(L, 1);
      return false;
    }
    const char *text = lua_tolstring(L, -1, &count);
    put_part(L, CLUA_BULK, (int64_t)count, text, count);
    lua_pop(L, 1);
  } else {
    return false;
  }
  lua_pop(L, 1);
  return true;
}

static void write_table(lua_State *L, int depth) {
  size_t count;
  if (has_field(L, "err", LUA_TSTRING)) {
    const char *text = lua_tolstring(L, -1, &count);
    put_line(L, CLUA_ERROR, text, count);
    lua_pop(L, 1);
    return;
  }
  if (has_field(L, "ok", LUA_TSTRING)) {
    const char *text = lua_tolstring(L, -1, &count);
    put_line(L, CLUA_STATUS, text, count);
    lua_pop(L, 1);
    return;
  }
  if (clua_of(L)->config.has_resp3 && write_resp3(L, depth)) return;
  clua_buffer *parts = &clua_of(L)->parts;
  size_t head = parts->count;
  put_part(L, CLUA_ARRAY, 0, NULL, 0);
  int64_t length = 0;
  // The same table may stand in an answer any number of times.
  clua_work(L, 16);
  for (;; length++) {
    lua_rawgeti(L, -1, (int)length + 1);
    if (lua_isnil(L, -1)) break;
    write_value(L, depth + 1);
  }
  lua_pop(L, 1);
  memcpy(parts->start + head + 1, &length, 8);
}

/// Writes the value on top, and pops it.
static void write_value(lua_State *L, int depth) {
  size_t count;
  if (depth > CLUA_DEPTH_MAX || !lua_checkstack(L, 8)) {
    static const char text[] = "ERR reached lua stack limit";
    put_part(L, CLUA_ERROR, sizeof text - 1, text, sizeof text - 1);
    lua_pop(L, 1);
    return;
  }
  switch (lua_type(L, -1)) {
    case LUA_TSTRING: {
      const char *text = lua_tolstring(L, -1, &count);
      put_part(L, CLUA_BULK, (int64_t)count, text, count);
      break;
    }
    case LUA_TNUMBER: put_part(L, CLUA_INTEGER, integer_of(lua_tonumber(L, -1)), NULL, 0); break;
    case LUA_TBOOLEAN:
      if (lua_toboolean(L, -1)) put_part(L, CLUA_INTEGER, 1, NULL, 0);
      else if (clua_of(L)->resp == 3) put_part(L, CLUA_INTEGER, 0, NULL, 0);
      else put_part(L, CLUA_NULL, 0, NULL, 0);
      break;
    case LUA_TTABLE: write_table(L, depth); break;
    default: put_part(L, CLUA_NULL, 0, NULL, 0);
  }
  lua_pop(L, 1);
}

void clua_write_answer(lua_State *L) { write_value(L, 0); }
