/* SPDX-License-Identifier: AGPL-3.0-or-later */
#define LATE_DEFINE
#include "io/pdf.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "base/utf8.h"
#include "io/pdf_impl.h"

#include "base/banned.h"

enum { PAGES_MAX = 20000, PATH_BYTES = 4096 };

/*
 * The one place where fonts are named: what an office has, then what Debian's
 * fonts-noto-cjk brings.  Noto has no 仿宋; its 宋体 stands for it.
 */
static const char *const families[PDF_FONT_MAX] = {
	[PDF_SONG] = "SimSun,Noto Serif CJK SC",
	[PDF_HEI] = "SimHei,Noto Sans CJK SC",
	[PDF_FANGSONG] = "FangSong_GB2312,FangSong,Noto Serif CJK SC",
};

static const struct {
	double width, height; /* mm, upright */
} papers[] = {[PDF_A4] = {210, 297}, [PDF_A3] = {297, 420}};

static const double body_size = 10.5, frame_size = 8.5;

void pdf_fail(struct pdf *p, enum err e, const char *what)
{
	if (p->failed)
		return;
	p->failed = diag_set(p->diag, e, "%s", what);
	diag_place(p->diag, "%s", p->path);
}

/* --- the document --------------------------------------------------------- */

static void set_up_fonts(struct pdf *p)
{
	PangoFontMap *map = pango_cairo_font_map_get_default(); /* the thread's own */
	p->context = pango_font_map_create_context(map);
	pango_cairo_context_set_resolution(p->context, 72);
	cairo_font_options_t *o = cairo_font_options_create();
	/* letters stand where the paper wants them, not where a screen has pixels */
	cairo_font_options_set_hint_style(o, CAIRO_HINT_STYLE_NONE);
	cairo_font_options_set_hint_metrics(o, CAIRO_HINT_METRICS_OFF);
	cairo_font_options_set_antialias(o, CAIRO_ANTIALIAS_GRAY);
	pango_cairo_context_set_font_options(p->context, o);
	cairo_font_options_destroy(o);
	pango_context_set_round_glyph_positions(p->context, FALSE);
	pango_context_set_language(p->context, pango_language_from_string("zh-cn"));
	for (int f = 0; f < PDF_FONT_MAX; f++) {
		p->font[f] = pango_font_description_new();
		pango_font_description_set_family_static(p->font[f], families[f]);
		pango_font_description_set_absolute_size(p->font[f], body_size * PANGO_SCALE);
	}
	pdf_glyphs_init(&p->glyphs);
}

static void set_metadata(struct pdf *p)
{
	char day[16], at[40];
	(void)date_format(p->opts.created ? p->opts.created : 20180114, day);
	(void)snprintf(at, sizeof(at), "%sT00:00:00Z", day);
	cairo_surface_t *s = p->file;
	cairo_pdf_surface_set_metadata(s, CAIRO_PDF_METADATA_CREATE_DATE, at);
	cairo_pdf_surface_set_metadata(s, CAIRO_PDF_METADATA_MOD_DATE, at);
	cairo_pdf_surface_set_metadata(s, CAIRO_PDF_METADATA_CREATOR, "Daohu");
	const char *texts[] = {p->opts.title, p->opts.author};
	static const cairo_pdf_metadata_t kinds[] = {CAIRO_PDF_METADATA_TITLE,
	                                             CAIRO_PDF_METADATA_AUTHOR};
	for (int i = 0; i < 2; i++)
		if (texts[i] && utf8_valid(str_c(texts[i])))
			cairo_pdf_surface_set_metadata(s, kinds[i], texts[i]);
}

