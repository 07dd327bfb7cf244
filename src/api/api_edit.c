/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* api_edit: changing the register by hand; full values for a reason. */
#include "api/subjects.h"

#include "link/idno.h"
#include "registry/edit.h"
#include "registry/house_file.h"

#include "base/banned.h"

enum err api_explain(struct request *rq, enum err e)
{
	int status = e ? err_http_status(e) : 0;
	bool input = status == 422 || status == 404 || e == ERR_EXISTS || e == ERR_FORBIDDEN;
	if (!input || rq->diag.code != e || !rq->diag.place[0])
		return e;
	return rq_invalid(rq, arena_strdup(rq->a, rq->diag.place), e);
}

enum { IN_NO, IN_EVENT_DATE, IN_REASON, IN_RECORD, IN_YEAR, CHANGE_IN };
#define EDIT_INPUTS                                                                                \
	{.name = "no", .in = NET_PATH, .kind = FIELD_INT, .flags = NET_REQUIRED,                   \
	 .label = TEXT("户", "household")},                                                        \
	{.name = "event_date", .in = NET_BODY, .kind = FIELD_DATE,                                 \
	 .label = TEXT("事实发生日期（补录）", "date of the fact, when written up later")},        \
	{.name = "reason", .in = NET_BODY, .kind = FIELD_TEXT, .flags = NET_REQUIRED, .max = 500,  \
	 .label = TEXT("依据", "on what evidence")}
static const struct net_field change_in[CHANGE_IN] = {
	EDIT_INPUTS,
	{.name = "record", .in = NET_PATH, .kind = FIELD_INT, .flags = NET_REQUIRED,
	 .label = TEXT("记录", "record")},
	{.name = "year", .in = NET_PATH, .kind = FIELD_INT, .flags = NET_REQUIRED, .max = 9999,
	 .label = TEXT("年度", "year")},
};
static const struct net_field person_in[] = {
	EDIT_INPUTS,
	{.name = "relation", .in = NET_BODY, .kind = FIELD_TEXT, .flags = NET_REQUIRED, .max = 40,
	 .label = TEXT("与户主关系", "relation to the head")},
};

struct call {
	struct edit x;
	const struct record_desc *d;
	int64_t household, no, year, version;
	const char *relation;
	void *values, *now;
	uint64_t set;
	struct arena *a;
	bool add;
};

static enum err write_edit(struct journal *j, void *arg)
{
	struct call *c = arg;
	if (c->d == &person_desc && c->add)
		return edit_add_person(j, &c->x, c->household, c->values, c->set, c->relation, c->a, c->now);
	if (c->d == &person_year_desc)
		return edit_person_year(j, &c->x, c->household, c->no, c->year, c->values, c->set, c->a,
		                        c->now);
	if (c->add)
		return edit_add(j, &c->x, c->d, c->household, c->values, c->set, c->a, c->now);
	return edit_change(j, &c->x, c->d, c->household, c->no, c->version, c->values, c->set, c->a,
	                   c->now);
}

static struct edit edit_of(struct request *rq)
{
	const struct api *api = rq_api(rq);
	return (struct edit){.pack = api->pack, .areas = api->areas, .root = api->root,
	                     .login = rq_user(rq)->login, .today = rq_today(rq),
	                     .event_date = (date_t)rq_int(rq, IN_EVENT_DATE, 0),
	                     .reason = rq_text(rq, IN_REASON)};
}

static enum err check_there(struct request *rq, const struct call *c)
{
	char *rec = arena_calloc(rq->a, 1, c->d->size);
	bool found = false;
	enum err e = db_get(rq_db(rq), c->d, c->no, rq->a, rec, &found);
	if (!e && !found)
		e = diag_set(&rq->diag, ERR_NOT_FOUND, "%s %lld", c->d->name, (long long)c->no);
	return e ? e : rq_check_version(rq, c->d, rec);
}

