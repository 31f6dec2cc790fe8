// cjson, first half: settings and encoding, as the servers' own copy of version 2.1.0 does it.
//
// The library of that name in distributions keeps its memory to itself and ends the process where
// there is none, so it is not fit for scripts of strangers.

#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include "json.h"

static void encode_error(lua_State *L, int index, const char *reason) {
  luaL_error(L, "Cannot serialise %s: %s", lua_typename(L, lua_type(L, index)), reason);
}

static void put_text(lua_State *L, json_settings *settings, const char *text, size_t count) {
  static const char digits[] = "0123456789abcdef";
  clua_put(L, &settings->buffer, "\"", 1);
  size_t done = 0;
  for (size_t index = 0; index < count; index++) {
    unsigned char byte = (unsigned char)text[index];
    char escape[6] = {'\\', 'u', '0', '0', digits[byte >> 4], digits[byte & 15]};
    size_t length = 2;
    switch (byte) {
      case '"': case '\\': case '/': escape[1] = (char)byte; break;
      case '\b': escape[1] = 'b'; break;
      case '\f': escape[1] = 'f'; break;
      case '\n': escape[1] = 'n'; break;
      case '\r': escape[1] = 'r'; break;
      case '\t': escape[1] = 't'; break;
      default:
        if (byte >= 0x20 && byte != 0x7F) continue;
        length = 6;
    }
    clua_put(L, &settings->buffer, text + done, index - done);
    clua_put(L, &settings->buffer, escape, length);
    done = index + 1;
  }
  clua_put(L, &settings->buffer, text + done, count - done);
  clua_put(L, &settings->buffer, "\"", 1);
}

static void put_number(lua_State *L, json_settings *settings, int index) {
  double number = lua_tonumber(L, index);
  char text[40];
  if (!isfinite(number)) {
    if (settings->encode_invalid == JSON_OFF)
      encode_error(L, index, "must not be NaN or Inf");
    if (settings->encode_invalid == JSON_NULL) {
      clua_put(L, &settings->buffer, "null", 4);
      return;
    }
    if (isnan(number)) {
      clua_put(L, &settings->buffer, "nan", 3);
      return;
    }
  }
  int count = snprintf(text, sizeof text, "%.*g", settings->precision, number);
  clua_put(L, &settings->buffer, text, (size_t)count);
}

/// The length of the table on top as an array; -1 for what is none.
static int array_length(lua_State *L, json_settings *settings) {
  double max = 0, items = 0;
  for (lua_pushnil(L); lua_next(L, -2) != 0; lua_pop(L, 1)) {
    double key = lua_type(L, -2) == LUA_TNUMBER ? lua_tonumber(L, -2) : 0;
    if (!(key >= 1) || floor(key) != key) {
      lua_pop(L, 2);
      return -1;
    }
    if (key > max) max = key;
    items++;
  }
  if (settings->sparse_ratio > 0 && max > items * settings->sparse_ratio
      && max > settings->sparse_safe) {
    if (!settings->sparse_convert) encode_error(L, -1, "excessively sparse array");
    return -1;
  }
  return max > INT_MAX ? -1 : (int)max;
}

static void put_value(lua_State *L, json_settings *settings, int depth);

static void put_array(lua_State *L, json_settings *settings, int length, int depth) {
  clua_put(L, &settings->buffer, "[", 1);
  for (int index = 1; index <= length; index++) {
    if (index > 1) clua_put(L, &settings->buffer, ",", 1);
    lua_rawgeti(L, -1, index);
    put_value(L, settings, depth);
    lua_pop(L, 1);
  }
  clua_put(L, &settings->buffer, "]", 1);
}

