/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * openapi: the interface described from its own tables: OpenAPI 3.1, a page of
 * Markdown, and the list the access test walks through.
 */
#include "api/subjects.h"

#include "api/schemas.h"

#include "base/banned.h"

static const char *const methods[NET_METHOD_MAX] = {"get", "post", "put", "delete"};

/* --- types ------------------------------------------------------------------------------ */

struct scalar {
	const char *name, *type, *format;
};
static const struct scalar scalars[] = {
	{"text", "string", NULL},           {"int", "integer", NULL},
	{"bool", "boolean", NULL},          {"money", "string", "money"},
	{"decimal", "string", "decimal"},   {"date", "string", "date"},
	{"instant", "string", "date-time"}, {"any", NULL, NULL},
};

static const struct scalar *scalar_find(struct str name)
{
	for (size_t i = 0; i < sizeof(scalars) / sizeof(*scalars); i++)
		if (str_is(name, scalars[i].name))
			return &scalars[i];
	return NULL;
}

static bool known_type(struct str t)
{
	if (t.n && t.p[t.n - 1] == '?')
		t.n--;
	if (str_starts(t, STR("[]")))
		t = str_sub(t, 2, t.n);
	return scalar_find(t) || api_schema_find(t);
}

static void put_scalar(struct json_out *o, const struct scalar *s, bool nullable)
{
	json_object(o);
	if (s->type && nullable) {
		json_key(o, "type");
		json_array(o);
		json_text(o, str_c(s->type));
		json_text(o, STR("null"));
		json_end(o);
	} else if (s->type) {
		json_c_member(o, "type", s->type);
	}
	if (s->format)
		json_c_member(o, "format", s->format);
	json_end(o);
}

static void put_ref(struct json_out *o, struct str name)
{
	struct buf b;
	buf_init(&b, 200);
	buf_addf(&b, "#/components/schemas/" STR_FMT, STR_ARG(name));
	json_object(o);
	json_text_member(o, "$ref", buf_str(&b));
	json_end(o);
	buf_release(&b);
}

static void put_type(struct json_out *o, struct str t)
{
	bool nullable = t.n && t.p[t.n - 1] == '?';
	if (nullable)
		t.n--;
	if (str_starts(t, STR("[]"))) {
		json_object(o);
		json_c_member(o, "type", "array");
		json_key(o, "items");
		put_type(o, str_sub(t, 2, t.n));
		json_end(o);
		return;
	}
	const struct scalar *s = scalar_find(t);
	if (s)
		put_scalar(o, s, nullable);
	else
		put_ref(o, t);
}

/* How a record's field is answered (json_record_members). */
static const char *field_type(enum field_kind k)
{
	switch (k) {
	case FIELD_INT:
	case FIELD_REF:
		return "int";
	case FIELD_BOOL:
		return "bool";
	case FIELD_MONEY:
		return "money";
	case FIELD_DECIMAL:
		return "decimal";
	case FIELD_DATE:
		return "date";
	case FIELD_INSTANT:
		return "instant";
	default:
		return "text";
	}
}

static bool shown(const struct field *f)
{
	return !(f->flags & F_SEALED) && f->kind != FIELD_BLOB;
}

/* Beside a login (rq_record_members). */
static void put_name_of(struct json_out *o, const char *login)
{
	struct buf b;
	buf_init(&b, 200);
	buf_addf(&b, "%s_name", login);
	json_key(o, b.p);
	put_scalar(o, scalar_find(STR("text")), true);
	buf_release(&b);
}

