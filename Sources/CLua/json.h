// What the halves of cjson share.

#ifndef CLUA_JSON_H
#define CLUA_JSON_H

#include "internal.h"

enum json_choice { JSON_OFF = 0, JSON_ON = 1, JSON_NULL = 2 };

/// The settings of one library, as scripts may change them.
typedef struct {
  int precision, sparse_ratio, sparse_safe, encode_depth_max, decode_depth_max;
  /// Of json_choice.
  int sparse_convert, encode_invalid, decode_invalid, keeps_buffer, marks_arrays;
  clua_buffer buffer;
} json_settings;

/// The settings behind the function that runs.
static inline json_settings *json_settings_of(lua_State *L) {
  return lua_touserdata(L, lua_upvalueindex(1));
}

/// Gives a large buffer back.
static inline void json_shrink(lua_State *L, json_settings *settings) {
  if (settings->buffer.capacity > 1 << 16) clua_free(clua_of(L), &settings->buffer);
}

int json_encode(lua_State *L);
int json_decode(lua_State *L);

/// Whether the table on top was decoded as an array that says so.
bool json_is_marked_array(lua_State *L);

#endif