enum err pdf_open(const char *path, const struct pdf_opts *opts, struct diag *diag,
                  struct pdf **ret)
{
	enum err loaded = late_load(&pdf_calls_library, diag);
	if (loaded)
		return loaded;
	pdf_documents(1);
	struct pdf *p = base_calloc(1, sizeof(*p));
	arena_init(&p->arena, 0);
	arena_init(&p->section_arena, 0);
	buf_init(&p->text, PDF_TEXT_BYTES);
	p->diag = diag;
	p->opts = *opts;
	p->path = arena_strdup(&p->arena, path);
	p->part = arena_printf(&p->arena, "%s.part", path);
	if (!p->opts.pages_max)
		p->opts.pages_max = PAGES_MAX;
	double margin = (opts->margin > 0 ? opts->margin : 15) * PDF_MM;
	p->width = papers[opts->paper].width * PDF_MM;
	p->height = papers[opts->paper].height * PDF_MM;
	if (opts->landscape) {
		double w = p->width;
		p->width = p->height;
		p->height = w;
	}
	p->x = margin;
	p->right = p->width - margin;
	p->top = margin;
	p->bottom = p->height - margin;
	set_up_fonts(p);
	bool opened = pdf_sink_open(&p->sink, p->part);
	if (!opened)
		pdf_fail(p, ERR_IO, strerror(errno));
	p->file = cairo_pdf_surface_create_for_stream(pdf_sink_take, &p->sink, p->width, p->height);
	cairo_status_t s = cairo_surface_status(p->file);
	if (s != CAIRO_STATUS_SUCCESS)
		pdf_fail(p, ERR_IO, cairo_status_to_string(s));
	if (p->failed) {
		enum err e = p->failed;
		pdf_abandon(p);
		return e;
	}
	set_metadata(p);
	p->out = cairo_create(p->file);
	*ret = p;
	return OK;
}

static void release(struct pdf *p)
{
	if (p->page)
		cairo_destroy(p->page);
	for (size_t i = 0; i < p->n_pages; i++)
		cairo_surface_destroy(p->pages[i]);
	base_free(p->pages);
	if (p->out)
		cairo_destroy(p->out);
	if (p->file)
		cairo_surface_destroy(p->file);
	for (int f = 0; f < PDF_FONT_MAX; f++)
		pango_font_description_free(p->font[f]);
	g_object_unref(p->context);
	pdf_glyphs_release(&p->glyphs);
	buf_release(&p->text);
	arena_release(&p->section_arena);
	arena_release(&p->arena);
	base_free(p);
	pdf_documents(-1);
}

void pdf_abandon(struct pdf *p)
{
	if (!p)
		return;
	pdf_table_end(p);
	p->sink.shut = true;
	if (p->out)
		cairo_show_page(p->out); /* fails: what is abandoned gets no fonts */
	if (p->file)
		cairo_surface_finish(p->file);
	(void)pdf_sink_close(&p->sink);
	(void)unlink(p->part);
	release(p);
}

size_t pdf_pages(const struct pdf *p)
{
	return p->done_pages;
}

const int32_t *pdf_missing(const struct pdf *p, size_t *ret_n)
{
	*ret_n = p->glyphs.missing.n;
	return p->glyphs.missing.p;
}

/* --- pages ---------------------------------------------------------------- */

static void begin_page(struct pdf *p)
{
	cairo_rectangle_t all = {0, 0, p->width, p->height};
	if (p->n_pages == PDF_SECTION_PAGES || p->done_pages + p->n_pages >= p->opts.pages_max) {
		pdf_fail(p, ERR_FILE_TOO_LARGE, "pages");
		return;
	}
	if (p->n_pages == p->cap_pages) {
		p->cap_pages = p->cap_pages ? 2 * p->cap_pages : 8;
		p->pages = base_realloc(p->pages, p->cap_pages, sizeof(cairo_surface_t *));
	}
	cairo_surface_t *s = cairo_recording_surface_create(CAIRO_CONTENT_COLOR_ALPHA, &all);
	p->pages[p->n_pages++] = s;
	p->page = cairo_create(s);
	cairo_set_source_rgb(p->page, 0, 0, 0);
	cairo_set_line_width(p->page, 0.5);
	p->y = p->top + (p->frame.head_left || p->frame.head_right ? PDF_FRAME_ROOM : 0);
}

cairo_t *pdf_here(struct pdf *p)
{
	if (!p->open)
		pdf_section(p, &(struct pdf_frame){0});
	if (!p->page && !p->failed)
		begin_page(p);
	return p->failed ? NULL : p->page;
}

void pdf_break(struct pdf *p)
{
	if (p->page)
		cairo_destroy(p->page);
	p->page = NULL;
	(void)pdf_here(p);
}

/* Drawn straight onto the file: the page's number is known now only. */
static double draw_frame_text(struct pdf *p, const char *s, enum pdf_align align, double y,
                              double width)
{
	PangoRectangle r;
	int from = 0;
	if (!s || !*s || width <= 0)
		return 0;
	double x = align == PDF_RIGHT ? p->right - width : p->x;
	PangoLayout *l = pdf_layout(p, PDF_SONG, frame_size, false, align, width, str_c(s));
	cairo_t *page = p->page;
	p->page = p->out;
	(void)pdf_draw_lines(p, l, x, y, 2 * PDF_FRAME_ROOM, 1, &from);
	p->page = page;
	pango_layout_get_extents(l, NULL, &r);
	g_object_unref(l);
	return (double)r.width / PANGO_SCALE;
}

