/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Opening chunks and decoding their lines (see ledger.h for the form). */
#include "ledger/ledger.h"

#include "base/utf8.h"
#include "ledger/rows_code.h"

#include "base/banned.h"

struct decoder {
	struct journal *j;
	const struct pack *pack;
	const struct area_list *areas;
	struct map area_index; /* code -> index */
	struct map columns;    /* column id -> index */
	struct arena *a;
	struct ledger_table *t;
	struct ledger_row *rows; /* filled behind each other */
	size_t cap;
	struct ledger_cell *cells; /* of the row being read; room for all columns */
	size_t n_cells;
};

/* A JSON string at *p (behind its opening quote) up to the closing one;
 * escapes are undone into the arena.  NULL p when malformed. */
static struct str json_text(struct str s, size_t *pos, struct arena *a)
{
	size_t from = *pos, i = from;
	bool escaped = false;
	while (i < s.n && s.p[i] != '"') {
		escaped |= s.p[i] == '\\';
		i += s.p[i] == '\\' ? 2 : 1;
	}
	if (i >= s.n)
		return (struct str){NULL, 0};
	*pos = i + 1;
	if (!escaped)
		return (struct str){s.p + from, i - from};
	char *out = arena_alloc(a, i - from + 1);
	size_t n = 0;
	for (size_t k = from; k < i; k++) {
		char c = s.p[k];
		if (c != '\\') {
			out[n++] = c;
			continue;
		}
		c = s.p[++k];
		if (c == 'u' && k + 4 < i) {
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

static void decode_cell(struct decoder *d, const struct pack_column *col, struct ledger_cell *c)
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
	case PACK_CODE: decode_code(&d->pack->lists[col->list_index], c); break;
	case PACK_CODES: decode_codes(&d->pack->lists[col->list_index], c); break;
	default: break;
	}
}

/* The cell of column i in the row being read, made when there is none. */
static struct ledger_cell *cell_for(struct decoder *d, int64_t i)
{
	for (size_t k = 0; k < d->n_cells; k++)
		if (d->cells[k].col == i)
			return &d->cells[k];
	struct ledger_cell *c = &d->cells[d->n_cells++];
	*c = (struct ledger_cell){.col = (uint16_t)i};
	if (d->t->layout->columns[i].kind == PACK_AREA)
		c->v = -1;
	return c;
}

static void take_member(struct decoder *d, struct str key, struct str value, struct ledger_row *row)
{
	char last = key.n ? key.p[key.n - 1] : 0;
	struct str id = strchr("!~^$", last) && last ? str_sub(key, 0, key.n - 1) : key;
	if (str_is(key, "#")) {
		size_t bang = value.n;
		while (bang && value.p[bang - 1] != '!')
			bang--;
		int64_t number = 0;
		(void)str_to_int(str_sub(value, bang, value.n), &number);
		row->number = (uint32_t)number;
		row->sheet = (struct str){value.p, bang ? bang - 1 : 0};
		return;
	}
	if (str_is(key, "@")) {
		row->section = value;
		return;
	}
	if (str_is(key, "@^")) {
		row->section_area = (int32_t)map_get(&d->area_index, value, -1);
		return;
	}
	if (str_is(key, "&")) {
		int64_t block = 0;
		(void)str_to_int(value, &block);
		row->block = (uint32_t)block;
		return;
	}
	int64_t i = map_get(&d->columns, id, -1);
	if (i < 0)
		return;
	struct ledger_cell *c = cell_for(d, i);
	if (last == '~') {
		c->lossy = true;
	} else if (last == '$') {
		int64_t year = 0;
		(void)str_to_int(value, &year);
		c->year = (int32_t)year;
	} else if (last == '^') { /* area by code, beside the text */
		c->v = map_get(&d->area_index, value, -1);
	} else {
		c->text = value;
		c->state = LEDGER_BAD;
		if (last != '!')
			decode_cell(d, &d->t->layout->columns[i], c);
	}
}

/* {"k":"v",…} */
static bool decode_line(struct decoder *d, struct str line)
{
	size_t pos = 0;
	if (d->t->n == d->cap)
		return false;
	struct ledger_row *row = &d->rows[d->t->n];
	*row = (struct ledger_row){.section_area = -1};
	d->n_cells = 0;
	if (pos >= line.n || line.p[pos++] != '{')
		return false;
	while (pos < line.n && line.p[pos] == '"') {
		pos++;
		struct str key = json_text(line, &pos, d->a);
		if (!key.p || pos + 2 > line.n || line.p[pos] != ':' || line.p[pos + 1] != '"')
			return false;
		pos += 2;
		struct str value = json_text(line, &pos, d->a);
		if (!value.p)
			return false;
		take_member(d, key, value, row);
		if (pos < line.n && line.p[pos] == ',')
			pos++;
	}
	size_t place = str_find(line, STR("\","));
	row->hash = str_hash(str_sub(line, place == SIZE_MAX ? 0 : place, line.n));
	struct ledger_cell *kept = arena_alloc(d->a, (d->n_cells + 1) * sizeof(*kept));
	memcpy(kept, d->cells, d->n_cells * sizeof(*kept));
	row->cells = kept;
	row->n_cells = (uint16_t)d->n_cells;
	d->t->n++;
	return pos < line.n && line.p[pos] == '}';
}

static enum err decode_chunk(struct decoder *d, const struct ledger_chunk *c)
{
	struct diag *diag = db_diag(journal_db(d->j));
	struct buf plain;
	buf_init(&plain, ROWS_CHUNK_MAX);
	enum err e = rows_open_chunk(journal_keys(d->j), c, diag, &plain);
	struct str all = str_copy(d->a, buf_str(&plain)), line;
	buf_release(&plain);
	while (!e && all.n && str_split(&all, '\n', &line))
		if (line.n && !decode_line(d, line))
			e = diag_set(diag, ERR_FILE_DAMAGED, "ledger_chunk %lld %lld",
			             (long long)c->ledger, (long long)c->seq);
	return e;
}

enum err ledger_read(struct journal *j, const struct pack *pack, const struct area_list *areas,
                     const struct ledger *l, struct arena *a, struct ledger_table *ret)
{
	struct ledger_table t = {.ledger = l, .layout = pack_layout(pack, l->layout)};
	struct decoder d = {.j = j, .pack = pack, .areas = areas, .a = a, .t = &t};
	struct db *db = journal_db(j);
	if (!t.layout)
		return diag_set(db_diag(db), ERR_UNKNOWN_LEDGER, "%s", l->layout);
	d.cap = (size_t)l->row_count;
	d.rows = ARENA_ARRAY(a, d.cap + 1, struct ledger_row);
	t.rows = d.rows;
	d.cells = ARENA_ARRAY(a, t.layout->n_columns + 1, struct ledger_cell);
	map_init(&d.columns);
	map_init(&d.area_index);
	for (size_t i = 0; i < t.layout->n_columns; i++)
		(void)map_set(&d.columns, str_c(t.layout->columns[i].id), (int64_t)i);
	for (size_t i = 0; i < areas->n; i++)
		(void)map_set(&d.area_index, str_c(areas->areas[i].code), (int64_t)i);
	struct stmt *s = db_stmt(db, STMT_ledger_chunks);
	struct ledger_chunk c;
	struct arena scratch;
	enum err e = OK;
	arena_init(&scratch, 0);
	stmt_bind_int(s, 2, l->no);
	while (!e && stmt_record(s, &ledger_chunk_desc, &scratch, &c)) {
		e = decode_chunk(&d, &c);
		arena_clear(&scratch);
	}
	enum err end = stmt_end(s);
	arena_release(&scratch);
	map_release(&d.columns);
	map_release(&d.area_index);
	if (!e)
		e = end;
	if (!e)
		*ret = t;
	return e;
}

const struct ledger_cell *ledger_cell_at(const struct ledger_row *r, int col)
{
	static const struct ledger_cell empty = {.v = -1};
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
