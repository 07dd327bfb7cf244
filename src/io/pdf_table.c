/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Tables.  Rows are kept until no cell reaches below the last one; such a group is then
 * measured and put onto the page, or pages.
 */
#include "io/pdf_impl.h"

#include "base/banned.h"

enum { GROUP_ROWS = 4000 };

static const double pad_x = 2.5, pad_y = 1.8, table_size = 9, together = 0.45;

struct cell {
	PangoLayout *layout;
	double squeeze, height;
	uint16_t col, cols, rows;
	bool top;
	int from; /* lines drawn */
};

struct line {
	struct cell *cells;
	size_t n;
	double min, height;
};

struct pdf_table {
	struct arena arena; /* of the group */
	double size;
	size_t n;
	double x[PDF_COLUMNS_MAX + 1]; /* edges of the columns */
	enum pdf_align align[PDF_COLUMNS_MAX];
	uint16_t held[PDF_COLUMNS_MAX]; /* rows below that a cell still reaches */
	VEC(struct line) group;
	struct arena head_arena;
	VEC(struct line) head;
	double head_height;
	bool started; /* the head stands on this page */
};

void pdf_table(struct pdf *p, const struct pdf_col *cols, size_t n, double size)
{
	pdf_table_end(p);
	if (!pdf_here(p) || n == 0 || n > PDF_COLUMNS_MAX)
		return;
	struct pdf_table *t = base_calloc(1, sizeof(*t));
	double all = 0, at = p->x;
	arena_init(&t->arena, 0);
	arena_init(&t->head_arena, 0);
	t->size = size > 0 ? size : table_size;
	t->n = n;
	for (size_t i = 0; i < n; i++)
		all += cols[i].width;
	for (size_t i = 0; i < n; i++) {
		t->x[i] = at;
		t->align[i] = cols[i].align;
		at += (p->right - p->x) * cols[i].width / all;
	}
	t->x[n] = p->right;
	p->table = t;
}

/* --- measuring ------------------------------------------------------------ */

static struct line make_line(struct pdf *p, struct arena *a, const struct pdf_cell *cells,
                             size_t n, bool head, uint16_t *held)
{
	struct pdf_table *t = p->table;
	struct line line = {.cells = ARENA_ARRAY(a, n + 1, struct cell)};
	size_t col = 0;
	for (size_t i = 0; i < n; i++) {
		while (col < t->n && held[col])
			col++;
		if (col >= t->n)
			break;
		struct cell *c = &line.cells[line.n++];
		size_t cols = cells[i].cols ? cells[i].cols : 1;
		if (cols > t->n - col)
			cols = t->n - col;
		*c = (struct cell){.col = (uint16_t)col, .cols = (uint16_t)cols, .top = cells[i].top,
		                   .rows = cells[i].rows ? cells[i].rows : 1};
		enum pdf_align align = cells[i].align ? (enum pdf_align)(cells[i].align - 1)
		                       : head         ? PDF_CENTRE
		                                      : t->align[col];
		double w = t->x[col + cols] - t->x[col] - 2 * pad_x;
		c->layout = pdf_layout_whole(p, t->size, cells[i].bold || head, align, w,
		                             cells[i].text, &c->squeeze);
		c->height = pdf_layout_height(c->layout) + 2 * pad_y;
		for (size_t k = 0; k < cols; k++)
			held[col + k] = c->rows;
		col += cols;
	}
	for (size_t k = 0; k < t->n; k++)
		held[k] = held[k] ? (uint16_t)(held[k] - 1) : 0;
	return line;
}

/* Rows get the height of their cells; a cell over several makes the last one higher. */
static double measure(struct line *lines, size_t n)
{
	double all = 0;
	for (size_t r = 0; r < n; r++) {
		struct line *l = &lines[r];
		l->height = l->min;
		for (size_t i = 0; i < l->n; i++)
			if (l->cells[i].rows == 1 && l->cells[i].height > l->height)
				l->height = l->cells[i].height;
	}
	for (size_t r = 0; r < n; r++) {
		for (size_t i = 0; i < lines[r].n; i++) {
			struct cell *c = &lines[r].cells[i];
			size_t last = r + c->rows > n ? n - 1 : r + c->rows - 1U;
			double have = 0;
			c->rows = (uint16_t)(last - r + 1);
			for (size_t k = r; k <= last; k++)
				have += lines[k].height;
			if (c->height > have)
				lines[last].height += c->height - have;
		}
	}
	for (size_t r = 0; r < n; r++)
		all += lines[r].height;
	return all;
}

static void free_lines(struct line *lines, size_t n)
{
	for (size_t r = 0; r < n; r++)
		for (size_t i = 0; i < lines[r].n; i++)
			g_object_unref(lines[r].cells[i].layout);
}

/* --- drawing -------------------------------------------------------------- */

/* What of the cell fits between y and y + h; a cell that is drawn out begins again. */
static void draw_cell(struct pdf *p, struct cell *c, double y, double h)
{
	struct pdf_table *t = p->table;
	double x = t->x[c->col], w = t->x[c->col + c->cols] - x;
	int lines = pango_layout_get_line_count(c->layout);
	cairo_rectangle(p->page, x, y, w, h);
	cairo_stroke(p->page);
	if (c->from >= lines)
		c->from = 0;
	double down = pad_y;
	if (!c->top && c->from == 0 && c->height < h)
		down += (h - c->height) / 2;
	(void)pdf_draw_lines(p, c->layout, x + pad_x, y + down, h - down - pad_y + 0.5, c->squeeze,
	                     &c->from);
}

