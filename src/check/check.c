/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "check/check_own.h"

#include <stdlib.h>

#include "base/team.h"
#include "base/vec.h"

#include "base/banned.h"

/* ---- compiling ---- */

static struct rule_source source(const struct pack_source *s, int entity)
{
	return (struct rule_source){.text = str_c(s->text),
	                            .entity = entity,
	                            .file = "rules.yaml",
	                            .line = (int)s->line,
	                            .column = (int)s->col,
	                            .indent = 0};
}

static void note_reads(struct check *c, struct compiled *r, const struct rule_read *reads, size_t n,
                       bool compares)
{
	for (size_t i = 0; i < n; i++) {
		if (reads[i].field >= 0)
			c->need.field[reads[i].entity][reads[i].field] = true;
		else
			c->need.collection[reads[i].entity][reads[i].collection] = true;
		if (compares && reads[i].source > 0)
			r->layout[reads[i].source - 1] = true;
	}
}

static enum err compile_needs(const struct check *c, struct compiled *r, const struct pack_rule *p,
                              struct diag *diag, struct arena *a)
{
	r->needs = ARENA_ARRAY(a, p->n_needs + 1, struct need);
	for (size_t i = 0; i < p->n_needs; i++) {
		struct str rest = str_c(p->needs[i]), entity = {0};
		int e, f = -1;

		str_split(&rest, '.', &entity);
		e = rule_entity_find(&c->schema.rule, entity);
		if (e >= 0)
			f = rule_field_find(&c->schema.rule.entities[e], rest);
		if (f < 0 || e >= ENT_FIXED || e == ENT_HELPER || e == ENT_OUTSIDER) {
			diag_place(diag, "rules.yaml:%u", p->line);
			return diag_set(diag, ERR_RULE_NAME, "needs: %s", p->needs[i]);
		}
		r->needs[r->n_needs++] = (struct need){e, f};
		c->need.field[e][f] = true;
	}
	return OK;
}

static enum err compile_rule(struct check *c, const struct pack_rule *p, struct compiled *r,
                             struct diag *diag)
{
	const struct rule_schema *s = &c->schema.rule;
	struct arena *a = &c->arena;
	const struct rule_read *reads;
	struct rule_source src;
	size_t n;
	enum err e;

	r->pack = p;
	r->entity = rule_entity_find(s, str_c(p->scope));
	r->layout = ARENA_ARRAY(a, c->schema.pack->n_layouts + 1, bool);
	if (r->entity < 0 || r->entity >= ENT_FIXED) {
		diag_place(diag, "rules.yaml:%u", p->line);
		return diag_set(diag, ERR_RULE_NAME, "scope: %s", p->scope);
	}
	src = source(&p->when, r->entity);
	e = rule_compile(s, &src, RULE_BOOL, a, &r->when, diag);
	if (e)
		return e;
	reads = rule_reads(r->when, &n);
	note_reads(c, r, reads, n, true);
	if ((r->entity == ENT_HOUSEHOLD || r->entity == ENT_PERSON) &&
	    schema_layout(&c->schema, STR("roster")) >= 0)
		r->layout[schema_layout(&c->schema, STR("roster"))] = true;
	for (int l = 0; l < LANG_MAX; l++) {
		src = source(&p->detail[l], r->entity);
		e = rule_template_compile(s, &src, a, &r->detail[l], diag);
		if (e)
			return e;
		reads = rule_template_reads(r->detail[l], &n);
		note_reads(c, r, reads, n, false);
	}
	if (p->subject.text) {
		src = source(&p->subject, r->entity);
		e = rule_template_compile(s, &src, a, &r->subject, diag);
		if (e)
			return e;
		reads = rule_template_reads(r->subject, &n);
		note_reads(c, r, reads, n, false);
	}
	return compile_needs(c, r, p, diag, a);
}

enum err check_new(const struct pack *pack, struct diag *diag, struct check **ret)
{
	struct check *c = base_calloc(1, sizeof(*c));
	enum err e;

	arena_init(&c->arena, (size_t)1 << 30);
	e = schema_build(pack, &c->arena, diag, &c->schema);
	if (e == OK) {
		c->need = schema_need_new(&c->schema, &c->arena);
		c->rules = ARENA_ARRAY(&c->arena, pack->n_rules + 1, struct compiled);
	}
	for (size_t i = 0; e == OK && i < pack->n_rules; i++)
		e = compile_rule(c, &pack->rules[i], &c->rules[i], diag);
	if (e) {
		check_free(c);
		return e;
	}
	*ret = c;
	return OK;
}

