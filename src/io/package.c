/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "io/package.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "io/sniff.h"

#include "base/banned.h"

/* What changes carries one day, not the clock: 2018-01-14 00:00 as zip counts. */
enum { ZIP_DAY = ((2018 - 1980) << 9) | (1 << 5) | 14, RATIO = 200, COPY_BLOCK = 1 << 16 };

enum err package_open(struct package *p, const char *path, struct diag *diag)
{
	memset(p, 0, sizeof(*p));
	arena_init(&p->rows.arena, (size_t)256 << 20);
	map_init(&p->x.parts);
	p->rows.path = path;
	p->rows.limits = (struct rows_limits){.inflated_bytes = PACKAGE_PART_MAX, .ratio = RATIO};
	return xlsx_pack_open(&p->rows, &p->x, diag);
}

void package_close(struct package *p)
{
	if (p->x.zip)
		zip_discard(p->x.zip);
	map_release(&p->x.parts);
	arena_release(&p->rows.arena);
}

enum err package_read(struct package *p, const char *part, struct buf *out, struct diag *diag)
{
	struct xpart from = {0};
	char *block = base_calloc(COPY_BLOCK, 1);
	size_t n = 1;
	enum err e = xlsx_part_open(&p->rows, &p->x, part, diag, &from);
	while (e == OK && n) {
		e = xlsx_part_read(&from, block, COPY_BLOCK, diag, &n);
		if (e == OK)
			buf_add(out, block, n);
		if (e == OK && out->full)
			e = diag_set(diag, ERR_FILE_TOO_LARGE, "%s > %zu", part, out->max);
	}
	xlsx_part_close(&from);
	base_free(block);
	return e;
}

const char *package_main(struct package *p, struct diag *diag)
{
	struct xrels rels = {0};
	if (xlsx_rels(&p->rows, &p->x, "", &p->rows.arena, diag, &rels) != OK)
		return NULL;
	const struct xrel *rel = xlsx_rel(&rels, "officeDocument");
	const char *name = rel && xlsx_has_part(&p->x, rel->target) ? rel->target : NULL;
	vec_free(&rels);
	return name;
}

static enum err read_text(void *arg, char *dst, size_t cap, struct diag *diag, size_t *ret_n)
{
	struct str *s = arg;
	size_t n = s->n < cap ? s->n : cap;
	if (n)
		memcpy(dst, s->p, n);
	*s = str_sub(*s, n, s->n);
	*ret_n = n;
	return OK;
}

enum err package_check_xml(struct str xml, struct diag *diag)
{
	struct xml x;
	enum xml_kind k;
	xml_init(&x, read_text, &xml, XML_TOKEN_MAX);
	while ((k = xml_next(&x, diag)) > XML_FAILED && k != XML_EOF)
		;
	xml_release(&x);
	return k == XML_FAILED ? diag->code : OK;
}

/* --- writing --------------------------------------------------------------- */

static enum err copy_file(const char *from, const char *to, struct diag *diag)
{
	enum err e = OK;
	FILE *in = fopen(from, "rb"), *out = in ? fopen(to, "wb") : NULL;
	char *block = base_calloc(COPY_BLOCK, 1);
	size_t n;
	if (!in || !out)
		e = diag_set(diag, ERR_IO, "%s: %s", in ? to : from, strerror(errno));
	while (e == OK && (n = fread(block, 1, COPY_BLOCK, in)) > 0)
		if (fwrite(block, 1, n, out) != n)
			e = diag_set(diag, ERR_IO, "%s: %s", to, strerror(errno));
	if (e == OK && ferror(in))
		e = diag_set(diag, ERR_IO, "%s", from);
	if (in)
		fclose(in);
	if (out && fclose(out) != 0 && e == OK)
		e = diag_set(diag, ERR_IO, "%s: %s", to, strerror(errno));
	base_free(block);
	return e;
}

/* Place of a part whatever its letters' case and slashes are; -1 = none. */
static zip_int64_t find(zip_t *zip, const char *part)
{
	zip_int64_t i = zip_name_locate(zip, part, 0);
	return i >= 0 ? i : zip_name_locate(zip, part, ZIP_FL_NOCASE);
}

static bool change(zip_t *zip, const struct package_change *c)
{
	zip_int64_t i = find(zip, c->part);
	if (!c->file && !c->bytes.p)
		return i < 0 || zip_delete(zip, (zip_uint64_t)i) == 0;
	zip_source_t *s = c->file ? zip_source_file(zip, c->file, 0, -1)
	                          : zip_source_buffer(zip, c->bytes.p, c->bytes.n, 0);
	if (!s)
		return false;
	if (i < 0)
		i = zip_file_add(zip, c->part, s, ZIP_FL_ENC_UTF_8);
	else if (zip_file_replace(zip, (zip_uint64_t)i, s, 0) != 0)
		i = -1;
	if (i < 0) {
		zip_source_free(s);
		return false;
	}
	return zip_set_file_compression(zip, (zip_uint64_t)i, ZIP_CM_DEFLATE, 0) == 0 &&
	       zip_file_set_dostime(zip, (zip_uint64_t)i, 0, ZIP_DAY, 0) == 0;
}

enum err package_save(const char *from, const char *to, const struct package_change *changes,
                      size_t n, struct diag *diag)
{
	struct arena a;
	int zerr = 0;
	arena_init(&a, 0);
	const char *part = arena_printf(&a, "%s.part", to);
	enum err e = copy_file(from, part, diag);
	zip_t *zip = e == OK ? zip_open(part, 0, &zerr) : NULL;
	if (e == OK && !zip)
		e = zip_refused(zerr, diag);
	for (size_t i = 0; e == OK && i < n; i++)
		if (!change(zip, &changes[i]))
			e = diag_set(diag, ERR_IO, "%s: %s", changes[i].part, zip_strerror(zip));
	if (zip && e == OK && zip_close(zip) != 0)
		e = diag_set(diag, ERR_IO, "%s", zip_strerror(zip));
	if (zip && e != OK)
		zip_discard(zip);
	if (e == OK && rename(part, to) != 0)
		e = diag_set(diag, ERR_IO, "%s: %s", to, strerror(errno));
	if (e != OK)
		(void)unlink(part);
	arena_release(&a);
	return e;
}
