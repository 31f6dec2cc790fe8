// Matching of patterns, with a count of the work: the library's own matcher goes back and forth for
// as long as it likes, where no limit ends it.

#include <ctype.h>
#include <string.h>
#include "pattern.h"

/// Steps between two looks at the limits.
enum { STEPS_COUNTED = 4096 };
static void step(clua_search *m) {
  if (++m->steps < STEPS_COUNTED) return;
  m->steps = 0;
  clua_work(m->L, STEPS_COUNTED);
}

// MARK: single characters

/// Behind the item that `item` begins with, what repeats it not included.
static const char *item_end(clua_search *m, const char *item) {
  char first = *item++;
  if (first == '%') {
    if (*item == 0) luaL_error(m->L, "malformed pattern (ends with '%%')");
    return item + 1;
  }
  if (first != '[') return item;
  if (*item == '^') item++;
  // A bracket in the first place is one of the set.
  do {
    if (*item == 0) luaL_error(m->L, "malformed pattern (missing ']')");
    if (*item++ == '%' && *item != 0) item++;
  } while (*item != ']');
  return item + 1;
}

static bool is_of_class(int character, int letter) {
  bool is_of;
  switch (tolower(letter)) {
    case 'a': is_of = isalpha(character); break;
    case 'c': is_of = iscntrl(character); break;
    case 'd': is_of = isdigit(character); break;
    case 'l': is_of = islower(character); break;
    case 'p': is_of = ispunct(character); break;
    case 's': is_of = isspace(character); break;
    case 'u': is_of = isupper(character); break;
    case 'w': is_of = isalnum(character); break;
    case 'x': is_of = isxdigit(character); break;
    case 'z': is_of = character == 0; break;
    default: return letter == character;
  }
  return isupper(letter) ? !is_of : is_of;
}

/// Whether a set holds a character; `last` is its closing bracket.
static bool is_of_set(clua_search *m, int character, const char *set, const char *last) {
  bool holds = true;
  if (set[1] == '^') {
    holds = false;
    set++;
  }
  while (++set < last) {
    step(m);
    if (*set == '%') {
      if (is_of_class(character, (uint8_t)*++set)) return holds;
    } else if (set[1] == '-' && set + 2 < last) {
      set += 2;
      if ((uint8_t)set[-2] <= character && character <= (uint8_t)*set) return holds;
    } else if ((uint8_t)*set == character) {
      return holds;
    }
  }
  return !holds;
}

static bool is_of_item(clua_search *m, const char *place, const char *item, const char *end) {
  step(m);
  if (place >= m->text_end) return false;
  int character = (uint8_t)*place;
  switch (*item) {
    case '.': return true;
    case '%': return is_of_class(character, (uint8_t)item[1]);
    case '[': return is_of_set(m, character, item, end - 1);
    default: return (uint8_t)*item == character;
  }
}

// MARK: items

/// As many as there are, and then fewer.
static const char *match_most(
    clua_search *m, const char *place, const char *item, const char *end) {
  ptrdiff_t count = 0;
  while (is_of_item(m, place + count, item, end)) count++;
  for (; count >= 0; count--) {
    step(m);
    const char *found = clua_match_at(m, place + count, end + 1);
    if (found != NULL) return found;
  }
  return NULL;
}

/// None, and then more.
static const char *match_fewest(
    clua_search *m, const char *place, const char *item, const char *end) {
  for (;;) {
    const char *found = clua_match_at(m, place, end + 1);
    if (found != NULL) return found;
    if (!is_of_item(m, place, item, end)) return NULL;
    place++;
  }
}

static const char *match_balanced(clua_search *m, const char *place, const char *item) {
  if (item[0] == 0 || item[1] == 0) luaL_error(m->L, "unbalanced pattern");
  if (place >= m->text_end || *place != item[0]) return NULL;
  for (size_t depth = 1; ++place < m->text_end;) {
    step(m);
    if (*place == item[1]) {
      if (--depth == 0) return place + 1;
    } else if (*place == item[0]) {
      depth++;
    }
  }
  return NULL;
}

