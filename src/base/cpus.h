/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* cpus: how many processors this process may use (at least 1), and who goes first. */
#ifndef DAOHU_BASE_CPUS_H
#define DAOHU_BASE_CPUS_H

#include <stdbool.h>

unsigned cpus_usable(void);
/* The calling thread lets others go first from now on (nice, 1 to 19). */
void cpus_step_back(int nice);
/* Has it? */
bool cpus_stepped_back(void);

#endif
