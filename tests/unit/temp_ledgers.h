/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* temp_ledgers: ledgers come into a test's house, and the register follows, as an import does it. */
#ifndef DAOHU_TESTS_TEMP_LEDGERS_H
#define DAOHU_TESTS_TEMP_LEDGERS_H

#include "ledger/import.h"
#include "ledger/index.h"
#include "ledger/project_in.h"
#include "registry/pin.h"
#include "temp_house.h"

static const struct record_desc *const temp_ledgers_tables[] = {
	&area_desc, &household_desc, &household_state_desc, &household_year_desc, &person_desc,
	&membership_desc, &person_year_desc, &income_desc, &duty_desc, &measure_desc, &visit_desc,
	&contract_desc, &ledger_desc, &ledger_chunk_desc, &link_answer_desc, &ledger_index_desc,
	&pin_desc,
};

static struct {
	struct pack *pack;
	const struct area_list *areas;
	const char *root;
} temp_ledgers;

static inline void temp_ledgers_open(struct temp_house *h, const struct area_list *areas, const char *root)
{
	temp_house_open(h, temp_ledgers_tables, sizeof(temp_ledgers_tables) / sizeof(temp_ledgers_tables[0]));
	if (!temp_ledgers.pack)
		assert_int_equal(pack_open(PACKS_DIR "/cn-2018", &h->diag, &temp_ledgers.pack), OK);
	temp_ledgers.areas = areas;
	temp_ledgers.root = root;
}

/* A ledger comes in, as `import` takes it; the register is still to follow. */
static inline void take_covering(struct temp_house *h, const char *layout, const char *name,
                                 const char *covers, const char *text)
{
	const char *path = arena_printf(&h->a, "%s/%s.csv", h->dir, name);
	struct import im = {.j = h->j, .pack = temp_ledgers.pack, .areas = temp_ledgers.areas,
	                    .root = temp_ledgers.root, .layout = layout, .covers = &covers, .n_covers = covers != NULL};
	struct import_result r = {0};
	struct ahead *ahead = NULL;
	struct read_file *file = NULL;
	struct import_work *work;
	bool done = false;
	FILE *f = fopen(path, "wb");
	assert_non_null(f);
	(void)fputs(text, f);
	assert_int_equal(fclose(f), 0);
	temp_house_begin(h);
	assert_int_equal(import_start(&im, &path, 1, &h->a, &ahead), OK);
	assert_int_equal(ahead_take(ahead, &h->diag, &file), OK);
	import_open(ahead, file, &h->a, &work);
	if (import_write(work, &im, 0, &done, &r))
		fail_msg("%s %s %s", err_name(h->diag.code), h->diag.place, h->diag.detail);
	assert_int_equal(r.n_ledgers, 1);
	ahead_done(ahead);
	ahead_stop(ahead);
	temp_house_commit(h);
}

static inline void take(struct temp_house *h, const char *layout, const char *name, const char *text)
{
	take_covering(h, layout, name, NULL, text);
}

static inline void take_roster(struct temp_house *h, const char *name, const char *rows)
{
	take(h, "roster", name,
	     arena_printf(&h->a, "八里河镇贫困户花名册（截至%s）\n行政村,户编号,姓名,身份证号码,与户主关系,联系电话\n%s",
	                  name, rows));
}

/* *ret: how many records changed. */
static inline void project(struct temp_house *h, int64_t *ret)
{
	struct project_counts c;
	temp_house_begin(h);
	if (project_run(h->j, temp_ledgers.pack, temp_ledgers.areas, &c))
		fail_msg("%s %s %s", err_name(h->diag.code), h->diag.place, h->diag.detail);
	temp_house_commit(h);
	if (ret)
		*ret = c.inserted + c.updated + c.ended;
}

/* As an import goes on. */
static inline void finish(struct temp_house *h, struct projection *x)
{
	const struct entry_info info = {.actor = "test", .command = "import", .reason = PROJECT_REGISTER};
	enum projection_state state = PROJECTION_WRITE;
	while (state != PROJECTION_DONE) {
		if (state == PROJECTION_PREPARE)
			assert_int_equal(projection_prepare(x, h->j), OK);
		assert_int_equal(journal_begin(h->j, &info), OK);
		assert_int_equal(projection_write(x, h->j, 1, &state), OK);
		temp_house_commit(h);
	}
	projection_close(x);
}

/* What would have to be worked out. */
static inline struct project due_open(struct temp_house *h)
{
	struct project p = {.j = h->j, .db = h->db, .pack = temp_ledgers.pack, .areas = temp_ledgers.areas,
	                    .due = {.people = true}};
	arena_init(&p.a, 0);
	p.more = ARENA_ARRAY(&p.a, p.areas->n + 1, bool);
	assert_int_equal(ledger_all(h->db, &p.a, &p.ledgers, &p.n_ledgers), OK);
	assert_int_equal(project_due(&p, false), OK);
	return p;
}

static inline void due_close(struct project *p)
{
	vec_free(&p->joined);
	arena_release(&p->a);
}

/* The same in a word: P, then kinds of facts by their
 * first letters, in the order of enum fact_kind. */
static inline const char *due(struct temp_house *h)
{
	struct project p = due_open(h);
	char *text = arena_alloc(&h->a, FACT_KINDS + 2), *at = text;
	if (p.due.people)
		*at++ = 'P';
	for (size_t k = 0; k < FACT_KINDS; k++)
		if (p.due.facts[k])
			*at++ = project_fact_tables[k].layout[0];
	*at = '\0';
	due_close(&p);
	return text;
}

/* The register is brought up to date as an import does it, by what came since; a projection of
 * all then finds nothing that was left out. */
static inline void catch_up(struct temp_house *h)
{
	struct projection *x;
	int64_t left;
	projection_open(temp_ledgers.pack, temp_ledgers.areas, &x);
	assert_int_equal(projection_prepare(x, h->j), OK);
	finish(h, x);
	assert_string_equal(due(h), "");
	project(h, &left);
	assert_int_equal(left, 0);
	assert_string_equal(due(h), "");
}

#endif
