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
	r->filled = ARENA_ARRAY(a, n + 1, bool);
	for (size_t i = 0; i < n; i++) {
		const char *id = t->table.layout->columns[i].id;
		clear_cell(&r->cells[i], i);
		if (want && want[i] && (!r->last || strcmp(id, r->last) > 0))
			r->last = id;
	}
}

/* Members that are not of a column: "#" place, "@" heading, "&" block. */
static void take_mark(struct ledger_reader *r, char mark, bool area, struct str value,
                      struct ledger_row *row)
{
	int64_t number = 0;
	if (mark == '#') {
		size_t bang = value.n;
		while (bang && value.p[bang - 1] != '!')
			bang--;
		(void)str_to_int(str_sub(value, bang, value.n), &number);
		row->number = (uint32_t)number;
		row->sheet = (struct str){value.p, bang ? bang - 1 : 0};
	} else if (mark == '&') {
		(void)str_to_int(value, &number);
		row->block = (uint32_t)number;
	} else if (area) {
		row->section_area = (int32_t)map_get(&r->t->areas, value, -1);
	} else {
		row->section = value;
	}
}

/* What a key stands for. */
static struct lines_member member_of(const struct ledger_reader *r, struct str key)
{
	const struct pack_layout *layout = r->t->table.layout;
	struct lines_member m = {.what = LINES_SKIP};
	char last = key.n ? key.p[key.n - 1] : 0;
	bool marked = last == '!' || last == '~' || last == '^' || last == '$';
	struct str id = str_sub(key, 0, key.n - marked);
	if (str_is(key, "#") || str_is(key, "@") || str_is(key, "&") || str_is(key, "@^")) {
		bool place = key.p[0] == '#' && r->placed;
		m.what = r->want && key.p[0] != '@' && !place ? LINES_SKIP : LINES_MARK;
		m.mark = key.p[0];
		m.area = last == '^';
		return m;
	}
	for (size_t i = 0; i < layout->n_columns; i++) {
		if (!str_is(id, layout->columns[i].id))
			continue;
		m.what = !r->want || r->want[i]                                   ? LINES_CELL
			 : !r->last || strcmp(layout->columns[i].id, r->last) > 0 ? LINES_END
										  : LINES_SKIP;
		m.mark = marked ? last : '\0';
		m.col = (uint16_t)i;
	}
	return m;
}

static void take_cell(struct ledger_reader *r, const struct lines_member *m, struct str value)
{
	struct ledger_cell *c = &r->cells[m->col];
	const struct pack_column *col = &r->t->table.layout->columns[m->col];
	int64_t year = 0;
	if (!r->filled[m->col]) {
		r->filled[m->col] = true;
		r->seen[r->n_seen++] = m->col;
		c->v = col->kind == PACK_AREA ? -1 : 0;
	}
	switch (m->mark) {
	case '~': c->lossy = true; break;
	case '$':
		(void)str_to_int(value, &year);
		c->year = (int32_t)year;
		break;
	case '^': /* area by code, beside the text */
		c->v = map_get(&r->t->areas, value, -1);
		break;
	default:
		c->text = value;
		c->state = LEDGER_BAD;
		if (m->mark != '!')
			decode_cell(r->t->pack, col, c);
	}
}

/* Nearly every key is of 8 to 16 bytes, and is the one that is looked for: two words to compare. */
static bool same_key(const char *a, const char *b, size_t n)
{
	uint64_t x[2], y[2];
	if (n < sizeof(x[0]) || n > sizeof(x))
		return memcmp(a, b, n) == 0;
	memcpy(&x[0], a, sizeof(x[0]));
	memcpy(&y[0], b, sizeof(y[0]));
	memcpy(&x[1], a + n - sizeof(x[0]), sizeof(x[1]));
	memcpy(&y[1], b + n - sizeof(y[0]), sizeof(y[1]));
	return x[0] == y[0] && x[1] == y[1];
}

/*
 * The member whose key stands at *pos, behind which *pos is put: in front of its
 * value.  Lines of one ledger have nearly the same members in the same order; so
 * the keys seen are kept as they are written, and the next one is looked for
 * from *at on.  NULL when malformed.
 */