static void put_object(lua_State *L, json_settings *settings, int depth) {
  bool is_first = true;
  clua_put(L, &settings->buffer, "{", 1);
  for (lua_pushnil(L); lua_next(L, -2) != 0; lua_pop(L, 1)) {
    if (!is_first) clua_put(L, &settings->buffer, ",", 1);
    is_first = false;
    if (lua_type(L, -2) == LUA_TNUMBER) {
      clua_put(L, &settings->buffer, "\"", 1);
      put_number(L, settings, -2);
      clua_put(L, &settings->buffer, "\":", 2);
    } else if (lua_type(L, -2) == LUA_TSTRING) {
      size_t count;
      const char *text = lua_tolstring(L, -2, &count);
      put_text(L, settings, text, count);
      clua_put(L, &settings->buffer, ":", 1);
    } else {
      encode_error(L, -2, "table key must be a number or string");
    }
    put_value(L, settings, depth);
  }
  clua_put(L, &settings->buffer, "}", 1);
}

static void put_table(lua_State *L, json_settings *settings, int depth) {
  if (depth > settings->encode_depth_max || !lua_checkstack(L, 4))
    luaL_error(L, "Cannot serialise, excessive nesting (%d)", depth);
  // The same table may stand in a text any number of times.
  clua_work(L, 16);
  int length = array_length(L, settings);
  if (length > 0 || (length == 0 && json_is_marked_array(L))) put_array(L, settings, length, depth);
  else put_object(L, settings, depth);
}

/// Writes the value on top.
static void put_value(lua_State *L, json_settings *settings, int depth) {
  size_t count;
  switch (lua_type(L, -1)) {
    case LUA_TSTRING: {
      const char *text = lua_tolstring(L, -1, &count);
      put_text(L, settings, text, count);
      return;
    }
    case LUA_TNUMBER: put_number(L, settings, -1); return;
    case LUA_TBOOLEAN:
      if (lua_toboolean(L, -1)) clua_put(L, &settings->buffer, "true", 4);
      else clua_put(L, &settings->buffer, "false", 5);
      return;
    case LUA_TTABLE: put_table(L, settings, depth + 1); return;
    case LUA_TNIL: clua_put(L, &settings->buffer, "null", 4); return;
    case LUA_TLIGHTUSERDATA:
      if (lua_touserdata(L, -1) == NULL) {
        clua_put(L, &settings->buffer, "null", 4);
        return;
      }
  }
  encode_error(L, -1, "type not supported");
}

int json_encode(lua_State *L) {
  json_settings *settings = json_settings_of(L);
  luaL_argcheck(L, lua_gettop(L) == 1, 1, "expected 1 argument");
  settings->buffer.count = 0;
  put_value(L, settings, 0);
  lua_pushlstring(L, (const char *)settings->buffer.start, settings->buffer.count);
  json_shrink(L, settings);
  return 1;
}

// MARK: settings

static void begin_options(lua_State *L, int count) {
  luaL_argcheck(L, lua_gettop(L) <= count, count + 1, "found too many arguments");
  lua_settop(L, count);
}

static int integer_option(lua_State *L, int index, int *setting, int min, int max) {
  if (!lua_isnil(L, index)) {
    lua_Integer value = luaL_checkinteger(L, index);
    char text[64];
    snprintf(text, sizeof text, "expected integer between %d and %d", min, max);
    // Whichever it is, it is called the first.
    luaL_argcheck(L, min <= value && value <= max, 1, text);
    *setting = (int)value;
  }
  lua_pushinteger(L, *setting);
  return 1;
}

/// An option of `off`, `on` and perhaps `null`; the first two can be booleans.
static int choice_option(lua_State *L, int index, int *setting, bool has_null) {
  static const char *const all[] = {"off", "on", "null", NULL}, *const two[] = {"off", "on", NULL};
  if (!lua_isnil(L, index)) {
    if (lua_isboolean(L, index)) *setting = lua_toboolean(L, index) ? JSON_ON : JSON_OFF;
    else *setting = luaL_checkoption(L, index, NULL, has_null ? all : two);
  }
  if (*setting == JSON_NULL) lua_pushliteral(L, "null");
  else lua_pushboolean(L, *setting);
  return 1;
}

