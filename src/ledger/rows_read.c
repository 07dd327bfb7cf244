/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Opening chunks and decoding their lines (see ledger.h for the form). */
#include "ledger/lines.h"

#include "base/utf8.h"
#include "base/vec.h"
#include "ledger/rows_code.h"

#include "base/banned.h"

/* --- lines -------------------------------------------------------------------- */

/* Where the next quote or backslash stands, from i on; s.n when there is none.
 * Eight bytes at a time: a byte of x is zero where it is the one looked for. */
static size_t find_mark(struct str s, size_t i)
{
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	const uint64_t ones = UINT64_C(0x0101010101010101), high = ones << 7;
	for (; i + 8 <= s.n; i += 8) {
		uint64_t w;
		memcpy(&w, s.p + i, 8);
		uint64_t quote = w ^ ones * '"', slash = w ^ ones * '\\';
		uint64_t hit = (((quote - ones) & ~quote) | ((slash - ones) & ~slash)) & high;
		if (hit)
			return i + (size_t)__builtin_ctzll(hit) / 8;
	}
#endif
	while (i < s.n && s.p[i] != '"' && s.p[i] != '\\')
		i++;
	return i;
}

/* Undoes the escapes of s[from..to) into the arena. */
static struct str unescape(struct str s, size_t from, size_t to, struct arena *a)
{
	char *out = arena_alloc(a, to - from + 1);
	size_t n = 0;
	for (size_t k = from; k < to; k++) {
		char c = s.p[k];
		if (c != '\\') {
			out[n++] = c;
			continue;
		}
		c = s.p[++k];
		if (c == 'u' && k + 4 < to) {
			int v = 0;
			for (int h = 1; h <= 4; h++) {
				char x = s.p[k + (size_t)h];
				v = v * 16 + (x <= '9' ? x - '0' : (x | 32) - 'a' + 10);
			}
			k += 4;
			n += utf8_encode(v, out + n);
		} else {
			out[n++] = c == 'n' ? '\n' : c == 't' ? '\t' : c == 'r' ? '\r' : c == 'b' ? '\b'
			           : c == 'f' ? '\f' : c;
		}
	}
	return (struct str){out, n};
}

/* A JSON string at *pos (behind its opening quote) up to the closing one.
 * NULL p when malformed. */
static struct str json_text(struct str s, size_t *pos, struct arena *a)
{
	size_t from = *pos, i = find_mark(s, from);
	bool escaped = false;
	while (i < s.n && s.p[i] == '\\') {
		escaped = true;
		i = find_mark(s, i + 2);
	}
	if (i >= s.n)
		return (struct str){NULL, 0};
	*pos = i + 1;
	return escaped ? unescape(s, from, i, a) : (struct str){s.p + from, i - from};
}

static void decode_code(const struct pack_list *list, struct ledger_cell *c)
{
	char id[64];
	if (c->text.n >= sizeof(id))
		return;
	memcpy(id, c->text.p, c->text.n);
	id[c->text.n] = '\0';
	c->v = pack_code_by_id(list, id);
	c->state = c->v < 0 ? LEDGER_BAD : LEDGER_OK;
}

static void decode_codes(const struct pack_list *list, struct ledger_cell *c)
{
	struct str rest = c->text, piece;
	uint64_t mask = 0;
	while (str_split(&rest, ',', &piece)) {
		struct ledger_cell one = {.text = piece};
		decode_code(list, &one);
		if (one.state == LEDGER_OK && one.v >= 0 && one.v < 64)
			mask |= (uint64_t)1 << one.v;
	}
	c->v = (int64_t)mask;
	c->state = LEDGER_OK;
}

static void decode_cell(const struct pack *pack, const struct pack_column *col,
                        struct ledger_cell *c)
{
	c->state = LEDGER_OK;
	switch (col->kind) {
	case PACK_INT: case PACK_NUM: case PACK_MONEY: case PACK_YEAR: case PACK_BOOL:
		if (!str_to_int(c->text, &c->v))
			c->state = LEDGER_BAD;
		break;
	case PACK_DATE:
		c->v = date_parse(c->text);
		if (!c->v)
			c->state = LEDGER_BAD;
		break;
	case PACK_CODE: decode_code(&pack->lists[col->list_index], c); break;
	case PACK_CODES: decode_codes(&pack->lists[col->list_index], c); break;
	default: break;
	}
}