static enum err edit(struct request *rq, struct call *c)
{
	c->d = rq->route->record;
	c->a = rq->a;
	c->x = edit_of(rq);
	c->household = rq_int(rq, IN_NO, 0);
	c->version = rq->if_match;
	c->values = arena_calloc(rq->a, 1, c->d->size);
	c->now = arena_calloc(rq->a, 1, c->d->size);
	enum err e = rq_sees_household(rq, c->household);
	if (!e && c->d == &household_desc)
		c->no = c->household;
	if (!e && !c->add && c->d != &person_year_desc)
		e = check_there(rq, c);
	if (!e)
		e = rq_fields(rq, c->d, c->values, &c->set);
	struct api_entry entry = {.command = arena_printf(rq->a, "%s %s", c->d->name, c->add ? "add" : "change"),
	                          .reason = c->x.reason, .event_date = c->x.event_date};
	if (!e)
		e = api_explain(rq, api_write(rq, &entry, write_edit, c));
	if (e)
		return e;
	rq->status = c->add ? 201 : 200;
	json_object(&rq->out);
	rq_record_members(rq, c->d, c->now, rq_user(rq)->max_class);
	json_end(&rq->out);
	rq_version(rq, ((const struct record *)c->now)->version);
	return OK;
}

static enum err change(struct request *rq)
{
	struct call c = {.no = rq->route->n_in > IN_RECORD ? rq_int(rq, IN_RECORD, 0) : 0};
	if (rq->route->n_in > IN_YEAR)
		c.year = rq_int(rq, IN_YEAR, 0);
	return edit(rq, &c);
}

static enum err add(struct request *rq)
{
	struct call c = {.add = true};
	if (rq->route->record == &person_desc)
		c.relation = rq_text(rq, IN_RECORD);
	return edit(rq, &c);
}

/* --- full values, for a reason ----------------------------------------------------------- */

enum { REVEAL_NO, REVEAL_FIELDS, REVEAL_WHY, REVEAL_IN };
static const struct net_field reveal_in[REVEAL_IN] = {
	{.name = "no", .in = NET_PATH, .kind = FIELD_INT, .flags = NET_REQUIRED,
	 .label = TEXT("户", "household")},
	{.name = "fields", .in = NET_BODY, .kind = FIELD_CODE, .flags = NET_REQUIRED | NET_LIST,
	 .codes = "id_text|phone|account|birth|health|disability_card|student|school",
	 .label = TEXT("栏目", "fields")},
	{.name = "reason", .in = NET_BODY, .kind = FIELD_TEXT, .flags = NET_REQUIRED, .max = 500,
	 .label = TEXT("事由", "reason")},
};

static void write_value(struct json_out *o, const struct record_desc *d, const void *rec,
                        const char *name)
{
	struct buf b;
	int i = record_find(d, str_c(name));
	if (i < 0 || !field_has(d, rec, (size_t)i))
		return;
	buf_init(&b, 1 << 16);
	field_print_plain(d, rec, (size_t)i, &b);
	json_text_member(o, name, buf_str(&b));
	buf_release(&b);
}

static void write_revealed(struct request *rq, const struct house_file *f)
{
	const struct net_values *fields = &rq->values[REVEAL_FIELDS];
	struct json_out *o = &rq->out;
	api_rows_begin(rq);
	for (size_t i = 0; i < f->n_members; i++) {
		const struct house_member *m = &f->members[i];
		json_object(o);
		json_int_member(o, "person", m->person.no);
		json_c_member(o, "name", m->person.name);
		for (size_t k = 0; k < fields->n; k++) {
			const char *name = fields->items[k].text.p;
			write_value(o, &person_desc, &m->person, name);
			if (m->n_years)
				write_value(o, &person_year_desc, &m->years[0], name);
		}
		json_end(o);
	}
	api_rows_end(rq, NULL);
}

