// cmsgpack, as the servers have it: MessagePack without extensions and binary strings.

#include <math.h>
#include <string.h>
#include "internal.h"

/// Deeper tables are packed as nil.
enum { DEPTH_MAX = 16 };

// MARK: packing

/// A buffer that the interpreter frees, also where an error is raised.
static int free_buffer(lua_State *L) {
  clua_free(clua_of(L), lua_touserdata(L, 1));
  return 0;
}

static clua_buffer *push_buffer(lua_State *L) {
  clua_buffer *buffer = lua_newuserdata(L, sizeof(clua_buffer));
  *buffer = (clua_buffer){0};
  if (luaL_newmetatable(L, "clua.buffer")) {
    lua_pushcfunction(L, free_buffer);
    lua_setfield(L, -2, "__gc");
  }
  lua_setmetatable(L, -2);
  return buffer;
}

/// A first byte and `count` bytes of a number, the highest first.
static void put(lua_State *L, clua_buffer *to, int first, uint64_t number, int count) {
  uint8_t bytes[9] = {(uint8_t)first};
  for (int index = 0; index < count; index++)
    bytes[1 + index] = (uint8_t)(number >> 8 * (count - 1 - index));
  clua_put(L, to, bytes, (size_t)count + 1);
}

static void put_integer(lua_State *L, clua_buffer *to, int64_t number) {
  uint64_t bits = (uint64_t)number;
  if (number >= 0) {
    if (number <= 0x7F) put(L, to, (int)number, 0, 0);
    else if (number <= 0xFF) put(L, to, 0xCC, bits, 1);
    else if (number <= 0xFFFF) put(L, to, 0xCD, bits, 2);
    else if (number <= 0xFFFFFFFF) put(L, to, 0xCE, bits, 4);
    else put(L, to, 0xCF, bits, 8);
  } else if (number >= -32) {
    put(L, to, (int)(number & 0xFF), 0, 0);
  } else if (number >= INT8_MIN) {
    put(L, to, 0xD0, bits, 1);
  } else if (number >= INT16_MIN) {
    put(L, to, 0xD1, bits, 2);
  } else if (number >= INT32_MIN) {
    put(L, to, 0xD2, bits, 4);
  } else {
    put(L, to, 0xD3, bits, 8);
  }
}

static void put_number(lua_State *L, clua_buffer *to, double number) {
  bool fits = number >= -9223372036854775808.0 && number < 9223372036854775808.0;
  if (fits && (double)(int64_t)number == number) {
    put_integer(L, to, (int64_t)number);
    return;
  }
  float single = (float)number;
  if ((double)single == number) {
    uint32_t bits;
    memcpy(&bits, &single, 4);
    put(L, to, 0xCA, bits, 4);
  } else {
    uint64_t bits;
    memcpy(&bits, &number, 8);
    put(L, to, 0xCB, bits, 8);
  }
}

/// The head of an array or a map.
static void put_head(lua_State *L, clua_buffer *to, int small, int large, size_t count) {
  if (count <= 15) put(L, to, small | (int)count, 0, 0);
  else if (count <= 0xFFFF) put(L, to, large, count, 2);
  else put(L, to, large + 1, count, 4);
}

static void put_string(lua_State *L, clua_buffer *to, const char *text, size_t count) {
  if (count < 32) put(L, to, 0xA0 | (int)count, 0, 0);
  else if (count <= 0xFF) put(L, to, 0xD9, count, 1);
  else if (count <= 0xFFFF) put(L, to, 0xDA, count, 2);
  else put(L, to, 0xDB, count, 4);
  clua_put(L, to, text, count);
}

static void pack_value(lua_State *L, clua_buffer *to, int depth);

static void pack_table(lua_State *L, clua_buffer *to, int depth) {
  size_t count = 0;
  double max = 0;
  bool is_array = true;
  for (lua_pushnil(L); lua_next(L, -2) != 0; lua_pop(L, 1)) {
    double key = lua_type(L, -2) == LUA_TNUMBER ? lua_tonumber(L, -2) : 0;
    if (!(key > 0) || floor(key) != key) is_array = false;
    if (key > max) max = key;
    count++;
  }
  if (is_array && max == (double)count) {
    put_head(L, to, 0x90, 0xDC, count);
    for (size_t index = 1; index <= count; index++) {
      lua_rawgeti(L, -1, (int)index);
      pack_value(L, to, depth + 1);
    }
    return;
  }
  put_head(L, to, 0x80, 0xDE, count);
  lua_pushnil(L);
  while (lua_next(L, -2) != 0) {
    lua_pushvalue(L, -2);
    pack_value(L, to, depth + 1);
    pack_value(L, to, depth + 1);
  }
}

