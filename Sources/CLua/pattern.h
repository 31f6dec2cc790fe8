// A search for a pattern. Not seen outside of this target.

#ifndef CLUA_PATTERN_H
#define CLUA_PATTERN_H

#include "internal.h"

/// The count of a capture that is not closed yet, and of one that is a place.
enum { CLUA_IS_OPEN = -1, CLUA_IS_PLACE = -2 };

typedef struct {
  const char *start;
  ptrdiff_t count;
} clua_capture;

/// A search: a text, and what of it was captured so far.
typedef struct {
  lua_State *L;
  const char *text, *text_end;
  unsigned steps;
  int capture_count;
  clua_capture captures[LUA_MAXCAPTURES];
} clua_search;

/// Matches a pattern from `item` on at one place; it ends at its first zero byte.
///
/// Returns the end of what matches; NULL where nothing does.
const char *clua_match_at(clua_search *m, const char *place, const char *item);

#endif
