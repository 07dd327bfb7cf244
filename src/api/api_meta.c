/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* api_meta: what pages need to label things: villages, codes, fields, rules, layouts. */
#include "api/subjects.h"

#include "work/who.h"

#include "base/banned.h"

static void write_text(struct json_out *o, const char *name, const struct text *t)
{
	json_key(o, name);
	json_object(o);
	json_c_member(o, "zh", t->in[LANG_ZH]);
	json_c_member(o, "en", t->in[LANG_EN]);
	json_end(o);
}

static void begin(struct json_out *o, const char *name)
{
	json_key(o, name);
	json_array(o);
}

static void write_places(struct json_out *o, const struct api *api)
{
	const struct area *root = area_find(api->areas, api->root);
	json_key(o, "root");
	json_object(o);
	json_c_member(o, "code", api->root);
	json_c_member(o, "name", root ? root->name : NULL);
	json_end(o);
	begin(o, "villages");
	for (size_t i = 0; i < api->areas->n; i++) {
		const struct area *at = &api->areas->areas[i];
		if (!area_is_village(at) || !area_within(api->areas, at->code, api->root))
			continue;
		json_object(o);
		json_c_member(o, "code", at->code);
		json_c_member(o, "name", at->name);
		json_end(o);
	}
	json_end(o);
}

static void write_roles(struct json_out *o)
{
	begin(o, "roles");
	for (const struct account_role *r = account_roles; r->id; r++) {
		json_object(o);
		json_c_member(o, "id", r->id);
		write_text(o, "title", &r->title);
		json_end(o);
	}
	json_end(o);
	begin(o, "permissions");
	for (int p = 1; p < PERM_MAX; p++) {
		json_object(o);
		json_c_member(o, "id", permissions[p].name);
		write_text(o, "title", &permissions[p].title);
		json_c_member(o, "roles", permissions[p].roles);
		json_end(o);
	}
	json_end(o);
}

static void write_codes(struct json_out *o, const struct pack *pack)
{
	json_key(o, "codes");
	json_object(o);
	for (size_t i = 0; i < pack->n_lists; i++) {
		begin(o, pack->lists[i].id);
		for (size_t k = 0; k < pack->lists[i].n; k++) {
			const struct pack_code *c = &pack->lists[i].codes[k];
			json_object(o);
			json_c_member(o, "id", c->id);
			json_c_member(o, "zh", c->label.in[LANG_ZH]);
			json_c_member(o, "en", c->label.in[LANG_EN]);
			json_end(o);
		}
		json_end(o);
	}
	for (const struct work_list *l = work_lists; l->id; l++) {
		begin(o, l->id);
		for (size_t k = 0; k < l->n; k++) {
			json_object(o);
			json_c_member(o, "id", l->items[k].id);
			json_c_member(o, "zh", l->items[k].text.in[LANG_ZH]);
			json_c_member(o, "en", l->items[k].text.in[LANG_EN]);
			json_end(o);
		}
		json_end(o);
	}
	json_end(o);
}

static void write_records(struct json_out *o, const struct api *api)
{
	static const char *const classes[] = {"public", "office", "sensitive", "computed"};
	json_key(o, "records");
	json_object(o);
	for (size_t t = 0; t < api->o.n_tables; t++) {
		const struct record_desc *d = api->o.tables[t];
		json_key(o, d->name);
		json_object(o);
		write_text(o, "label", &d->label);
		begin(o, "fields");
		for (size_t i = 0; i < d->n; i++) {
			const struct field *f = &d->fields[i];
			json_object(o);
			json_c_member(o, "name", f->name);
			json_c_member(o, "kind", field_kind_name(f->kind));
			if (f->list)
				json_c_member(o, "list", f->list);
			json_c_member(o, "class", classes[f->flags & F_CLASS_MASK]);
			json_bool_member(o, "sealed", (f->flags & F_SEALED) != 0);
			json_bool_member(o, "required", (f->flags & F_REQUIRED) != 0);
			write_text(o, "label", &f->label);
			json_end(o);
		}
		json_end(o);
		json_end(o);
	}
	json_end(o);
}

static void write_rules(struct json_out *o, const struct pack *pack)
{
	static const char *const severities[PACK_SEVERITY_MAX] = {"B", "E", "W", "I"};
	begin(o, "rules");
	for (size_t i = 0; i < pack->n_rules; i++) {
		const struct pack_rule *r = &pack->rules[i];
		char fixer[2] = {r->fixer, '\0'};
		json_object(o);
		json_c_member(o, "id", r->id);
		write_text(o, "title", &r->title);
		json_c_member(o, "severity", severities[r->severity]);
		json_c_member(o, "fixer", fixer);
		write_text(o, "question", &r->question);
		json_bool_member(o, "enabled", r->enabled);
		json_end(o);
	}
	json_end(o);
	begin(o, "layouts");
	for (size_t i = 0; i < pack->n_layouts; i++) {
		json_object(o);
		json_c_member(o, "id", pack->layouts[i].id);
		write_text(o, "title", &pack->layouts[i].title);
		write_text(o, "office", &pack->layouts[i].office);
		json_end(o);
	}
	json_end(o);
}

static void write_answers(struct json_out *o)
{
	static const struct {
		const char *id;
		struct text title;
	} answers[] = {{"file_fixed", TEXT("已改正本部门资料", "our file was put right")},
	               {"ledger_wrong", TEXT("对方台账有误", "the other ledger is wrong")},
	               {"explained", TEXT("情况属实，有合理原因", "true, and explained")},
	               {"policy_action", TEXT("已按政策处理", "dealt with by policy")},
	               {"pending", TEXT("正在核实", "being looked into")}};
	begin(o, "answers");
	for (size_t i = 0; i < sizeof(answers) / sizeof(*answers); i++) {
		json_object(o);
		json_c_member(o, "id", answers[i].id);
		write_text(o, "title", &answers[i].title);
		json_end(o);
	}
	json_end(o);
}

static enum err get(struct request *rq)
{
	const struct api *api = rq_api(rq);
	struct json_out *o = &rq->out;
	json_object(o);
	json_c_member(o, "version", api->o.version);
	json_c_member(o, "county", db_county(rq_db(rq)));
	json_date_member(o, "today", rq_today(rq));
	json_date_member(o, "practice_day", api->calendar.practice);
	json_c_member(o, "lang", rq->lang == LANG_EN ? "en" : "zh");
	json_key(o, "pack");
	json_object(o);
	json_c_member(o, "id", api->pack->id);
	json_c_member(o, "version", api->pack->version);
	json_c_member(o, "hash", api->pack->hash);
	write_text(o, "title", &api->pack->title);
	json_end(o);
	write_places(o, api);
	write_roles(o);
	write_codes(o, api->pack);
	write_records(o, api);
	write_rules(o, api->pack);
	write_answers(o);
	json_end(o);
	return OK;
}

const struct route api_meta_routes[] = {
	{.id = "meta_get", .method = NET_GET, .path = API "/meta", .permission = PERM_signed_in,
	 .handler = get, .answer = "meta", .tag = "meta",
	 .summary = TEXT("名称与代码表", "names, codes, fields, rules and layouts")},
	{0},
};
