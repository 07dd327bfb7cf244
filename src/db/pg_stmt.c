/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "db/pg.h"

#include <assert.h>
#include <limits.h>
#include <stdio.h>

#include "base/banned.h"

enum {
	QUEUE = 32,                   /* statements sent before their answers are asked for */
	SYNCS = 2,                    /* such lots on their way */
	KEPT_IDLE_BYTES = 256 * 1024, /* of memory for rows, kept for the next reading */
	NUMERIC_DIGITS = 5            /* of four decimals: what 64 bits can hold */
};

static const size_t KEPT_MAX = (size_t)4 << 30;

static struct pg_stmt *own(struct engine_stmt *s)
{
	return (struct pg_stmt *)s;
}

/* --- preparing ------------------------------------------------------------ */

/* The length of "$12" at the beginning of p, its number in *ret; 0 when none is there. */
static size_t param_at(const char *p, int *ret)
{
	size_t n = 1;
	int number = 0;
	if (p[0] != '$')
		return 0;
	for (; p[n] >= '0' && p[n] <= '9' && number <= ENGINE_PARAMS_MAX; n++)
		number = number * 10 + (p[n] - '0');
	*ret = number;
	return number >= 1 && number <= ENGINE_PARAMS_MAX ? n : 0;
}

/* PostgreSQL wants every parameter up to the last one used: they are numbered anew. */
static void number_params(struct pg_stmt *s, const char *sql, struct buf *out)
{
	char quote = '\0';
	while (*sql) {
		int number = 0;
		size_t n = quote ? 0 : param_at(sql, &number);
		if (n) {
			if (!s->index[number])
				s->index[number] = (short)++s->n_params;
			buf_addf(out, "$%d", s->index[number]);
			sql += n;
			continue;
		}
		if (quote ? *sql == quote : *sql == '\'' || *sql == '"')
			quote = quote ? '\0' : *sql;
		buf_addc(out, *sql++);
	}
}

static void take_types(struct pg_stmt *s, const PGresult *r)
{
	s->n_cols = PQnfields(r);
	base_free(s->param_types);
	base_free(s->col_types);
	base_free(s->cells);
	s->param_types = base_calloc((size_t)s->n_params + 1, sizeof(*s->param_types));
	s->col_types = base_calloc((size_t)s->n_cols + 1, sizeof(*s->col_types));
	s->cells = base_calloc((size_t)s->n_cols + 1, sizeof(*s->cells));
	for (int i = 0; i < s->n_params; i++)
		s->param_types[i] = PQparamtype(r, i);
	for (int i = 0; i < s->n_cols; i++)
		s->col_types[i] = PQftype(r, i);
	s->queues = s->n_cols == 0 && strncmp(s->sql, "INSERT", 6) == 0;
}

/* Makes the statement known to this connection. */
static bool make_known(struct pg_stmt *s)
{
	struct pg *e = s->e;
	if (s->generation == e->generation)
		return true;
	(void)snprintf(s->name, sizeof(s->name), "s%u", ++e->names);
	PGresult *r = pg_last(e, PQsendPrepare(e->c, s->name, s->sql, 0, NULL));
	bool ok = PQresultStatus(r) == PGRES_COMMAND_OK;
	if (ok) {
		PQclear(r);
		r = pg_last(e, PQsendDescribePrepared(e->c, s->name));
		ok = PQresultStatus(r) == PGRES_COMMAND_OK && PQnparams(r) == s->n_params;
	}
	if (ok) {
		take_types(s, r);
		s->generation = e->generation;
	} else {
		pg_note(e, r);
	}
	PQclear(r);
	return ok;
}

enum err pg_prepare(struct engine *base, const char *sql, struct diag *diag,
		    struct engine_stmt **ret)
{
	struct pg *e = (struct pg *)base;
	struct pg_stmt *s = base_calloc(1, sizeof(*s));
	struct buf numbered;
	s->base.ops = &pg_ops;
	s->e = e;
	buf_init(&s->kept, KEPT_MAX);
	buf_init(&numbered, 256 * 1024);
	number_params(s, sql, &numbered);
	s->sql = base_calloc(numbered.n + 1, 1);
	memcpy(s->sql, numbered.p, numbered.n);
	buf_release(&numbered);
	s->params = base_calloc((size_t)s->n_params + 1, sizeof(*s->params));
	bool alone = !pg_in_transaction(e) && !e->undone, ok, again;
	do { /* once more where the connection had broken unnoticed */
		if (alone)
			e->failed = false;
		ok = pg_ready(e) && pg_settle(e) && make_known(s);
		again = !ok && alone && PQstatus(e->c) != CONNECTION_OK;
		alone = false;
	} while (again);
	if (!ok) {
		pg_finalize(&s->base);
		return e->base.ops->fault(base, "prepare", diag);
	}
	*ret = &s->base;
	return OK;
}

