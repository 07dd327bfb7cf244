/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * pack_load: a pack from texts in memory (tests, fuzzing).  In the order
 * pack.yaml, params.yaml, codes.yaml, ledgers.yaml, rules.yaml, indicators.yaml;
 * the last two may be {NULL, 0}.  The texts need not outlive the call.
 */
#ifndef DAOHU_PACK_PACK_LOAD_H
#define DAOHU_PACK_PACK_LOAD_H

#include "pack/pack.h"

enum { PACK_FILES = 6 };

enum err pack_load(const struct str text[PACK_FILES], struct diag *diag,
                   struct pack **ret) MUST_USE;

#endif
