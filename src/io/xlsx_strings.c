/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "base/utf8.h"
#include "io/xlsx_impl.h"

#include "base/banned.h"

/* "_x000D_" at p: its code, else -1. */
static int32_t escape_at(const char *p, size_t n)
{
	int32_t v = 0;
	if (n < 7 || p[0] != '_' || p[1] != 'x' || p[6] != '_')
		return -1;
	for (size_t i = 2; i < 6; i++) {
		int d = str_hex_digit(p[i]);
		if (d < 0)
			return -1;
		v = v * 16 + d;
	}
	return v;
}

void xlsx_unescape_xstring(struct buf *b, size_t from)
{
	size_t out = from, i = from;
	if (b->n < from + 7 || !memmem(b->p + from, b->n - from, "_x", 2))
		return;
	while (i < b->n) {
		int32_t cp = escape_at(b->p + i, b->n - i);
		if (cp < 0) {
			b->p[out++] = b->p[i++];
			continue;
		}
		i += 7;
		if (cp >= 0xD800 && cp <= 0xDBFF) {
			int32_t low = escape_at(b->p + i, b->n - i);
			if (low >= 0xDC00 && low <= 0xDFFF) {
				cp = 0x10000 + ((cp - 0xD800) << 10) + (low - 0xDC00);
				i += 7;
			}
		}
		if (cp == 0 || (cp >= 0xD800 && cp <= 0xDFFF))
			cp = 0xFFFD;
		if (cp == '\r') { /* line ends are \n here */
			if (i < b->n && b->p[i] == '\n')
				continue;
			cp = '\n';
		}
		out += utf8_encode(cp, b->p + out);
	}
	buf_cut(b, out);
}

enum err xlsx_text_event(const struct xml *xml, struct diag *diag, struct buf *out)
{
	if (!xml_unescape(xml->text, xml->cdata ? XML_LITERAL : XML_CONTENT, out))
		return diag_set(diag, ERR_FILE_DAMAGED, "XML: text");
	if (out->full)
		return diag_set(diag, ERR_FILE_TOO_LARGE, "text > %zu", out->max);
	return OK;
}

/* The characters of a <t> whose start came last. */
static enum err plain_text(struct xml *xml, struct diag *diag, struct buf *out)
{
	uint32_t outside = xml->depth - 1;
	while (xml->depth > outside) {
		enum xml_kind k = xml_next(xml, diag);
		if (k == XML_FAILED)
			return diag->code;
		if (k == XML_TEXT) {
			enum err e = xlsx_text_event(xml, diag, out);
			if (e != OK)
				return e;
		}
	}
	return OK;
}

enum err xlsx_rich_text(struct xml *xml, struct diag *diag, struct buf *out, bool *ret_strike)
{
	uint32_t outside = xml->depth - 1;
	bool strike = false, all = true, any = false;
	size_t from = out->n;
	while (xml->depth > outside) {
		enum xml_kind k = xml_next(xml, diag);
		if (k == XML_FAILED)
			return diag->code;
		if (k == XML_EOF)
			break;
		if (k != XML_START)
			continue;
		if (xml_is(xml, "rPh") || xml_is(xml, "phoneticPr")) {
			enum err e = xml_skip(xml, diag);
			if (e != OK)
				return e;
		} else if (xml_is(xml, "r")) {
			strike = false;
		} else if (xml_is(xml, "strike")) {
			strike = xml_attr_bool(xml->attrs, "val", true);
		} else if (xml_is(xml, "t")) {
			size_t before = out->n;
			enum err e = plain_text(xml, diag, out);
			if (e != OK)
				return e;
			if (out->n > before) {
				any = true;
				all &= strike;
			}
		}
	}
	xlsx_unescape_xstring(out, from);
	*ret_strike = any && all;
	return OK;
}

static enum err add_string(struct rows *r, struct xlsx *x, struct diag *diag)
{
	bool strike = false;
	size_t before = x->text.n;
	if (x->n_strings >= ROWS_STRINGS_MAX)
		return diag_set(diag, ERR_FILE_TOO_LARGE, "strings > %d", ROWS_STRINGS_MAX);
	if (x->n_strings + 2 > x->cap_strings) {
		size_t cap = x->cap_strings ? x->cap_strings * 2 : 1024;
		x->string_at = base_realloc(x->string_at, cap, sizeof(*x->string_at));
		if (x->string_strike) {
			x->string_strike = base_realloc(x->string_strike, cap, sizeof(bool));
			memset(x->string_strike + x->cap_strings, 0, cap - x->cap_strings);
		}
		x->cap_strings = cap;
	}
	x->string_at[x->n_strings] = (uint32_t)before;
	enum err e = xlsx_rich_text(&x->xml, diag, &x->text, &strike);
	if (e != OK)
		return e;
	if (x->text.n - before > r->limits.cell_bytes)
		return diag_set(diag, ERR_FILE_TOO_LARGE, "text > %u",
		                (unsigned)r->limits.cell_bytes);
	if (strike && !x->string_strike)
		x->string_strike = base_calloc(x->cap_strings, sizeof(bool));
	if (x->string_strike)
		x->string_strike[x->n_strings] = strike;
	x->string_at[++x->n_strings] = (uint32_t)x->text.n;
	return OK;
}

enum err xlsx_strings_read(struct rows *r, struct xlsx *x, struct diag *diag)
{
	if (x->strings_read || !x->strings_part)
		return OK;
	buf_release(&x->text); /* of a try that failed */
	x->n_strings = 0;
	buf_init(&x->text, r->limits.string_bytes < UINT32_MAX ? r->limits.string_bytes
	                                                       : UINT32_MAX);
	enum err e = xlsx_part_open(r, x, x->strings_part, diag, &x->part);
	if (e != OK)
		return e;
	xml_init(&x->xml, xlsx_part_read, &x->part, XML_TOKEN_MAX);
	for (;;) {
		enum xml_kind k = xml_next(&x->xml, diag);
		if (k == XML_FAILED)
			e = diag->code;
		else if (k == XML_START && xml_is(&x->xml, "si"))
			e = add_string(r, x, diag);
		if (e != OK || k == XML_EOF)
			break;
	}
	xml_release(&x->xml);
	xlsx_part_close(&x->part);
	x->strings_read = e == OK;
	return e;
}