/* --- a reader ------------------------------------------------------------------- */

static void clear_cell(struct ledger_cell *c, size_t col)
{
	*c = (struct ledger_cell){.col = (uint16_t)col, .v = -1};
}

void ledger_reader_init(struct ledger_reader *r, const struct ledger_lines *t, const bool *want,
                        struct arena *a)
{
	size_t n = t->table.layout->n_columns;
	*r = (struct ledger_reader){.t = t, .want = want, .a = a};
	r->cells = ARENA_ARRAY(a, n + 1, struct ledger_cell);
	r->seen = ARENA_ARRAY(a, n + 1, uint16_t);
	for (size_t i = 0; i < n; i++)
		clear_cell(&r->cells[i], i);
}

/* The cell of column i in the row being read. */
static struct ledger_cell *cell_for(struct ledger_reader *r, uint16_t i)
{
	struct ledger_cell *c = &r->cells[i];
	for (size_t k = r->n_seen; k-- > 0;)
		if (r->seen[k] == i)
			return c;
	r->seen[r->n_seen++] = i;
	c->v = r->t->table.layout->columns[i].kind == PACK_AREA ? -1 : 0;
	return c;
}

/* Place of an id among the columns, or n.  Lines have them in order, so the next
 * is looked for behind the last one (*at), and elsewhere only when it is not there. */
static size_t find_id(const struct ledger_lines *t, struct str id, size_t *at)
{
	size_t n = t->table.layout->n_columns, i = *at;
	while (i < n && !str_eq(t->ids[i], id))
		i++;
	if (i == n)
		for (i = 0; i < n && !str_eq(t->ids[i], id);)
			i++;
	if (i < n)
		*at = i;
	return i;
}

/* Members that are not of a column: "#" place, "@" heading, "&" block. */
static void take_mark(struct ledger_reader *r, struct str key, struct str value,
                      struct ledger_row *row)
{
	int64_t number = 0;
	if (str_eq(key, STR("#"))) {
		size_t bang = value.n;
		while (bang && value.p[bang - 1] != '!')
			bang--;
		(void)str_to_int(str_sub(value, bang, value.n), &number);
		row->number = (uint32_t)number;
		row->sheet = (struct str){value.p, bang ? bang - 1 : 0};
	} else if (str_eq(key, STR("@"))) {
		row->section = value;
	} else if (str_eq(key, STR("@^"))) {
		row->section_area = (int32_t)map_get(&r->t->areas, value, -1);
	} else if (str_eq(key, STR("&"))) {
		(void)str_to_int(value, &number);
		row->block = (uint32_t)number;
	}
}

static void take_member(struct ledger_reader *r, struct str key, struct str value, size_t *at,
                        struct ledger_row *row)
{
	const struct ledger_lines *t = r->t;
	if (key.n == 0 || key.p[0] == '+')
		return;
	if (key.p[0] == '#' || key.p[0] == '@' || key.p[0] == '&') {
		take_mark(r, key, value, row);
		return;
	}
	char last = key.p[key.n - 1];
	bool marked = last == '!' || last == '~' || last == '^' || last == '$';
	size_t place = find_id(t, str_sub(key, 0, key.n - marked), at);
	if (place == t->table.layout->n_columns)
		return;
	uint16_t i = t->order[place];
	if (r->want && !r->want[i])
		return;
	struct ledger_cell *c = cell_for(r, i);
	int64_t year = 0;
	switch (last) {
	case '~': c->lossy = true; break;
	case '$':
		(void)str_to_int(value, &year);
		c->year = (int32_t)year;
		break;
	case '^': /* area by code, beside the text */
		c->v = map_get(&t->areas, value, -1);
		break;
	default:
		c->text = value;
		c->state = LEDGER_BAD;
		if (last != '!')
			decode_cell(t->pack, &t->table.layout->columns[i], c);
	}
}

/* Of the line without its place: behind the first `",`. */
static uint64_t hash_of(struct str line)
{
	size_t i = 0;
	while (i + 1 < line.n && !(line.p[i] == '"' && line.p[i + 1] == ','))
		i++;
	return str_hash(str_sub(line, i + 1 < line.n ? i : 0, line.n));
}

