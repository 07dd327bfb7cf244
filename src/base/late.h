/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * late: libraries that are loaded when they are first needed.
 *
 * What prints and what speaks to a server brings fifty libraries along, half of the time a
 * command takes to start; most commands need neither.  X.calls names such a library and the
 * functions of it that are called; tools/gen_late.py makes X_calls.h of it, in which each of
 * these names stands for the function found at run time, with the type the library's own
 * header gives it.  A function that is called and not listed does not link.
 *
 *     #include "io/pdf_calls.h"
 *     enum err e = late_load(&pdf_calls_library, diag);
 *     if (!e) cairo_create(…);
 *
 * One C file a list defines LATE_DEFINE before it includes the header.
 */
#ifndef DAOHU_BASE_LATE_H
#define DAOHU_BASE_LATE_H

#include <stddef.h>

#include "base/err.h"

struct late_library {
	const char *name;         /* its soname */
	const char *const *names; /* of n functions */
	void *calls;              /* n pointers to functions, in that order */
	size_t n;
};

/* By any thread, again at no cost; what was loaded stays.  IO names what is missing. */
MUST_USE enum err late_load(const struct late_library *lib, struct diag *diag);

#endif
