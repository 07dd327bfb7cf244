/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "field/kind.h"

#include <assert.h>
#include <inttypes.h>

#include "base/utf8.h"

#include "base/banned.h"

/* Members are read and written by memcpy: the engines see a record as bytes. */
#define GET(type, at)                                                                              \
	__extension__({                                                                            \
		type g_;                                                                           \
		memcpy(&g_, (at), sizeof(g_));                                                     \
		g_;                                                                                \
	})
#define PUT(type, at, value)                                                                       \
	do {                                                                                       \
		type v_ = (value);                                                                 \
		memcpy((at), &v_, sizeof(v_));                                                     \
	} while (0)

/* --- text and code -------------------------------------------------------- */

static enum err text_parse(void *at, struct str text, struct arena *a)
{
	if (memchr(text.p, '\0', text.n) || !utf8_valid(text))
		return ERR_INVALID;
	PUT(const char *, at, str_dup(a, text));
	return OK;
}

static enum err code_parse(void *at, struct str text, struct arena *a)
{
	return text_parse(at, str_trim(text), a);
}

static void text_print(const void *at, enum lang lang, struct buf *out)
{
	buf_adds(out, GET(const char *, at));
}

static void text_plain(const void *at, struct buf *out)
{
	buf_adds(out, GET(const char *, at));
}

static bool text_equal(const void *x, const void *y)
{
	return strcmp(GET(const char *, x), GET(const char *, y)) == 0;
}

static uint64_t text_hash(const void *at)
{
	return str_hash(str_c(GET(const char *, at)));
}

static void text_copy(void *to, const void *from, struct arena *a)
{
	const char *s = GET(const char *, from);
	PUT(const char *, to, s ? arena_strdup(a, s) : NULL);
}

static bool text_empty(const void *at)
{
	const char *s = GET(const char *, at);
	return !s || !s[0];
}

/* --- integers ------------------------------------------------------------- */

static enum err scaled_parse(void *at, struct str text, int places)
{
	int64_t v;
	if (!decimal_exact(text, places, &v))
		return ERR_CELL_NUMBER;
	PUT(int64_t, at, v);
	return OK;
}

static enum err int_parse(void *at, struct str text, struct arena *a)
{
	return scaled_parse(at, text, 0);
}

static enum err int_parse_plain(void *at, struct str text, struct arena *a)
{
	int64_t v;
	if (!str_to_int(text, &v))
		return ERR_INVALID;
	PUT(int64_t, at, v);
	return OK;
}

static void int_plain(const void *at, struct buf *out)
{
	buf_addint(out, GET(int64_t, at));
}

static void int_print(const void *at, enum lang lang, struct buf *out)
{
	buf_addint(out, GET(int64_t, at));
}

static bool int_equal(const void *x, const void *y)
{
	return memcmp(x, y, sizeof(int64_t)) == 0;
}

static uint64_t int_hash(const void *at)
{
	return str_hash((struct str){at, sizeof(int64_t)});
}

static void int_copy(void *to, const void *from, struct arena *a)
{
	memcpy(to, from, sizeof(int64_t));
}

static enum err money_read(void *at, struct str text, struct arena *a)
{
	fen_t v;
	if (!money_parse(text, MONEY_YUAN, &v))
		return ERR_CELL_MONEY;
	PUT(fen_t, at, v);
	return OK;
}

static void money_print(const void *at, enum lang lang, struct buf *out)
{
	char text[32];
	buf_add(out, text, money_format(GET(fen_t, at), false, text));
}

static enum err decimal_read(void *at, struct str text, struct arena *a)
{
	return scaled_parse(at, text, 2);
}

/* 80, 3.5, 0.25 */
static void decimal_print(const void *at, enum lang lang, struct buf *out)
{
	char text[32];
	size_t n = money_format(GET(int64_t, at), false, text);
	n -= text[n - 1] != '0' ? 0 : text[n - 2] != '0' ? 1 : 3;
	buf_add(out, text, n);
}

/* --- dates and instants --------------------------------------------------- */

static enum err date_read(void *at, struct str text, struct arena *a)
{
	date_t v = date_parse(text);
	if (!v)
		return ERR_CELL_DATE;
	PUT(date_t, at, v);
	return OK;
}

/* YYYY, YYYY-MM, YYYY-MM-DD and nothing else: habits belong to date_read(). */
static enum err date_read_plain(void *at, struct str text, struct arena *a)
{
	struct str part;
	int64_t n[3] = {0};
	size_t parts = 0;
	char back[16];
	for (struct str rest = text; parts < 3 && str_split(&rest, '-', &part); parts++) {
		if (!str_to_int(part, &n[parts]) || n[parts] < 0 || n[parts] > 9999)
			return ERR_INVALID;
	}
	date_t v = date_make((int)n[0], (int)n[1], (int)n[2]);
	if (!v || !str_eq((struct str){back, date_format(v, back)}, text))
		return ERR_INVALID;
	PUT(date_t, at, v);
	return OK;
}

