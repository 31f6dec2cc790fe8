// struct, as the servers have it: texts of numbers and strings at fixed places.

#include <ctype.h>
#include <limits.h>
#include <string.h>
#include "internal.h"

enum { ALIGN_MAX = 8, INTEGER_MAX = 32 };

/// Where a format is being read, and what it said so far.
typedef struct {
  lua_State *L;
  const char *next;
  bool is_big;
  size_t align;
} format;

static int take_number(format *form, int otherwise) {
  if (!isdigit((unsigned char)*form->next)) return otherwise;
  int number = 0;
  do {
    int digit = *form->next - '0';
    if (number > INT_MAX / 10 || number * 10 > INT_MAX - digit)
      luaL_error(form->L, "integral size overflow");
    number = number * 10 + digit;
    form->next++;
  } while (isdigit((unsigned char)*form->next));
  return number;
}

static size_t option_size(format *form, char option) {
  switch (option) {
    case 'B': case 'b': case 'x': return 1;
    case 'H': case 'h': return sizeof(short);
    case 'L': case 'l': return sizeof(long);
    case 'T': return sizeof(size_t);
    case 'f': return sizeof(float);
    case 'd': return sizeof(double);
    case 'c': return (size_t)take_number(form, 1);
    case 'i': case 'I': {
      int size = take_number(form, sizeof(int));
      if (size > INTEGER_MAX)
        luaL_error(
            form->L, "integral size %d is larger than limit of %d", size, INTEGER_MAX);
      return (size_t)size;
    }
    default: return 0;
  }
}

/// Bytes to the place of a value of `size`.
static size_t padding(const format *form, size_t place, char option, size_t size) {
  if (size == 0 || option == 'c') return 0;
  if (size > form->align) size = form->align;
  return (size - (place & (size - 1))) & (size - 1);
}

/// What is no value: order of bytes and alignment.
static void control(format *form, char option) {
  switch (option) {
    case ' ': return;
    case '>': form->is_big = true; return;
    case '<': form->is_big = false; return;
    case '!': {
      int align = take_number(form, ALIGN_MAX);
      if (align <= 0 || (align & (align - 1)) != 0)
        luaL_error(form->L, "alignment %d is not a power of 2", align);
      form->align = (size_t)align;
      return;
    }
    default:
      luaL_argerror(
          form->L, 1, lua_pushfstring(form->L, "invalid format option '%c'", option));
  }
}

static void swap_bytes(char *bytes, size_t count) {
  for (size_t index = 0; index < count / 2; index++) {
    char byte = bytes[index];
    bytes[index] = bytes[count - 1 - index];
    bytes[count - 1 - index] = byte;
  }
}

static uint64_t bits_of(lua_Number number) {
  if (number < 0) return number >= -9223372036854775808.0 ? (uint64_t)(int64_t)number : 1ull << 63;
  if (number < 18446744073709551616.0) return (uint64_t)number;
  return 0;
}

static int pack(lua_State *L) {
  format form = {L, luaL_checkstring(L, 1), false, 1};
  int argument = 2;
  size_t total = 0;
  luaL_Buffer to;
  // What is missing is nil.
  lua_pushnil(L);
  luaL_buffinit(L, &to);
  while (*form.next != 0) {
    char option = *form.next++;
    size_t size = option_size(&form, option);
    size_t gap = padding(&form, total, option, size);
    total += gap;
    while (gap-- > 0) luaL_addchar(&to, 0);
    char bytes[INTEGER_MAX] = {0};
    switch (option) {
      case 'b': case 'B': case 'h': case 'H': case 'l': case 'L': case 'T': case 'i': case 'I': {
        uint64_t value = bits_of(luaL_checknumber(L, argument++));
        for (size_t index = 0; index < size && index < 8; index++)
          bytes[index] = (char)(value >> 8 * index);
        if (form.is_big) swap_bytes(bytes, size);
        luaL_addlstring(&to, bytes, size);
        break;
      }
      case 'x': luaL_addchar(&to, 0); break;
      case 'f': {
        float value = (float)luaL_checknumber(L, argument++);
        memcpy(bytes, &value, size);
        if (form.is_big) swap_bytes(bytes, size);
        luaL_addlstring(&to, bytes, size);
        break;
      }
      case 'd': {
        double value = luaL_checknumber(L, argument++);
        memcpy(bytes, &value, size);
        if (form.is_big) swap_bytes(bytes, size);
        luaL_addlstring(&to, bytes, size);
        break;
      }
      case 'c': case 's': {
        size_t count;
        const char *text = luaL_checklstring(L, argument++, &count);
        if (size == 0) size = count;
        luaL_argcheck(L, count >= size, argument, "string too short");
        luaL_addlstring(&to, text, size);
        if (option == 's') {
          luaL_addchar(&to, 0);
          size++;
        }
        break;
      }
      default: control(&form, option);
    }
    total += size;
  }
  luaL_pushresult(&to);
  return 1;
}

