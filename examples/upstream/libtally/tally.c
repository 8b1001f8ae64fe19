/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tally.h"

void tally_init(struct tally *tally)
{
    for (int byte = 0; byte < 256; byte++)
        tally->counts[byte] = 0;
}

void tally_add(struct tally *tally, const void *bytes, size_t length)
{
    const unsigned char *next = bytes;
    for (size_t at = 0; at < length; at++)
        tally->counts[next[at]]++;
}

int tally_most(const struct tally *tally)
{
    int most = -1;
    size_t highest = 0;
    for (int byte = 0; byte < 256; byte++) {
        if (tally->counts[byte] > highest) {
            most = byte;
            highest = tally->counts[byte];
        }
    }
    return most;
}

void tally_print(const struct tally *tally, FILE *to)
{
    for (int byte = 0; byte < 256; byte++) {
        if (tally->counts[byte] > 0)
            fprintf(to, "%d %zu\n", byte, tally->counts[byte]);
    }
}