/* {"k":"v",…} */
bool ledger_reader_row(struct ledger_reader *r, struct str line, struct ledger_row *ret)
{
	size_t pos = 0, at = 0;
	for (size_t k = 0; k < r->n_seen; k++)
		clear_cell(&r->cells[r->seen[k]], r->seen[k]);
	r->n_seen = 0;
	*ret = (struct ledger_row){.section_area = -1};
	if (pos >= line.n || line.p[pos++] != '{')
		return false;
	while (pos < line.n && line.p[pos] == '"') {
		pos++;
		struct str key = json_text(line, &pos, r->a);
		if (!key.p || pos + 2 > line.n || line.p[pos] != ':' || line.p[pos + 1] != '"')
			return false;
		pos += 2;
		struct str value = json_text(line, &pos, r->a);
		if (!value.p)
			return false;
		take_member(r, key, value, &at, ret);
		if (pos < line.n && line.p[pos] == ',')
			pos++;
	}
	ret->hash = hash_of(line);
	ret->cells = r->cells;
	ret->n_cells = (uint16_t)r->t->table.layout->n_columns;
	return pos < line.n && line.p[pos] == '}';
}

/* --- the chunks of a ledger ------------------------------------------------------- */

static void order_columns(struct ledger_lines *t, struct arena *a)
{
	const struct pack_layout *layout = t->table.layout;
	struct rows_order o = rows_order_make(layout, a);
	struct str *ids = ARENA_ARRAY(a, layout->n_columns + 1, struct str);
	for (size_t i = 0; i < layout->n_columns; i++)
		ids[i] = str_c(layout->columns[o.order[i]].id);
	t->ids = ids;
	t->order = o.order;
}

static enum err fetch_chunks(struct journal *j, struct ledger_lines *t, struct arena *a)
{
	struct stmt *s = db_stmt(journal_db(j), STMT_ledger_chunks);
	VEC(struct lines_chunk) chunks = {0};
	struct ledger_chunk c;
	stmt_bind_int(s, 2, t->table.ledger->no);
	while (stmt_record(s, &ledger_chunk_desc, a, &c))
		*vec_push(&chunks) = (struct lines_chunk){
			.sealed = (char *)(uintptr_t)c.body.p, .n = c.body.n, .seq = c.seq};
	t->chunks = ARENA_ARRAY(a, chunks.n + 1, struct lines_chunk);
	t->n_chunks = chunks.n;
	if (chunks.n)
		memcpy(t->chunks, chunks.p, chunks.n * sizeof(*chunks.p));
	vec_free(&chunks);
	return stmt_end(s);
}

enum err ledger_lines_fetch(struct journal *j, const struct pack *pack,
                            const struct area_list *areas, const struct ledger *l, struct arena *a,
                            struct ledger_lines *ret)
{
	struct ledger_lines t = {.table = {.ledger = l, .layout = pack_layout(pack, l->layout)},
	                         .pack = pack, .keys = journal_keys(j)};
	if (!t.table.layout)
		return diag_set(db_diag(journal_db(j)), ERR_UNKNOWN_LEDGER, "%s", l->layout);
	order_columns(&t, a);
	enum err e = fetch_chunks(j, &t, a);
	if (e)
		return e;
	map_init(&t.areas);
	map_reserve(&t.areas, areas->n);
	for (size_t i = 0; i < areas->n; i++)
		(void)map_set(&t.areas, str_c(areas->areas[i].code), (int64_t)i);
	*ret = t;
	return OK;
}

void ledger_lines_release(struct ledger_lines *t)
{
	map_release(&t->areas);
}

static size_t count_lines(struct str s)
{
	size_t n = 1;
	for (const char *at = s.p; (at = memchr(at, '\n', s.n - (size_t)(at - s.p))) != NULL; at++)
		n++;
	return n;
}