static void put_schema(struct json_out *o, const struct api_schema *s)
{
	struct str rest = str_c(s->members), word;
	json_object(o);
	json_c_member(o, "type", "object");
	json_key(o, "properties");
	json_object(o);
	if (s->record) {
		json_key(o, "no");
		put_type(o, STR("int"));
		json_key(o, "version");
		put_type(o, STR("int"));
	}
	for (size_t i = 0; s->record && i < s->record->n; i++)
		if (shown(&s->record->fields[i])) {
			json_key(o, s->record->fields[i].name);
			put_type(o, str_c(field_type(s->record->fields[i].kind)));
			if (s->record->fields[i].flags & F_LOGIN)
				put_name_of(o, s->record->fields[i].name);
		}
	while (str_split(&rest, ' ', &word)) {
		struct str name;
		if (!word.n || !str_split(&word, ':', &name))
			continue;
		struct buf key;
		buf_init(&key, 100);
		buf_addstr(&key, name);
		json_key(o, key.p);
		buf_release(&key);
		put_type(o, word);
	}
	json_end(o);
	json_key(o, "required");
	json_array(o);
	if (s->record) {
		json_text(o, STR("no"));
		json_text(o, STR("version"));
	}
	rest = str_c(s->members);
	while (str_split(&rest, ' ', &word)) {
		struct str name;
		if (word.n && word.p[word.n - 1] != '?' && str_split(&word, ':', &name))
			json_text(o, name);
	}
	json_end(o);
	json_end(o);
}

/* --- inputs -------------------------------------------------------------------------------- */

static void put_input_schema(struct json_out *o, const struct net_field *f);

static void put_object(struct json_out *o, const struct net_field *in, size_t n,
                       const struct record_desc *record)
{
	json_object(o);
	json_c_member(o, "type", "object");
	json_bool_member(o, "additionalProperties", false);
	json_key(o, "properties");
	json_object(o);
	for (size_t i = 0; i < n; i++)
		if (in[i].in == NET_BODY) {
			json_key(o, in[i].name);
			put_input_schema(o, &in[i]);
		}
	if (record) {
		json_key(o, "fields");
		json_object(o);
		json_c_member(o, "type", "object");
		json_bool_member(o, "additionalProperties", false);
		json_key(o, "properties");
		json_object(o);
		for (size_t i = 0; i < record->n; i++)
			if (record->fields[i].kind != FIELD_BLOB) {
				json_key(o, record->fields[i].name);
				json_object(o);
				json_c_member(o, "description", record->fields[i].label.in[LANG_EN]);
				json_end(o);
			}
		json_end(o);
		json_end(o);
	}
	json_end(o);
	json_key(o, "required");
	json_array(o);
	for (size_t i = 0; i < n; i++)
		if (in[i].in == NET_BODY && (in[i].flags & NET_REQUIRED))
			json_text(o, str_c(in[i].name));
	if (record)
		json_text(o, STR("fields"));
	json_end(o);
	json_end(o);
}

static void put_one_input(struct json_out *o, const struct net_field *f)
{
	if (f->of) {
		put_object(o, f->of, f->n_of, NULL);
		return;
	}
	const struct scalar *s = scalar_find(str_c(field_type(f->kind)));
	json_object(o);
	json_c_member(o, "type", f->kind == FIELD_INSTANT ? "integer" : s->type);
	if (s->format && f->kind != FIELD_INSTANT)
		json_c_member(o, "format", s->format);
	if (f->kind == FIELD_CODE && f->codes) {
		struct str rest = str_c(f->codes), one;
		json_key(o, "enum");
		json_array(o);
		while (str_split(&rest, '|', &one))
			json_text(o, one);
		json_end(o);
	}
	if (f->kind == FIELD_TEXT || f->kind == FIELD_CODE)
		json_int_member(o, "maxLength", f->max ? f->max : 200);
	else if (f->max)
		json_int_member(o, "maximum", f->max);
	json_end(o);
}

static void put_input_schema(struct json_out *o, const struct net_field *f)
{
	if (!(f->flags & NET_LIST)) {
		put_one_input(o, f);
		return;
	}
	json_object(o);
	json_c_member(o, "type", "array");
	json_key(o, "items");
	put_one_input(o, f);
	json_end(o);
}