void check_free(struct check *c)
{
	if (!c)
		return;
	arena_release(&c->arena);
	base_free(c);
}

const struct schema *check_schema(const struct check *c)
{
	return &c->schema;
}

const bool *const *check_reads_columns(const struct check *c, struct arena *a)
{
	const struct pack *pack = c->schema.pack;
	const bool **ret = ARENA_ARRAY(a, pack->n_layouts + 1, const bool *);

	for (size_t i = 0; i < pack->n_layouts; i++) {
		const struct pack_layout *l = &pack->layouts[i];
		int entity = c->schema.layout_entity[i]; /* its fields begin with the columns */
		bool *read = ARENA_ARRAY(a, l->n_columns + 1, bool);
		for (size_t k = 0; k < l->n_columns; k++)
			read[k] = (entity >= 0 && c->need.field[entity][k]) || facts_read_column(l, k);
		ret[i] = read;
	}
	return ret;
}

bool check_reads_layout(const struct check *c, int rule_no, int layout)
{
	return c->rules[rule_no].layout[layout];
}

/* ---- where a row belongs ---- */

static int32_t household_of(const struct town *t, int entity, int32_t row)
{
	switch (entity) {
	case ENT_HOUSEHOLD:
		return row;
	case ENT_PERSON:
		return t->persons[row].household;
	case ENT_INCOME:
		return t->incomes[row].household;
	case ENT_DUTY:
		return t->duties[row].household;
	case ENT_MEASURE:
		return t->measures[row].household;
	case ENT_VISIT:
		return t->visits[row].household;
	case ENT_CONTRACT:
		return t->contracts[row].household;
	default:
		return TOWN_NONE;
	}
}

static int32_t village_of(const struct town *t, int entity, int32_t row)
{
	int32_t h = household_of(t, entity, row);

	if (entity == ENT_VILLAGE)
		return row;
	if (entity == ENT_OUTSIDER)
		return t->outsiders[row].village;
	return h >= 0 ? t->households[h].village : TOWN_NONE;
}

/* ---- needs: was the column handed in, village by village ---- */

static void supplied(const struct check_result *r, const struct need *n, bool *ret)
{
	const struct town *t = r->town;
	const struct rule_table *table = &r->data.tables[n->entity];
	const struct rule_column *c = &table->columns[n->field];

	for (size_t i = 0; i < table->n && (c->i || c->s); i++) {
		int32_t v = village_of(t, n->entity, (int32_t)i);

		if (!c->state || c->state[i] != RULE_MISSING)
			ret[v >= 0 ? (size_t)v : t->n_villages] = true;
	}
}

/* ---- sources ---- */

static int by_ledger(const void *x, const void *y)
{
	const struct source_ledger *a = x, *b = y;

	if (a->layout != b->layout)
		return a->layout < b->layout ? -1 : 1;
	return (a->as_of > b->as_of) - (a->as_of < b->as_of);
}

static void sources_of(const struct run *run, const struct compiled *rule, int32_t village,
                       struct sources *ret)
{
	const struct town *t = run->r->town;

	for (size_t i = 0; i < t->n_ledgers; i++) {
		const struct town_ledger *l = &t->ledgers[i];
		int layout = run->ledger_layout[i];

		if (layout < 0 || !rule->layout[layout] || l->replaced)
			continue;
		if (village >= 0 && !town_ledger_covers(l, village))
			continue;
		*vec_push(ret) = (struct source_ledger){layout, l->as_of, l->year};
	}
	if (ret->n > 1)
		qsort(ret->p, ret->n, sizeof(*ret->p), by_ledger);
}

/* A later period of the same layout is among the sources. */
static bool outdated(const struct sources *s, size_t i)
{
	for (size_t k = 0; k < s->n; k++) {
		if (s->p[k].layout == s->p[i].layout && s->p[i].year != TOWN_MISSING &&
		    s->p[k].year != TOWN_MISSING && s->p[k].year > s->p[i].year)
			return true;
	}
	return false;
}

static struct str source_text(struct run *run, int rule_no, int32_t village)
{
	size_t slot = (size_t)rule_no * (run->r->town->n_villages + 1) + (size_t)(village + 1);
	const struct pack *pack = run->r->pack;
	struct sources s = {0};
	struct buf b;