static void date_plain(const void *at, struct buf *out)
{
	char text[16];
	buf_add(out, text, date_format(GET(date_t, at), text));
}

static void date_print(const void *at, enum lang lang, struct buf *out)
{
	date_plain(at, out);
}

static bool date_equal(const void *x, const void *y)
{
	return memcmp(x, y, sizeof(date_t)) == 0;
}

static uint64_t date_hash(const void *at)
{
	return str_hash((struct str){at, sizeof(date_t)});
}

static void date_copy(void *to, const void *from, struct arena *a)
{
	memcpy(to, from, sizeof(date_t));
}

static bool date_empty(const void *at)
{
	return GET(date_t, at) == 0;
}

/* "08:00:05.250" to milliseconds of the day; -1 when it is none. */
static int64_t clock_ms(struct str s)
{
	static const char mask[] = "00:00:00.000";
	static const int64_t weight[] = {36000000, 3600000, 0, 600000, 60000, 0,
					 10000,	   1000,    0, 100,    10,    1};
	int64_t ms = 0;
	if (s.n != sizeof(mask) - 1)
		return -1;
	for (size_t i = 0; i < s.n; i++) {
		if (mask[i] != '0') {
			if (s.p[i] != mask[i])
				return -1;
		} else if (s.p[i] < '0' || s.p[i] > '9') {
			return -1;
		} else {
			ms += weight[i] * (s.p[i] - '0');
		}
	}
	return ms < 86400000 ? ms : -1;
}

static enum err instant_parse(void *at, struct str text, struct arena *a)
{
	/* 2018-01-14T08:00:00.000Z */
	if (text.n != 24 || text.p[10] != 'T' || text.p[23] != 'Z')
		return ERR_CELL_DATE;
	date_t day = date_parse(str_sub(text, 0, 10));
	int64_t ms = clock_ms(str_sub(text, 11, 12));
	if (date_prec(day) != DATE_DAY || ms < 0)
		return ERR_CELL_DATE;
	PUT(int64_t, at, (int64_t)date_to_days(day) * 86400000 + ms);
	return OK;
}

static void instant_print(const void *at, enum lang lang, struct buf *out)
{
	char text[32];
	buf_add(out, text, instant_format(GET(int64_t, at), text));
}

/* --- yes and no ----------------------------------------------------------- */

static enum err bool_parse(void *at, struct str text, struct arena *a)
{
	static const char *const yes[] = {"1", "是", "有", "√", "Y", "y", "yes", "true"};
	static const char *const no[] = {"0", "否", "无", "×", "N", "n", "no", "false"};
	struct str s = str_trim(text);
	for (size_t i = 0; i < sizeof(yes) / sizeof(yes[0]); i++) {
		if (str_is(s, yes[i])) {
			PUT(bool, at, true);
			return OK;
		}
		if (str_is(s, no[i])) {
			PUT(bool, at, false);
			return OK;
		}
	}
	return ERR_CELL_BOOL;
}

static enum err bool_parse_plain(void *at, struct str text, struct arena *a)
{
	if (!str_is(text, "0") && !str_is(text, "1"))
		return ERR_INVALID;
	PUT(bool, at, text.p[0] == '1');
	return OK;
}

static void bool_print(const void *at, enum lang lang, struct buf *out)
{
	static const struct text words[] = {TEXT("否", "no"), TEXT("是", "yes")};
	buf_adds(out, words[GET(bool, at)].in[lang]);
}

static void bool_plain(const void *at, struct buf *out)
{
	buf_addc(out, GET(bool, at) ? '1' : '0');
}

static bool bool_equal(const void *x, const void *y)
{
	return GET(bool, x) == GET(bool, y);
}

static uint64_t bool_hash(const void *at)
{
	return str_hash((struct str){at, sizeof(bool)});
}

static void bool_copy(void *to, const void *from, struct arena *a)
{
	memcpy(to, from, sizeof(bool));
}

/* --- bytes ---------------------------------------------------------------- */

static enum err blob_parse(void *at, struct str text, struct arena *a)
{
	struct str bytes;
	if (!base64_decode(text, a, &bytes))
		return ERR_INVALID;
	PUT(struct str, at, bytes);
	return OK;
}

static void blob_plain(const void *at, struct buf *out)
{
	base64_encode(GET(struct str, at), out);
}

static void blob_print(const void *at, enum lang lang, struct buf *out)
{
	blob_plain(at, out);
}

static bool blob_equal(const void *x, const void *y)
{
	return str_eq(GET(struct str, x), GET(struct str, y));
}

