/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include <stdio.h>

#include "io/sniff.h"
#include "io/xlsx_impl.h"

#include "base/banned.h"

enum {
	ENTRIES_MAX = 65536,
	NAME_MAX_BYTES = 1024,
	RELS_MAX = 65536,
	RATIO_FROM = 64 << 20, /* bytes up to which any ratio is believed */
};

/* Lower case, '\\' as '/', without leading slashes, %41 decoded. */
static struct str fold_name(struct str s, char out[NAME_MAX_BYTES])
{
	size_t n = 0;
	while (s.n && (s.p[0] == '/' || s.p[0] == '\\'))
		s = str_sub(s, 1, s.n);
	for (size_t i = 0; i < s.n && n < NAME_MAX_BYTES; i++) {
		char c = s.p[i];
		if (c == '\\')
			c = '/';
		else if (c >= 'A' && c <= 'Z')
			c = (char)(c + 32);
		out[n++] = c;
	}
	return (struct str){out, n};
}

enum err xlsx_pack_open(struct rows *r, struct xlsx *x, struct diag *diag)
{
	int zerr = ZIP_ER_INCONS;
	char fold[NAME_MAX_BYTES];
	if (r->whole) { /* the package was encrypted and is in memory */
		zip_source_t *s = zip_source_buffer_create(r->whole, r->whole_n, 0, NULL);
		x->zip = s ? zip_open_from_source(s, ZIP_RDONLY, NULL) : NULL;
		if (s && !x->zip)
			zip_source_free(s);
	} else {
		x->zip = zip_open(r->path, ZIP_RDONLY, &zerr);
	}
	if (!x->zip)
		return zip_refused(zerr, diag);
	zip_int64_t n = zip_get_num_entries(x->zip, 0);
	if (n > ENTRIES_MAX)
		return diag_set(diag, ERR_FILE_TOO_LARGE, "%lld > %d", (long long)n, ENTRIES_MAX);
	for (zip_int64_t i = 0; i < n; i++) {
		const char *name = zip_get_name(x->zip, (zip_uint64_t)i, ZIP_FL_ENC_RAW);
		if (!name || strlen(name) >= NAME_MAX_BYTES)
			continue;
		struct str key = str_copy(&r->arena, fold_name(str_c(name), fold));
		(void)map_slot(&x->parts, key, i);
	}
	return OK;
}

static int64_t part_index(const struct xlsx *x, const char *name)
{
	char fold[NAME_MAX_BYTES];
	return map_get(&x->parts, fold_name(str_c(name), fold), -1);
}

bool xlsx_has_part(const struct xlsx *x, const char *name)
{
	return part_index(x, name) >= 0;
}

static struct xheld *find_held(const struct xlsx *x, int64_t index)
{
	for (size_t i = 0; i < x->held.n; i++)
		if (x->held.p[i]->index == index)
			return x->held.p[i];
	return NULL;
}

enum err xlsx_part_open(struct rows *r, struct xlsx *x, const char *name, struct diag *diag,
                        struct xpart *ret)
{
	int64_t i = part_index(x, name);
	zip_stat_t st;
	if (i < 0)
		return diag_set(diag, ERR_FILE_DAMAGED, "%s", name);
	struct xheld *held = find_held(x, i);
	if (held) {
		*ret = (struct xpart){.held = held, .limits = &r->limits};
		return OK;
	}
	if (zip_stat_index(x->zip, (zip_uint64_t)i, 0, &st) != 0)
		return diag_set(diag, ERR_FILE_DAMAGED, "%s", name);
	if ((st.valid & ZIP_STAT_ENCRYPTION_METHOD) && st.encryption_method != ZIP_EM_NONE)
		return diag_set(diag, ERR_FILE_PASSWORD, "%s", name);
	zip_file_t *f = zip_fopen_index(x->zip, (zip_uint64_t)i, 0);
	if (!f)
		return diag_set(diag, ERR_FILE_DAMAGED, "%s: %s", name, zip_strerror(x->zip));
	*ret = (struct xpart){.file = f, .limits = &r->limits};
	ret->packed = st.valid & ZIP_STAT_COMP_SIZE ? st.comp_size : 0;
	return OK;
}

