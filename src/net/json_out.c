/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "net/json_out.h"

#include <assert.h>

#include "base/banned.h"

void json_out_init(struct json_out *o, size_t max)
{
	*o = (struct json_out){.first = {true}};
	buf_init(&o->b, max);
}

void json_out_release(struct json_out *o)
{
	buf_release(&o->b);
}

void json_out_clear(struct json_out *o)
{
	buf_clear(&o->b);
	o->depth = 0;
	o->keyed = false;
	o->first[0] = true;
}

/* The comma before a value, unless a key was just written. */
static void begin_value(struct json_out *o)
{
	if (o->keyed) {
		o->keyed = false;
		return;
	}
	assert(o->depth == 0 || o->close[o->depth] == ']'); /* members have keys */
	assert(o->depth > 0 || o->first[0]);                /* one value at the top */
	if (!o->first[o->depth])
		buf_addc(&o->b, ',');
	o->first[o->depth] = false;
}

static void open_level(struct json_out *o, char open, char close)
{
	begin_value(o);
	buf_addc(&o->b, open);
	assert(o->depth + 1 < JSON_OUT_DEPTH);
	o->depth++;
	o->first[o->depth] = true;
	o->close[o->depth] = close;
}

void json_object(struct json_out *o)
{
	open_level(o, '{', '}');
}

void json_array(struct json_out *o)
{
	open_level(o, '[', ']');
}

void json_end(struct json_out *o)
{
	assert(o->depth > 0 && !o->keyed);
	buf_addc(&o->b, o->close[o->depth]);
	o->depth--;
}

void json_key(struct json_out *o, const char *name)
{
	assert(o->depth > 0 && o->close[o->depth] == '}' && !o->keyed);
	if (!o->first[o->depth])
		buf_addc(&o->b, ',');
	o->first[o->depth] = false;
	json_string(str_c(name), &o->b);
	buf_addc(&o->b, ':');
	o->keyed = true;
}

void json_text(struct json_out *o, struct str s)
{
	begin_value(o);
	if (s.p)
		json_string(s, &o->b);
	else
		buf_adds(&o->b, "null");
}

void json_int(struct json_out *o, int64_t v)
{
	begin_value(o);
	buf_addint(&o->b, v);
}

void json_bool(struct json_out *o, bool v)
{
	begin_value(o);
	buf_adds(&o->b, v ? "true" : "false");
}

void json_null(struct json_out *o)
{
	begin_value(o);
	buf_adds(&o->b, "null");
}

void json_raw(struct json_out *o, struct str json)
{
	begin_value(o);
	buf_addstr(&o->b, json);
}

void json_money(struct json_out *o, fen_t v)
{
	char text[32];
	size_t n = money_format(v, false, text);
	json_text(o, (struct str){text, n});
}

void json_date(struct json_out *o, date_t d)
{
	char text[16];
	if (!d) {
		json_null(o);
		return;
	}
	size_t n = date_format(d, text);
	json_text(o, (struct str){text, n});
}

void json_instant(struct json_out *o, int64_t ms)
{
	char text[32];
	size_t n = instant_format(ms, text);
	json_text(o, (struct str){text, n});
}

void json_text_member(struct json_out *o, const char *name, struct str s)
{
	json_key(o, name);
	json_text(o, s);
}

void json_c_member(struct json_out *o, const char *name, const char *s)
{
	json_key(o, name);
	json_text(o, str_c(s));
}

void json_int_member(struct json_out *o, const char *name, int64_t v)
{
	json_key(o, name);
	json_int(o, v);
}

void json_bool_member(struct json_out *o, const char *name, bool v)
{
	json_key(o, name);
	json_bool(o, v);
}

void json_date_member(struct json_out *o, const char *name, date_t d)
{
	json_key(o, name);
	json_date(o, d);
}

void json_instant_member(struct json_out *o, const char *name, int64_t ms)
{
	json_key(o, name);
	json_instant(o, ms);
}

static void blob_value(struct json_out *o, const struct record_desc *d, const void *rec, size_t i)
{
	struct buf b;
	buf_init(&b, (size_t)16 << 20);
	field_print_plain(d, rec, i, &b);
	json_text(o, b.p ? buf_str(&b) : STR(""));
	buf_release(&b);
}

static void printed_value(struct json_out *o, const struct record_desc *d, const void *rec, size_t i)
{
	struct buf b;
	buf_init(&b, 100);
	field_print(d, rec, i, LANG_EN, &b);
	json_text(o, buf_str(&b));
	buf_release(&b);
}

void json_field_member(struct json_out *o, const struct record_desc *d, const void *rec, size_t i)
{
	union {
		int64_t number;
		date_t date;
		bool truth;
		const char *text;
	} v;
	const void *at = (const char *)rec + d->fields[i].offset;
	json_key(o, d->fields[i].name);
	switch (d->fields[i].kind) {
	case FIELD_INT:
	case FIELD_REF:
	case FIELD_INSTANT:
		memcpy(&v.number, at, sizeof(v.number));
		if (d->fields[i].kind == FIELD_INSTANT)
			json_instant(o, v.number);
		else
			json_int(o, v.number);
		break;
	case FIELD_MONEY:
		memcpy(&v.number, at, sizeof(v.number));
		json_money(o, v.number);
		break;
	case FIELD_DECIMAL:
		printed_value(o, d, rec, i);
		break;
	case FIELD_DATE:
		memcpy(&v.date, at, sizeof(v.date));
		json_date(o, v.date);
		break;
	case FIELD_BOOL:
		memcpy(&v.truth, at, sizeof(v.truth));
		json_bool(o, v.truth);
		break;
	case FIELD_TEXT:
	case FIELD_CODE:
		memcpy(&v.text, at, sizeof(v.text));
		json_text(o, str_c(v.text));
		break;
	case FIELD_BLOB:
	case FIELD_KIND_MAX:
		blob_value(o, d, rec, i);
		break;
	}
}

void json_record_members(struct json_out *o, const struct record_desc *d, const void *rec,
                         unsigned max_class, bool sealed)
{
	struct record head;
	memcpy(&head, rec, sizeof(head));
	json_int_member(o, "no", head.no);
	json_int_member(o, "version", head.version);
	for (size_t i = 0; i < d->n; i++) {
		const struct field *f = &d->fields[i];
		if ((f->flags & F_CLASS_MASK) > max_class || ((f->flags & F_SEALED) && !sealed) ||
		    !field_has(d, rec, i))
			continue;
		json_field_member(o, d, rec, i);
	}
}
