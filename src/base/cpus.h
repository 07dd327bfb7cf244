/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* cpus: how many processors this process may use; at least 1. */
#ifndef DAOHU_BASE_CPUS_H
#define DAOHU_BASE_CPUS_H

unsigned cpus_usable(void);

#endif