void xlsx_part_close(struct xpart *p)
{
	if (p->file)
		(void)zip_fclose(p->file);
	p->file = NULL;
	p->held = NULL;
}

void xlsx_part_hold(struct rows *r, struct xlsx *x, const char *name)
{
	int64_t i = part_index(x, name);
	zip_stat_t st;
	struct xpart part;
	struct diag unheard = {0};
	if (i < 0 || find_held(x, i) || zip_stat_index(x->zip, (zip_uint64_t)i, 0, &st) != 0 ||
	    !(st.valid & ZIP_STAT_SIZE) || st.size > XHELD_MAX - x->held_bytes ||
	    st.size > r->limits.inflated_bytes)
		return;
	if (xlsx_part_open(r, x, name, &unheard, &part) != OK)
		return;
	struct arena_mark mark = arena_save(&r->arena);
	struct xheld *h = ARENA_NEW(&r->arena, struct xheld);
	char *p = arena_alloc(&r->arena, st.size + 1); /* one more: there may be more than is said */
	size_t n = 1;
	for (*h = (struct xheld){.index = i, .p = p}; n && h->n <= st.size; h->n += n)
		if (xlsx_part_read(&part, p + h->n, st.size + 1 - h->n, &unheard, &n) != OK)
			break;
	xlsx_part_close(&part);
	if (unheard.code || h->n != st.size) {
		arena_back(&r->arena, mark);
		return;
	}
	x->held_bytes += h->n;
	*vec_push(&x->held) = h;
}

enum err xlsx_part_read(void *part, char *dst, size_t cap, struct diag *diag, size_t *ret_n)
{
	struct xpart *p = part;
	if (p->held) {
		size_t left = p->held->n - p->out;
		*ret_n = cap < left ? cap : left;
		memcpy(dst, p->held->p + p->out, *ret_n);
		p->out += *ret_n;
		return OK;
	}
	zip_int64_t n = zip_fread(p->file, dst, cap);
	if (n < 0)
		return diag_set(diag, ERR_FILE_DAMAGED, "%s",
		                zip_error_strerror(zip_file_get_error(p->file)));
	p->out += (uint64_t)n;
	if (p->out > p->limits->inflated_bytes)
		return diag_set(diag, ERR_FILE_TOO_LARGE, "> %llu",
		                (unsigned long long)p->limits->inflated_bytes);
	if (p->out > RATIO_FROM && p->out / p->limits->ratio > p->packed)
		return diag_set(diag, ERR_FILE_BOMB, "%llu : %llu", (unsigned long long)p->packed,
		                (unsigned long long)p->out);
	*ret_n = (size_t)n;
	return OK;
}

const char *xlsx_attr_dup(struct arena *a, struct str raw)
{
	struct buf b;
	buf_init(&b, 64 * 1024);
	const char *s = NULL;
	if (xml_unescape(raw, XML_VALUE, &b) && !b.full)
		s = str_dup(a, buf_str(&b));
	buf_release(&b);
	return s;
}

/* A piece of a target with %41 decoded, behind a slash. */
static void add_piece(struct buf *b, struct str piece)
{
	if (b->n)
		buf_addc(b, '/');
	for (size_t i = 0; i < piece.n; i++) {
		bool code = piece.p[i] == '%' && i + 2 < piece.n;
		int hi = code ? str_hex_digit(piece.p[i + 1]) : -1;
		int lo = code ? str_hex_digit(piece.p[i + 2]) : -1;
		if (hi >= 0 && lo >= 0) {
			buf_addc(b, (char)(hi * 16 + lo));
			i += 2;
		} else {
			buf_addc(b, piece.p[i]);
		}
	}
}