static uint64_t blob_hash(const void *at)
{
	return str_hash(GET(struct str, at));
}

static void blob_copy(void *to, const void *from, struct arena *a)
{
	PUT(struct str, to, str_copy(a, GET(struct str, from)));
}

static bool blob_empty(const void *at)
{
	struct str s = GET(struct str, at);
	return !s.p || !s.n;
}

const struct kind_ops field__kinds[FIELD_KIND_MAX] = {
	[FIELD_TEXT] = {"text", sizeof(const char *), text_parse, text_parse, text_print,
			text_plain, text_equal, text_hash, text_copy, text_empty},
	[FIELD_INT] = {"int", sizeof(int64_t), int_parse, int_parse_plain, int_print, int_plain,
		       int_equal, int_hash, int_copy, NULL},
	[FIELD_MONEY] = {"money", sizeof(fen_t), money_read, int_parse_plain, money_print,
			 int_plain, int_equal, int_hash, int_copy, NULL},
	[FIELD_DECIMAL] = {"decimal", sizeof(int64_t), decimal_read, int_parse_plain, decimal_print,
			   int_plain, int_equal, int_hash, int_copy, NULL},
	[FIELD_DATE] = {"date", sizeof(date_t), date_read, date_read_plain, date_print, date_plain,
			date_equal, date_hash, date_copy, date_empty},
	[FIELD_BOOL] = {"bool", sizeof(bool), bool_parse, bool_parse_plain, bool_print, bool_plain,
			bool_equal, bool_hash, bool_copy, NULL},
	[FIELD_CODE] = {"code", sizeof(const char *), code_parse, text_parse, text_print,
			text_plain, text_equal, text_hash, text_copy, text_empty},
	[FIELD_REF] = {"ref", sizeof(int64_t), int_parse_plain, int_parse_plain, int_print,
		       int_plain, int_equal, int_hash, int_copy, NULL},
	[FIELD_INSTANT] = {"instant", sizeof(int64_t), instant_parse, int_parse_plain,
			   instant_print, int_plain, int_equal, int_hash, int_copy, NULL},
	[FIELD_BLOB] = {"blob", sizeof(struct str), blob_parse, blob_parse, blob_print, blob_plain,
			blob_equal, blob_hash, blob_copy, blob_empty},
};

const char *field_kind_name(enum field_kind k)
{
	assert(k < FIELD_KIND_MAX);
	return field__kinds[k].name;
}

bool field_has(const struct record_desc *d, const void *rec, size_t i)
{
	assert(i < d->n);
	const struct field *f = &d->fields[i];
	const struct kind_ops *k = &field__kinds[f->kind];
	return (field__bits(rec) & FIELD_BIT(i)) && !(k->empty && k->empty(field__at(f, rec)));
}

static enum err parse_with(enum err (*parse)(void *, struct str, struct arena *),
			   const struct record_desc *d, void *rec, size_t i, struct str text,
			   struct arena *a)
{
	if (!text.n) {
		field__set_bit(rec, i, false);
		return OK;
	}
	enum err e = parse(field__at_rw(&d->fields[i], rec), text, a);
	if (e == OK)
		field__set_bit(rec, i, true);
	return e;
}

enum err field_parse(const struct record_desc *d, void *rec, size_t i, struct str text,
		     struct arena *a)
{
	assert(i < d->n);
	if (!str_trim(text).n)
		text.n = 0;
	return parse_with(field__kinds[d->fields[i].kind].parse, d, rec, i, text, a);
}

enum err field_parse_plain(const struct record_desc *d, void *rec, size_t i, struct str text,
			   struct arena *a)
{
	assert(i < d->n);
	return parse_with(field__kinds[d->fields[i].kind].parse_plain, d, rec, i, text, a);
}

void field_print(const struct record_desc *d, const void *rec, size_t i, enum lang lang,
		 struct buf *out)
{
	if (field_has(d, rec, i))
		field__kinds[d->fields[i].kind].print(field__at(&d->fields[i], rec), lang, out);
}

void field_print_plain(const struct record_desc *d, const void *rec, size_t i, struct buf *out)
{
	if (field_has(d, rec, i))
		field__kinds[d->fields[i].kind].print_plain(field__at(&d->fields[i], rec), out);
}

bool field_equal(const struct record_desc *d, const void *x, const void *y, size_t i)
{
	bool in_x = field_has(d, x, i);
	if (in_x != field_has(d, y, i))
		return false;
	const struct field *f = &d->fields[i];
	return !in_x || field__kinds[f->kind].equal(field__at(f, x), field__at(f, y));
}

uint64_t field_hash(const struct record_desc *d, const void *rec, size_t i)
{
	const struct field *f = &d->fields[i];
	return field_has(d, rec, i) ? field__kinds[f->kind].hash(field__at(f, rec)) : 0;
}