static int encode_sparse_array(lua_State *L) {
  json_settings *settings = json_settings_of(L);
  begin_options(L, 3);
  choice_option(L, 1, &settings->sparse_convert, false);
  integer_option(L, 2, &settings->sparse_ratio, 0, INT_MAX);
  integer_option(L, 3, &settings->sparse_safe, 0, INT_MAX);
  return 3;
}

static int encode_max_depth(lua_State *L) {
  begin_options(L, 1);
  return integer_option(L, 1, &json_settings_of(L)->encode_depth_max, 1, INT_MAX);
}

static int decode_max_depth(lua_State *L) {
  begin_options(L, 1);
  return integer_option(L, 1, &json_settings_of(L)->decode_depth_max, 1, INT_MAX);
}

static int encode_number_precision(lua_State *L) {
  begin_options(L, 1);
  return integer_option(L, 1, &json_settings_of(L)->precision, 1, 14);
}

static int encode_keep_buffer(lua_State *L) {
  begin_options(L, 1);
  return choice_option(L, 1, &json_settings_of(L)->keeps_buffer, false);
}

static int encode_invalid_numbers(lua_State *L) {
  begin_options(L, 1);
  return choice_option(L, 1, &json_settings_of(L)->encode_invalid, true);
}

static int decode_invalid_numbers(lua_State *L) {
  begin_options(L, 1);
  return choice_option(L, 1, &json_settings_of(L)->decode_invalid, false);
}

static int decode_array_with_array_mt(lua_State *L) {
  begin_options(L, 1);
  return choice_option(L, 1, &json_settings_of(L)->marks_arrays, false);
}

static int free_settings(lua_State *L) {
  json_settings *settings = lua_touserdata(L, 1);
  clua_free(clua_of(L), &settings->buffer);
  return 0;
}

static int new_library(lua_State *L);

static const luaL_Reg functions[] = {
  {"encode", json_encode},
  {"decode", json_decode},
  {"encode_sparse_array", encode_sparse_array},
  {"encode_max_depth", encode_max_depth},
  {"decode_max_depth", decode_max_depth},
  {"encode_number_precision", encode_number_precision},
  {"encode_keep_buffer", encode_keep_buffer},
  {"encode_invalid_numbers", encode_invalid_numbers},
  {"decode_invalid_numbers", decode_invalid_numbers},
  {"new", new_library},
  {NULL, NULL},
};

/// A library with settings of its own.
static int new_library(lua_State *L) {
  lua_newtable(L);
  json_settings *settings = lua_newuserdata(L, sizeof(json_settings));
  *settings = (json_settings){
    .precision = 14, .sparse_ratio = 2, .sparse_safe = 10, .encode_depth_max = 1000,
    .decode_depth_max = 1000, .decode_invalid = JSON_ON, .keeps_buffer = JSON_ON,
  };
  lua_createtable(L, 0, 1);
  lua_pushcfunction(L, free_settings);
  lua_setfield(L, -2, "__gc");
  lua_setmetatable(L, -2);
  for (const luaL_Reg *entry = functions; entry->name != NULL; entry++) {
    lua_pushvalue(L, -1);
    lua_pushcclosure(L, entry->func, 1);
    lua_setfield(L, -3, entry->name);
  }
  if (clua_of(L)->config.has_array_metatable) {
    lua_pushvalue(L, -1);
    lua_pushcclosure(L, decode_array_with_array_mt, 1);
    lua_setfield(L, -3, "decode_array_with_array_mt");
  }
  lua_pop(L, 1);
  lua_pushlightuserdata(L, NULL);
  lua_setfield(L, -2, "null");
  lua_pushliteral(L, "cjson");
  lua_setfield(L, -2, "_NAME");
  lua_pushliteral(L, "2.1.0");
  lua_setfield(L, -2, "_VERSION");
  return 1;
}

int clua_open_json(lua_State *L) {
  new_library(L);
  lua_pushvalue(L, -1);
  lua_setglobal(L, "cjson");
  return 1;
}
