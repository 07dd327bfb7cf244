/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "account/permission.h"

#include "base/str.h"

#include "base/banned.h"

const struct permission_row permissions[PERM_MAX] = {
	[PERM_anybody] = {"anybody", TEXT("任何人", "anybody"), ""},
#define P(name, zh, en, roles) [PERM_##name] = {#name, TEXT(zh, en), roles},
#include "account/permission.def"
#undef P
};

uint64_t permissions_of(const char *role)
{
	uint64_t set = 0;
	for (int p = 0; p < PERM_MAX; p++) {
		struct str rest = str_c(permissions[p].roles), one;
		while (str_split(&rest, ' ', &one))
			if (role && one.n && str_is(one, role))
				set |= UINT64_C(1) << p;
	}
	return set;
}