void pg_finalize(struct engine_stmt *base)
{
	struct pg_stmt *s = own(base);
	pg_reset(base);
	buf_release(&s->kept);
	base_free(s->params);
	base_free(s->param_types);
	base_free(s->col_types);
	base_free(s->cells);
	base_free(s->sql);
	base_free(s); /* the server forgets it with the connection */
}

/* --- binding -------------------------------------------------------------- */

static void put_be(char *out, uint64_t v, int bytes)
{
	for (int i = bytes; i-- > 0; v >>= 8)
		out[i] = (char)(v & 0xFF);
}

static uint64_t get_be(const char *p, size_t bytes)
{
	uint64_t v = 0;
	for (size_t i = 0; i < bytes; i++)
		v = v << 8 | (unsigned char)p[i];
	return v;
}

static int at(const struct pg_stmt *s, int i)
{
	return i >= 1 && i <= ENGINE_PARAMS_MAX ? s->index[i] : 0;
}

static struct pg_param *param(struct pg_stmt *s, int i)
{
	int k = at(s, i);
	if (!k)
		return NULL;
	struct pg_param *p = &s->params[k - 1];
	base_free(p->list);
	*p = (struct pg_param){0};
	return p;
}

bool pg_has_param(const struct engine_stmt *s, int i)
{
	return at((const struct pg_stmt *)s, i) > 0;
}

bool pg_bind_null(struct engine_stmt *s, int i)
{
	return param(own(s), i) != NULL;
}

bool pg_bind_int(struct engine_stmt *base, int i, int64_t v)
{
	struct pg_stmt *s = own(base);
	struct pg_param *p = param(s, i);
	if (!p)
		return false;
	p->p = p->bytes;
	switch (s->param_types[at(s, i) - 1]) {
	case PG_INT8:
		p->n = 8;
		break;
	case PG_INT4:
		if (v < INT32_MIN || v > INT32_MAX)
			return false;
		p->n = 4;
		break;
	case PG_BOOL:
		p->n = 1;
		v = v != 0;
		break;
	case PG_TEXT:
		p->n = snprintf(p->bytes, sizeof(p->bytes), "%lld", (long long)v);
		return true;
	default:
		return false;
	}
	put_be(p->bytes, (uint64_t)v, p->n);
	return true;
}

static bool bind_bytes(struct pg_param *p, struct str v)
{
	if (v.n > INT_MAX)
		return false;
	p->p = v.p ? v.p : "";
	p->n = (int)v.n;
	return true;
}

/* The next element of a list in JSON, without quotes or brackets; text has no escapes but
 * \" and \\.  False: this is none. */
static bool next_element(struct str *rest, unsigned type, struct buf *out)
{
	char eight[8];
	int64_t v = 0;
	size_t i = 1;
	if (!rest->n)
		return false;
	if (rest->p[0] != '"') {
		const char *comma = memchr(rest->p, ',', rest->n);
		i = comma ? (size_t)(comma - rest->p) : rest->n;
		if (type != PG_INT8 || !str_to_int((struct str){rest->p, i}, &v))
			return false;
		put_be(eight, (uint64_t)v, 8);
		buf_add(out, eight, 8);
	} else {
		for (; i < rest->n && rest->p[i] != '"'; i++) {
			if (rest->p[i] == '\\' && (++i == rest->n || !strchr("\"\\", rest->p[i])))
				return false;
			buf_addc(out, rest->p[i]);
		}
		if (type != PG_TEXT || i++ == rest->n)
			return false;
	}
	if (i < rest->n && rest->p[i++] != ',')
		return false;
	*rest = (struct str){rest->p + i, rest->n - i};
	return true;
}

/* A list in JSON, as db_scope has it, as an array in PostgreSQL's binary form: dimensions,
 * whether there are NULLs, type, length, first index; then each element behind its length. */
