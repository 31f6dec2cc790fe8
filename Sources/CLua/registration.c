// redis.register_function, with which libraries say what they have.

#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include "internal.h"

static bool is_name(const char *text, size_t count) {
  if (count == 0) return false;
  for (size_t index = 0; index < count; index++) {
    char byte = text[index];
    bool is_letter = (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z');
    if (!is_letter && !(byte >= '0' && byte <= '9') && byte != '_') return false;
  }
  return true;
}

/// The flag that the text on top names; 0 for none.
static int flag_on_top(lua_State *L) {
  static const char *const names[] = {
    "no-writes", "allow-oom", "allow-stale", "no-cluster", "allow-cross-slot-keys",
  };
  if (lua_type(L, -1) != LUA_TSTRING) return 0;
  for (int bit = 0; bit < 5; bit++) {
    if (strcasecmp(lua_tostring(L, -1), names[bit]) == 0) return 1 << bit;
  }
  return 0;
}

static clua_bytes copy(lua_State *L, int index) {
  size_t count;
  const char *text = lua_tolstring(L, index, &count);
  uint8_t *start = malloc(count + 1);
  if (start == NULL) luaL_error(L, "not enough memory");
  memcpy(start, text, count + 1);
  return (clua_bytes){start, count};
}

/// Registers the function on top. `name` and `description` are indices, the latter 0 for none.
static int add_registration(lua_State *L, int name, int description, int flags) {
  clua *state = clua_of(L);
  size_t count;
  const char *text = lua_tolstring(L, name, &count);
  if (!is_name(text, count))
    return clua_fail_plain(
        L, true,
        "Library names can only contain letters, numbers, or underscores(_) and must be at least "
        "one character long");
  for (size_t index = 0; index < state->registration_count; index++) {
    clua_bytes other = state->registrations[index].name;
    if (other.count == count && strncasecmp((const char *)other.start, text, count) == 0)
      return clua_fail_plain(L, true, "Function already exists in the library");
  }
  if (state->registration_count == CLUA_FUNCTIONS_MAX)
    return clua_fail_plain(L, true, "too many functions in the library");
  if (state->registrations == NULL)
    state->registrations = calloc(CLUA_FUNCTIONS_MAX, sizeof(clua_registration));
  if (state->registrations == NULL) return luaL_error(L, "not enough memory");
  clua_registration *entry = state->registrations + state->registration_count;
  *entry = (clua_registration){.flags = flags};
  entry->callback = luaL_ref(L, LUA_REGISTRYINDEX);
  entry->name = copy(L, name);
  state->registration_count++;
  if (description != 0) entry->description = copy(L, description);
  return 0;
}

static int register_named(lua_State *L) {
  int flags = 0, name = 0, description = 0, callback = 0;
  lua_settop(L, 1);
  // 2: name, 3: description, 4: callback.
  lua_settop(L, 4);
  for (lua_pushnil(L); lua_next(L, 1) != 0; lua_pop(L, 1)) {
    if (lua_type(L, -2) != LUA_TSTRING)
      return clua_fail_plain(L, true, "unknown argument given to redis.register_function");
    const char *key = lua_tostring(L, -2);
    if (strcasecmp(key, "function_name") == 0) {
      if (!lua_isstring(L, -1))
        return clua_fail_plain(
            L, true, "function_name argument given to redis.register_function must be a string");
      lua_pushvalue(L, -1);
      lua_tostring(L, -1);
      lua_replace(L, name = 2);
    } else if (strcasecmp(key, "description") == 0) {
      if (!lua_isstring(L, -1))
        return clua_fail_plain(
            L, true, "description argument given to redis.register_function must be a string");
      lua_pushvalue(L, -1);
      lua_tostring(L, -1);
      lua_replace(L, description = 3);
    } else if (strcasecmp(key, "callback") == 0) {
      if (!lua_isfunction(L, -1))
        return clua_fail_plain(
            L, true, "callback argument given to redis.register_function must be a function");
      lua_pushvalue(L, -1);
      lua_replace(L, callback = 4);
    } else if (strcasecmp(key, "flags") == 0) {
      if (!lua_istable(L, -1))
        return clua_fail_plain(
            L, true,
            "flags argument to redis.register_function must be a table representing function "
            "flags");
      for (int index = 1;; index++) {
        lua_rawgeti(L, -1, index);
        if (lua_isnil(L, -1)) break;
        int flag = flag_on_top(L);
        if (flag == 0) return clua_fail_plain(L, true, "unknown flag given");
        flags |= flag;
        lua_pop(L, 1);
      }
      lua_pop(L, 1);
    } else {
      return clua_fail_plain(L, true, "unknown argument given to redis.register_function");
    }
  }
  if (name == 0)
    return clua_fail_plain(L, true, "redis.register_function must get a function name argument");
  if (callback == 0)
    return clua_fail_plain(L, true, "redis.register_function must get a callback argument");
  lua_settop(L, 4);
  return add_registration(L, name, description, flags);
}

int clua_register_function(lua_State *L) {
  int count = lua_gettop(L);
  if (!clua_of(L)->is_loading)
    return clua_fail_plain(
        L, true, "redis.register_function can only be called on FUNCTION LOAD command");
  if (count < 1 || count > 2)
    return clua_fail_plain(L, true, "wrong number of arguments to redis.register_function");
  if (count == 1) {
    if (lua_istable(L, 1)) return register_named(L);
    return clua_fail_plain(
        L, true,
        "calling redis.register_function with a single argument is only applicable to Lua table "
        "(representing named arguments).");
  }
  if (!lua_isstring(L, 1))
    return clua_fail_plain(L, true, "first argument to redis.register_function must be a string");
  if (!lua_isfunction(L, 2))
    return clua_fail_plain(
        L, true, "second argument to redis.register_function must be a function");
  return add_registration(L, 1, 0, 0);
}
