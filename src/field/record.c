/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "field/field.h"

#include <assert.h>

#include "field/kind.h"

#include "base/banned.h"

/* A column or table name: lower-case letters, digits, underscores. */
static bool good_name(const char *s)
{
	if (!s || s[0] < 'a' || s[0] > 'z' || strlen(s) > 60)
		return false;
	for (; *s; s++) {
		if (!((*s >= 'a' && *s <= 'z') || (*s >= '0' && *s <= '9') || *s == '_'))
			return false;
	}
	return true;
}

static bool good_label(const struct text *t)
{
	for (int l = 0; l < LANG_MAX; l++) {
		if (!t->in[l] || !t->in[l][0])
			return false;
	}
	return true;
}

/* What is wrong with one field by itself; NULL when nothing. */
static const char *field_fault(const struct record_desc *d, const struct field *f)
{
	static const char *const taken[] = {"county", "no", "version"};
	if (!f->id || f->id > FIELD_ID_MAX)
		return "id out of range";
	if (f->kind >= FIELD_KIND_MAX)
		return "unknown kind";
	if (!good_name(f->name))
		return "bad column name";
	for (size_t i = 0; i < sizeof(taken) / sizeof(taken[0]); i++) {
		if (strcmp(f->name, taken[i]) == 0)
			return "column name taken by the key";
	}
	if ((f->kind == FIELD_CODE || f->kind == FIELD_REF) != (f->list != NULL))
		return "a code list or table goes with CODE and REF only";
	if (f->kind == FIELD_REF && !good_name(f->list))
		return "bad table name";
	if ((f->flags & F_SEALED) && f->kind != FIELD_TEXT && f->kind != FIELD_BLOB)
		return "only TEXT and BLOB can be sealed";
	if ((f->flags & F_BULK) && f->kind != FIELD_BLOB)
		return "only BLOB can be bulk";
	if ((f->flags & F_LOGIN) && f->kind != FIELD_TEXT)
		return "only TEXT can be a login";
	if (f->flags >= F_LOGIN * 2)
		return "unknown flag";
	if (!good_label(&f->label))
		return "no label";
	if (f->offset < sizeof(struct record) ||
	    f->offset + field__kinds[f->kind].size > d->size)
		return "member outside the struct";
	return NULL;
}

static const char *record_fault(const struct record_desc *d)
{
	static const char *const span[] = {"valid_from", "valid_to", "recorded_from",
					   "recorded_to"};
	if (!good_name(d->name))
		return "bad table name";
	if (d->id < 16)
		return "table id below 16";
	if (!d->n || d->n > RECORD_FIELDS_MAX)
		return "number of fields";
	if (d->size < sizeof(struct record) || !good_label(&d->label))
		return "size or label";
	if (d->owner != OWNER_NONE && d->owner != OWNER_SELF) {
		int i = record_find_id(d, d->owner);
		if (i < 0 || d->fields[i].kind != FIELD_REF)
			return "the owner is no REF field";
	}
	if (d->naming && record_find_id(d, d->naming) < 0)
		return "no such naming field";
	for (size_t i = 0; d->span && i < 4; i++) {
		if (record_find(d, str_c(span[i])) < 0)
			return "a span lacks valid_from, valid_to, recorded_from or recorded_to";
	}
	return NULL;
}

enum err record_check(const struct record_desc *d, struct diag *diag)
{
	const char *fault = record_fault(d);
	if (fault)
		return diag_set(diag, ERR_INTERNAL, "%s: %s", d->name ? d->name : "?", fault);
	for (size_t i = 0; i < d->n; i++) {
		const struct field *f = &d->fields[i];
		fault = field_fault(d, f);
		for (size_t k = 0; !fault && k < i; k++) {
			const struct field *g = &d->fields[k];
			if (g->id == f->id)
				fault = "id used twice";
			else if (strcmp(g->name, f->name) == 0)
				fault = "column name used twice";
		}
		if (fault)
			return diag_set(diag, ERR_INTERNAL, "%s.%s: %s", d->name,
					f->name ? f->name : "?", fault);
	}
	return OK;
}

int record_find(const struct record_desc *d, struct str name)
{
	for (size_t i = 0; i < d->n; i++) {
		if (str_is(name, d->fields[i].name))
			return (int)i;
	}
	return -1;
}

int record_find_id(const struct record_desc *d, uint16_t id)
{
	for (size_t i = 0; i < d->n; i++) {
		if (d->fields[i].id == id)
			return (int)i;
	}
	return -1;
}

int64_t record_owner(const struct record_desc *d, const void *rec)
{
	int64_t no = 0;
	if (d->owner == OWNER_SELF) {
		struct record head;
		memcpy(&head, rec, sizeof(head));
		return head.no;
	}
	if (d->owner == OWNER_NONE)
		return 0;
	int i = record_find_id(d, d->owner);
	if (i >= 0 && field_has(d, rec, (size_t)i))
		memcpy(&no, field__at(&d->fields[i], rec), sizeof(no));
	return no;
}

void field_copy(const struct record_desc *d, void *to, const void *from, size_t i)
{
	const struct field *f = &d->fields[i];
	memcpy(field__at_rw(f, to), field__at(f, from), field__kinds[f->kind].size);
	field__set_bit(to, i, (field__bits(from) & FIELD_BIT(i)) != 0);
}

uint64_t record_diff(const struct record_desc *d, const void *x, const void *y)
{
	uint64_t diff = 0;
	for (size_t i = 0; i < d->n; i++) {
		if (!field_equal(d, x, y, i))
			diff |= FIELD_BIT(i);
	}
	return diff;
}

void record_copy(const struct record_desc *d, void *to, const void *from, struct arena *a)
{
	memcpy(to, from, d->size);
	for (size_t i = 0; i < d->n; i++) {
		const struct field *f = &d->fields[i];
		if (field_has(d, from, i))
			field__kinds[f->kind].copy(field__at_rw(f, to), field__at(f, from), a);
		else
			memset(field__at_rw(f, to), 0, field__kinds[f->kind].size);
	}
}

uint64_t record_missing(const struct record_desc *d, const void *rec)
{
	uint64_t missing = 0;
	for (size_t i = 0; i < d->n; i++) {
		if ((d->fields[i].flags & F_REQUIRED) && !field_has(d, rec, i))
			missing |= FIELD_BIT(i);
	}
	return missing;
}

void record_json(const struct record_desc *d, const void *rec, unsigned max_class, bool sealed,
		 struct buf *out)
{
	size_t order[RECORD_FIELDS_MAX];
	struct buf value;
	bool first = true;
	for (size_t i = 0; i < d->n; i++) {
		size_t k = i;
		for (; k && strcmp(d->fields[order[k - 1]].name, d->fields[i].name) > 0; k--)
			order[k] = order[k - 1];
		order[k] = i;
	}
	buf_init(&value, (size_t)1 << 30);
	buf_addc(out, '{');
	for (size_t i = 0; i < d->n; i++) {
		const struct field *f = &d->fields[order[i]];
		if (!field_has(d, rec, order[i]) || (f->flags & F_CLASS_MASK) > max_class ||
		    ((f->flags & F_SEALED) && !sealed))
			continue;
		buf_clear(&value);
		field_print_plain(d, rec, order[i], &value);
		if (!first)
			buf_addc(out, ',');
		first = false;
		json_string(str_c(f->name), out);
		buf_addc(out, ':');
		json_string(buf_str(&value), out);
	}
	buf_addc(out, '}');
	buf_release(&value);
}