static enum err reveal(struct request *rq)
{
	struct house_file f;
	const struct net_values *fields = &rq->values[REVEAL_FIELDS];
	int64_t no = rq_int(rq, REVEAL_NO, 0);
	for (size_t i = 0; i < fields->n; i++)
		for (size_t k = 0; k < i; k++)
			if (str_eq(fields->items[i].text, fields->items[k].text))
				return rq_invalid(rq, "fields", ERR_INVALID);
	(void)rq_journal(rq);
	enum err e = house_file_load(rq_db(rq), no, rq->a, &f);
	if (e)
		return e;
	struct buf b;
	buf_init(&b, 4096);
	buf_addf(&b, "household %lld:", (long long)no);
	for (size_t i = 0; i < fields->n; i++)
		buf_addf(&b, " " STR_FMT, STR_ARG(fields->items[i].text));
	e = api_note_reveal(rq, str_dup(rq->a, buf_str(&b)), rq_text(rq, REVEAL_WHY));
	buf_release(&b);
	if (!e)
		write_revealed(rq, &f);
	return e;
}

#define CHANGE(id_, path_, n_, desc_, zh_, en_)                                                    \
	{.id = id_, .method = NET_PUT, .path = API "/households/{no}" path_,                       \
	 .permission = PERM_edit_households, .in = change_in, .n_in = n_, .record = &desc_##_desc,        \
	 .handler = change, .answer = #desc_, .tag = "edit", .summary = TEXT(zh_, en_)}
#define ADD(id_, path_, desc_, zh_, en_)                                                           \
	{.id = id_, .method = NET_POST, .path = API "/households/{no}" path_,                      \
	 .permission = PERM_edit_households, .in = change_in, .n_in = IN_RECORD, .record = &desc_##_desc, \
	 .handler = add, .answer = #desc_, .tag = "edit", .summary = TEXT(zh_, en_)}

const struct route api_edit_routes[] = {
	CHANGE("household_change", "", IN_RECORD, household, "修改户信息", "change a household"),
	{.id = "person_add", .method = NET_POST, .path = API "/households/{no}/persons",
	 .permission = PERM_edit_households, .in = person_in, .n_in = IN_RECORD + 1,
	 .record = &person_desc, .handler = add, .answer = "person", .tag = "edit",
	 .summary = TEXT("新增成员", "add a member")},
	CHANGE("person_change", "/persons/{record}", IN_RECORD + 1, person, "修改成员",
	       "change a member"),
	CHANGE("person_year_change", "/persons/{record}/years/{year}", CHANGE_IN, person_year,
	       "修改成员年度信息", "change a member's year"),
	ADD("income_add", "/incomes", income, "新增收入账", "add an income account"),
	CHANGE("income_change", "/incomes/{record}", IN_RECORD + 1, income, "修改收入账",
	       "change an income account"),
	ADD("visit_add", "/visits", visit, "新增走访", "add a visit"),
	CHANGE("visit_change", "/visits/{record}", IN_RECORD + 1, visit, "修改走访", "change a visit"),
	ADD("measure_add", "/measures", measure, "新增措施", "add a measure"),
	CHANGE("measure_change", "/measures/{record}", IN_RECORD + 1, measure, "修改措施",
	       "change a measure"),
	ADD("duty_add", "/duties", duty, "新增帮扶责任人", "add who answers for it"),
	CHANGE("duty_change", "/duties/{record}", IN_RECORD + 1, duty, "修改帮扶责任人",
	       "change who answers for it"),
	ADD("household_year_add", "/years", household_year, "新增年度信息", "add a year"),
	CHANGE("household_year_change", "/years/{record}", IN_RECORD + 1, household_year,
	       "修改年度信息", "change a year"),
	{.id = "household_reveal", .method = NET_POST, .path = API "/households/{no}/reveal",
	 .permission = PERM_reveal, .in = reveal_in, .n_in = REVEAL_IN, .handler = reveal,
	 .answer = "list revealed", .tag = "household",
	 .summary = TEXT("查看完整号码（留痕）", "full values, for a reason that is recorded")},
	{0},
};
