/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Which characters can be printed.  Pango draws a box with a number for what no font
 * has; on paper that is taken for a printing fault, so it becomes 〓 and is listed.
 */
#include "base/utf8.h"
#include "io/pdf_impl.h"

#include "base/banned.h"

enum { CODE_POINTS = 0x110000, MISSING_MAX = 2000, GETA = 0x3013 };

void pdf_glyphs_init(struct pdf_glyphs *g)
{
	g->known = base_calloc(CODE_POINTS / 8, 1);
	g->there = base_calloc(CODE_POINTS / 8, 1);
}

void pdf_glyphs_release(struct pdf_glyphs *g)
{
	base_free(g->known);
	base_free(g->there);
	vec_free(&g->missing);
}

/* Does any font of the family list (or any that pango would fall back to) have it? */
static bool look_up(struct pdf *p, enum pdf_font font, int32_t cp)
{
	PangoFontset *set = pango_font_map_load_fontset(pango_context_get_font_map(p->context),
	                                                p->context, p->font[font],
	                                                pango_context_get_language(p->context));
	if (!set)
		return false;
	PangoFont *f = pango_fontset_get_font(set, (guint)cp);
	bool there = f && pango_font_has_char(f, (gunichar)cp);
	if (f)
		g_object_unref(f);
	g_object_unref(set);
	return there;
}

static bool printable(struct pdf *p, enum pdf_font font, int32_t cp)
{
	struct pdf_glyphs *g = &p->glyphs;
	if (cp >= 0x20 && cp < 0x7F)
		return true;
	size_t at = (size_t)cp / 8;
	unsigned char bit = (unsigned char)(1U << (cp % 8));
	if (!(g->known[at] & bit)) {
		g->known[at] |= bit;
		if (look_up(p, font, cp))
			g->there[at] |= bit;
		else if (g->missing.n < MISSING_MAX)
			*vec_push(&g->missing) = cp;
	}
	return (g->there[at] & bit) != 0;
}

/* Joiners, variation selectors and marks of direction have no sign of their own. */
static bool has_no_sign(int32_t cp)
{
	return (cp >= 0x200B && cp <= 0x200F) || (cp >= 0x202A && cp <= 0x202E) ||
	       (cp >= 0x2060 && cp <= 0x206F) || (cp >= 0xFE00 && cp <= 0xFE0F) ||
	       (cp >= 0xE0100 && cp <= 0xE01EF) || cp == 0xFEFF || cp == 0xAD;
}

void pdf_printable(struct pdf *p, enum pdf_font font, struct str s)
{
	size_t pos = 0;
	int32_t cp;
	buf_clear(&p->text);
	while ((cp = utf8_next(s, &pos)) >= 0 && !p->text.full) {
		if (cp == '\r' || has_no_sign(cp))
			continue;
		if (cp == '\n')
			utf8_put(&p->text, cp);
		else if (cp < 0x20 || cp == 0x7F || cp == 0x2028 || cp == 0x2029)
			utf8_put(&p->text, ' ');
		else
			utf8_put(&p->text, printable(p, font, cp) ? cp : GETA);
	}
}