	if (run->source[slot].p)
		return run->source[slot];
	buf_init(&b, 1 << 16);
	sources_of(run, &run->c->rules[rule_no], village, &s);
	for (size_t i = 0; i < s.n; i++) {
		char day[16];

		if (outdated(&s, i) || (i > 0 && by_ledger(&s.p[i], &s.p[i - 1]) == 0))
			continue;
		if (b.n)
			buf_adds(&b, run->opts->lang == LANG_ZH ? "；" : "; ");
		buf_adds(&b, pack->layouts[s.p[i].layout].title.in[run->opts->lang]);
		if (s.p[i].as_of) {
			date_format(s.p[i].as_of, day);
			buf_addf(&b, run->opts->lang == LANG_ZH ? "（%s）" : " (%s)", day);
		}
	}
	run->source[slot] = str_c(arena_strndup(run->a, b.p ? b.p : "", b.n));
	buf_release(&b);
	vec_free(&s);
	return run->source[slot];
}

bool check_newer(const struct check *c, const struct town *t, int rule_no, int32_t village,
                 const struct town_answer *answer)
{
	for (size_t i = 0; i < t->n_ledgers; i++) {
		const struct town_ledger *l = &t->ledgers[i];
		int layout = schema_layout(&c->schema, l->layout);

		if (layout < 0 || !c->rules[rule_no].layout[layout] || l->replaced ||
		    (village >= 0 && !town_ledger_covers(l, village)))
			continue;
		if (l->received > answer->recorded)
			return true;
	}
	return false;
}

/* ---- findings ---- */

static struct str own_text(struct arena *a, const struct buf *b)
{
	return str_c(arena_strndup(a, b->p ? b->p : "", b->n));
}

static struct str rendered(const struct run *run, const struct rule_template *t,
                           const struct rule_data *d, int32_t row)
{
	struct buf b;
	struct str ret;

	buf_init(&b, 1 << 20);
	rule_template_render(t, d, row, run->opts->lang, run->scratch, &b);
	ret = own_text(run->a, &b);
	buf_release(&b);
	return ret;
}

static struct str joined(struct arena *a, struct str x, struct str y)
{
	if (x.n == 0 || y.n == 0)
		return x.n ? x : y;
	return str_c(arena_printf(a, STR_FMT " " STR_FMT, STR_ARG(x), STR_ARG(y)));
}

static struct str dated(struct arena *a, struct str x, date_t d)
{
	return d ? joined(a, x, str_c(date_dup(a, d))) : x;
}

/* What the finding is about, where it is no household and no person. */
static struct str default_subject(const struct run *run, const struct finding *f)
{
	const struct town *t = run->r->town;

	switch (f->entity) {
	case ENT_MEASURE: {
		const struct town_measure *m = &t->measures[f->row];

		return dated(run->a, joined(run->a, m->category_text, m->content), m->date);
	}
	case ENT_CONTRACT: {
		const struct town_contract *k = &t->contracts[f->row];

		return dated(run->a, k->company.n ? k->company : k->coop, k->due);
	}
	case ENT_VISIT:
		return dated(run->a, t->visits[f->row].visitor, t->visits[f->row].date);
	case ENT_INCOME:
		return str_c(arena_printf(run->a, "%lld",
		                          (long long)run->r->facts.income[f->row].year));
	case ENT_DUTY:
		return t->duties[f->row].helper;
	case ENT_HELPER:
		return run->r->facts.helper[f->row].name;
	default:
		return (struct str){0};
	}
}

static struct str shown_id(const struct run *run, struct str id)
{
	char *p;

	if (run->opts->full_ids || id.n != 18)
		return id;
	p = arena_strndup(run->a, id.p, id.n);
	memset(p + 6, '*', 8);
	return (struct str){p, id.n};
}

static void fill_who(const struct run *run, struct finding *f)
{
	const struct town *t = run->r->town;

	f->household = household_of(t, f->entity, f->row);
	f->person = f->entity == ENT_PERSON ? f->row : TOWN_NONE;
	f->village = village_of(t, f->entity, f->row);
	if (f->village >= 0)
		f->village_name = t->villages[f->village].name;
	if (f->household >= 0) {
		f->household_no = t->households[f->household].hh_no;
		f->name = t->households[f->household].head_name;
	}
	if (f->person >= 0) {
		const struct town_person *p = &t->persons[f->person];

		f->name = p->name;
		if (p->id18.n == 18 &&
		    (run->r->facts.person[f->person].id_flags & CHECK_ID_NOT_WHOLE) == 0)
			f->full_id = p->id18;
	}
	if (f->entity == ENT_OUTSIDER) {
		f->name = t->outsiders[f->row].name;
		f->full_id = t->outsiders[f->row].id18;
	}
	f->person_id = shown_id(run, f->full_id);
}