/* Left and right of a line; the left one wraps before it meets the right. */
static void draw_frame_line(struct pdf *p, const char *left, const char *right, double y)
{
	double width = p->right - p->x;
	double used = draw_frame_text(p, right, PDF_RIGHT, y, width);
	(void)draw_frame_text(p, left, PDF_LEFT, y, width - used - 3 * PDF_MM);
}

static void emit_page(struct pdf *p, size_t i)
{
	bool zh = p->opts.lang == LANG_ZH;
	cairo_set_source_surface(p->out, p->pages[i], 0, 0);
	cairo_paint(p->out);
	cairo_set_source_rgb(p->out, 0, 0, 0);
	double foot = p->bottom - PDF_FRAME_ROOM + 1 * PDF_MM;
	draw_frame_line(p, p->frame.head_left, p->frame.head_right, p->top - 1 * PDF_MM);
	draw_frame_line(p, p->frame.foot_left, p->frame.foot_right, foot);
	(void)draw_frame_text(p, arena_printf(&p->section_arena, zh ? "第 %zu 页 共 %zu 页" : "page %zu of %zu",
	                                      i + 1, p->n_pages),
	                      PDF_CENTRE, p->frame.foot_left || p->frame.foot_right ? foot + 12 : foot,
	                      p->right - p->x);
	cairo_show_page(p->out);
	cairo_surface_destroy(p->pages[i]);
}

/* What could not be printed, on the last page of what is stapled together. */
static void list_missing(struct pdf *p)
{
	struct pdf_glyphs *g = &p->glyphs;
	struct buf b;
	if (g->listed == g->missing.n)
		return;
	buf_init(&b, PDF_TEXT_BYTES);
	buf_adds(&b, p->opts.lang == LANG_ZH ? "以下字符字库中没有，文中以 〓 代替，请手工补写："
	                                     : "No font has these characters, printed as 〓: ");
	for (size_t i = g->listed; i < g->missing.n; i++)
		buf_addf(&b, "%sU+%04X", i > g->listed ? "、" : "", (unsigned)g->missing.p[i]);
	g->listed = g->missing.n;
	pdf_space(p, 2);
	pdf_text(p, &(struct pdf_style){.size = 9}, buf_str(&b));
	buf_release(&b);
}

void pdf_section_end(struct pdf *p)
{
	if (!p->open)
		return;
	pdf_table_end(p);
	if (!p->failed)
		list_missing(p);
	if (p->page)
		cairo_destroy(p->page);
	p->page = NULL;
	for (size_t i = 0; i < p->n_pages; i++) {
		if (p->failed)
			cairo_surface_destroy(p->pages[i]);
		else
			emit_page(p, i);
	}
	p->done_pages += p->n_pages;
	p->n_pages = 0;
	p->open = false;
	arena_clear(&p->section_arena);
	cairo_status_t s = cairo_status(p->out);
	if (s != CAIRO_STATUS_SUCCESS)
		pdf_fail(p, s == CAIRO_STATUS_NO_MEMORY ? ERR_NO_MEMORY : ERR_IO,
		         cairo_status_to_string(s));
}

static const char *kept(struct pdf *p, const char *s)
{
	return s ? arena_strdup(&p->section_arena, s) : NULL;
}

void pdf_section(struct pdf *p, const struct pdf_frame *frame)
{
	pdf_section_end(p);
	p->frame = (struct pdf_frame){kept(p, frame->head_left), kept(p, frame->head_right),
	                              kept(p, frame->foot_left), kept(p, frame->foot_right)};
	p->open = true;
	(void)pdf_here(p);
}

enum err pdf_close(struct pdf *p)
{
	if (!p->open && !p->done_pages)
		(void)pdf_here(p); /* a document without a page is none */
	pdf_section_end(p);
	pdf_finish(p);
	p->sink.shut = true;
	if (!pdf_sink_close(&p->sink))
		pdf_fail(p, ERR_IO, strerror(p->sink.err));
	if (!p->failed && rename(p->part, p->path) != 0)
		pdf_fail(p, ERR_IO, strerror(errno));
	enum err e = p->failed;
	if (e)
		(void)unlink(p->part);
	release(p);
	return e;
}