static void put_parameters(struct json_out *o, const struct route *r)
{
	json_key(o, "parameters");
	json_array(o);
	for (size_t i = 0; i < r->n_in; i++) {
		const struct net_field *f = &r->in[i];
		if (f->in == NET_BODY)
			continue;
		json_object(o);
		json_c_member(o, "name", f->name);
		json_c_member(o, "in", f->in == NET_PATH ? "path" : "query");
		json_bool_member(o, "required", f->in == NET_PATH || (f->flags & NET_REQUIRED));
		json_c_member(o, "description", f->label.in[LANG_EN]);
		json_key(o, "schema");
		put_input_schema(o, f);
		json_end(o);
	}
	if (r->method != NET_GET && r->permission != PERM_anybody) {
		json_object(o);
		json_c_member(o, "name", "X-CSRF-Token");
		json_c_member(o, "in", "header");
		json_bool_member(o, "required", true);
		json_key(o, "schema");
		put_type(o, STR("text"));
		json_end(o);
	}
	json_end(o);
}

static void put_body(struct json_out *o, const struct route *r)
{
	size_t n = 0;
	for (size_t i = 0; i < r->n_in; i++)
		n += r->in[i].in == NET_BODY;
	if (!n && !r->record && !r->upload)
		return;
	json_key(o, "requestBody");
	json_object(o);
	json_key(o, "content");
	json_object(o);
	json_key(o, r->upload ? "multipart/form-data" : "application/json");
	json_object(o);
	json_key(o, "schema");
	put_object(o, r->in, r->n_in, r->record);
	json_end(o);
	json_end(o);
	json_end(o);
}

/* --- answers --------------------------------------------------------------------------------- */

/* "list T" and "events T": the word before, and T. */
static bool takes(struct str *answer, const char *word)
{
	struct str prefix = str_c(word);
	if (!str_starts(*answer, prefix) || answer->n <= prefix.n || answer->p[prefix.n] != ' ')
		return false;
	*answer = str_sub(*answer, prefix.n + 1, answer->n);
	return true;
}

static void put_list(struct json_out *o, struct str of)
{
	json_object(o);
	json_c_member(o, "type", "object");
	json_key(o, "properties");
	json_object(o);
	json_key(o, "rows");
	json_object(o);
	json_c_member(o, "type", "array");
	json_key(o, "items");
	put_type(o, of);
	json_end(o);
	json_key(o, "next");
	put_type(o, STR("text?"));
	json_key(o, "total");
	put_type(o, STR("int"));
	json_end(o);
	json_key(o, "required");
	json_array(o);
	json_text(o, STR("rows"));
	json_text(o, STR("next"));
	json_end(o);
	json_end(o);
}

static void put_answer(struct json_out *o, const char *text)
{
	struct str answer = str_c(text);
	bool list = takes(&answer, "list"), events = takes(&answer, "events");
	bool file = str_is(answer, "file"), plain = str_is(answer, "text");
	json_object(o);
	json_c_member(o, "description", answer.n ? "done" : "done, nothing to say");
	if (answer.n) {
		json_key(o, "content");
		json_object(o);
		json_key(o, events ? "text/event-stream" : file ? "application/octet-stream"
		                            : plain ? "text/plain" : "application/json");
		json_object(o);
		json_key(o, "schema");
		if (file)
			put_scalar(o, &(struct scalar){"file", "string", "binary"}, false);
		else if (list)
			put_list(o, answer);
		else
			put_type(o, answer);
		json_end(o);
		json_end(o);
	}
	json_end(o);
}

static const char *success(const struct route *r)
{
	return r->answer[0] ? "2XX" : "204";
}