static const struct town_answer *answer_of(const struct run *run, const struct finding *f)
{
	const struct town *t = run->r->town;
	int64_t household = f->household >= 0 ? t->households[f->household].no : 0;
	int64_t person = f->person >= 0 ? t->persons[f->person].no : 0;

	for (size_t i = 0; i < t->n_answers; i++) {
		const struct town_answer *a = &t->answers[i];

		if (!str_is(a->rule, f->rule->id) || a->household != household ||
		    a->person != person || !str_eq(a->subject, f->subject))
			continue;
		if (a->off_register && (f->entity != ENT_OUTSIDER || a->outsider != f->row))
			continue;
		if (a->until && a->until < t->as_of)
			continue;
		if (!str_is(a->state, "explained") &&
		    check_newer(run->c, t, f->rule_no, f->village, a))
			continue; /* a later ledger still shows it */
		return a;
	}
	return NULL;
}

static bool has_needs(const struct run *run, const struct compiled *rule, int32_t village)
{
	size_t slot = village >= 0 ? (size_t)village : run->r->town->n_villages;

	for (size_t i = 0; i < rule->n_needs; i++) {
		if (!run->supplied[rule->pack - run->r->pack->rules][i][slot])
			return false;
	}
	return true;
}

static void add_finding(struct run *run, int rule_no, const struct rule_hit *hit)
{
	const struct compiled *rule = &run->c->rules[rule_no];
	struct finding f = {.rule = rule->pack,
	                    .rule_no = rule_no,
	                    .entity = rule->entity,
	                    .row = hit->row,
	                    .probable = hit->probable ||
	                                rule->pack->certainty == PACK_PROBABLE};
	const struct rule_data *d = run->opts->full_ids ? &run->r->data : &run->r->shown;

	fill_who(run, &f);
	if (run->opts->village >= 0 && f.village != run->opts->village)
		return;
	if (f.person >= 0 && run->r->town->persons[f.person].erased)
		return;
	if (!has_needs(run, rule, f.village))
		return;
	f.subject = rule->subject ? rendered(run, rule->subject, &run->r->shown, f.row)
	                          : default_subject(run, &f);
	f.answer = answer_of(run, &f);
	f.detail = rendered(run, rule->detail[run->opts->lang], d, f.row);
	f.source = source_text(run, rule_no, f.village);
	*vec_push(&run->found) = f;
}

static int by_columns(const void *x, const void *y)
{
	const struct finding *a = x, *b = y;
	const struct str keys[][2] = {
		{str_c(a->rule->id), str_c(b->rule->id)}, {a->household_no, b->household_no},
		{a->person_id, b->person_id},             {a->subject, b->subject},
		{a->source, b->source},                   {a->name, b->name},
		{a->full_id, b->full_id},                 {a->village_name, b->village_name},
		{a->detail, b->detail},
	};

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		int c = str_cmp(keys[i][0], keys[i][1]);

		if (c)
			return c;
	}
	return 0;
}

/* One thing is one finding, however many rows say it. */
static bool same_thing(const struct finding *a, const struct finding *b)
{
	return a->rule == b->rule && a->household == b->household && a->person == b->person &&
	       str_eq(a->subject, b->subject) && str_eq(a->full_id, b->full_id) &&
	       str_eq(a->name, b->name) && a->village == b->village;
}

static void finish(struct run *run)
{
	struct check_result *r = run->r;

	if (run->found.n > 1)
		qsort(run->found.p, run->found.n, sizeof(*run->found.p), by_columns);
	r->findings = ARENA_ARRAY(run->a, run->found.n + 1, struct finding);
	r->answered = ARENA_ARRAY(run->a, run->found.n + 1, struct finding);
	for (size_t i = 0; i < run->found.n; i++) {
		const struct finding *f = &run->found.p[i];
		struct check_tally *t = &r->tally[f->rule_no];

		if (i > 0 && same_thing(f - 1, f))
			continue;
		if (f->answer) {
			t->answered++;
			if (!run->opts->with_answered) {
				r->answered[r->n_answered++] = *f;
				continue;
			}
		}
		r->findings[r->n++] = *f;
		t->findings++;
		t->probable += f->probable;
	}
	vec_free(&run->found);
}

