/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* api_correction: values that people corrected, and what later ledgers say against them. */
#include "api/subjects.h"

#include "link/idno.h"
#include "registry/edit.h"
#include "registry/house_file.h"

#include "base/banned.h"

const struct record_desc *api_table(const struct api *api, const char *name)
{
	for (size_t i = 0; name && i < api->o.n_tables; i++)
		if (strcmp(api->o.tables[i]->name, name) == 0)
			return api->o.tables[i];
	return NULL;
}

/* A pinned value as the field's record would show it: money in yuan, land in mu; a number masked. */
static struct str shown_value(struct request *rq, const struct record_desc *d, size_t field,
                              const char *plain)
{
	const struct field *f = &d->fields[field];
	if (!plain)
		return (struct str){NULL, 0};
	if (f->flags & F_SEALED)
		return idno_masked(rq->a, str_c(plain));
	if (f->kind != FIELD_MONEY && f->kind != FIELD_DECIMAL)
		return str_c(plain);
	struct buf b;
	void *rec = arena_alloc(rq->a, d->size);
	memset(rec, 0, d->size);
	if (field_parse_plain(d, rec, field, str_c(plain), rq->a))
		return str_c(plain);
	buf_init(&b, 100);
	field_print(d, rec, field, rq->lang, &b);
	struct str ret = str_copy(rq->a, buf_str(&b));
	buf_release(&b);
	return ret;
}

/* Of what is sealed only the number of a person is known by its ends; the rest needs a reveal. */
static bool shows(const struct request *rq, const struct field *f)
{
	return (f->flags & F_CLASS_MASK) <= rq_user(rq)->max_class &&
	       (!(f->flags & F_SEALED) || strcmp(f->name, "id_text") == 0);
}

/* Whose it is, for a list that is not one household's. */
static void write_whose(struct request *rq, const struct pin *p, const struct household *h)
{
	struct json_out *o = &rq->out;
	bool office = rq_user(rq)->max_class >= F_OFFICE, found = false;
	struct person who;
	json_c_member(o, "hh_no", h->hh_no);
	json_c_member(o, "village", h->village);
	json_c_member(o, "head_name", office ? h->head_name : NULL);
	if (p->person && office &&
	    !db_get(rq_db(rq), &person_desc, p->person, rq->a, &who, &found) && found)
		json_c_member(o, "person_name", who.name);
}

void api_write_pin(struct request *rq, const struct pin *p, const struct household *h)
{
	struct json_out *o = &rq->out;
	const struct record_desc *d = api_table(rq_api(rq), p->tbl);
	int i = d ? record_find(d, str_c(p->field)) : -1;
	json_object(o);
	rq_record_members(rq, &pin_desc, p, rq_user(rq)->max_class);
	if (i >= 0 && shows(rq, &d->fields[i])) {
		json_text_member(o, "value", shown_value(rq, d, (size_t)i, p->value));
		json_text_member(o, "was", shown_value(rq, d, (size_t)i, p->was));
		json_text_member(o, "says", shown_value(rq, d, (size_t)i, p->says));
	}
	if (h)
		write_whose(rq, p, h);
	json_end(o);
}

/* The household's name beside that of its head, which is shown and settled (edit.h). */
static enum err is_said_already(struct request *rq, const struct pin *pins, size_t n, size_t at,
                                bool *ret)
{
	enum err e = OK;
	*ret = false;
	for (size_t i = 0; !e && !*ret && !pins[at].person && i < n; i++)
		e = edit_same_matter(rq_db(rq), &pins[at], &pins[i], ret);
	return e;
}

static enum err list(struct request *rq)
{
	struct pin *pins = NULL;
	size_t n = 0;
	(void)rq_journal(rq); /* its keys open the values */
	enum err e = pins_of(rq_db(rq), 0, rq->a, &pins, &n);
	if (e)
		return e;
	api_rows_begin(rq);
	for (size_t i = 0; !e && i < n; i++) {
		struct household h = {0};
		bool found = false, again = false;
		e = is_said_already(rq, pins, n, i, &again);
		if (!e && !again)
			e = house_file_head(rq_db(rq), pins[i].household, rq->a, &h, &found);
		if (!e && found)
			api_write_pin(rq, &pins[i], &h);
	}
	api_rows_end(rq, NULL);
	return e;
}

enum { SETTLE_NO, SETTLE_KEEP, SETTLE_REASON, SETTLE_IN };
static const struct net_field settle_in[SETTLE_IN] = {
	{.name = "no", .in = NET_PATH, .kind = FIELD_INT, .flags = NET_REQUIRED,
	 .label = TEXT("更正", "correction")},
	{.name = "keep", .in = NET_BODY, .kind = FIELD_BOOL, .flags = NET_REQUIRED,
	 .label = TEXT("保留更正（否则采用台账）", "keep it; else what the ledger says")},
	{.name = "reason", .in = NET_BODY, .kind = FIELD_TEXT, .flags = NET_REQUIRED, .max = 500,
	 .label = TEXT("依据", "on what evidence")},
};

struct settle {
	struct edit x;
	int64_t no;
	bool take;
};

static enum err write_settle(struct journal *j, void *arg)
{
	const struct settle *s = arg;
	return edit_settle(j, &s->x, s->no, s->take);
}

static enum err settle(struct request *rq)
{
	const struct api *api = rq_api(rq);
	struct settle s = {.no = rq_int(rq, SETTLE_NO, 0), .take = !rq_int(rq, SETTLE_KEEP, 0)};
	struct api_entry entry = {.command = "correction settle", .reason = rq_text(rq, SETTLE_REASON)};
	struct pin pin = {0};
	bool found = false;
	enum err e = db_get(rq_db(rq), &pin_desc, s.no, rq->a, &pin, &found);
	if (!e && !found)
		e = diag_set(&rq->diag, ERR_NOT_FOUND, "%lld", (long long)s.no);
	if (!e)
		e = rq_sees_household(rq, pin.household);
	s.x = (struct edit){.pack = api->pack, .areas = api->areas, .root = api->root,
	                    .login = rq_user(rq)->login, .today = rq_today(rq),
	                    .reason = entry.reason};
	return e ? e : api_explain(rq, api_write(rq, &entry, write_settle, &s));
}

const struct route api_correction_routes[] = {
	{.id = "correction_list", .method = NET_GET, .path = API "/corrections",
	 .permission = PERM_edit_households, .handler = list, .answer = "list correction",
	 .tag = "edit",
	 .summary = TEXT("与新台账不一致的更正", "corrections that a later ledger speaks against")},
	{.id = "correction_settle", .method = NET_POST, .path = API "/corrections/{no}",
	 .permission = PERM_edit_households, .in = settle_in, .n_in = SETTLE_IN, .handler = settle,
	 .answer = "", .tag = "edit",
	 .summary = TEXT("保留更正或采用台账", "keep the correction or take the ledger's value")},
	{0},
};
