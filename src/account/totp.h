/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * totp: time-based one-time codes (RFC 6238 over RFC 4226): SHA-1, 30 seconds, 6 digits,
 * which is what the programs on people's phones make.
 */
#ifndef DAOHU_ACCOUNT_TOTP_H
#define DAOHU_ACCOUNT_TOTP_H

#include "base/str.h"

enum { TOTP_SECRET = 20, TOTP_STEP_S = 30 };

/* HOTP value of RFC 4226 §5.3 with `digits` digits. */
uint32_t totp_hotp(struct str secret, uint64_t counter, int digits);
/* Base32 (RFC 4648 §6) without padding, and back; false when it is none. */
void totp_base32(struct str bytes, struct buf *out);
bool totp_unbase32(struct str text, struct arena *a, struct str *ret);
/* Is `code` (6 digits) right at this instant or one step beside it, and of a later step
 * than `last`?  *ret_step is its step. */
bool totp_check(struct str secret, struct str code, int64_t now_ms, int64_t last, int64_t *ret_step);

#endif