/* What one rule finds in the rows of its entity. */
struct rule_run {
	struct rule_hits hits;
	struct rule_tally tally;
};

struct rules_job {
	const struct run *run;
	struct rule_run *rules; /* one a rule of the pack */
	struct arena scratch[TEAM_MAX];
};

static enum check_outcome outcome_now(const struct pack_rule *p, date_t day)
{
	if (!p->enabled)
		return CHECK_DISABLED;
	if ((p->valid_from && p->valid_from > day) || (p->valid_to && p->valid_to < day))
		return CHECK_NOT_VALID;
	return CHECK_RAN;
}

/* Rules only read the town; each is a job, and looks whether what it needs was handed in. */
static void find_rule(void *arg, size_t rule_no, size_t worker)
{
	struct rules_job *job = arg;
	const struct compiled *rule = &job->run->c->rules[rule_no];
	const struct rule_data *d = &job->run->r->data;
	struct rule_rows rows = {NULL, d->tables[rule->entity].n};
	struct rule_run *own = &job->rules[rule_no];

	if (outcome_now(rule->pack, job->run->r->town->as_of) != CHECK_RAN)
		return;
	for (size_t k = 0; k < rule->n_needs; k++)
		supplied(job->run->r, &rule->needs[k], job->run->supplied[rule_no][k]);
	rule_find(rule->when, d, rows, &job->scratch[worker], &own->hits, &own->tally);
}

static void take_rule(struct run *run, int rule_no, struct rule_run *own)
{
	struct check_tally *tally = &run->r->tally[rule_no];
	const struct rule_tally *t = &own->tally;

	tally->outcome = outcome_now(run->c->rules[rule_no].pack, run->r->town->as_of);
	if (tally->outcome != CHECK_RAN)
		return;
	tally->unknown = t->unknown;
	tally->overflows = t->overflows;
	tally->overflow_row = t->overflow_row;
	if (t->yes == 0 && t->no == 0)
		tally->outcome = CHECK_NO_DATA;
	for (size_t i = 0; i < own->hits.n; i++)
		add_finding(run, rule_no, &own->hits.p[i]);
	vec_free(&own->hits);
}

static void run_rules(struct run *run, struct team *team)
{
	size_t n = run->c->schema.pack->n_rules;
	struct rules_job job = {.run = run, .rules = ARENA_ARRAY(run->a, n + 1, struct rule_run)};

	for (size_t i = 0; i < TEAM_MAX; i++)
		arena_init(&job.scratch[i], 0);
	team_run(team, n, find_rule, &job);
	for (size_t i = 0; i < n; i++)
		take_rule(run, (int)i, &job.rules[i]);
	for (size_t i = 0; i < TEAM_MAX; i++)
		arena_release(&job.scratch[i]);
}

void check_run(const struct check *c, const struct town *town, const struct check_opts *opts,
               struct arena *a, struct check_result *ret)
{
	const struct pack *pack = c->schema.pack;
	struct team *team = team_new(0);
	struct arena scratch;
	struct run run = {.c = c, .r = ret, .opts = opts, .a = a, .scratch = &scratch};

	arena_init(&scratch, 0);
	*ret = (struct check_result){
		.town = town, .pack = pack, .lang = opts->lang, .village = opts->village};
	facts_build(&c->schema, town, team, a, &ret->facts);
	schema_data(&c->schema, &ret->facts, &c->need, team, a, &ret->data, &ret->shown);
	ret->tally = ARENA_ARRAY(a, pack->n_rules + 1, struct check_tally);
	run.source = ARENA_ARRAY(a, (pack->n_rules + 1) * (town->n_villages + 1), struct str);
	run.supplied = ARENA_ARRAY(a, pack->n_rules + 1, bool **);
	run.ledger_layout = ARENA_ARRAY(a, town->n_ledgers + 1, int);
	for (size_t i = 0; i < town->n_ledgers; i++)
		run.ledger_layout[i] = schema_layout(&c->schema, town->ledgers[i].layout);
	for (size_t i = 0; i < pack->n_rules; i++) {
		run.supplied[i] = ARENA_ARRAY(a, c->rules[i].n_needs + 1, bool *);
		for (size_t k = 0; k < c->rules[i].n_needs; k++)
			run.supplied[i][k] = ARENA_ARRAY(a, town->n_villages + 1, bool);
	}
	run_rules(&run, team);
	team_free(team);
	finish(&run);
	arena_release(&scratch);
}