static bool bind_list(struct pg_param *p, struct str json, unsigned type)
{
	enum { DIMENSIONS, TYPE = 8, LENGTH = 12, HEAD = 20, EMPTY = 12 };
	struct buf out;
	int64_t n = 0;
	bool ok = json.n >= 2 && json.p[0] == '[' && json.p[json.n - 1] == ']';
	struct str rest = {json.p + 1, ok ? json.n - 2 : 0};
	buf_init(&out, (size_t)256 << 20);
	buf_add(&out, "\0\0\0\1\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\1", HEAD);
	for (; ok && rest.n; n++) {
		size_t at = out.n;
		buf_add(&out, "\0\0\0\0", 4);
		ok = next_element(&rest, type, &out) && !out.full;
		if (ok)
			put_be(out.p + at, out.n - at - 4, 4);
	}
	if (ok) {
		put_be(out.p + TYPE, type, 4);
		put_be(out.p + LENGTH, (uint64_t)n, 4);
		if (!n)
			put_be(out.p + DIMENSIONS, 0, 4);
		p->n = (int)(n ? out.n : EMPTY);
		p->list = base_calloc((size_t)p->n, 1);
		memcpy(p->list, out.p, (size_t)p->n);
		p->p = p->list;
	}
	buf_release(&out);
	return ok;
}

bool pg_bind_text(struct engine_stmt *base, int i, struct str v)
{
	struct pg_stmt *s = own(base);
	struct pg_param *p = param(s, i);
	if (!p)
		return false;
	switch (s->param_types[at(s, i) - 1]) {
	case PG_TEXT:
	case PG_JSON:
		return bind_bytes(p, v);
	case PG_TEXTS:
		return bind_list(p, v, PG_TEXT);
	case PG_INT8S:
		return bind_list(p, v, PG_INT8);
	default:
		return false;
	}
}

bool pg_bind_blob(struct engine_stmt *base, int i, struct str v)
{
	struct pg_stmt *s = own(base);
	struct pg_param *p = param(s, i);
	return p && s->param_types[at(s, i) - 1] == PG_BYTEA && bind_bytes(p, v);
}

/* --- what is on its way ---------------------------------------------------- */

/* Takes answers of the pipeline until `left` syncs are due. */
static void take_answers(struct pg *e, unsigned left)
{
	while (e->syncs > left) {
		PGresult *r = pg_result(e);
		ExecStatusType status = PQresultStatus(r);
		if (r && status == PGRES_PIPELINE_SYNC)
			e->syncs--;
		else if (r && status != PGRES_COMMAND_OK && status != PGRES_PIPELINE_ABORTED)
			pg_note(e, r);
		else if (!r && PQstatus(e->c) == CONNECTION_BAD)
			e->syncs = 0;
		PQclear(r);
	}
}

static void ask_answers(struct pg *e)
{
	if (!e->queued)
		return;
	e->queued = 0;
	if (PQpipelineSync(e->c))
		e->syncs++;
	else
		pg_note(e, NULL);
}

static void end_pipeline(struct pg *e)
{
	if (PQpipelineStatus(e->c) == PQ_PIPELINE_OFF)
		return;
	ask_answers(e);
	take_answers(e, 0);
	if (!PQexitPipelineMode(e->c))
		pg_note(e, NULL);
}

static void keep_row(struct pg_stmt *s, const PGresult *r)
{
	for (int col = 0; col < s->n_cols; col++) {
		char head[4];
		bool null = PQgetisnull(r, 0, col);
		int n = null ? -1 : PQgetlength(r, 0, col);
		put_be(head, (uint32_t)n, 4);
		buf_add(&s->kept, head, 4);
		if (!null) /* and the NUL behind it */
			buf_add(&s->kept, PQgetvalue(r, 0, col), (size_t)n + 1);
	}
}

/* The end of a reading: what is said after the last row. */
static bool take_end(struct pg_stmt *s, PGresult *r)
{
	struct pg *e = s->e;
	ExecStatusType status = PQresultStatus(r);
	bool ok = status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK;
	if (ok) {
		int64_t n = 0;
		e->changes = str_to_int(str_c(PQcmdTuples(r)), &n) ? n : 0;
	} else {
		pg_note(e, r);
	}
	PQclear(r);
	while ((r = pg_result(e)))
		PQclear(r);
	e->reading = NULL;
	return ok;
}

