/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * money: amounts in integer fen (1/100 yuan), and scaled decimals.
 */
#ifndef DAOHU_BASE_MONEY_H
#define DAOHU_BASE_MONEY_H

#include "base/str.h"

typedef int64_t fen_t; /* a scalar kind: 1/100 yuan */

enum { MONEY_YUAN = 1, MONEY_WAN = 10000 };

/*
 * Reads a decimal number: "1,234.50", "１２３４", "-3.5", "1.2e4"; thousands
 * separators, full-width digits and white space are accepted; nothing else may
 * stand in the text.  The value is returned times 10^scale, rounded half away
 * from zero when it has more places (then *ret_exact is false).
 */
bool decimal_parse(struct str s, int scale, int64_t *ret, bool *ret_exact);
/* The same where more places are refused, not rounded away. */
bool decimal_exact(struct str s, int scale, int64_t *ret);
/*
 * Reads an amount in yuan or, with unit MONEY_WAN, in 万元; the text may carry
 * its own unit (元 块 万 万元 千元 角) and marks (￥ ¥ RMB), which wins.
 * "500元/月×12" and "500*12" are multiplied out, as is "2人×300元".
 */
bool money_parse(struct str s, int64_t unit, fen_t *ret);
/* 1234.50; with `group` 1,234.50.  Returns its length. */
size_t money_format(fen_t v, bool group, char out[32]);
/* a/b rounded half away from zero; false on overflow or b = 0. */
bool money_div_round(int64_t a, int64_t b, int64_t *ret);

#endif
