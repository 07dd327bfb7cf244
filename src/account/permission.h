/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * permission: which role may do what.  One table, permission.def; a route names the
 * one it needs, the pages show what the user's list holds.
 */
#ifndef DAOHU_ACCOUNT_PERMISSION_H
#define DAOHU_ACCOUNT_PERMISSION_H

#include <stdbool.h>
#include <stdint.h>

#include "base/lang.h"

enum permission {
	PERM_anybody = 0, /* also who is not signed in */
#define P(name, zh, en, roles) PERM_##name,
#include "account/permission.def"
#undef P
	PERM_MAX
};

struct permission_row {
	const char *name;
	struct text title;
	const char *roles; /* separated by blanks */
};
/* By enum permission; [0] is the one everybody has. */
extern const struct permission_row permissions[PERM_MAX];

/* Bits by enum permission; 0 for a role that is none. */
uint64_t permissions_of(const char *role);
static inline bool permission_has(uint64_t set, enum permission p)
{
	return p == PERM_anybody || (set >> p & 1);
}

#endif