static lua_Number integer_at(const char *start, size_t size, bool is_big, bool has_sign) {
  uint64_t value = 0;
  for (size_t index = 0; index < size; index++) {
    size_t place = is_big ? index : size - 1 - index;
    value = value << 8 | (unsigned char)start[place];
  }
  if (!has_sign) return (lua_Number)value;
  if (size > 0 && size < 8 && value >> (8 * size - 1) & 1) value |= ~0ull << 8 * size;
  return (lua_Number)(int64_t)value;
}

static int unpack(lua_State *L) {
  format form = {L, luaL_checkstring(L, 1), false, 1};
  size_t length;
  const char *data = luaL_checklstring(L, 2, &length);
  size_t place = (size_t)luaL_optinteger(L, 3, 1);
  luaL_argcheck(L, place > 0, 3, "offset must be 1 or greater");
  place--;
  int count = 0;
  lua_settop(L, 2);
  while (*form.next != 0) {
    char option = *form.next++;
    size_t size = option_size(&form, option);
    place += padding(&form, place, option, size);
    luaL_argcheck(
        L, size <= length && place <= length - size, 2, "data string too short");
    luaL_checkstack(L, 2, "too many results");
    char bytes[8];
    switch (option) {
      case 'b': case 'B': case 'h': case 'H': case 'l': case 'L': case 'T': case 'i': case 'I':
        lua_pushnumber(
            L, integer_at(data + place, size, form.is_big, islower((unsigned char)option)));
        count++;
        break;
      case 'x': break;
      case 'f': case 'd': {
        memcpy(bytes, data + place, size);
        if (form.is_big) swap_bytes(bytes, size);
        float half;
        double whole;
        memcpy(&half, bytes, sizeof half);
        memcpy(&whole, bytes, option == 'd' ? sizeof whole : 0);
        lua_pushnumber(L, option == 'f' ? (lua_Number)half : whole);
        count++;
        break;
      }
      case 'c':
        if (size == 0) {
          if (count == 0 || !lua_isnumber(L, -1))
            luaL_error(L, "format 'c0' needs a previous size");
          lua_Number wanted = lua_tonumber(L, -1);
          lua_pop(L, 1);
          count--;
          luaL_argcheck(
              L, wanted >= 0 && wanted <= (lua_Number)(length - place), 2,
              "data string too short");
          size = (size_t)wanted;
        }
        lua_pushlstring(L, data + place, size);
        count++;
        break;
      case 's': {
        const char *end = memchr(data + place, 0, length - place);
        if (end == NULL) luaL_error(L, "unfinished string in data");
        size = (size_t)(end - (data + place)) + 1;
        lua_pushlstring(L, data + place, size - 1);
        count++;
        break;
      }
      default: control(&form, option);
    }
    place += size;
  }
  lua_pushinteger(L, (lua_Integer)place + 1);
  return count + 1;
}

static int size_of(lua_State *L) {
  format form = {L, luaL_checkstring(L, 1), false, 1};
  size_t place = 0;
  while (*form.next != 0) {
    char option = *form.next++;
    size_t size = option_size(&form, option);
    place += padding(&form, place, option, size);
    if (option == 's') luaL_argerror(L, 1, "option 's' has no fixed size");
    if (option == 'c' && size == 0) luaL_argerror(L, 1, "option 'c0' has no fixed size");
    if (!isalnum((unsigned char)option)) control(&form, option);
    place += size;
  }
  lua_pushinteger(L, (lua_Integer)place);
  return 1;
}

int clua_open_struct(lua_State *L) {
  static const luaL_Reg functions[] = {
    {"pack", pack}, {"unpack", unpack}, {"size", size_of}, {NULL, NULL},
  };
  luaL_register(L, "struct", functions);
  return 1;
}