/* --- text ----------------------------------------------------------------- */

static const PangoAlignment alignments[] = {[PDF_LEFT] = PANGO_ALIGN_LEFT,
                                            [PDF_CENTRE] = PANGO_ALIGN_CENTER,
                                            [PDF_RIGHT] = PANGO_ALIGN_RIGHT};

static void set_size(struct pdf *p, PangoLayout *l, enum pdf_font font, double size, bool bold)
{
	PangoFontDescription *d = p->font[font];
	pango_font_description_set_absolute_size(d, size * PANGO_SCALE);
	pango_font_description_set_weight(d, bold ? PANGO_WEIGHT_BOLD : PANGO_WEIGHT_NORMAL);
	pango_layout_set_font_description(l, d);
}

PangoLayout *pdf_layout(struct pdf *p, enum pdf_font font, double size, bool bold,
                        enum pdf_align align, double width, struct str text)
{
	PangoLayout *l = pango_layout_new(p->context);
	set_size(p, l, font, size, bold);
	pdf_printable(p, font, text);
	pango_layout_set_alignment(l, alignments[align]);
	if (width > 0) {
		pango_layout_set_width(l, (int)(width * PANGO_SCALE));
		pango_layout_set_wrap(l, PANGO_WRAP_WORD_CHAR);
	}
	/* Han letters fill their square: the font's own line gap is wide */
	pango_layout_set_line_spacing(l, 0.92F);
	pango_layout_set_text(l, p->text.p ? p->text.p : "", (int)p->text.n);
	return l;
}

static bool of_a_number(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
	       c == '*' || c == '.' || c == ',' || c == '-' || c == '/' || c == '_' || c == '%';
}

static double width_of(struct pdf *p, double size, bool bold, struct str s)
{
	PangoRectangle r;
	PangoLayout *l = pango_layout_new(p->context);
	set_size(p, l, PDF_SONG, size, bold);
	pango_layout_set_text(l, s.p, (int)s.n);
	pango_layout_get_extents(l, NULL, &r);
	g_object_unref(l);
	return (double)r.width / PANGO_SCALE;
}

/* Width of the widest number in the text, when it may be wider than `width`. */
static double widest_number(struct pdf *p, double size, bool bold, double width, struct str s)
{
	double widest = 0;
	for (size_t i = 0; i < s.n; i++) {
		size_t from = i;
		while (i < s.n && of_a_number(s.p[i]))
			i++;
		if (i - from < 2 || (double)(i - from) * size <= width)
			continue;
		double w = width_of(p, size, bold, str_sub(s, from, i - from));
		widest = w > widest ? w : widest;
	}
	return widest;
}

PangoLayout *pdf_layout_whole(struct pdf *p, double size, bool bold, enum pdf_align align,
                              double width, struct str text, double *ret_squeeze)
{
	static const double smallest = 0.7;
	double need = widest_number(p, size, bold, width, text), squeeze = 1;
	if (need > width) {
		double factor = width / need * 0.995;
		if (factor < smallest) {
			squeeze = factor / smallest;
			factor = smallest;
		}
		size *= factor;
	}
	*ret_squeeze = squeeze;
	return pdf_layout(p, PDF_SONG, size, bold, align, width / squeeze, text);
}

double pdf_layout_height(PangoLayout *l)
{
	PangoRectangle r;
	pango_layout_get_extents(l, NULL, &r);
	return (double)r.height / PANGO_SCALE;
}

double pdf_draw_lines(struct pdf *p, PangoLayout *l, double x, double y, double room,
                      double squeeze, int *from)
{
	PangoLayoutIter *it = pango_layout_get_iter(l);
	double first = -1, used = 0;
	int i = 0;
	do {
		PangoRectangle r;
		int top, bottom;
		if (i++ < *from)
			continue;
		pango_layout_iter_get_line_extents(it, NULL, &r);
		pango_layout_iter_get_line_yrange(it, &top, &bottom);
		if (first < 0)
			first = (double)top / PANGO_SCALE;
		double end = (double)bottom / PANGO_SCALE - first;
		if (end > room + 0.01 && i - 1 > *from)
			break;
		if (end > room + 0.01 && room < p->bottom - p->top - 2 * PDF_FRAME_ROOM)
			break; /* another page has room for it */
		double base = (double)pango_layout_iter_get_baseline(it) / PANGO_SCALE - first;
		cairo_save(p->page);
		cairo_translate(p->page, x, y + base);
		cairo_scale(p->page, squeeze, 1);
		cairo_move_to(p->page, (double)r.x / PANGO_SCALE, 0);
		pango_cairo_show_layout_line(p->page, pango_layout_iter_get_line_readonly(it));
		cairo_restore(p->page);
		used = end;
		*from = i;
	} while (pango_layout_iter_next_line(it));
	pango_layout_iter_free(it);
	return used;
}

