/* Counts how often each byte occurs. SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TALLY_H
#define TALLY_H

#include <stddef.h>
#include <stdio.h>

struct tally {
    size_t counts[256];
};

/* Begins at nothing. */
void tally_init(struct tally *tally);

/* Adds the bytes of a buffer. */
void tally_add(struct tally *tally, const void *bytes, size_t length);

/* The byte that occurs most, the lowest of several; -1 when nothing was added. */
int tally_most(const struct tally *tally);

/* Writes a line with value and count for each byte that was added. */
void tally_print(const struct tally *tally, FILE *to);

#endif