/// Whether a run of characters of a set begins here.
static bool is_frontier(clua_search *m, const char *place, const char *set, const char *end) {
  int before = place == m->text ? 0 : (uint8_t)place[-1];
  // Behind the text is a zero byte.
  return !is_of_set(m, before, set, end - 1) && is_of_set(m, (uint8_t)*place, set, end - 1);
}

static const char *open_capture(
    clua_search *m, const char *place, const char *item, ptrdiff_t count) {
  if (m->capture_count >= LUA_MAXCAPTURES) luaL_error(m->L, "too many captures");
  m->captures[m->capture_count++] = (clua_capture){place, count};
  const char *found = clua_match_at(m, place, item);
  if (found == NULL) m->capture_count--;
  return found;
}

static const char *close_capture(clua_search *m, const char *place, const char *item) {
  int index = m->capture_count - 1;
  while (index >= 0 && m->captures[index].count != CLUA_IS_OPEN) index--;
  if (index < 0) luaL_error(m->L, "invalid pattern capture");
  m->captures[index].count = place - m->captures[index].start;
  const char *found = clua_match_at(m, place, item);
  if (found == NULL) m->captures[index].count = CLUA_IS_OPEN;
  return found;
}

/// The same text as an earlier capture.
static const char *match_again(clua_search *m, const char *place, int digit) {
  int index = digit - '1';
  if (index < 0 || index >= m->capture_count || m->captures[index].count == CLUA_IS_OPEN)
    luaL_error(m->L, "invalid capture index");
  clua_capture known = m->captures[index];
  if (known.count == CLUA_IS_PLACE || m->text_end - place < known.count) return NULL;
  clua_work(m->L, (size_t)known.count / 16);
  return memcmp(known.start, place, (size_t)known.count) == 0 ? place + known.count : NULL;
}

/// Matches an item that begins with `%`; false where it is a character.
static bool match_escape(clua_search *m, const char **place, const char **item) {
  const char *what = *item + 1;
  if (*what == 'b') {
    *place = match_balanced(m, *place, what + 1);
    *item += 4;
  } else if (*what == 'f') {
    if (what[1] != '[') luaL_error(m->L, "missing '[' after '%%f' in pattern");
    const char *end = item_end(m, what + 1);
    if (!is_frontier(m, *place, what + 1, end)) *place = NULL;
    *item = end;
  } else if (isdigit((uint8_t)*what)) {
    *place = match_again(m, *place, (uint8_t)*what);
    *item += 2;
  } else {
    return false;
  }
  return true;
}

const char *clua_match_at(clua_search *m, const char *place, const char *item) {
  for (;;) {
    step(m);
    switch (*item) {
      case 0: return place;
      case '(':
        return item[1] == ')' ? open_capture(m, place, item + 2, CLUA_IS_PLACE)
                              : open_capture(m, place, item + 1, CLUA_IS_OPEN);
      case ')': return close_capture(m, place, item + 1);
      case '$':
        if (item[1] == 0) return place == m->text_end ? place : NULL;
        break;
      case '%':
        if (!match_escape(m, &place, &item)) break;
        if (place == NULL) return NULL;
        continue;
      default: break;
    }
    const char *end = item_end(m, item), *found;
    switch (*end) {
      case '*': return match_most(m, place, item, end);
      case '-': return match_fewest(m, place, item, end);
      case '+':
        return is_of_item(m, place, item, end) ? match_most(m, place + 1, item, end) : NULL;
      case '?':
        if (is_of_item(m, place, item, end)) {
          found = clua_match_at(m, place + 1, end + 1);
          if (found != NULL) return found;
        }
        item = end + 1;
        break;
      default:
        if (!is_of_item(m, place, item, end)) return NULL;
        place++;
        item = end;
    }
  }
}
