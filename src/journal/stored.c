/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "journal/stored.h"

#include <assert.h>
#include <sodium.h>

#include "base/utf8.h"

#include "base/banned.h"

static bool is_bytes(const struct field *f)
{
	return !(f->flags & F_BULK) && (f->kind == FIELD_BLOB || (f->flags & F_SEALED));
}

static bool is_text(const struct field *f)
{
	return f->kind == FIELD_TEXT || f->kind == FIELD_CODE;
}

/* Decimal digits of an id, for sorting as text. */
static size_t id_text(uint16_t id, char out[8])
{
	char t[8];
	size_t n = 0, i = 0;
	do {
		t[n++] = (char)('0' + id % 10);
		id = (uint16_t)(id / 10);
	} while (id);
	while (n)
		out[i++] = t[--n];
	out[i] = '\0';
	return i;
}

void stored_order(const struct record_desc *d, struct stored_order *ret)
{
	for (size_t i = 0; i < d->n; i++) {
		char mine[8], other[8];
		size_t k = i;
		(void)id_text(d->fields[i].id, mine);
		for (; k; k--) {
			(void)id_text(d->fields[ret->at[k - 1]].id, other);
			if (strcmp(other, mine) < 0)
				break;
			ret->at[k] = ret->at[k - 1];
		}
		ret->at[k] = (uint8_t)i;
	}
}

static struct str digits_of(int64_t v, char out[STORED_DIGITS])
{
	uint64_t u = v < 0 ? 0 - (uint64_t)v : (uint64_t)v;
	size_t at = STORED_DIGITS;
	do {
		out[--at] = (char)('0' + u % 10);
		u /= 10;
	} while (u);
	if (v < 0)
		out[--at] = '-';
	return (struct str){out + at, STORED_DIGITS - at};
}

static struct str bulk_digest(struct str bytes, char out[STORED_DIGITS])
{
	unsigned char hash[32];
	(void)crypto_generichash(hash, sizeof(hash), (const unsigned char *)bytes.p, bytes.n, NULL,
				 0);
	memcpy(out, "b2b:", 4);
	(void)sodium_bin2base64(out + 4, STORED_DIGITS - 4, hash, sizeof(hash),
				sodium_base64_VARIANT_ORIGINAL);
	return str_c(out);
}

static int64_t int_member(const struct field *f, const char *at)
{
	int64_t v = 0;
	date_t day;
	bool yes;
	if (f->kind == FIELD_DATE) {
		memcpy(&day, at, sizeof(day));
		return day;
	}
	if (f->kind == FIELD_BOOL) {
		memcpy(&yes, at, sizeof(yes));
		return yes;
	}
	memcpy(&v, at, sizeof(v));
	return v;
}

void stored_from_record(const struct record_desc *d, const void *rec,
			const struct db_sealed *sealed, struct stored *ret)
{
	for (size_t i = 0; i < d->n; i++) {
		const struct field *f = &d->fields[i];
		const char *at = (const char *)rec + f->offset;
		struct str *v = &ret->v[i];
		*v = (struct str){NULL, 0};
		if (!field_has(d, rec, i))
			continue;
		if (f->flags & F_SEALED) {
			*v = sealed->field[i];
		} else if (is_text(f)) {
			memcpy(&v->p, at, sizeof(v->p));
			v->n = strlen(v->p);
		} else if (f->kind == FIELD_BLOB) {
			memcpy(v, at, sizeof(*v));
		} else {
			*v = digits_of(int_member(f, at), ret->digits[i]);
		}
		if (f->flags & F_BULK)
			*v = bulk_digest(*v, ret->digits[i]);
	}
}

void stored_from_row(const struct record_desc *d, struct stmt *s, struct arena *a,
		     struct stored *ret)
{
	for (size_t i = 0; i < d->n; i++) {
		const struct field *f = &d->fields[i];
		int col = (int)i + 2;
		struct str *v = &ret->v[i];
		*v = (struct str){NULL, 0};
		if (stmt_is_null(s, col))
			continue;
		if (f->kind == FIELD_BLOB || (f->flags & F_SEALED)) {
			*v = stmt_blob(s, col);
			if (!v->p) /* an empty blob is not NULL: somebody put it there */
				*v = STR("");
			if (f->flags & F_BULK)
				*v = bulk_digest(*v, ret->digits[i]);
			else if (a)
				*v = str_copy(a, *v);
		} else if (is_text(f)) {
			*v = a ? str_copy(a, stmt_str(s, col)) : stmt_str(s, col);
		} else {
			*v = digits_of(stmt_int(s, col), ret->digits[i]);
		}
	}
}

bool stored_equal(const struct record_desc *d, const struct stored *x, const struct stored *y,
		  size_t i)
{
	return (x->v[i].p == NULL) == (y->v[i].p == NULL) && str_eq(x->v[i], y->v[i]);
}

