/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "net/input.h"

#include "base/utf8.h"

#include "base/banned.h"

enum { INPUT_FIELD_MAX = 4000 }; /* characters of a text field of a record */

void input_fault(struct input_faults *f, const char *field, enum err code)
{
	if (f->n < INPUT_FAULTS_MAX)
		f->items[f->n++] = (struct input_fault){field, code};
}

/* --- one value -------------------------------------------------------------------- */

/* Line ends and tabs are text; other control characters are not. */
static bool is_text(struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];
		if ((c < 0x20 && c != '\n' && c != '\t' && c != '\r') || c == 0x7F)
			return false;
	}
	return utf8_valid(s);
}

static bool is_code(const char *codes, struct str s)
{
	struct str rest = str_c(codes), one;
	if (!codes)
		return true;
	while (str_split(&rest, '|', &one))
		if (str_eq(one, s))
			return true;
	return false;
}

static enum err parse_int(const struct net_field *f, struct str s, int64_t *ret)
{
	int64_t v;
	if (!str_to_int(s, &v) || v < 0)
		return ERR_CELL_NUMBER;
	if (f->max && v > f->max)
		return ERR_TOO_LARGE;
	*ret = v;
	return OK;
}

static enum err parse_value(const struct net_field *f, struct str s, struct arena *a,
                            struct net_value *ret)
{
	struct net_value v = {.text = str_copy(a, f->flags & NET_EXACT ? s : str_trim(s))};
	enum err e = OK;
	s = v.text;
	if (!is_text(s))
		return ERR_INVALID;
	switch (f->kind) {
	case FIELD_INT:
	case FIELD_REF:
	case FIELD_INSTANT:
		e = parse_int(f, s, &v.v);
		break;
	case FIELD_MONEY:
		e = money_parse(s, MONEY_YUAN, &v.v) ? OK : ERR_CELL_MONEY;
		break;
	case FIELD_DECIMAL:
		e = decimal_exact(s, 2, &v.v) ? OK : ERR_CELL_NUMBER;
		break;
	case FIELD_DATE:
		v.v = date_parse(s);
		e = v.v ? OK : ERR_CELL_DATE;
		break;
	case FIELD_BOOL:
		v.v = str_is(s, "true") || str_is(s, "1");
		e = v.v || str_is(s, "false") || str_is(s, "0") ? OK : ERR_CELL_BOOL;
		break;
	case FIELD_CODE:
		e = is_code(f->codes, s) ? OK : ERR_CELL_CODE;
		break;
	default:
		break;
	}
	if (!e && (int64_t)utf8_count(s) >
	                  (f->max && f->kind == FIELD_TEXT ? f->max : INPUT_TEXT_MAX))
		e = ERR_CELL_TOO_LONG;
	if (!e)
		*ret = v;
	return e;
}

/* --- path and query ---------------------------------------------------------------- */

static void read_path(struct request *rq, const struct input_src *src, struct net_values *values,
                      struct input_faults *faults)
{
	for (size_t k = 0; k < src->routed->n_inputs; k++) {
		size_t i = (size_t)src->routed->input[k];
		const struct net_field *f = &rq->route->in[i];
		struct net_value *v = ARENA_NEW(rq->a, struct net_value);
		enum err e = parse_value(f, src->params[k], rq->a, v);
		if (e)
			input_fault(faults, f->name, e);
		else
			values[i] = (struct net_values){.items = v, .n = 1};
	}
}

static int input_named(const struct route *r, enum net_in in, struct str name)
{
	for (size_t i = 0; i < r->n_in; i++)
		if (r->in[i].in == in && str_is(name, r->in[i].name))
			return (int)i;
	return -1;
}

