// string.find, match, gmatch and gsub, with a count of the work.

#define _GNU_SOURCE
#include <ctype.h>
#include <string.h>
#include "pattern.h"

/// Patterns with more items that repeat would take too much of the stack.
enum { PATTERN_ITEMS_MAX = 200 };

// MARK: captures

/// Pushes a capture; without any the whole of what matched is the first.
static void push_capture(clua_search *m, int index, const char *start, const char *end) {
  if (index >= m->capture_count) {
    if (index != 0) luaL_error(m->L, "invalid capture index");
    lua_pushlstring(m->L, start, (size_t)(end - start));
    return;
  }
  clua_capture found = m->captures[index];
  if (found.count == CLUA_IS_OPEN) luaL_error(m->L, "unfinished capture");
  if (found.count == CLUA_IS_PLACE) lua_pushinteger(m->L, found.start - m->text + 1);
  else lua_pushlstring(m->L, found.start, (size_t)found.count);
}

/// Pushes all captures, or else, if `start` is not NULL, the whole of what matched.
static int push_captures(clua_search *m, const char *start, const char *end) {
  int count = m->capture_count == 0 && start != NULL ? 1 : m->capture_count;
  luaL_checkstack(m->L, count, "too many captures");
  for (int index = 0; index < count; index++) push_capture(m, index, start, end);
  return count;
}

// MARK: what scripts call

/// Begins a search in the first argument for the second.
static void begin(lua_State *L, clua_search *m) {
  size_t count, pattern_count, items = 0;
  const char *text = luaL_checklstring(L, 1, &count);
  const char *pattern = luaL_checklstring(L, 2, &pattern_count);
  *m = (clua_search){.L = L, .text = text, .text_end = text + count};
  for (size_t index = 0; index < pattern_count; index++) {
    if (memchr("?*+-(", pattern[index], 5) != NULL) items++;
  }
  if (items > PATTERN_ITEMS_MAX) clua_limit(L, "pattern too complex");
}

static int find(lua_State *L, bool wants_place) {
  clua_search m;
  begin(L, &m);
  size_t pattern_count;
  const char *pattern = lua_tolstring(L, 2, &pattern_count);
  ptrdiff_t count = m.text_end - m.text, first = luaL_optinteger(L, 3, 1);
  if (first < 0) first += count + 1;
  first = first < 1 ? 0 : first - 1;
  if (first > count) first = count;
  const char *place = m.text + first;
  if (wants_place && (lua_toboolean(L, 4) || strpbrk(pattern, "^$*+?.([%-") == NULL)) {
    clua_work(L, (size_t)(count - first) / 16);
    const char *found = memmem(place, (size_t)(count - first), pattern, pattern_count);
    if (found == NULL) {
      lua_pushnil(L);
      return 1;
    }
    lua_pushinteger(L, found - m.text + 1);
    lua_pushinteger(L, found - m.text + (ptrdiff_t)pattern_count);
    return 2;
  }
  bool is_anchored = *pattern == '^';
  if (is_anchored) pattern++;
  do {
    m.capture_count = 0;
    const char *end = clua_match_at(&m, place, pattern);
    if (end == NULL) continue;
    if (!wants_place) return push_captures(&m, place, end);
    lua_pushinteger(L, place - m.text + 1);
    lua_pushinteger(L, end - m.text);
    return push_captures(&m, NULL, NULL) + 2;
  } while (place++ < m.text_end && !is_anchored);
  lua_pushnil(L);
  return 1;
}

int clua_find(lua_State *L) { return find(L, true); }

int clua_match(lua_State *L) { return find(L, false); }

/// The next match: upvalues are the text, the pattern and the place to begin at.
static int next_match(lua_State *L) {
  lua_settop(L, 0);
  lua_pushvalue(L, lua_upvalueindex(1));
  lua_pushvalue(L, lua_upvalueindex(2));
  clua_search m;
  begin(L, &m);
  const char *pattern = lua_tostring(L, 2);
  const char *place = m.text + lua_tointeger(L, lua_upvalueindex(3));
  for (; place <= m.text_end; place++) {
    m.capture_count = 0;
    const char *end = clua_match_at(&m, place, pattern);
    if (end == NULL) continue;
    // An empty match is not found twice.
    lua_pushinteger(L, end - m.text + (end == place ? 1 : 0));
    lua_replace(L, lua_upvalueindex(3));
    return push_captures(&m, place, end);
  }
  return 0;
}

int clua_gmatch(lua_State *L) {
  luaL_checkstring(L, 1);
  luaL_checkstring(L, 2);
  lua_settop(L, 2);
  lua_pushinteger(L, 0);
  lua_pushcclosure(L, next_match, 3);
  return 1;
}

/// Adds a text in which `%1` and the like stand for captures.
static void add_text(clua_search *m, luaL_Buffer *result, const char *start, const char *end) {
  size_t count;
  const char *text = lua_tolstring(m->L, 3, &count);
  clua_work(m->L, count / 16);
  for (size_t index = 0; index < count; index++) {
    if (text[index] != '%') {
      luaL_addchar(result, text[index]);
      continue;
    }
    int letter = (uint8_t)text[++index];
    if (!isdigit(letter)) {
      luaL_addchar(result, (char)letter);
    } else if (letter == '0') {
      luaL_addlstring(result, start, (size_t)(end - start));
    } else {
      push_capture(m, letter - '1', start, end);
      luaL_addvalue(result);
    }
  }
}

/// Adds what takes the place of a match.
static void add_replacement(clua_search *m, luaL_Buffer *result, const char *start, const char *end) {
  lua_State *L = m->L;
  switch (lua_type(L, 3)) {
    case LUA_TFUNCTION:
      lua_pushvalue(L, 3);
      lua_call(L, push_captures(m, start, end), 1);
      break;
    case LUA_TTABLE:
      push_capture(m, 0, start, end);
      lua_gettable(L, 3);
      break;
    default: return add_text(m, result, start, end);
  }
  if (!lua_toboolean(L, -1)) {
    lua_pop(L, 1);
    lua_pushlstring(L, start, (size_t)(end - start));
  } else if (!lua_isstring(L, -1)) {
    luaL_error(L, "invalid replacement value (a %s)", luaL_typename(L, -1));
  }
  luaL_addvalue(result);
}

int clua_gsub(lua_State *L) {
  clua_search m;
  begin(L, &m);
  int type = lua_type(L, 3), count = 0;
  int count_max = luaL_optint(L, 4, (int)(m.text_end - m.text) + 1);
  luaL_argcheck(
      L,
      type == LUA_TNUMBER || type == LUA_TSTRING || type == LUA_TFUNCTION || type == LUA_TTABLE, 3,
      "string/function/table expected");
  const char *pattern = lua_tostring(L, 2), *place = m.text;
  bool is_anchored = *pattern == '^';
  if (is_anchored) pattern++;
  luaL_Buffer result;
  luaL_buffinit(L, &result);
  while (count < count_max) {
    m.capture_count = 0;
    const char *end = clua_match_at(&m, place, pattern);
    if (end != NULL) {
      count++;
      add_replacement(&m, &result, place, end);
    }
    if (end != NULL && end > place) place = end;
    else if (place < m.text_end) luaL_addchar(&result, *place++);
    else break;
    if (is_anchored) break;
  }
  luaL_addlstring(&result, place, (size_t)(m.text_end - place));
  luaL_pushresult(&result);
  lua_pushinteger(L, count);
  return 2;
}