static const struct lines_member *next_member(struct ledger_reader *r, struct str line, size_t *pos,
                                              size_t *at)
{
	size_t from = *pos;
	for (size_t i = *at; i < r->n_members; i++) {
		const struct lines_member *m = &r->members[i];
		if (line.n - from < m->key.n || !same_key(line.p + from, m->key.p, m->key.n))
			continue;
		*pos = from + m->key.n;
		*at = i + 1;
		return m;
	}
	(*pos)++;
	struct str key = json_text(line, pos, r->a);
	if (!key.p || *pos + 2 > line.n || line.p[*pos] != ':' || line.p[*pos + 1] != '"')
		return NULL;
	*pos += 2;
	struct lines_member m = member_of(r, key);
	m.key = str_copy(r->a, str_sub(line, from, *pos - from));
	if (r->n_members == LINES_MEMBERS_MAX || *at > r->n_members)
		*at = r->n_members = 0;
	memmove(&r->members[*at + 1], &r->members[*at], (r->n_members - *at) * sizeof(m));
	r->members[*at] = m;
	r->n_members++;
	return &r->members[(*at)++];
}

uint64_t ledger_line_hash(struct str line)
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
	for (size_t k = 0; k < r->n_seen; k++) {
		clear_cell(&r->cells[r->seen[k]], r->seen[k]);
		r->filled[r->seen[k]] = false;
	}
	r->n_seen = 0;
	*ret = (struct ledger_row){.section_area = -1, .cells = r->cells,
	                           .n_cells = (uint16_t)r->t->table.layout->n_columns};
	if (pos >= line.n || line.p[pos++] != '{')
		return false;
	while (pos < line.n && line.p[pos] == '"') {
		const struct lines_member *m = next_member(r, line, &pos, &at);
		if (!m)
			return false;
		if (m->what == LINES_END)
			return true;
		struct str value = json_text(line, &pos, r->a);
		if (!value.p)
			return false;
		if (m->what == LINES_CELL)
			take_cell(r, m, value);
		else if (m->what == LINES_MARK)
			take_mark(r, m->mark, m->area, value, ret);
		if (pos < line.n && line.p[pos] == ',')
			pos++;
	}
	return pos < line.n && line.p[pos] == '}';
}

/* --- the chunks of a ledger ------------------------------------------------------- */

/* What is there at once of a chunk that was fetched: `sealed` is its body. */
static struct lines_chunk chunk_of(const struct ledger_lines *t, const struct ledger_chunk *c,
                                   struct arena *a)
{
	size_t rows = c->row_count > 0 ? (size_t)c->row_count : 0, length = rows_unpacked(c);
	/* the lines of one that is not packed stand where it is opened, and stay */
	struct str body = length == SIZE_MAX ? str_copy(a, c->body) : c->body;
	return (struct lines_chunk){.sealed = (char *)(uintptr_t)body.p, .n = c->body.n, .seq = c->seq,
	                            .text = length == SIZE_MAX || t->packed ? NULL : arena_alloc(a, length + 1),
	                            .first = t->n, .length = length,
	                            .n_lines = rows < LEDGER_CHUNK ? rows : LEDGER_CHUNK};
}

static enum err fetch_chunks(struct db *db, struct ledger_lines *t, struct arena *a)
{
	struct stmt *s = db_stmt(db, STMT_ledger_chunks);
	VEC(struct lines_chunk) chunks = {0};
	struct ledger_chunk c;
	stmt_bind_int(s, 2, t->table.ledger->no);
	while (stmt_record(s, &ledger_chunk_desc, t->packed ? a : &t->sealed, &c)) {
		*vec_push(&chunks) = chunk_of(t, &c, a);
		t->n += chunks.p[chunks.n - 1].n_lines;
	}
	t->chunks = ARENA_ARRAY(a, chunks.n + 1, struct lines_chunk);
	t->n_chunks = chunks.n;
	if (chunks.n)
		memcpy(t->chunks, chunks.p, chunks.n * sizeof(*chunks.p));
	vec_free(&chunks);
	t->line = t->packed ? NULL : arena_alloc(a, (t->n + 1) * sizeof(*t->line));
	return stmt_end(s);
}

enum err ledger_lines_fetch(struct db *db, const struct keys *keys, const struct pack *pack,
                            const struct area_list *areas, const struct ledger *l, bool stay_packed,
                            struct arena *a, struct ledger_lines *ret)
{
	struct ledger_lines t = {.table = {.ledger = l, .layout = pack_layout(pack, l->layout)},
	                         .pack = pack, .keys = keys, .packed = stay_packed};
	if (!t.table.layout)
		return diag_set(db_diag(db), ERR_UNKNOWN_LEDGER, "%s", l->layout);
	arena_init(&t.sealed, 0);
	enum err e = fetch_chunks(db, &t, a);
	if (e) {
		arena_release(&t.sealed);
		return e;
	}
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
	arena_release(&t->sealed);
}

