/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "ledger/rows_code.h"

#include <lz4.h>
#include <stdio.h>

#include "base/banned.h"

enum { PACKED = 1, HEAD = 1 + 4 };

static void label(char out[64], int64_t ledger, int64_t seq)
{
	(void)snprintf(out, 64, "ledger_chunk %lld %lld", (long long)ledger, (long long)seq);
}

void rows_pack(struct str lines, struct buf *out)
{
	unsigned char head[HEAD] = {PACKED};
	int max = lines.n <= ROWS_CHUNK_MAX ? LZ4_compressBound((int)lines.n) : 0;
	if (max <= 0) {
		out->full = true;
		return;
	}
	for (int i = 0; i < 4; i++)
		head[1 + i] = (unsigned char)(lines.n >> 8 * i);
	buf_add(out, head, HEAD);
	char *to = buf_room(out, (size_t)max);
	int n = to ? LZ4_compress_default(lines.p, to, (int)lines.n, max) : 0;
	if (n > 0)
		buf_grow(out, (size_t)n);
	else
		out->full = true;
}

void rows_seal(const struct keys *k, int64_t ledger, int64_t seq, struct str packed,
               struct buf *out)
{
	char text[64];
	label(text, ledger, seq);
	keys_seal_blob(k, str_c(text), packed, out);
}

static bool unpack(struct str packed, struct buf *out)
{
	size_t n = 0;
	if (packed.n < HEAD || packed.p[0] != PACKED)
		return false;
	for (int i = 4; i > 0; i--)
		n = n << 8 | (unsigned char)packed.p[i];
	char *to = buf_room(out, n);
	if (!to || LZ4_decompress_safe(packed.p + HEAD, to, (int)(packed.n - HEAD), (int)n) != (int)n)
		return false;
	buf_grow(out, n);
	return true;
}

enum err rows_open_chunk(const struct keys *k, const struct ledger_chunk *c, struct diag *diag,
                         struct buf *out)
{
	struct buf packed;
	char text[64];
	label(text, c->ledger, c->seq);
	buf_init(&packed, ROWS_PACKED_MAX);
	enum err e = keys_open_blob(k, str_c(text), c->body, diag, &packed);
	if (!e && (!packed.n || packed.p[0] == '{'))
		buf_addstr(out, buf_str(&packed));
	else if (!e && !unpack(buf_str(&packed), out))
		e = diag_set(diag, ERR_FILE_DAMAGED, "%s", text);
	buf_release(&packed);
	return e;
}
