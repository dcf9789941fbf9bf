#include <stdio.h>

#include "rle.h"

int main(int argc, char **argv)
{
    char out[1024];

    if (argc != 2 || rle_encode(argv[1], out, sizeof out) < 0) {
        fprintf(stderr, "usage: rle TEXT\n");
        return 2;
    }
    puts(out);
    return 0;
}
