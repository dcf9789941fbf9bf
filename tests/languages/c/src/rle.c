#include "rle.h"

#include <stdio.h>

int rle_encode(const char *text, char *out, size_t size)
{
    size_t used = 0;

    if (size == 0)
        return -1;
    out[0] = '\0';
    while (*text) {
        int count = 1;
        while (text[count] == *text)
            count++;
        int written = snprintf(out + used, size - used, "%d%c", count, *text);
        if (written < 0 || (size_t)written >= size - used)
            return -1;
        used += (size_t)written;
        text += count;
    }
    return (int)used;
}
