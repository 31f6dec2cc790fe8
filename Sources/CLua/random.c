// math.random, as the servers have it on every machine.

#include <stdint.h>
#include "internal.h"

/// The next 31 bits.
static uint32_t next_random(lua_State *L) {
  uint64_t *state = clua_of(L)->config.random;
  *state = (*state * 0x5DEECE66D + 0xB) & 0xFFFFFFFFFFFF;
  return (uint32_t)(*state >> 17);
}

int clua_random(lua_State *L) {
  lua_Number fraction = (lua_Number)(next_random(L) % INT32_MAX) / (lua_Number)INT32_MAX;
  lua_Number low = 1, high;
  switch (lua_gettop(L)) {
    case 0: lua_pushnumber(L, fraction); return 1;
    case 1:
      high = luaL_checkint(L, 1);
      luaL_argcheck(L, 1 <= high, 1, "interval is empty");
      break;
    case 2:
      low = luaL_checkint(L, 1);
      high = luaL_checkint(L, 2);
      luaL_argcheck(L, low <= high, 2, "interval is empty");
      break;
    default: return luaL_error(L, "wrong number of arguments");
  }
  lua_Number drawn = fraction * (high - low + 1);
  lua_pushnumber(L, (lua_Number)(int64_t)drawn + low);
  return 1;
}

int clua_randomseed(lua_State *L) {
  uint32_t seed = (uint32_t)luaL_checkint(L, 1);
  *clua_of(L)->config.random = (uint64_t)seed << 16 | 0x330E;
  return 0;
}