/* Pairs of text: a query, a form. */
static void read_pairs(struct request *rq, enum net_in in, const struct head_field *pairs, size_t n,
                       struct net_values *values, struct input_faults *faults)
{
	for (size_t p = 0; p < n; p++) {
		int i = input_named(rq->route, in, pairs[p].key);
		if (in == NET_QUERY && str_is(pairs[p].key, "lang"))
			continue; /* read before everything else */
		if (i < 0) {
			input_fault(faults, str_dup(rq->a, pairs[p].key), ERR_UNKNOWN_INPUT);
			continue;
		}
		const struct net_field *f = &rq->route->in[i];
		struct str text = f->flags & NET_EXACT ? pairs[p].value : str_trim(pairs[p].value);
		if (!text.n) /* an empty box of a form */
			continue;
		if (values[i].n && !(f->flags & NET_LIST)) {
			input_fault(faults, f->name, ERR_INVALID);
			continue;
		}
		struct net_value *grown = ARENA_ARRAY(rq->a, values[i].n + 1, struct net_value);
		enum err e = parse_value(f, text, rq->a, &grown[values[i].n]);
		if (e) {
			input_fault(faults, f->name, e);
			continue;
		}
		if (values[i].n)
			memcpy(grown, values[i].items, values[i].n * sizeof(*grown));
		values[i] = (struct net_values){.items = grown, .n = values[i].n + 1};
	}
}

/* --- JSON -------------------------------------------------------------------------- */

/* The text of a scalar, for parse_value; false for what the kind cannot be. */
static bool scalar_text(const struct net_field *f, const struct json_value *j, struct str *ret)
{
	bool number = f->kind == FIELD_INT || f->kind == FIELD_REF || f->kind == FIELD_INSTANT;
	bool truth = j->kind == JSON_IN_TRUE || j->kind == JSON_IN_FALSE;
	*ret = truth ? (j->kind == JSON_IN_TRUE ? STR("true") : STR("false")) : j->text;
	if (number)
		return j->kind == JSON_IN_INT;
	return f->kind == FIELD_BOOL ? truth : j->kind == JSON_IN_TEXT;
}

struct level {
	struct request *rq;
	const struct net_field *in;
	size_t n;
	const char *prefix; /* "tasks[3]." */
	struct input_faults *faults;
};

static void read_object(const struct level *l, const struct json_value *object,
                        struct net_values *values);

static const char *field_path(const struct level *l, const char *name)
{
	return l->prefix[0] ? arena_printf(l->rq->a, "%s%s", l->prefix, name) : name;
}

static enum err read_item(const struct level *l, const struct net_field *f,
                          const struct json_value *item, const char *place, struct net_value *ret)
{
	struct str text;
	if (!f->of) {
		if (!scalar_text(f, item, &text))
			return ERR_INVALID;
		return parse_value(f, text, l->rq->a, ret);
	}
	if (item->kind != JSON_IN_OBJECT)
		return ERR_INVALID;
	struct net_values *sub = ARENA_ARRAY(l->rq->a, f->n_of, struct net_values);
	struct level below = {l->rq, f->of, f->n_of, arena_printf(l->rq->a, "%s.", place), l->faults};
	read_object(&below, item, sub);
	ret->sub = sub;
	return OK;
}

static void read_list(const struct level *l, const struct net_field *f,
                      const struct json_value *array, struct net_values *ret)
{
	const char *name = field_path(l, f->name);
	size_t i = 0;
	if (array->kind != JSON_IN_ARRAY || array->n > INPUT_ITEMS_MAX) {
		input_fault(l->faults, name,
		            array->kind == JSON_IN_ARRAY ? ERR_TOO_LARGE : ERR_INVALID);
		return;
	}
	struct net_value *items = ARENA_ARRAY(l->rq->a, array->n, struct net_value);
	for (const struct json_value *j = array->first; j && l->faults->n < INPUT_FAULTS_MAX; j = j->next) {
		const char *place = arena_printf(l->rq->a, "%s[%zu]", name, i);
		enum err e = read_item(l, f, j, place, &items[i++]);
		if (e)
			input_fault(l->faults, place, e);
	}
	*ret = (struct net_values){.items = items, .n = array->n};
}

static void read_member(const struct level *l, const struct net_field *f,
                        const struct json_value *j, struct net_values *ret)
{
	const char *name = field_path(l, f->name);
	if (f->flags & NET_LIST) {
		read_list(l, f, j, ret);
		return;
	}
	if (j->kind == JSON_IN_TEXT && !str_trim(j->text).n)
		return; /* an empty box of a form */
	struct net_value *v = ARENA_NEW(l->rq->a, struct net_value);
	enum err e = read_item(l, f, j, name, v);
	if (e)
		input_fault(l->faults, name, e);
	else
		*ret = (struct net_values){.items = v, .n = 1};
}