/* Rows first..last (all on this page); cells from above reach into them. */
static void draw_segment(struct pdf *p, struct line *lines, size_t first, size_t last)
{
	double top = p->y, y = top;
	for (size_t r = 0; r <= last; r++) {
		for (size_t i = 0; i < lines[r].n; i++) {
			struct cell *c = &lines[r].cells[i];
			size_t end = r + c->rows - 1U;
			if (end < first)
				continue;
			double at = r < first ? top : y, h = 0;
			for (size_t k = r < first ? first : r; k <= end && k <= last; k++)
				h += lines[k].height;
			draw_cell(p, c, at, h);
		}
		if (r >= first)
			y += lines[r].height;
	}
	p->y = y;
}

static void draw_head(struct pdf *p)
{
	struct pdf_table *t = p->table;
	t->started = true;
	if (!t->head.n)
		return;
	for (size_t r = 0; r < t->head.n; r++)
		for (size_t i = 0; i < t->head.p[r].n; i++)
			t->head.p[r].cells[i].from = 0;
	draw_segment(p, t->head.p, 0, t->head.n - 1);
}

static void next_page(struct pdf *p)
{
	pdf_break(p);
	if (!p->failed)
		draw_head(p);
}

/* A row that no page can hold: lines by lines. */
static void draw_long(struct pdf *p, struct line *l)
{
	bool more = true;
	while (more && !p->failed) {
		double h = pdf_floor(p) - p->y, used = 0;
		more = false;
		for (size_t i = 0; i < l->n; i++) {
			struct cell *c = &l->cells[i];
			int lines = pango_layout_get_line_count(c->layout);
			double w = 0;
			if (c->from < lines)
				w = pdf_draw_lines(p, c->layout, p->table->x[c->col] + pad_x, p->y + pad_y,
				                   h - 2 * pad_y, c->squeeze, &c->from);
			used = w > used ? w : used;
			more |= c->from < lines;
		}
		h = more ? h : used + 2 * pad_y;
		for (size_t i = 0; i < l->n; i++) {
			const struct cell *c = &l->cells[i];
			cairo_rectangle(p->page, p->table->x[c->col], p->y,
			                p->table->x[c->col + c->cols] - p->table->x[c->col], h);
			cairo_stroke(p->page);
		}
		p->y += h;
		if (more)
			next_page(p);
	}
}

static void draw_group(struct pdf *p, double height)
{
	struct pdf_table *t = p->table;
	struct line *lines = t->group.p;
	double body = pdf_floor(p) - p->top - t->head_height - PDF_FRAME_ROOM;
	if (!t->started) {
		double first = height < body * together ? height : lines[0].height;
		if (p->y + t->head_height + first > pdf_floor(p) && p->y > p->top + 10 * PDF_MM)
			pdf_break(p);
		draw_head(p);
	}
	if (height <= body * together && p->y + height > pdf_floor(p))
		next_page(p);
	for (size_t r = 0; r < t->group.n && !p->failed;) {
		double y = p->y;
		size_t k = r;
		while (k < t->group.n && y + lines[k].height <= pdf_floor(p))
			y += lines[k++].height;
		if (k > r)
			draw_segment(p, lines, r, k - 1);
		else if (lines[r].height > body)
			draw_long(p, &lines[k++]);
		if (k < t->group.n)
			next_page(p);
		r = k;
	}
}

static void flush_group(struct pdf *p)
{
	struct pdf_table *t = p->table;
	if (!t->group.n)
		return;
	double height = measure(t->group.p, t->group.n);
	if (pdf_here(p))
		draw_group(p, height);
	free_lines(t->group.p, t->group.n);
	t->group.n = 0;
	memset(t->held, 0, sizeof(t->held));
	arena_clear(&t->arena);
}

void pdf_table_head(struct pdf *p, const struct pdf_cell *cells, size_t n)
{
	struct pdf_table *t = p->table;
	if (!t || p->failed || t->started)
		return;
	*vec_push(&t->head) = make_line(p, &t->head_arena, cells, n, true, t->held);
	t->head_height = measure(t->head.p, t->head.n);
}

void pdf_row(struct pdf *p, const struct pdf_cell *cells, size_t n, double min_mm)
{
	struct pdf_table *t = p->table;
	if (!t || p->failed)
		return;
	if (!t->group.n)
		memset(t->held, 0, sizeof(t->held));
	struct line line = make_line(p, &t->arena, cells, n, false, t->held);
	line.min = min_mm * PDF_MM;
	*vec_push(&t->group) = line;
	bool open = false;
	for (size_t i = 0; i < t->n; i++)
		open |= t->held[i] > 0;
	if (!open || t->group.n >= GROUP_ROWS)
		flush_group(p);
}

void pdf_table_end(struct pdf *p)
{
	struct pdf_table *t = p->table;
	if (!t)
		return;
	flush_group(p);
	if (!t->started && t->head.n && pdf_here(p))
		draw_head(p); /* a table without rows still says what it would hold */
	free_lines(t->head.p, t->head.n);
	vec_free(&t->group);
	vec_free(&t->head);
	arena_release(&t->arena);
	arena_release(&t->head_arena);
	base_free(t);
	p->table = NULL;
	p->y += 1.5 * PDF_MM;
}
