/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "account/totp.h"

#include <nettle/hmac.h>

#include "base/banned.h"

uint32_t totp_hotp(struct str secret, uint64_t counter, int digits)
{
	struct hmac_sha1_ctx h;
	uint8_t text[8], mac[SHA1_DIGEST_SIZE];
	uint32_t modulus = 1;
	for (int i = 7; i >= 0; i--, counter >>= 8)
		text[i] = (uint8_t)(counter & 0xFF);
	hmac_sha1_set_key(&h, secret.n, (const uint8_t *)secret.p);
	hmac_sha1_update(&h, sizeof(text), text);
	hmac_sha1_digest(&h, sizeof(mac), mac);
	size_t at = mac[SHA1_DIGEST_SIZE - 1] & 15;
	uint32_t v = (uint32_t)(mac[at] & 0x7F) << 24 | (uint32_t)mac[at + 1] << 16 |
	             (uint32_t)mac[at + 2] << 8 | mac[at + 3];
	while (digits-- > 0)
		modulus *= 10;
	return v % modulus;
}

static const char digits32[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

void totp_base32(struct str bytes, struct buf *out)
{
	uint32_t bits = 0;
	int have = 0;
	for (size_t i = 0; i < bytes.n; i++) {
		bits = (bits << 8 | (unsigned char)bytes.p[i]) & 0xFFFF;
		for (have += 8; have >= 5; have -= 5)
			buf_addc(out, digits32[bits >> (have - 5) & 31]);
	}
	if (have)
		buf_addc(out, digits32[bits << (5 - have) & 31]);
}

bool totp_unbase32(struct str text, struct arena *a, struct str *ret)
{
	char *out = arena_alloc(a, text.n);
	size_t n = 0;
	uint32_t bits = 0;
	int have = 0;
	for (size_t i = 0; i < text.n; i++) {
		const char *at = text.p[i] ? strchr(digits32, text.p[i]) : NULL;
		if (!at)
			return false;
		bits = (bits << 5 | (uint32_t)(at - digits32)) & 0xFFFF;
		have += 5;
		if (have >= 8) {
			have -= 8;
			out[n++] = (char)(bits >> have & 0xFF);
		}
	}
	*ret = (struct str){out, n};
	return n > 0;
}

bool totp_check(struct str secret, struct str code, int64_t now_ms, int64_t last, int64_t *ret_step)
{
	int64_t typed, now = now_ms / 1000 / TOTP_STEP_S;
	bool found = false;
	if (code.n != 6 || !str_to_int(code, &typed) || typed < 0)
		return false;
	for (int64_t step = now - 1; step <= now + 1; step++)
		if (step > last && totp_hotp(secret, (uint64_t)step, 6) == (uint32_t)typed) {
			found = true;
			*ret_step = step;
		}
	return found;
}