/// Packs the value on top, and pops it.
static void pack_value(lua_State *L, clua_buffer *to, int depth) {
  size_t count;
  luaL_checkstack(L, 5, "in function mp_pack");
  switch (lua_type(L, -1)) {
    case LUA_TSTRING: {
      const char *text = lua_tolstring(L, -1, &count);
      put_string(L, to, text, count);
      break;
    }
    case LUA_TBOOLEAN: put(L, to, lua_toboolean(L, -1) ? 0xC3 : 0xC2, 0, 0); break;
    case LUA_TNUMBER: put_number(L, to, lua_tonumber(L, -1)); break;
    case LUA_TTABLE:
      if (depth < DEPTH_MAX) {
        pack_table(L, to, depth);
        break;
      }
      put(L, to, 0xC0, 0, 0);
      break;
    default: put(L, to, 0xC0, 0, 0);
  }
  lua_pop(L, 1);
}

static int pack(lua_State *L) {
  int count = lua_gettop(L);
  if (count == 0) return luaL_argerror(L, 0, "MessagePack pack needs input.");
  clua_buffer *to = push_buffer(L);
  for (int index = 1; index <= count; index++) {
    lua_pushvalue(L, index);
    pack_value(L, to, 0);
  }
  lua_pushlstring(L, (const char *)to->start, to->count);
  return 1;
}

// MARK: unpacking

typedef struct {
  const uint8_t *next, *end;
} input;

static uint64_t take(lua_State *L, input *from, int count) {
  if (from->end - from->next < count) luaL_error(L, "Missing bytes in input.");
  uint64_t number = 0;
  for (int index = 0; index < count; index++) number = number << 8 | *from->next++;
  return number;
}

static void unpack_value(lua_State *L, input *from);

static void unpack_string(lua_State *L, input *from, uint64_t count) {
  if ((uint64_t)(from->end - from->next) < count) luaL_error(L, "Missing bytes in input.");
  lua_pushlstring(L, (const char *)from->next, count);
  from->next += count;
}

static void unpack_array(lua_State *L, input *from, uint64_t count) {
  luaL_checkstack(L, 2, "in function mp_decode_to_lua_array");
  lua_newtable(L);
  for (uint64_t index = 1; index <= count; index++) {
    // The place of the index is taken as the servers take it: their depth is limited by it.
    lua_pushnumber(L, (lua_Number)index);
    unpack_value(L, from);
    lua_rawset(L, -3);
  }
}

static void unpack_map(lua_State *L, input *from, uint64_t count) {
  luaL_checkstack(L, 3, "in function mp_decode_to_lua_hash");
  lua_newtable(L);
  while (count-- > 0) {
    unpack_value(L, from);
    unpack_value(L, from);
    lua_rawset(L, -3);
  }
}

static void unpack_float(lua_State *L, input *from, bool is_double) {
  uint64_t bits = take(L, from, is_double ? 8 : 4);
  if (is_double) {
    double number;
    memcpy(&number, &bits, 8);
    lua_pushnumber(L, number);
  } else {
    uint32_t half = (uint32_t)bits;
    float number;
    memcpy(&number, &half, 4);
    lua_pushnumber(L, (lua_Number)number);
  }
}

