/* plain_format.c: see plain_format.h. */
#include "support/plain_format.h"
#include <stdbool.h>
#include <string.h>

/* The digits, written backwards from `end`; their first. */
static char *digits_before(char *end, long value) {
  unsigned long rest = value < 0 ? 0 - (unsigned long)value : (unsigned long)value;
  do *--end = (char)('0' + rest % 10);
  while (rest /= 10);
  if (value < 0) *--end = '-';
  return end;
}

int plain_format(char *buffer, size_t size, const char *format, va_list arguments) {
  char *at = buffer, *const last = buffer + size - 1, digits[24];
  for (; *format; format++) {
    const char *text = format;
    size_t length = 1;
    if (*format == '%') {
      format++;
      bool is_long = *format == 'l' && format[1] == 'd';
      if (*format == 's') {
        text = va_arg(arguments, const char *);
        length = strlen(text);
      } else if (*format == 'd' || is_long) {
        text = digits_before(digits + sizeof digits, is_long ? va_arg(arguments, long) : va_arg(arguments, int));
        length = (size_t)(digits + sizeof digits - text);
        format += is_long;
      } else if (*format != '%') {
        return -1;
      }
    }
    if (length > (size_t)(last - at)) return -1;
    if (length == 1)
      *at = *text;
    else
      memcpy(at, text, length);
    at += length;
  }
  *at = 0;
  return (int)(at - buffer);
}