static void put_operation(struct json_out *o, const struct route *r)
{
	json_object(o);
	json_c_member(o, "operationId", r->id);
	json_c_member(o, "summary", r->summary.in[LANG_EN]);
	json_c_member(o, "x-summary-zh", r->summary.in[LANG_ZH]);
	json_key(o, "tags");
	json_array(o);
	json_text(o, str_c(r->tag));
	json_end(o);
	json_c_member(o, "x-permission", permissions[r->permission].name);
	json_c_member(o, "x-roles", permissions[r->permission].roles);
	if (r->permission == PERM_anybody) {
		json_key(o, "security");
		json_array(o);
		json_end(o);
	}
	put_parameters(o, r);
	put_body(o, r);
	json_key(o, "responses");
	json_object(o);
	json_key(o, success(r));
	put_answer(o, r->answer);
	json_key(o, "default");
	json_object(o);
	json_c_member(o, "description", "refused or failed");
	json_key(o, "content");
	json_object(o);
	json_key(o, "application/json");
	json_object(o);
	json_key(o, "schema");
	json_object(o);
	json_c_member(o, "type", "object");
	json_key(o, "properties");
	json_object(o);
	json_key(o, "error");
	put_type(o, STR("error"));
	json_key(o, "current");
	put_type(o, STR("any"));
	json_end(o);
	json_end(o);
	json_end(o);
	json_end(o);
	json_end(o);
	json_end(o);
	json_end(o);
}

static bool first_of_path(size_t table, const struct route *at)
{
	for (size_t t = 0; t <= table; t++)
		for (const struct route *r = api_routes[t]; r->id && r != at; r++)
			if (strcmp(r->path, at->path) == 0)
				return false;
	return true;
}

static void put_paths(struct json_out *o)
{
	json_key(o, "paths");
	json_object(o);
	for (size_t t = 0; api_routes[t]; t++)
		for (const struct route *r = api_routes[t]; r->id; r++) {
			if (!first_of_path(t, r))
				continue;
			json_key(o, r->path);
			json_object(o);
			for (size_t u = t; api_routes[u]; u++)
				for (const struct route *s = api_routes[u]; s->id; s++)
					if (strcmp(s->path, r->path) == 0) {
						json_key(o, methods[s->method]);
						put_operation(o, s);
					}
			json_end(o);
		}
	json_end(o);
}

void openapi_json(const char *version, struct buf *out)
{
	struct json_out json, *o = &json;
	json_out_init(o, (size_t)16 << 20);
	json_object(o);
	json_c_member(o, "openapi", "3.1.0");
	json_key(o, "info");
	json_object(o);
	json_c_member(o, "title", "Daohu");
	json_c_member(o, "version", version);
	json_key(o, "license");
	json_object(o);
	json_c_member(o, "name", "AGPL-3.0-or-later");
	json_c_member(o, "identifier", "AGPL-3.0-or-later");
	json_end(o);
	json_end(o);
	json_key(o, "security");
	json_array(o);
	json_object(o);
	json_key(o, "session");
	json_array(o);
	json_end(o);
	json_end(o);
	json_end(o);
	put_paths(o);
	json_key(o, "components");
	json_object(o);
	json_key(o, "securitySchemes");
	json_object(o);
	json_key(o, "session");
	json_object(o);
	json_c_member(o, "type", "apiKey");
	json_c_member(o, "in", "cookie");
	json_c_member(o, "name", "daohu_session");
	json_end(o);
	json_end(o);
	json_key(o, "schemas");
	json_object(o);
	for (const struct api_schema *s = api_schemas; s->name; s++) {
		json_key(o, s->name);
		put_schema(o, s);
	}
	json_end(o);
	json_end(o);
	json_end(o);
	buf_addstr(out, buf_str(&o->b));
	json_out_release(o);
}

/* --- checking -------------------------------------------------------------------------------- */

static enum err check_answer(const struct route *r, struct diag *diag)
{
	struct str answer = str_c(r->answer);
	if (!takes(&answer, "list"))
		(void)takes(&answer, "events");
	if (!answer.n || str_is(answer, "file") || known_type(answer))
		return OK;
	diag_place(diag, "%s", r->id);
	return diag_set(diag, ERR_INTERNAL, "answer %s", r->answer);
}

