/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "base/cpus.h"

#include <sched.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/banned.h"

unsigned cpus_usable(void)
{
	cpu_set_t set;
	int n = sched_getaffinity(0, sizeof(set), &set) == 0 ? CPU_COUNT(&set) : 1;
	return n > 0 ? (unsigned)n : 1;
}

static _Thread_local bool stepped_back;

void cpus_step_back(int nice)
{
	stepped_back = true;
	/* of one thread on Linux; without it things are only slower */
	(void)setpriority(PRIO_PROCESS, (id_t)gettid(), nice);
}

bool cpus_stepped_back(void)
{
	return stepped_back;
}
