// cjson, second half: decoding.

#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include "json.h"

enum token {
  TOKEN_OBJECT, TOKEN_OBJECT_END, TOKEN_ARRAY, TOKEN_ARRAY_END, TOKEN_STRING, TOKEN_NUMBER,
  TOKEN_BOOLEAN, TOKEN_NULL, TOKEN_COLON, TOKEN_COMMA, TOKEN_END, TOKEN_ERROR,
};

static const char *const token_names[] = {
  "T_OBJ_BEGIN", "T_OBJ_END", "T_ARR_BEGIN", "T_ARR_END", "T_STRING", "T_NUMBER", "T_BOOLEAN",
  "T_NULL", "T_COLON", "T_COMMA", "T_END", "T_ERROR",
};

typedef struct {
  lua_State *L;
  json_settings *settings;
  /// The text ends in a zero byte.
  const char *start, *next;
  int depth;
  // The last token.
  enum token token;
  const char *at, *error;
  double number;
  bool boolean;
} parser;

/// The metatable of arrays, by its address as a key of the registry.
static char array_key;

static void push_array_meta(lua_State *L) {
  lua_pushlightuserdata(L, &array_key);
  lua_rawget(L, LUA_REGISTRYINDEX);
  if (!lua_isnil(L, -1)) return;
  lua_pop(L, 1);
  lua_newtable(L);
  lua_pushlightuserdata(L, &array_key);
  lua_pushvalue(L, -2);
  lua_rawset(L, LUA_REGISTRYINDEX);
}

bool json_is_marked_array(lua_State *L) {
  if (!lua_getmetatable(L, -1)) return false;
  push_array_meta(L);
  bool is_marked = lua_rawequal(L, -1, -2);
  lua_pop(L, 2);
  return is_marked;
}

static void fail_token(parser *json, const char *error) {
  json->token = TOKEN_ERROR;
  json->error = error;
  json->at = json->next;
}

static _Noreturn void raise(parser *json, const char *expected) {
  const char *found =
      json->token == TOKEN_ERROR ? json->error : token_names[json->token];
  luaL_error(
      json->L, "Expected %s but found %s at character %d", expected, found,
      (int)(json->at - json->start) + 1);
  abort();
}

// MARK: texts

/// Four hex digits; -1 where they are none.
static int hex4(const char *text) {
  int value = 0;
  for (int index = 0; index < 4; index++) {
    char byte = text[index];
    int digit = byte >= '0' && byte <= '9' ? byte - '0'
        : (byte | 0x20) >= 'a' && (byte | 0x20) <= 'f' ? (byte | 0x20) - 'a' + 10 : -1;
    if (digit < 0) return -1;
    value = value << 4 | digit;
  }
  return value;
}

static size_t utf8(char *target, int code) {
  if (code < 0x80) {
    target[0] = (char)code;
    return 1;
  }
  if (code < 0x800) {
    target[0] = (char)(0xC0 | code >> 6);
    target[1] = (char)(0x80 | (code & 0x3F));
    return 2;
  }
  if (code < 0x10000) {
    target[0] = (char)(0xE0 | code >> 12);
    target[1] = (char)(0x80 | (code >> 6 & 0x3F));
    target[2] = (char)(0x80 | (code & 0x3F));
    return 3;
  }
  target[0] = (char)(0xF0 | code >> 18);
  target[1] = (char)(0x80 | (code >> 12 & 0x3F));
  target[2] = (char)(0x80 | (code >> 6 & 0x3F));
  target[3] = (char)(0x80 | (code & 0x3F));
  return 4;
}

/// Takes \uXXXX, or two of them that are one character.
static bool take_unicode(parser *json) {
  int code = hex4(json->next + 2);
  size_t taken = 6;
  if (code < 0) return false;
  if ((code & 0xF800) == 0xD800) {
    if (code & 0x400 || json->next[6] != '\\' || json->next[7] != 'u') return false;
    int low = hex4(json->next + 8);
    if (low < 0 || (low & 0xFC00) != 0xDC00) return false;
    code = 0x10000 + ((code & 0x3FF) << 10 | (low & 0x3FF));
    taken = 12;
  }
  char text[4];
  clua_put(json->L, &json->settings->buffer, text, utf8(text, code));
  json->next += taken;
  return true;
}

static void take_string(parser *json, const char *end) {
  clua_buffer *buffer = &json->settings->buffer;
  buffer->count = 0;
  json->next++;
  for (;;) {
    const char *from = json->next;
    while (*json->next != '"' && *json->next != '\\' && json->next < end) json->next++;
    clua_put(json->L, buffer, from, (size_t)(json->next - from));
    if (json->next >= end) {
      fail_token(json, "unexpected end of string");
      return;
    }
    if (*json->next == '"') break;
    char byte = json->next[1];
    const char *codes = "\"\\/bfnrt", *values = "\"\\/\b\f\n\r\t";
    const char *found = byte == 0 ? NULL : strchr(codes, byte);
    if (byte == 'u') {
      if (take_unicode(json)) continue;
      fail_token(json, "invalid unicode escape code");
      return;
    }
    if (found == NULL) {
      fail_token(json, "invalid escape code");
      return;
    }
    clua_put(json->L, buffer, values + (found - codes), 1);
    json->next += 2;
  }
  json->next++;
  json->token = TOKEN_STRING;
}

// MARK: tokens

