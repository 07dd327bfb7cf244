/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "io/xlsx_impl.h"

#include "base/banned.h"

enum { STYLES_MAX = 1 << 20 };

struct styles {
	struct imap codes; /* numFmtId -> enum numfmt, of those spelled out */
	VEC(bool) fonts;   /* struck through? */
	VEC(unsigned char) xfs;
	enum { IN_OTHER, IN_FORMATS, IN_FONTS, IN_XFS } where;
	uint32_t depth; /* of the list that we are in */
};

static void add_format(struct arena *a, struct styles *s, struct str attrs)
{
	struct str code;
	int64_t id = xml_attr_int(attrs, "numFmtId", -1);
	if (id < 0 || !xml_attr(attrs, "formatCode", &code))
		return;
	const char *text = xlsx_attr_dup(a, code);
	if (text)
		imap_set(&s->codes, id, numfmt_code(str_c(text)));
}

static void add_xf(struct styles *s, struct str attrs)
{
	int64_t id = xml_attr_int(attrs, "numFmtId", 0);
	int64_t font = xml_attr_int(attrs, "fontId", -1);
	int64_t kind = imap_get(&s->codes, id, -1);
	if (kind < 0)
		kind = id >= 0 && id < 164 ? (int64_t)numfmt_builtin((unsigned)id) : NUMFMT_NUMBER;
	bool strike = font >= 0 && (size_t)font < s->fonts.n && s->fonts.p[font];
	*vec_push(&s->xfs) = (unsigned char)(kind | (strike ? XF_STRIKE : 0));
}

static void start(struct arena *a, struct styles *s, const struct xml *x)
{
	if (x->depth == 2) {
		s->where = xml_is(x, "numFmts")   ? IN_FORMATS
		           : xml_is(x, "fonts")   ? IN_FONTS
		           : xml_is(x, "cellXfs") ? IN_XFS
		                                  : IN_OTHER;
		return;
	}
	if (s->where == IN_FORMATS && x->depth == 3)
		add_format(a, s, x->attrs);
	else if (s->where == IN_FONTS && x->depth == 3)
		*vec_push(&s->fonts) = false;
	else if (s->where == IN_FONTS && s->fonts.n && xml_is(x, "strike"))
		s->fonts.p[s->fonts.n - 1] = xml_attr_bool(x->attrs, "val", true);
	else if (s->where == IN_XFS && x->depth == 3 && xml_is(x, "xf"))
		add_xf(s, x->attrs);
}

enum err xlsx_styles_read(struct rows *r, struct xlsx *x, struct diag *diag)
{
	struct styles s = {0};
	if (!x->styles_part)
		return OK;
	enum err e = xlsx_part_open(r, x, x->styles_part, diag, &x->part);
	if (e != OK)
		return e;
	imap_init(&s.codes);
	xml_init(&x->xml, xlsx_part_read, &x->part, XML_TOKEN_MAX);
	enum xml_kind k;
	while ((k = xml_next(&x->xml, diag)) != XML_FAILED && k != XML_EOF) {
		if (k == XML_START)
			start(&r->arena, &s, &x->xml);
		if (s.xfs.n > STYLES_MAX || s.fonts.n > STYLES_MAX || s.codes.n > STYLES_MAX) {
			(void)diag_set(diag, ERR_FILE_TOO_LARGE, "styles > %d", STYLES_MAX);
			k = XML_FAILED;
			break;
		}
	}
	xml_release(&x->xml);
	xlsx_part_close(&x->part);
	imap_release(&s.codes);
	vec_free(&s.fonts);
	x->n_xf = s.xfs.n;
	x->xf = s.xfs.p;
	return k == XML_FAILED ? diag->code : OK;
}