/* The rows still to come of what is being read: kept, or thrown away. */
static void take_rest(struct pg *e, bool keep)
{
	struct pg_stmt *s = e->reading;
	int64_t changes = e->changes;
	PGresult *r;
	for (;;) {
		r = pg_result(e);
		if (!r || PQresultStatus(r) != PGRES_SINGLE_TUPLE)
			break;
		if (keep)
			keep_row(s, r);
		PQclear(r);
	}
	s->kept_at = 0;
	s->kept_broken = !take_end(s, r);
	if (s->kept.full) {
		pg_note(e, NULL);
		e->fault = ERR_NO_MEMORY;
		buf_clear(&s->kept);
		s->kept_broken = true;
	}
	s->state = PG_KEPT;
	e->changes = changes;
}

bool pg_settle(struct pg *e)
{
	if (e->reading)
		take_rest(e, true);
	end_pipeline(e);
	return !e->failed;
}

/* --- running --------------------------------------------------------------- */

static bool send(struct pg_stmt *s)
{
	const char *values[ENGINE_PARAMS_MAX];
	int lengths[ENGINE_PARAMS_MAX], formats[ENGINE_PARAMS_MAX];
	for (int i = 0; i < s->n_params; i++) {
		values[i] = s->params[i].p;
		lengths[i] = s->params[i].n;
		formats[i] = 1;
	}
	if (PQsendQueryPrepared(s->e->c, s->name, s->n_params, values, lengths, formats, 1))
		return true;
	pg_note(s->e, NULL);
	return false;
}

/* Sent without waiting: its answer comes with those of others. */
static enum engine_step queue(struct pg_stmt *s)
{
	struct pg *e = s->e;
	if (e->reading)
		take_rest(e, true);
	if (PQpipelineStatus(e->c) == PQ_PIPELINE_OFF && !PQenterPipelineMode(e->c)) {
		pg_note(e, NULL);
		return ENGINE_FAILED;
	}
	if (e->failed || !send(s))
		return ENGINE_FAILED;
	if (++e->queued >= QUEUE) {
		ask_answers(e);
		take_answers(e, SYNCS - 1);
	}
	s->state = PG_DONE;
	e->changes = 1;
	return e->failed ? ENGINE_FAILED : ENGINE_DONE;
}

/* ENGINE_ROW: its answer is coming. */
static enum engine_step start(struct pg_stmt *s)
{
	struct pg *e = s->e;
	bool known = s->generation == e->generation;
	if (pg_stuck(e))
		return ENGINE_FAILED;
	e->failed = false;
	if (known && s->queues && e->bulk && e->in_transaction)
		return queue(s);
	if (!pg_ready(e) || !pg_settle(e) || !make_known(s) || !send(s))
		return ENGINE_FAILED;
	if (s->n_cols && !PQsetSingleRowMode(e->c)) {
		pg_note(e, NULL);
		return ENGINE_FAILED;
	}
	e->reading = s;
	s->state = PG_LIVE;
	return ENGINE_ROW;
}

static enum engine_step next_live(struct pg_stmt *s)
{
	PQclear(s->row);
	s->row = NULL;
	PGresult *r = pg_result(s->e);
	if (PQresultStatus(r) == PGRES_SINGLE_TUPLE) {
		s->row = r;
		for (int col = 0; col < s->n_cols; col++) {
			bool null = PQgetisnull(r, 0, col);
			s->cells[col].p = null ? NULL : PQgetvalue(r, 0, col);
			s->cells[col].n = (size_t)PQgetlength(r, 0, col);
		}
		return ENGINE_ROW;
	}
	bool ok = take_end(s, r);
	s->state = ok ? PG_DONE : PG_BROKEN;
	return ok ? ENGINE_DONE : ENGINE_FAILED;
}

static enum engine_step next_kept(struct pg_stmt *s)
{
	if (s->kept_at == s->kept.n) {
		s->state = s->kept_broken ? PG_BROKEN : PG_DONE;
		return s->kept_broken ? ENGINE_FAILED : ENGINE_DONE;
	}
	for (int col = 0; col < s->n_cols; col++) {
		int32_t n = (int32_t)get_be(s->kept.p + s->kept_at, 4);
		s->kept_at += 4;
		s->cells[col].p = n < 0 ? NULL : s->kept.p + s->kept_at;
		s->cells[col].n = n < 0 ? 0 : (size_t)n;
		s->kept_at += n < 0 ? 0 : (size_t)n + 1;
	}
	return ENGINE_ROW;
}

