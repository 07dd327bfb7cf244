/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "ledger/rows_code.h"

#include <lz4.h>
#include <stdio.h>

#include "base/banned.h"

enum { RATIO_MAX = 255 }; /* of LZ4 */

void rows_label(char out[64], int64_t ledger, int64_t seq)
{
	(void)snprintf(out, 64, "ledger_chunk %lld %lld", (long long)ledger, (long long)seq);
}

void rows_pack(struct str lines, struct buf *out)
{
	int max = lines.n <= ROWS_CHUNK_MAX ? LZ4_compressBound((int)lines.n) : 0;
	char *to = max > 0 ? buf_room(out, (size_t)max) : NULL;
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
	rows_label(text, ledger, seq);
	keys_seal_blob(k, str_c(text), packed, out);
}

bool rows_unpack(struct str packed, char *to, size_t n)
{
	return packed.n <= ROWS_PACKED_MAX && n <= ROWS_CHUNK_MAX &&
	       LZ4_decompress_safe(packed.p, to, (int)packed.n, (int)n) == (int)n;
}

size_t rows_unpacked(const struct ledger_chunk *c)
{
	if (!FIELD_HAS(c, LEDGER_CHUNK_, unpacked))
		return SIZE_MAX;
	bool may_be = c->unpacked >= 0 && c->unpacked <= ROWS_CHUNK_MAX &&
	              (size_t)c->unpacked / RATIO_MAX <= c->body.n;
	return may_be ? (size_t)c->unpacked : 0;
}

enum err rows_open_chunk(const struct keys *k, const struct ledger_chunk *c, struct diag *diag,
                         struct buf *out)
{
	struct buf packed;
	char text[64];
	size_t n = rows_unpacked(c);
	rows_label(text, c->ledger, c->seq);
	buf_init(&packed, ROWS_PACKED_MAX);
	enum err e = keys_open_blob(k, str_c(text), c->body, diag, n == SIZE_MAX ? out : &packed);
	char *to = !e && n != SIZE_MAX ? buf_room(out, n) : NULL;
	if (to && rows_unpack(buf_str(&packed), to, n))
		buf_grow(out, n);
	else if (!e && n != SIZE_MAX)
		e = diag_set(diag, ERR_FILE_DAMAGED, "%s", text);
	buf_release(&packed);
	return e;
}