/* Puts the lines of a text; false when there are not so many. */
static bool split_lines(struct str all, size_t n_lines, struct str *ret)
{
	struct str line;
	size_t n = 0;
	while (str_split(&all, '\n', &line)) {
		if (!line.n)
			continue;
		if (n < n_lines)
			ret[n] = line;
		n++;
	}
	return n == n_lines;
}

void ledger_lines_open(struct ledger_lines *t, size_t chunk)
{
	struct lines_chunk *c = &t->chunks[chunk];
	struct str all = {0};
	char label[64];
	rows_label(label, t->table.ledger->no, c->seq);
	c->damaged = keys_open_in_place(t->keys, str_c(label), c->sealed, c->n, &all) != OK;
	if (t->packed) {
		c->packed = all;
		return;
	}
	if (!c->damaged && c->text) {
		c->damaged = !rows_unpack(all, c->text, c->length);
		all = (struct str){c->text, c->length};
	}
	c->damaged = c->damaged || !split_lines(all, c->n_lines, &t->line[c->first]);
}

const struct lines_chunk *ledger_lines_chunk(const struct ledger_lines *t, size_t row)
{
	size_t at = 0, end = t->n_chunks;
	while (end - at > 1) {
		size_t middle = at + (end - at) / 2;
		if (row < t->chunks[middle].first)
			end = middle;
		else
			at = middle;
	}
	return &t->chunks[at];
}

bool lines_room_take(struct lines_room *r, const struct lines_chunk *c)
{
	struct str all = c->packed;
	r->of = NULL;
	if (c->damaged)
		return false;
	if (c->length != SIZE_MAX) { /* else an old one, as it is */
		if (r->cap <= c->length) {
			base_free(r->text);
			r->cap = c->length + c->length / 2 + 1;
			r->text = base_realloc(NULL, r->cap, 1);
		}
		if (!rows_unpack(c->packed, r->text, c->length))
			return false;
		all = (struct str){r->text, c->length};
	}
	if (!split_lines(all, c->n_lines, r->line))
		return false;
	r->of = c;
	return true;
}

void lines_room_release(struct lines_room *r)
{
	base_free(r->text);
	*r = (struct lines_room){0};
}

enum err ledger_lines_opened(struct ledger_lines *t, struct diag *diag)
{
	arena_release(&t->sealed);
	for (size_t i = 0; i < t->n_chunks; i++) {
		char label[64];
		rows_label(label, t->table.ledger->no, t->chunks[i].seq);
		if (t->chunks[i].damaged)
			return diag_set(diag, ERR_FILE_DAMAGED, "%s", label);
	}
	return OK;
}

enum err ledger_lines_open_all(struct ledger_lines *t, struct diag *diag)
{
	for (size_t i = 0; i < t->n_chunks; i++)
		ledger_lines_open(t, i);
	return ledger_lines_opened(t, diag);
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
		rows[i].hash = ledger_line_hash(t->line[i]);
		keep_cells(&r, &rows[i]);
	}
	*ret = t->table;
	ret->rows = rows;
	ret->n = t->n;
	return OK;
}

enum err ledger_lines_decode(struct ledger_lines *t, struct arena *a, struct diag *diag,
                             struct ledger_table *ret)
{
	enum err e = ledger_lines_open_all(t, diag);
	return e ? e : decode_lines(t, a, diag, ret);
}

enum err ledger_read(struct journal *j, const struct pack *pack, const struct area_list *areas,
                     const struct ledger *l, struct arena *a, struct ledger_table *ret)
{
	struct ledger_lines t = {0};
	struct diag *diag = db_diag(journal_db(j));
	enum err e = ledger_lines_fetch(journal_db(j), journal_keys(j), pack, areas, l, false, a, &t);
	if (!e)
		e = ledger_lines_decode(&t, a, diag, ret);
	ledger_lines_release(&t);
	return e;
}

const struct ledger_cell *ledger_cell_search(const struct ledger_row *r, int col)
{
	static const struct ledger_cell empty = {.v = -1};
	for (size_t k = 0; col >= 0 && k < r->n_cells; k++)
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
