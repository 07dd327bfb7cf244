/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* api_link: whose row is it?  Uncertain links, side by side, for a person to decide. */
#include "api/subjects.h"

#include "api/snapshot.h"
#include "check/cell.h"
#include "check/links.h"
#include "link/idno.h"

#include "base/banned.h"

static const char *const agrees[] = {"missing", "differs", "near", "agrees"};

/* What of a candidate a column is compared with, or NULL. */
static const char *compared(const struct link_case *c, int column)
{
	return column == c->name_column      ? "name"
	       : column == c->id_column      ? "id"
	       : column == c->birth_column   ? "birth"
	       : column == c->village_column ? "village"
	                                     : NULL;
}

static void write_row(struct request *rq, const struct link_case *c)
{
	struct json_out *o = &rq->out;
	json_key(o, "row");
	json_array(o);
	for (size_t i = 0; i < c->rows->n_columns && i < c->layout->n_columns; i++) {
		const struct pack_column *col = &c->layout->columns[i];
		const struct town_cell *cell = town_cell(&c->rows->rows[c->row], (int)i);
		bool number = col->kind == PACK_ID || col->kind == PACK_CARD;
		if (cell->state == TOWN_CELL_EMPTY || (col->privacy == PACK_SENSITIVE && !number))
			continue;
		json_object(o);
		json_c_member(o, "field", col->id);
		json_c_member(o, "label", col->label.in[rq->lang]);
		json_c_member(o, "compared", compared(c, (int)i));
		json_text_member(o, "value", number ? idno_masked(rq->a, town_cell_text(cell))
		                                    : cell_shown(rq_api(rq)->pack, col, cell, rq->lang,
		                                                 false, rq->a));
		json_end(o);
	}
	json_end(o);
}

static void write_candidate(struct request *rq, const struct town *t, const struct link_candidate *k)
{
	struct json_out *o = &rq->out;
	const struct town_person *p = k->person >= 0 ? &t->persons[k->person] : NULL;
	const struct town_household *h = k->household >= 0 ? &t->households[k->household] : NULL;
	json_object(o);
	json_key(o, "person");
	if (p)
		json_int(o, p->no);
	else
		json_null(o);
	json_key(o, "household");
	if (h)
		json_int(o, h->no);
	else
		json_null(o);
	json_key(o, "name");
	json_text(o, p ? p->name : h ? h->head_name : (struct str){NULL, 0});
	json_key(o, "id_masked");
	json_text(o, p ? idno_masked(rq->a, p->id18.n ? p->id18 : p->id_raw) : (struct str){NULL, 0});
	json_date_member(o, "birth", p ? p->birth : 0);
	json_key(o, "hh_no");
	json_text(o, h ? h->hh_no : (struct str){NULL, 0});
	json_key(o, "village");
	json_text(o, h && h->village >= 0 ? t->villages[h->village].code : (struct str){NULL, 0});
	json_c_member(o, "band", k->probable ? "probable" : "unclear");
	json_c_member(o, "why", k->why.in[rq->lang]);
	json_key(o, "agree");
	json_object(o);
	json_c_member(o, "name", agrees[k->name]);
	json_c_member(o, "id", agrees[k->id]);
	json_c_member(o, "birth", agrees[k->birth]);
	json_c_member(o, "village", agrees[k->village]);
	json_end(o);
	json_end(o);
}

static void write_case(struct request *rq, const struct town *t, const struct link_case *c)
{
	struct json_out *o = &rq->out;
	const struct town_row *row = &c->rows->rows[c->row];
	json_object(o);
	json_c_member(o, "key", c->key);
	json_c_member(o, "layout", c->layout->id);
	json_c_member(o, "title", c->layout->title.in[rq->lang]);
	json_c_member(o, "office", c->layout->office.in[rq->lang]);
	json_text_member(o, "place", town_row_place(t, row, rq->a));
	json_date_member(o, "date", row->ledger >= 0 ? t->ledgers[row->ledger].as_of : 0);
	write_row(rq, c);
	json_key(o, "candidates");
	json_array(o);
	for (size_t i = 0; i < c->n; i++)
		write_candidate(rq, t, &c->candidates[i]);
	json_end(o);
	json_end(o);
}