static void check_required(const struct level *l, enum net_in in, const struct net_values *values,
                           const struct json_value *object)
{
	for (size_t i = 0; i < l->n; i++) {
		const struct net_field *f = &l->in[i];
		if (f->in != in || !(f->flags & NET_REQUIRED) || values[i].n)
			continue;
		const struct json_value *j = json_get(object, f->name);
		/* what was sent and was wrong has been named; an empty list counts as sent */
		if (!j || j->kind == JSON_IN_NULL || (j->kind == JSON_IN_TEXT && !str_trim(j->text).n))
			input_fault(l->faults, field_path(l, f->name), ERR_CELL_REQUIRED);
	}
}

static void read_object(const struct level *l, const struct json_value *object,
                        struct net_values *values)
{
	for (const struct json_value *m = object->first; m; m = m->next) {
		size_t i = 0;
		bool fields = !l->prefix[0] && l->rq->route->record && str_is(m->key, "fields");
		while (i < l->n && (l->in[i].in != NET_BODY || !str_is(m->key, l->in[i].name)))
			i++;
		if (i == l->n && !fields)
			input_fault(l->faults, field_path(l, m->key.p), ERR_UNKNOWN_INPUT);
		else if (i < l->n && m->kind != JSON_IN_NULL)
			read_member(l, &l->in[i], m, &values[i]);
	}
	check_required(l, NET_BODY, values, object);
}

enum err input_read(struct request *rq, const struct input_src *src, struct input_faults *faults,
                    const struct json_value **ret_json)
{
	const struct route *r = rq->route;
	struct net_values *values = ARENA_ARRAY(rq->a, r->n_in, struct net_values);
	struct level top = {rq, r->in, r->n_in, "", faults};
	const struct json_value *json = NULL, *fields;
	*ret_json = NULL;
	rq->values = values;
	read_path(rq, src, values, faults);
	read_pairs(rq, NET_QUERY, src->target->query, src->target->n_query, values, faults);
	read_pairs(rq, NET_BODY, src->form, src->n_form, values, faults);
	check_required(&top, NET_QUERY, values, NULL);
	if (src->body.n) {
		json = json_read(src->body, rq->a);
		if (!json || json->kind != JSON_IN_OBJECT)
			return ERR_BAD_REQUEST;
		read_object(&top, json, values);
	} else {
		check_required(&top, NET_BODY, values, NULL);
	}
	fields = json_get(json, "fields");
	if (r->record && (!fields || fields->kind != JSON_IN_OBJECT))
		input_fault(faults, "fields", ERR_CELL_REQUIRED);
	*ret_json = json;
	return faults->n ? ERR_INVALID : OK;
}

/* --- a record's fields -------------------------------------------------------------- */

static enum err read_field(const struct record_desc *d, void *rec, size_t i,
                           const struct json_value *j, struct arena *a)
{
	enum field_kind k = d->fields[i].kind;
	if (j->kind == JSON_IN_NULL)
		return field_parse(d, rec, i, STR(""), a);
	if (k == FIELD_BOOL && (j->kind == JSON_IN_TRUE || j->kind == JSON_IN_FALSE))
		return field_parse_plain(d, rec, i, j->kind == JSON_IN_TRUE ? STR("1") : STR("0"), a);
	if (j->kind == JSON_IN_INT && (k == FIELD_INT || k == FIELD_REF))
		return field_parse_plain(d, rec, i, j->text, a);
	if (j->kind != JSON_IN_TEXT || k == FIELD_BLOB || !is_text(j->text))
		return ERR_INVALID;
	if (utf8_count(j->text) > INPUT_FIELD_MAX)
		return ERR_CELL_TOO_LONG;
	return field_parse(d, rec, i, j->text, a);
}

enum err input_record(const struct json_value *object, const struct record_desc *d, void *rec,
                      struct arena *a, struct input_faults *faults, uint64_t *ret_set)
{
	uint64_t set = 0;
	size_t had = faults->n;
	for (const struct json_value *m = object ? object->first : NULL; m; m = m->next) {
		int i = record_find(d, m->key);
		enum err e = i < 0 ? ERR_UNKNOWN_INPUT : read_field(d, rec, (size_t)i, m, a);
		if (e)
			input_fault(faults, m->key.p, e);
		else
			set |= FIELD_BIT(i);
	}
	*ret_set = set;
	return faults->n > had ? ERR_INVALID : OK;
}
