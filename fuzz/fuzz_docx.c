/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * The text of a Word document: taken apart, filled, and what comes out taken apart again,
 * which must go well.  Input that begins with PK is a whole file.
 */
#include "io/docx.h"

#include "fuzz_pack_file.h"

struct source {
	int pages, rows;
};
static bool page(void *arg)
{
	struct source *s = arg;
	s->rows = 0;
	return s->pages++ < 2;
}
static bool row(void *arg, size_t block)
{
	(void)block;
	return ((struct source *)arg)->rows++ < 2;
}
static void value(void *arg, size_t field, struct buf *out)
{
	(void)arg;
	buf_addf(out, "<%zu>&\n\"", field);
}

static void write_whole(const char *path, const uint8_t *data, size_t size)
{
	FILE *f = fopen(path, "wb");
	if (!f || fwrite(data, 1, size, f) != size)
		abort();
	fclose(f);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char types[] = "<Types/>", rels[] = FUZZ_RELS("word/document.xml");
	struct diag diag = {0};
	struct docx *d;
	char in[100], out[100];
	size_t n;
	(void)fuzz_path("in.docx", in);
	(void)fuzz_path("out.docx", out);
	const struct fuzz_part parts[] = {{"[Content_Types].xml", types, sizeof(types) - 1},
	                                  {"_rels/.rels", rels, sizeof(rels) - 1},
	                                  {"word/document.xml", data, size}};
	if (size > 2 && data[0] == 'P' && data[1] == 'K')
		write_whole(in, data, size);
	else
		fuzz_package(in, parts, 3);
	if (docx_open(in, &diag, &d) != OK) {
		if (diag.code == OK || !diag.place[0])
			abort();
	} else {
		struct source s = {0};
		struct docx_source source = {&s, page, row, value};
		(void)docx_fields(d, &n);
		enum err e = docx_fill(d, &source, out, &diag);
		docx_close(d);
		if (e == OK) {
			if (docx_open(out, &diag, &d) != OK)
				abort();
			docx_close(d);
		}
	}
	(void)unlink(in);
	(void)unlink(out);
	return 0;
}