/* A connection that broke while nobody used it tells only now: what merely reads is tried
 * once more on a new one. */
static enum engine_step first_step(struct pg_stmt *s)
{
	struct pg *e = s->e;
	bool alone = !pg_in_transaction(e) && !e->undone && strncmp(s->sql, "SELECT", 6) == 0;
	for (;; alone = false) {
		enum engine_step step = start(s);
		if (step == ENGINE_ROW)
			step = next_live(s);
		if (step != ENGINE_FAILED || !alone || PQstatus(e->c) == CONNECTION_OK) {
			if (step == ENGINE_FAILED)
				s->state = PG_BROKEN;
			return step;
		}
	}
}

enum engine_step pg_step(struct engine_stmt *base)
{
	struct pg_stmt *s = own(base);
	switch (s->state) {
	case PG_IDLE:
		return first_step(s);
	case PG_LIVE:
		return next_live(s);
	case PG_KEPT:
		return next_kept(s);
	case PG_DONE:
		return ENGINE_DONE;
	case PG_BROKEN:
		break;
	}
	return ENGINE_FAILED;
}

void pg_reset(struct engine_stmt *base)
{
	struct pg_stmt *s = own(base);
	if (s->e->reading == s)
		take_rest(s->e, false);
	PQclear(s->row);
	s->row = NULL;
	s->state = PG_IDLE;
	s->kept_broken = false;
	s->kept_at = 0;
	if (s->kept.n > KEPT_IDLE_BYTES)
		buf_release(&s->kept);
	buf_clear(&s->kept);
	for (int i = 0; i < s->n_params; i++) {
		base_free(s->params[i].list);
		s->params[i].list = NULL;
		s->params[i].p = NULL;
	}
}

/* --- columns --------------------------------------------------------------- */

int pg_columns(const struct engine_stmt *s)
{
	return ((const struct pg_stmt *)s)->n_cols;
}

/* As SQLite has it: what is not there is NULL. */
static struct pg_cell cell(const struct pg_stmt *s, int col)
{
	return col >= 0 && col < s->n_cols ? s->cells[col] : (struct pg_cell){NULL, 0};
}

bool pg_is_null(struct engine_stmt *s, int col)
{
	return !cell(own(s), col).p;
}

/* The whole part of a numeric: how many groups of four decimals, the weight of the first,
 * the sign, the decimals shown, then the groups. */
static int64_t from_numeric(struct pg_cell c)
{
	if (c.n < 8)
		return 0;
	int groups = (int)get_be(c.p, 2), weight = (int16_t)get_be(c.p + 2, 2);
	bool negative = get_be(c.p + 4, 2) == 0x4000;
	int64_t v = 0;
	for (int i = 0; i <= weight && weight < NUMERIC_DIGITS; i++) {
		bool there = i < groups && c.n >= (size_t)(10 + 2 * i);
		int64_t group = there ? (int64_t)get_be(c.p + 8 + 2 * i, 2) : 0;
		if (__builtin_mul_overflow(v, 10000, &v) || __builtin_add_overflow(v, group, &v))
			return negative ? INT64_MIN : INT64_MAX;
	}
	return negative ? -v : v;
}

int64_t pg_get_int(struct engine_stmt *base, int col)
{
	struct pg_stmt *s = own(base);
	struct pg_cell c = cell(s, col);
	int64_t v = 0;
	if (!c.p)
		return 0;
	switch (s->col_types[col]) {
	case PG_INT8:
		return (int64_t)get_be(c.p, 8);
	case PG_INT4:
		return (int32_t)get_be(c.p, 4);
	case PG_INT2:
		return (int16_t)get_be(c.p, 2);
	case PG_BOOL:
		return c.p[0] != 0;
	case PG_NUMERIC:
		return from_numeric(c);
	default:
		return str_to_int((struct str){c.p, c.n}, &v) ? v : 0;
	}
}

struct str pg_get_text(struct engine_stmt *base, int col)
{
	struct pg_stmt *s = own(base);
	struct pg_cell c = cell(s, col);
	/* a number read as text would be its bytes: the statement is to be mended */
	assert(!c.p || s->col_types[col] == PG_TEXT || s->col_types[col] == PG_BYTEA ||
	       s->col_types[col] == PG_NAME);
	return (struct str){c.p, c.n};
}