static void add_value(const struct field *f, struct str v, struct buf *out)
{
	if (is_bytes(f)) {
		buf_addc(out, '"');
		base64_encode(v, out);
		buf_addc(out, '"');
	} else {
		json_string(v, out);
	}
}

static void add_name(const struct field *f, bool first, struct buf *out)
{
	char name[16] = {first ? '{' : ',', '"'};
	size_t n = 2 + id_text(f->id, name + 2);
	name[n++] = '"';
	name[n++] = ':';
	buf_add(out, name, n);
}

void stored_json(const struct record_desc *d, const struct stored_order *order,
		 const struct stored *v, struct buf *out)
{
	bool first = true;
	for (size_t k = 0; k < d->n; k++) {
		size_t i = order->at[k];
		if (!v->v[i].p)
			continue;
		add_name(&d->fields[i], first, out);
		add_value(&d->fields[i], v->v[i], out);
		first = false;
	}
	buf_adds(out, first ? "{}" : "}");
}

size_t stored_delta(const struct record_desc *d, const struct stored_order *order,
		    const struct stored *old, const struct stored *new_values, struct buf *out)
{
	size_t n = 0;
	for (size_t k = 0; k < d->n; k++) {
		size_t i = order->at[k];
		if (stored_equal(d, old, new_values, i))
			continue;
		add_name(&d->fields[i], n == 0, out);
		if (old->v[i].p)
			add_value(&d->fields[i], old->v[i], out);
		else
			buf_adds(out, "null");
		n++;
	}
	buf_adds(out, n ? "}" : "{}");
	return n;
}

int64_t stored_owner(const struct record_desc *d, int64_t no, const struct stored *v)
{
	int64_t owner = 0;
	if (d->owner == OWNER_SELF)
		return no;
	if (d->owner == OWNER_NONE)
		return 0;
	int i = record_find_id(d, d->owner);
	if (i < 0 || !v->v[i].p || !str_to_int(v->v[i], &owner))
		return 0;
	return owner;
}

/* --- reading a delta ------------------------------------------------------ */

static int hex_value(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* One escape behind the backslash; only what json_string() writes. */
static bool take_escape(struct str s, size_t *at, char *ret)
{
	static const char from[] = "btnfr\"\\";
	static const char to[] = "\b\t\n\f\r\"\\";
	if (*at >= s.n)
		return false;
	char c = s.p[(*at)++];
	const char *known = c ? strchr(from, c) : NULL;
	if (known) {
		*ret = to[known - from];
		return true;
	}
	if (c != 'u' || s.n - *at < 4 || s.p[*at] != '0' || s.p[*at + 1] != '0')
		return false;
	int high = hex_value(s.p[*at + 2]), low = hex_value(s.p[*at + 3]);
	*at += 4;
	if (high < 0 || high > 1 || low < 0)
		return false;
	*ret = (char)(high << 4 | low);
	return true;
}

static bool take_string(struct str s, size_t *at, struct arena *a, struct str *ret)
{
	if (*at >= s.n || s.p[*at] != '"')
		return false;
	size_t end = ++*at, n = 0;
	/* Room for this string only: an edited text may hold very many. */
	while (end < s.n && s.p[end] != '"')
		end += s.p[end] == '\\' ? 2 : 1;
	if (end >= s.n)
		return false;
	char *out = arena_alloc(a, end - *at + 1);
	end = *at;
	while (end < s.n && s.p[end] != '"') {
		char c = s.p[end++];
		if (c == '\\' && !take_escape(s, &end, &c))
			return false;
		out[n++] = c;
	}
	if (end >= s.n)
		return false;
	out[n] = '\0';
	*at = end + 1;
	*ret = (struct str){out, n};
	return true;
}

static bool take_byte(struct str s, size_t *at, char c)
{
	if (*at >= s.n || s.p[*at] != c)
		return false;
	++*at;
	return true;
}

static bool take_member(const struct record_desc *d, struct str s, size_t *at, struct arena *a,
			struct stored *v)
{
	struct str name, value = {NULL, 0};
	int64_t id;
	if (!take_string(s, at, a, &name) || !take_byte(s, at, ':') || !str_to_int(name, &id) ||
	    id < 1 || id > FIELD_ID_MAX)
		return false;
	int i = record_find_id(d, (uint16_t)id);
	if (str_starts(str_sub(s, *at, s.n), STR("null")))
		*at += 4;
	else if (!take_string(s, at, a, &value))
		return false;
	if (i < 0)
		return false;
	if (value.p && is_bytes(&d->fields[i]) && !base64_decode(value, a, &value))
		return false;
	v->v[i] = value;
	return true;
}

bool stored_undo(const struct record_desc *d, struct str delta, struct arena *a, struct stored *v)
{
	size_t at = 0;
	if (!take_byte(delta, &at, '{'))
		return false;
	if (str_is(delta, "{}"))
		return true;
	do {
		if (!take_member(d, delta, &at, a, v))
			return false;
	} while (take_byte(delta, &at, ','));
	return take_byte(delta, &at, '}') && at == delta.n;
}