static void unpack_value(lua_State *L, input *from) {
  luaL_checkstack(L, 1, "too many return values at once; use unpack_one or unpack_limit instead.");
  int first = (int)take(L, from, 1);
  if (first <= 0x7F || first >= 0xE0) {
    lua_pushnumber(L, (lua_Number)(int8_t)first);
    return;
  }
  if (first < 0x90) { unpack_map(L, from, (uint64_t)first & 15); return; }
  if (first < 0xA0) { unpack_array(L, from, (uint64_t)first & 15); return; }
  if (first < 0xC0) { unpack_string(L, from, (uint64_t)first & 31); return; }
  switch (first) {
    case 0xC0: lua_pushnil(L); return;
    case 0xC2: lua_pushboolean(L, 0); return;
    case 0xC3: lua_pushboolean(L, 1); return;
    case 0xCA: unpack_float(L, from, false); return;
    case 0xCB: unpack_float(L, from, true); return;
    case 0xCC: lua_pushnumber(L, (lua_Number)take(L, from, 1)); return;
    case 0xCD: lua_pushnumber(L, (lua_Number)take(L, from, 2)); return;
    case 0xCE: lua_pushnumber(L, (lua_Number)take(L, from, 4)); return;
    // Without a sign in the format, and with one in servers.
    case 0xCF: case 0xD3: lua_pushnumber(L, (lua_Number)(int64_t)take(L, from, 8)); return;
    case 0xD0: lua_pushnumber(L, (lua_Number)(int8_t)take(L, from, 1)); return;
    case 0xD1: lua_pushnumber(L, (lua_Number)(int16_t)take(L, from, 2)); return;
    case 0xD2: lua_pushnumber(L, (lua_Number)(int32_t)take(L, from, 4)); return;
    case 0xD9: unpack_string(L, from, take(L, from, 1)); return;
    case 0xDA: unpack_string(L, from, take(L, from, 2)); return;
    case 0xDB: unpack_string(L, from, take(L, from, 4)); return;
    case 0xDC: unpack_array(L, from, take(L, from, 2)); return;
    case 0xDD: unpack_array(L, from, take(L, from, 4)); return;
    case 0xDE: unpack_map(L, from, take(L, from, 2)); return;
    case 0xDF: unpack_map(L, from, take(L, from, 4)); return;
    default: luaL_error(L, "Bad data format in input.");
  }
}

/// Unpacks up to `limit` values from an offset; all where both are 0.
static int unpack_some(lua_State *L, lua_Integer limit, lua_Integer offset) {
  size_t count;
  const char *text = luaL_checklstring(L, 1, &count);
  if (limit < 0 || offset < 0)
    return luaL_error(
        L, "Invalid request to unpack with offset of %d and limit of %d.", (int)offset,
        (int)count);
  if ((size_t)offset > count)
    return luaL_error(
        L, "Start offset %d greater than input length %d.", (int)offset, (int)count);
  bool takes_all = limit == 0 && offset == 0;
  const uint8_t *start = (const uint8_t *)text;
  input from = {start + offset, start + count};
  lua_settop(L, 1);
  while (from.next < from.end && (takes_all || lua_gettop(L) - 1 < limit))
    unpack_value(L, &from);
  if (takes_all) return lua_gettop(L) - 1;
  lua_pushinteger(L, from.next == from.end ? -1 : (lua_Integer)(from.next - start));
  lua_replace(L, 1);
  return lua_gettop(L);
}

static int unpack(lua_State *L) { return unpack_some(L, 0, 0); }

static int unpack_one(lua_State *L) { return unpack_some(L, 1, luaL_optinteger(L, 2, 0)); }

static int unpack_limit(lua_State *L) {
  lua_Integer limit = luaL_checkinteger(L, 2);
  return unpack_some(L, limit, luaL_optinteger(L, 3, 0));
}

int clua_open_msgpack(lua_State *L) {
  static const luaL_Reg functions[] = {
    {"pack", pack}, {"unpack", unpack}, {"unpack_one", unpack_one},
    {"unpack_limit", unpack_limit}, {NULL, NULL},
  };
  static const char *const facts[][2] = {
    {"_NAME", "cmsgpack"},
    {"_VERSION", "lua-cmsgpack 0.4.0"},
    {"_COPYRIGHT", "Copyright (C) 2012, Salvatore Sanfilippo"},
    {"_DESCRIPTION", "MessagePack C implementation for Lua"},
  };
  luaL_register(L, "cmsgpack", functions);
  for (size_t index = 0; index < sizeof facts / sizeof *facts; index++) {
    lua_pushstring(L, facts[index][1]);
    lua_setfield(L, -2, facts[index][0]);
  }
  return 1;
}
