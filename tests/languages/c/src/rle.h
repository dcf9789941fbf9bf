#ifndef RLE_H
#define RLE_H

#include <stddef.h>

/* Writes the run lengths of `text`, such as 3a1b for aaab; the length, or -1 when it does not fit. */
int rle_encode(const char *text, char *out, size_t size);

#endif
