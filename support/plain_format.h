/* plain_format.h: printf for the formats that most of the compiler's texts have. A thousand vectorised densities make 200,000
 * short texts, and a quarter of the instructions of their compilation was in printf; here it is a twentieth. */
#ifndef STANLITE_SUPPORT_PLAIN_FORMAT_H
#define STANLITE_SUPPORT_PLAIN_FORMAT_H
#include <stdarg.h>
#include <stddef.h>

/* As vsnprintf, where the format has no conversions but %s, %d, %ld and %%, and the text with its zero fits into the buffer;
 * -1 where not, and then the buffer's contents are undefined. `arguments` is used up either way: pass a copy. */
int plain_format(char *buffer, size_t size, const char *format, va_list arguments);

#endif
