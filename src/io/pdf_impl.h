/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * pdf_impl: the page being filled and how text is set.  Private to src/io.
 *
 *   pdf.c         the document, its pages, running text
 *   pdf_finish.c  the file, and its last step
 *   pdf_glyph.c   which characters can be printed
 *   pdf_table.c   tables
 *
 * Inside everything is in points (1/72 inch), as cairo counts.
 */
#ifndef DAOHU_IO_PDF_IMPL_H
#define DAOHU_IO_PDF_IMPL_H

#include "base/vec.h"
#include "io/pdf.h"
#include "io/pdf_calls.h"

#define PDF_MM (72.0 / 25.4)

struct pdf_table;

/* Characters seen: two bits each, whether they were looked up and whether they are there. */
struct pdf_glyphs {
	unsigned char *known, *there; /* bit maps over Unicode */
	VEC(int32_t) missing;         /* of the document */
	size_t listed;                /* of them, before this section */
};

/* Where cairo's bytes go. */
struct pdf_sink {
	int fd;
	int err;   /* the first errno */
	bool shut; /* takes nothing more */
	size_t n;
	char bytes[64 * 1024];
};

struct pdf {
	struct pdf_opts opts;
	struct arena arena; /* names, the frame's texts */
	struct diag *diag;
	enum err failed;
	const char *path, *part;
	struct pdf_sink sink;
	cairo_surface_t *file;  /* into the sink */
	cairo_t *out;           /* onto the file */
	PangoContext *context;
	PangoFontDescription *font[PDF_FONT_MAX];
	struct pdf_glyphs glyphs;
	double width, height;   /* of the paper */
	double x, right, top, bottom; /* the part that is written on */
	double y;
	bool open;              /* a section is open */
	struct arena section_arena;
	struct pdf_frame frame;
	cairo_surface_t **pages; /* of the section, finished and the one being written */
	size_t n_pages, cap_pages;
	size_t done_pages;
	cairo_t *page;          /* onto the last of pages; NULL when none is open */
	struct pdf_table *table;
	struct buf text;        /* the text being set, with missing characters replaced */
};

/* Running heads and feet have this much room, a foot some more. */
#define PDF_FRAME_ROOM (7 * PDF_MM)
/* Where the text must end. */
static inline double pdf_floor(const struct pdf *p)
{
	return p->bottom - 1.4 * PDF_FRAME_ROOM;
}

void pdf_fail(struct pdf *p, enum err e, const char *what);
/* How many documents are open: before the first call of cairo's, and after the last. */
void pdf_documents(int more);
/* false: errno says why; the sink is closed all the same. */
bool pdf_sink_open(struct pdf_sink *s, const char *path);
bool pdf_sink_close(struct pdf_sink *s); /* false: sink.err */
cairo_status_t pdf_sink_take(void *sink, const unsigned char *data, unsigned length);
/* Fonts and the end of the file, all sections being ended. */
void pdf_finish(struct pdf *p);
/* A page to write on; NULL when the document failed. */
cairo_t *pdf_here(struct pdf *p);
void pdf_break(struct pdf *p);

/* A layout of the text: given; wrapped at `width` unless that is 0. */
PangoLayout *pdf_layout(struct pdf *p, enum pdf_font font, double size, bool bold,
                        enum pdf_align align, double width, struct str text);
/*
 * The same with numbers kept whole: set smaller where they do not fit, and *ret_squeeze
 * (at most 1) is by how much the drawing must be narrowed besides.
 */
PangoLayout *pdf_layout_whole(struct pdf *p, double size, bool bold, enum pdf_align align,
                              double width, struct str text, double *ret_squeeze);
double pdf_layout_height(PangoLayout *l);
/* Draws lines from *from on that fit into `room`; moves *from behind them and returns
 * the height that was used. */
double pdf_draw_lines(struct pdf *p, PangoLayout *l, double x, double y, double room,
                      double squeeze, int *from);

/* pdf_glyph.c: text with what cannot be printed replaced, into p->text. */
void pdf_printable(struct pdf *p, enum pdf_font font, struct str s);
void pdf_glyphs_init(struct pdf_glyphs *g);
void pdf_glyphs_release(struct pdf_glyphs *g);

#endif