enum { IN_AFTER, IN_LIMIT };
static const struct net_field list_in[] = {
	{.name = "after", .in = NET_QUERY, .kind = FIELD_TEXT, .max = LINK_KEY_SIZE,
	 .label = TEXT("自此之后", "cursor")},
	{.name = "limit", .in = NET_QUERY, .kind = FIELD_INT, .max = 200,
	 .label = TEXT("行数", "rows at the most")},
};

static enum err list(struct request *rq)
{
	const struct snapshot *s = snapshot_get(rq_api(rq));
	struct link_case *cases = NULL;
	size_t n = 0;
	bool more = false;
	if (!s)
		return ERR_BUSY;
	enum err e = links_open(rq_db(rq), &s->town, rq_api(rq)->pack, rq_text(rq, IN_AFTER),
	                        (size_t)rq_int(rq, IN_LIMIT, 0), rq->a, &cases, &n, &more);
	if (!e) {
		api_rows_begin(rq);
		for (size_t i = 0; i < n; i++)
			write_case(rq, &s->town, &cases[i]);
		api_rows_end(rq, more && n ? cases[n - 1].key : NULL);
	}
	snapshot_put(s);
	return e;
}

enum { DECIDE_KEY, DECIDE_VERDICT, DECIDE_PERSON, DECIDE_HOUSEHOLD, DECIDE_REASON, DECIDE_IN };
static const struct net_field decide_in[DECIDE_IN] = {
	{.name = "key", .in = NET_PATH, .kind = FIELD_TEXT, .flags = NET_REQUIRED, .max = LINK_KEY_SIZE,
	 .label = TEXT("台账行", "row")},
	{.name = "verdict", .in = NET_BODY, .kind = FIELD_CODE, .flags = NET_REQUIRED,
	 .codes = "same|other|none", .label = TEXT("判定", "verdict")},
	{.name = "person", .in = NET_BODY, .kind = FIELD_INT, .label = TEXT("人", "person")},
	{.name = "household", .in = NET_BODY, .kind = FIELD_INT, .label = TEXT("户", "household")},
	{.name = "reason", .in = NET_BODY, .kind = FIELD_TEXT, .max = 500, .label = TEXT("理由", "reason")},
};

struct decision {
	const struct pack *pack;
	const char *key, *reason;
	enum link_verdict verdict;
	int64_t person, household;
};

static enum err write_decision(struct journal *j, void *arg)
{
	const struct decision *d = arg;
	return links_decide(j, d->pack, d->key, d->verdict, d->person, d->household, d->reason);
}

static enum err decide(struct request *rq)
{
	bool none = strcmp(rq_text(rq, DECIDE_VERDICT), "none") == 0;
	struct decision d = {rq_api(rq)->pack, rq_text(rq, DECIDE_KEY), rq_text(rq, DECIDE_REASON),
	                     none ? LINK_NOBODY : LINK_SAME, rq_int(rq, DECIDE_PERSON, 0),
	                     rq_int(rq, DECIDE_HOUSEHOLD, 0)};
	struct api_entry entry = {.command = "link decide", .reason = d.reason};
	enum err e = d.household && !none ? rq_sees_household(rq, d.household) : OK;
	return e ? e : api_explain(rq, api_write(rq, &entry, write_decision, &d));
}

const struct route api_link_routes[] = {
	{.id = "link_list", .method = NET_GET, .path = API "/links", .permission = PERM_review_links,
	 .in = list_in, .n_in = 2, .handler = list, .answer = "list link_case", .tag = "link",
	 .summary = TEXT("待判定的台账行", "rows of which it is not sure whose they are")},
	{.id = "link_decide", .method = NET_POST, .path = API "/links/{key}",
	 .permission = PERM_review_links, .in = decide_in, .n_in = DECIDE_IN, .handler = decide,
	 .answer = "", .tag = "link", .summary = TEXT("判定是谁的", "decide whose it is")},
	{0},
};