void ledger_lines_open(struct ledger_lines *t, size_t chunk, struct arena *a)
{
	struct lines_chunk *c = &t->chunks[chunk];
	struct str all, line;
	char label[64];
	rows_label(label, t->table.ledger->no, c->seq);
	c->damaged = keys_open_in_place(t->keys, str_c(label), c->sealed, c->n, &all) != OK;
	if (c->damaged || !all.n)
		return;
	c->line = arena_alloc(a, count_lines(all) * sizeof(*c->line));
	while (str_split(&all, '\n', &line))
		if (line.n)
			c->line[c->n_lines++] = line;
}

enum err ledger_lines_join(struct ledger_lines *t, struct arena *a, struct diag *diag)
{
	size_t n = 0;
	for (size_t i = 0; i < t->n_chunks; i++) {
		char label[64];
		rows_label(label, t->table.ledger->no, t->chunks[i].seq);
		if (t->chunks[i].damaged)
			return diag_set(diag, ERR_FILE_DAMAGED, "%s", label);
		n += t->chunks[i].n_lines;
	}
	struct str *line = arena_alloc(a, (n + 1) * sizeof(*line));
	t->n = 0;
	for (size_t i = 0; i < t->n_chunks; i++) {
		const struct lines_chunk *c = &t->chunks[i];
		if (c->n_lines)
			memcpy(line + t->n, c->line, c->n_lines * sizeof(*line));
		t->n += c->n_lines;
	}
	t->line = line;
	return OK;
}

/* --- all of it, decoded ----------------------------------------------------------- */

/* The cells that the reader filled, in the order of the line. */
static void keep_cells(const struct ledger_reader *r, struct ledger_row *row)
{
	struct ledger_cell *kept = arena_alloc(r->a, (r->n_seen + 1) * sizeof(*kept));
	for (size_t i = 0; i < r->n_seen; i++)
		kept[i] = r->cells[r->seen[i]];
	row->cells = kept;
	row->n_cells = (uint16_t)r->n_seen;
}

static enum err decode_lines(const struct ledger_lines *t, struct arena *a, struct diag *diag,
                             struct ledger_table *ret)
{
	struct ledger_row *rows = arena_alloc(a, (t->n + 1) * sizeof(*rows));
	struct ledger_reader r;
	ledger_reader_init(&r, t, NULL, a);
	for (size_t i = 0; i < t->n; i++) {
		if (!ledger_reader_row(&r, t->line[i], &rows[i]))
			return diag_set(diag, ERR_FILE_DAMAGED, "ledger %lld",
			                (long long)t->table.ledger->no);
		keep_cells(&r, &rows[i]);
	}
	*ret = t->table;
	ret->rows = rows;
	ret->n = t->n;
	return OK;
}

enum err ledger_read(struct journal *j, const struct pack *pack, const struct area_list *areas,
                     const struct ledger *l, struct arena *a, struct ledger_table *ret)
{
	struct ledger_lines t = {0};
	struct diag *diag = db_diag(journal_db(j));
	enum err e = ledger_lines_fetch(j, pack, areas, l, a, &t);
	for (size_t i = 0; !e && i < t.n_chunks; i++)
		ledger_lines_open(&t, i, a);
	if (!e)
		e = ledger_lines_join(&t, a, diag);
	if (!e)
		e = decode_lines(&t, a, diag, ret);
	ledger_lines_release(&t);
	return e;
}

const struct ledger_cell *ledger_cell_at(const struct ledger_row *r, int col)
{
	static const struct ledger_cell empty = {.v = -1};
	if (col >= 0 && col < r->n_cells && r->cells[col].col == col) /* a reader's have a place each */
		return &r->cells[col];
	for (size_t k = 0; k < r->n_cells; k++)
		if (r->cells[k].col == col)
			return &r->cells[k];
	return &empty;
}

const struct ledger_cell *ledger_role(const struct ledger_table *t, const struct ledger_row *r,
                                      enum pack_role role)
{
	int i = t->layout->role[role];
	const struct ledger_cell *c = ledger_cell_at(r, i);
	return c->state != LEDGER_EMPTY ? c : NULL;
}

const struct ledger_cell *ledger_column(const struct ledger_table *t, const struct ledger_row *r,
                                        const char *id)
{
	int i = pack_column(t->layout, id);
	const struct ledger_cell *c = ledger_cell_at(r, i);
	return c->state != LEDGER_EMPTY ? c : NULL;
}
