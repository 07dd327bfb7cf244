/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * modules: the one list of commands.  Rows are added by hand, so that order,
 * linking and grep stay plain.
 */
#include "app/app.h"

#include "base/banned.h"

const struct command app_commands[] = {
	{0},
};