/// Whether what stands here is a number to C only.
static bool is_invalid_number(const char *text) {
  if (*text == '+') return true;
  if (*text == '-') text++;
  if (*text == '0') return (text[1] | 0x20) == 'x' || (text[1] >= '0' && text[1] <= '9');
  if (*text <= '9') return false;
  return strncasecmp(text, "inf", 3) == 0 || strncasecmp(text, "nan", 3) == 0;
}

static void take_number(parser *json) {
  char *end;
  json->number = strtod(json->next, &end);
  if (end == json->next) {
    fail_token(json, "invalid number");
    return;
  }
  json->token = TOKEN_NUMBER;
  json->next = end;
}

static void take_word(parser *json, enum token token, bool boolean, size_t count) {
  json->token = token;
  json->boolean = boolean;
  json->next += count;
}

static void next_token(parser *json, const char *end) {
  while (*json->next == ' ' || *json->next == '\t' || *json->next == '\n' || *json->next == '\r')
    json->next++;
  const char *text = json->at = json->next;
  switch (*text) {
    case 0: json->token = TOKEN_END; return;
    case '{': take_word(json, TOKEN_OBJECT, false, 1); return;
    case '}': take_word(json, TOKEN_OBJECT_END, false, 1); return;
    case '[': take_word(json, TOKEN_ARRAY, false, 1); return;
    case ']': take_word(json, TOKEN_ARRAY_END, false, 1); return;
    case ':': take_word(json, TOKEN_COLON, false, 1); return;
    case ',': take_word(json, TOKEN_COMMA, false, 1); return;
    case '"': take_string(json, end); return;
  }
  bool takes_invalid = json->settings->decode_invalid == JSON_ON;
  if (*text == '-' || (*text >= '0' && *text <= '9')) {
    if (!takes_invalid && is_invalid_number(text)) fail_token(json, "invalid number");
    else take_number(json);
  } else if (strncmp(text, "true", 4) == 0) {
    take_word(json, TOKEN_BOOLEAN, true, 4);
  } else if (strncmp(text, "false", 5) == 0) {
    take_word(json, TOKEN_BOOLEAN, false, 5);
  } else if (strncmp(text, "null", 4) == 0) {
    take_word(json, TOKEN_NULL, false, 4);
  } else if (takes_invalid && is_invalid_number(text)) {
    take_number(json);
  } else {
    fail_token(json, "invalid token");
  }
}

// MARK: values

static void push_value(parser *json, const char *end);

static void descend(parser *json) {
  json->depth++;
  if (json->depth <= json->settings->decode_depth_max && lua_checkstack(json->L, 4)) return;
  luaL_error(
      json->L, "Found too many nested data structures (%d) at character %d", json->depth,
      (int)(json->next - json->start));
}

static void push_string(parser *json) {
  clua_buffer *buffer = &json->settings->buffer;
  lua_pushlstring(json->L, buffer->count == 0 ? "" : (const char *)buffer->start, buffer->count);
}

static void push_object(parser *json, const char *end) {
  descend(json);
  lua_newtable(json->L);
  next_token(json, end);
  while (json->token != TOKEN_OBJECT_END) {
    if (json->token != TOKEN_STRING) raise(json, "object key string");
    push_string(json);
    next_token(json, end);
    if (json->token != TOKEN_COLON) raise(json, "colon");
    next_token(json, end);
    push_value(json, end);
    lua_rawset(json->L, -3);
    next_token(json, end);
    if (json->token == TOKEN_OBJECT_END) break;
    if (json->token != TOKEN_COMMA) raise(json, "comma or object end");
    next_token(json, end);
    // Behind a comma stands another key.
    if (json->token == TOKEN_OBJECT_END) raise(json, "object key string");
  }
  json->depth--;
}

static void push_array(parser *json, const char *end) {
  descend(json);
  lua_newtable(json->L);
  if (json->settings->marks_arrays == JSON_ON) {
    push_array_meta(json->L);
    lua_setmetatable(json->L, -2);
  }
  next_token(json, end);
  for (int index = 1; json->token != TOKEN_ARRAY_END; index++) {
    push_value(json, end);
    lua_rawseti(json->L, -2, index);
    next_token(json, end);
    if (json->token == TOKEN_ARRAY_END) break;
    if (json->token != TOKEN_COMMA) raise(json, "comma or array end");
    next_token(json, end);
    if (json->token == TOKEN_ARRAY_END) raise(json, "value");
  }
  json->depth--;
}

/// Pushes the value that begins with the last token.
static void push_value(parser *json, const char *end) {
  switch (json->token) {
    case TOKEN_STRING: push_string(json); break;
    case TOKEN_NUMBER: lua_pushnumber(json->L, json->number); break;
    case TOKEN_BOOLEAN: lua_pushboolean(json->L, json->boolean); break;
    case TOKEN_OBJECT: push_object(json, end); break;
    case TOKEN_ARRAY: push_array(json, end); break;
    case TOKEN_NULL: lua_pushlightuserdata(json->L, NULL); break;
    default: raise(json, "value");
  }
}

int json_decode(lua_State *L) {
  luaL_argcheck(L, lua_gettop(L) == 1, 1, "expected 1 argument");
  size_t count;
  const char *text = luaL_checklstring(L, 1, &count);
  if (count >= 2 && (text[0] == 0 || text[1] == 0))
    return luaL_error(L, "JSON parser does not support UTF-16 or UTF-32");
  parser json = {.L = L, .settings = json_settings_of(L), .start = text, .next = text};
  next_token(&json, text + count);
  push_value(&json, text + count);
  next_token(&json, text + count);
  if (json.token != TOKEN_END) raise(&json, "the end");
  json_shrink(L, json.settings);
  return 1;
}