/* `target` as seen from the folder of `part`; "..", "." and %41 resolved. */
static const char *resolve(struct arena *a, const char *part, const char *target)
{
	struct buf b;
	buf_init(&b, 4 * NAME_MAX_BYTES);
	const char *slash = strrchr(part, '/');
	if (target[0] != '/' && slash)
		buf_add(&b, part, (size_t)(slash - part));
	struct str rest = str_c(target), piece;
	const char *hash = memchr(rest.p, '#', rest.n);
	if (hash)
		rest.n = (size_t)(hash - rest.p);
	while (str_split(&rest, '/', &piece)) {
		if (piece.n == 0 || str_is(piece, "."))
			continue;
		if (!str_is(piece, "..")) {
			add_piece(&b, piece);
			continue;
		}
		const char *up = b.n ? memrchr(b.p, '/', b.n) : NULL;
		buf_cut(&b, up ? (size_t)(up - b.p) : 0);
	}
	const char *s = str_dup(a, buf_str(&b));
	buf_release(&b);
	return s;
}

static const char *last_of(const char *type)
{
	const char *slash = strrchr(type, '/');
	return slash ? slash + 1 : type;
}

static void add_rel(struct arena *a, const char *part, struct str attrs, struct xrels *ret)
{
	struct str id, type, target, mode = {NULL, 0};
	if (!xml_attr(attrs, "Type", &type) || !xml_attr(attrs, "Target", &target))
		return;
	if (!xml_attr(attrs, "Id", &id))
		id = STR("");
	(void)xml_attr(attrs, "TargetMode", &mode);
	const char *t = xlsx_attr_dup(a, target), *y = xlsx_attr_dup(a, type);
	const char *i = xlsx_attr_dup(a, id);
	if (!t || !y || !i || ret->n >= RELS_MAX)
		return;
	struct xrel *rel = vec_push(ret);
	rel->id = i;
	rel->type = last_of(y);
	rel->external = str_is(mode, "External");
	rel->target = rel->external ? t : resolve(a, part, t);
}

enum err xlsx_rels(struct rows *r, struct xlsx *x, const char *part, struct arena *a,
                   struct diag *diag, struct xrels *ret)
{
	struct xpart p = {0};
	struct xml xml;
	const char *slash = strrchr(part, '/');
	int dir = slash ? (int)(slash + 1 - part) : 0;
	const char *name = arena_printf(a, "%.*s_rels/%s.rels", dir, part, part + dir);
	if (!xlsx_has_part(x, name))
		return OK;
	enum err e = xlsx_part_open(r, x, name, diag, &p);
	if (e != OK)
		return e;
	xml_init(&xml, xlsx_part_read, &p, XML_TOKEN_MAX);
	enum xml_kind k;
	while ((k = xml_next(&xml, diag)) > XML_FAILED && k != XML_EOF)
		if (k == XML_START && xml_is(&xml, "Relationship"))
			add_rel(a, part, xml.attrs, ret);
	xml_release(&xml);
	xlsx_part_close(&p);
	return k == XML_FAILED ? diag->code : OK;
}

const struct xrel *xlsx_rel(const struct xrels *rels, const char *type)
{
	for (size_t i = 0; i < rels->n; i++)
		if (strcmp(rels->p[i].type, type) == 0 && !rels->p[i].external)
			return &rels->p[i];
	return NULL;
}

bool xlsx_ref(struct str s, uint32_t *ret_row, uint32_t *ret_col)
{
	uint32_t col = 0, row = 0;
	size_t i = 0;
	for (; i < s.n; i++) {
		char c = s.p[i];
		if (c == '$')
			continue;
		c = (char)(c & ~32);
		if (c < 'A' || c > 'Z')
			break;
		col = col * 26 + (uint32_t)(c - 'A' + 1);
		if (col > 1000000)
			return false;
	}
	for (; i < s.n; i++) {
		if (s.p[i] == '$')
			continue;
		if (s.p[i] < '0' || s.p[i] > '9' || row > 100000000)
			return false;
		row = row * 10 + (uint32_t)(s.p[i] - '0');
	}
	*ret_row = row;
	*ret_col = col;
	return true;
}
