/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tally.h"

int main(void)
{
    struct tally tally;
    tally_init(&tally);
    if (tally_most(&tally) != -1)
        return 1;
    tally_add(&tally, "banana", 6);
    return tally_most(&tally) == 'a' ? 0 : 1;
}