enum err openapi_check(struct diag *diag)
{
	enum err e = OK;
	for (size_t t = 0; api_routes[t]; t++)
		for (const struct route *r = api_routes[t]; !e && r->id; r++) {
			e = check_answer(r, diag);
			if (!e && r->permission >= PERM_MAX)
				e = diag_set(diag, ERR_INTERNAL, "%s: permission", r->id);
		}
	for (const struct api_schema *s = api_schemas; !e && s->name; s++) {
		struct str rest = str_c(s->members), word, name;
		while (!e && str_split(&rest, ' ', &word))
			if (word.n && (!str_split(&word, ':', &name) || !known_type(word)))
				e = diag_set(diag, ERR_INTERNAL, "schema %s: " STR_FMT, s->name, STR_ARG(name));
	}
	return e;
}

/* --- for people, for the test ------------------------------------------------------------------ */

static void md_inputs(const struct route *r, enum net_in in, const char *head, enum lang lang,
                      struct buf *out)
{
	bool any = false;
	for (size_t i = 0; i < r->n_in; i++) {
		const struct net_field *f = &r->in[i];
		if (f->in != in)
			continue;
		buf_addf(out, "%s`%s`%s %s", any ? ", " : head, f->name, f->flags & NET_REQUIRED ? "\\*" : "",
		         f->label.in[lang] ? f->label.in[lang] : "");
		any = true;
	}
	if (any)
		buf_adds(out, ". ");
}

void routes_md(enum lang lang, struct buf *out)
{
	static const char *const upper[NET_METHOD_MAX] = {"GET", "POST", "PUT", "DELETE"};
	static const struct text head = TEXT(
		"# 接口\n\n由 `daohu describe routes --md` 打印。`\\*` 表示必填。\n\n",
		"# Interface\n\nPrinted by `daohu describe routes --md`; do not edit. `\\*`: required. Common to "
		"all: docs/server.md.\n\n");
	const char *tag = "";
	buf_adds(out, head.in[lang]);
	for (size_t t = 0; api_routes[t]; t++)
		for (const struct route *r = api_routes[t]; r->id; r++) {
			if (strcmp(tag, r->tag) != 0) {
				buf_addf(out, "%s## %s\n\n", tag[0] ? "\n" : "", r->tag);
				tag = r->tag;
			}
			buf_addf(out, "- `%s %s` %s. ", upper[r->method], r->path, r->summary.in[lang]);
			md_inputs(r, NET_QUERY, "Query: ", lang, out);
			md_inputs(r, NET_BODY, "Body: ", lang, out);
			if (r->record)
				buf_addf(out, "Body: `fields` of `%s`. ", r->record->name);
			if (r->upload)
				buf_adds(out, "Files: multipart/form-data. ");
			buf_addf(out, "Needs `%s`. Answers %s%s%s.\n", permissions[r->permission].name,
			         r->answer[0] ? "`" : "", r->answer[0] ? r->answer : "nothing",
			         r->answer[0] ? "`" : "");
		}
}

void routes_json(struct buf *out)
{
	static const char *const upper[NET_METHOD_MAX] = {"GET", "POST", "PUT", "DELETE"};
	struct json_out json, *o = &json;
	json_out_init(o, (size_t)16 << 20);
	json_array(o);
	for (size_t t = 0; api_routes[t]; t++)
		for (const struct route *r = api_routes[t]; r->id; r++) {
			json_object(o);
			json_c_member(o, "id", r->id);
			json_c_member(o, "method", upper[r->method]);
			json_c_member(o, "path", r->path);
			json_c_member(o, "permission", permissions[r->permission].name);
			json_c_member(o, "roles", permissions[r->permission].roles);
			json_bool_member(o, "upload", r->upload);
			json_bool_member(o, "fields", r->record != NULL);
			json_c_member(o, "answer", r->answer);
			json_c_member(o, "tag", r->tag);
			json_end(o);
		}
	json_end(o);
	buf_addstr(out, buf_str(&o->b));
	buf_addc(out, '\n');
	json_out_release(o);
}
