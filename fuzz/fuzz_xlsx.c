/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Input that begins with "PK" is a file as it is.  Other input is the text of
 * the parts, each behind a line "@@ name": it is put into a zip without
 * compression, so that changes reach the XML and not the checksums.
 */
#include "base/vec.h"
#include "fuzz_rows.h"

enum { PARTS_MAX = 32 };

struct part {
	struct str name, body;
	uint32_t crc;
	size_t at;
};

static uint32_t crc32_of(struct str s)
{
	uint32_t crc = 0xFFFFFFFFu;
	for (size_t i = 0; i < s.n; i++) {
		crc ^= (unsigned char)s.p[i];
		for (int k = 0; k < 8; k++)
			crc = crc >> 1 ^ (crc & 1 ? 0xEDB88320u : 0);
	}
	return ~crc;
}

static void put(struct buf *b, uint32_t v, int bytes)
{
	for (int i = 0; i < bytes; i++)
		buf_addc(b, (char)(v >> (8 * i) & 0xFF));
}

static void put_sizes(struct buf *b, const struct part *p)
{
	put(b, 0, 2); /* stored */
	put(b, 0x21 << 16, 4);
	put(b, p->crc, 4);
	put(b, (uint32_t)p->body.n, 4);
	put(b, (uint32_t)p->body.n, 4);
	put(b, (uint32_t)p->name.n, 2);
	put(b, 0, 2);
}

static void make_zip(struct part *parts, size_t n, struct buf *b)
{
	for (size_t i = 0; i < n; i++) {
		parts[i].at = b->n;
		parts[i].crc = crc32_of(parts[i].body);
		put(b, 0x04034B50, 4);
		put(b, 20, 2);
		put(b, 0, 2);
		put_sizes(b, &parts[i]);
		buf_addstr(b, parts[i].name);
		buf_addstr(b, parts[i].body);
	}
	size_t dir = b->n;
	for (size_t i = 0; i < n; i++) {
		put(b, 0x02014B50, 4);
		put(b, 20 << 16 | 20, 4);
		put(b, 0, 2);
		put_sizes(b, &parts[i]);
		put(b, 0, 2);
		put(b, 0, 4);
		put(b, 0, 4);
		put(b, (uint32_t)parts[i].at, 4);
		buf_addstr(b, parts[i].name);
	}
	size_t dir_n = b->n - dir;
	put(b, 0x06054B50, 4);
	put(b, 0, 4);
	put(b, (uint32_t)n, 2);
	put(b, (uint32_t)n, 2);
	put(b, (uint32_t)dir_n, 4);
	put(b, (uint32_t)dir, 4);
	put(b, 0, 2);
}

static size_t split(struct str in, struct part parts[PARTS_MAX])
{
	size_t n = 0;
	while (n < PARTS_MAX && str_starts(in, STR("@@ "))) {
		const char *eol = memchr(in.p, '\n', in.n);
		if (!eol)
			break;
		size_t head = (size_t)(eol - in.p);
		struct str rest = str_sub(in, head + 1, in.n);
		size_t next = str_find(rest, STR("\n@@ "));
		parts[n].name = str_sub(in, 3, head - 3);
		parts[n].body = str_sub(rest, 0, next);
		if (parts[n].name.n && parts[n].name.n < 200)
			n++;
		in = next == SIZE_MAX ? (struct str){"", 0} : str_sub(rest, next + 1, rest.n);
	}
	return n;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct part parts[PARTS_MAX];
	struct buf zip;
	if (size >= 2 && memcmp(data, "PK", 2) == 0) {
		fuzz_rows(data, size);
		return 0;
	}
	size_t n = split((struct str){(const char *)data, size}, parts);
	buf_init(&zip, 64 << 20);
	make_zip(parts, n, &zip);
	if (!zip.full)
		fuzz_rows(zip.p, zip.n);
	buf_release(&zip);
	return 0;
}