double pdf_left(const struct pdf *p)
{
	return (pdf_floor(p) - p->y) / PDF_MM;
}

void pdf_page(struct pdf *p)
{
	if (pdf_here(p))
		pdf_break(p);
}

void pdf_need(struct pdf *p, double mm)
{
	if (pdf_here(p) && pdf_left(p) < mm)
		pdf_break(p);
}

void pdf_space(struct pdf *p, double mm)
{
	if (pdf_here(p))
		p->y += mm * PDF_MM;
}

void pdf_text(struct pdf *p, const struct pdf_style *style, struct str s)
{
	if (!pdf_here(p))
		return;
	double size = style->size > 0 ? style->size : body_size;
	PangoLayout *l = pdf_layout(p, style->font, size, style->bold, style->align,
	                            p->right - p->x, s);
	pango_layout_set_indent(l, (int)(style->indent * size * PANGO_SCALE));
	pango_layout_set_line_spacing(l, 1.05F);
	int from = 0, lines = pango_layout_get_line_count(l);
	while (from < lines && pdf_here(p)) {
		p->y += pdf_draw_lines(p, l, p->x, p->y, pdf_floor(p) - p->y, 1, &from);
		if (from < lines)
			pdf_break(p);
	}
	g_object_unref(l);
	p->y += style->gap * PDF_MM;
}

/* --- what is filled in by hand -------------------------------------------- */

static void rule_line(struct pdf *p, double x1, double x2, double y)
{
	cairo_move_to(p->page, x1, y);
	cairo_line_to(p->page, x2, y);
	cairo_stroke(p->page);
}

void pdf_signatures(struct pdf *p, const char *const *labels, size_t n, double size)
{
	pdf_need(p, 11);
	if (!n || !pdf_here(p))
		return;
	double each = (p->right - p->x) / (double)n;
	double row = size + 5 * PDF_MM;
	for (size_t i = 0; i < n; i++) {
		double x = p->x + each * (double)i;
		PangoRectangle r;
		PangoLayout *l = pdf_layout(p, PDF_SONG, size, false, PDF_LEFT, 0, str_c(labels[i]));
		pango_layout_get_extents(l, NULL, &r);
		int from = 0;
		(void)pdf_draw_lines(p, l, x, p->y + 3 * PDF_MM, row, 1, &from);
		rule_line(p, x + (double)r.width / PANGO_SCALE + 1, x + each - 4 * PDF_MM,
		          p->y + row);
		g_object_unref(l);
	}
	p->y += row + 3 * PDF_MM;
}

void pdf_lines(struct pdf *p, size_t n, double mm)
{
	for (size_t i = 0; i < n; i++) {
		pdf_need(p, mm);
		if (!pdf_here(p))
			return;
		p->y += mm * PDF_MM;
		rule_line(p, p->x, p->right, p->y);
	}
}

void pdf_frames(struct pdf *p, const char *const *labels, size_t n, double mm)
{
	pdf_need(p, mm + 2);
	if (!n || !pdf_here(p))
		return;
	double gap = 3 * PDF_MM, h = mm * PDF_MM;
	double each = (p->right - p->x - gap * (double)(n - 1)) / (double)n;
	for (size_t i = 0; i < n; i++) {
		double x = p->x + (each + gap) * (double)i;
		int from = 0;
		cairo_rectangle(p->page, x, p->y, each, h);
		cairo_stroke(p->page);
		PangoLayout *l = pdf_layout(p, PDF_SONG, 9, false, PDF_CENTRE, each, str_c(labels[i]));
		(void)pdf_draw_lines(p, l, x, p->y + 2, h, 1, &from);
		g_object_unref(l);
	}
	p->y += h + 2 * PDF_MM;
}
