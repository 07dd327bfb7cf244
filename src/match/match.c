/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "match/match.h"

#include "match/assign.h"
#include "match/house.h"

#include "base/banned.h"

enum { ARENA_BYTES_MAX = 256 << 20 };

/* ---- the bridge ---- */

/* Register humans, each asked for his population row. */
struct bridge_job {
	const struct match *m;
	const int32_t *persons; /* one a human */
};

static void bridge_query(void *arg, size_t worker, size_t i, struct query *q)
{
	const struct bridge_job *job = arg;
	const struct match_person *p = &job->m->in.persons[job->persons[i]];

	*q = (struct query){.bridge_only = true, .knows_neighbours = true, .village = p->village,
	                    .household = MATCH_NONE};
	query_name(q, p->name);
	q->id = p->id;
	q->id_key = people_key_id(&q->id);
	q->sex = p->sex ? p->sex : (enum sex)p->id.sex;
	q->birth = p->birth;
}

static int bridge_order(void *arg, size_t a, size_t b)
{
	const struct bridge_job *job = arg;

	return people_compare(job->m, job->m->records[job->persons[a]].human,
	                      job->m->records[job->persons[b]].human);
}

/* By area: does anybody of the population file live there? */
static bool *bridged_areas(const struct match *m)
{
	bool *ret = base_calloc(m->in.n_areas + 1, sizeof(ret[0]));

	for (size_t i = 0; i < m->census->n; i++) {
		int32_t v = m->census->records[i].village;
		if (v >= 0 && (size_t)v < m->in.n_areas)
			ret[v] = true;
	}
	return ret;
}

/* areas: those of a partial census; NULL: it is of all. */
static bool may_be_bridged(const struct match *m, int32_t person, const bool *areas)
{
	const struct record *r = &m->records[person];

	return !areas || r->village < 0 || areas[r->village] ||
	       people_block(m, BLOCK_ID, people_key_id(&r->id))->n > 1;
}

static void join_bridge(struct match *m)
{
	size_t n = 0;
	int32_t *persons = base_calloc(m->in.n_persons + 1, sizeof(persons[0]));
	bool *areas = m->in.partial ? bridged_areas(m) : NULL;
	struct match_link *links;
	struct bridge_job job = {.m = m, .persons = persons};

	for (size_t i = 0; i < m->n_humans; i++)
		if (m->humans[i].person >= 0 && may_be_bridged(m, m->humans[i].person, areas))
			persons[n++] = m->humans[i].person;
	base_free(areas);
	links = base_calloc(n + 1, sizeof(links[0]));
	struct assign a = {.m = m, .n = n, .query = bridge_query, .order = bridge_order, .arg = &job,
	                   .team = m->in.team, .one_to_one = true};
	assign_run(&a, links);
	for (size_t i = 0; i < n; i++) {
		int32_t h = m->records[persons[i]].human;
		struct match_link *l = &links[i];
		l->band = l->bridge_band;
		l->person = persons[i];
		m->bridged[persons[i]] = *l;
		if (m->humans[h].also >= 0)
			m->bridged[m->humans[h].also] = *l;
		if (l->bridge < 0 || l->band < MATCH_PROBABLE)
			continue;
		int32_t b = m->records[m->in.n_persons + (size_t)l->bridge].human;
		/* Two persons that claim one row: the first in order keeps it. */
		if (m->humans[b].first >= 0 && m->humans[b].person < 0)
			people_join(m, h, b);
	}
	base_free(persons);
	base_free(links);
}

struct match *match_new(const struct match_people *people)
{
	struct match *m = base_calloc(1, sizeof(*m));

	m->in = *people;
	m->census = people->census ? people->census : match_census_new(0);
	arena_init(&m->arena, ARENA_BYTES_MAX);
	m->pool = weigh_pool_new();
	people_build(m);
	m->bridged = base_calloc(m->in.n_persons + 1, sizeof(m->bridged[0]));
	for (size_t i = 0; i < m->in.n_persons; i++)
		judge_no_link(&m->bridged[i]);
	if (m->census->n > 0)
		join_bridge(m);
	return m;
}

void match_free(struct match *m)
{
	if (!m)
		return;
	people_release(m);
	weigh_pool_free(m->pool);
	arena_release(&m->arena);
	base_free(m->bridged);
	base_free(m);
}

struct match_link match_person_bridge(const struct match *m, int32_t person)
{
	return m->bridged[person];
}

int32_t match_bridge_person(const struct match *m, int32_t bridge)
{
	return m->humans[m->records[m->in.n_persons + (size_t)bridge].human].person;
}

int32_t match_find_area(const struct match *m, struct str text)
{
	return people_find_area(m, text);
}

/* ---- rows ---- */

/* What a thread of the team keeps. */
struct rows_desk {
	struct match_row row[ASSIGN_AHEAD]; /* those that were handed out last, by number ... */
	size_t at[ASSIGN_AHEAD];            /* ... and their numbers + 1 */
	struct map areas;                   /* texts seen, to area */
};

struct rows_job {
	const struct match *m;
	const struct match_row *rows; /* NULL: opts->row */
	const struct match_opts *opts;
	struct map fixed; /* row key to its place in opts->fixed */
	struct rows_desk desk[TEAM_MAX]; /* by worker */
};

static const struct match_row *row_at(struct rows_job *job, size_t worker, size_t i)
{
	struct rows_desk *d = &job->desk[worker];

	size_t k = i % ASSIGN_AHEAD;

	if (job->rows)
		return &job->rows[i];
	if (d->at[k] != i + 1)
		job->opts->row(job->opts->arg, worker, i, &d->row[k]);
	d->at[k] = i + 1;
	return &d->row[k];
}

static int32_t find_area(const struct match *m, struct map *seen, struct str text)
{
	if (text.n == 0)
		return MATCH_NONE;
	int64_t *at = map_slot(seen, text, -2);
	if (*at == -2)
		*at = people_find_area(m, text);
	return (int32_t)*at;
}

static bool name_in_household(const struct match *m, int32_t h, struct str name)
{
	for (int32_t i = m->members_at[h]; name.n > 0 && i < m->members_at[h + 1]; i++)
		if (hanname_agrees(hanname_compare_text(name, m->in.persons[m->members[i]].name)))
			return true;
	return false;
}

/* The household of the row's number: the only one, or the only one with a
 * member of the row's names; MATCH_NONE else. */
static int32_t numbered_household(const struct match *m, const struct match_row *r,
                                  const struct house_found *f)
{
	int32_t found = MATCH_NONE;

	if (f->n == 1 && !f->lossy)
		return f->list[0];
	for (size_t i = 0; i < f->n && i < HOUSE_FOUND_MAX; i++) {
		if (!name_in_household(m, f->list[i], r->head_name) &&
		    !name_in_household(m, f->list[i], r->name))
			continue;
		if (found >= 0)
			return MATCH_NONE;
		found = f->list[i];
	}
	return found;
}

static void row_ids(struct query *q, struct str id, bool lossy, struct str card)
{
	q->id = idno_parse(id, lossy);
	struct idno other = card.n ? idno_parse(card, false) : (struct idno){.n = 0};
	if (!idno_ok(&q->id) && idno_ok(&other)) {
		struct idno first = q->id;
		q->id = other;
		other = first;
	}
	if (q->id.n == 0)
		q->id = other;
	else if (other.n > 0 && idno_relate(&q->id, &other) != IDNO_SAME)
		q->other_id = other;
	q->id_key = people_key_id(&q->id);
}

/* Who else lives where these rows' people do? */
static bool knows_neighbours(const struct rows_job *job)
{
	return job->m->census->n > 0 && !job->opts->bridge_elsewhere;
}

static void row_query(void *arg, size_t worker, size_t i, struct query *q)
{
	struct rows_job *job = arg;
	struct map *seen = &job->desk[worker].areas;
	const struct match_row *r = row_at(job, worker, i);
	bool household = job->opts->target == MATCH_HOUSEHOLD;
	bool by_head = household && r->head_name.n > 0;

	*q = (struct query){.village = find_area(job->m, seen, r->village), .household = MATCH_NONE,
	                    .knows_neighbours = knows_neighbours(job)};
	query_name(q, by_head ? r->head_name : r->name);
	if (!household && r->head_name.n > 0)
		q->head = hanname_parse(r->head_name);
	q->heads = household;
	bool head_id = household && r->head_id.n > 0;
	row_ids(q, head_id ? r->head_id : r->id_text, head_id ? false : r->id_lossy, r->card_text);
	q->sex = household && by_head ? SEX_UNKNOWN : r->sex;
	if (!q->sex)
		q->sex = (enum sex)q->id.sex;
	q->birth = by_head ? 0 : r->birth;
	if (q->village < 0)
		q->village = find_area(job->m, seen, r->address);
	q->group = place_group_column(r->group);
	if (q->group == 0)
		q->group = place_group(r->address.n ? r->address : r->village);
	q->phone = r->phone;
	q->members = r->members;
	struct house_key key = house_key_of(r->hh_no);
	if (key.n > 0) {
		struct house_found f = house_find(job->m, &key);
		q->household = numbered_household(job->m, r, &f);
	}
}

static struct str row_key(const struct rows_job *job, size_t i, const struct match_row *r)
{
	return job->opts->key ? job->opts->key(job->opts->arg, i) : r->key;
}

/* Its number and usual name; false when it has something else to go by. */
static bool read_number(struct rows_job *job, size_t worker, size_t i, struct query *q)
{
	const struct match *m = job->m;
	size_t record = m->in.n_persons + i;

	if (job->opts->target != MATCH_PERSON || job->fixed.n > 0)
		return false;
	if (job->opts->are_bridge) {
		q->id = m->records[record].id;
		q->id_key = people_key_id(&q->id);
		memcpy(q->usual, m->records[record].name, sizeof(q->usual));
		return true;
	}
	struct match_row brief;
	const struct match_row *r = &brief;
	if (job->opts->brief)
		job->opts->brief(job->opts->arg, worker, i, &brief);
	else
		r = row_at(job, worker, i);
	if (r->hh_no.n > 0)
		return false;
	row_ids(q, r->id_text, r->id_lossy, r->card_text);
	struct hanname name = hanname_parse(r->name);
	return hanname_shorten(&name, q->usual);
}

static void row_number(void *arg, size_t worker, size_t i, struct query *q)
{
	/* what is not read yet stays as it is: row_query() puts all of it */
	q->id_key = 0;
	q->quick = read_number(arg, worker, i, q) && q->id_key && q->usual[0] && idno_ok(&q->id) &&
	           !(q->id.flags & (IDNO_FROM_15 | IDNO_FROM_CARD));
	if (!q->quick)
		row_query(arg, worker, i, q);
}

static int row_order(void *arg, size_t a, size_t b)
{
	struct rows_job *job = arg;
	struct match_row x = *row_at(job, 0, a), y = *row_at(job, 0, b);
	int order = str_cmp(row_key(job, a, &x), row_key(job, b, &y));

	if (order == 0)
		order = str_cmp(x.id_text, y.id_text);
	return order ? order : str_cmp(x.name, y.name);
}

/* Only one member has the name: he is the person of a household's row. */
static void member_by_name(const struct match *m, struct str name, struct match_link *ret)
{
	int32_t h = ret->household, best = MATCH_NONE;
	enum hanname_class found = HANNAME_ONE_CHAR;
	bool twice = false;

	for (int32_t i = m->members_at[h]; name.n > 0 && i < m->members_at[h + 1]; i++) {
		int32_t p = m->members[i];
		enum hanname_class c = hanname_compare_text(name, m->in.persons[p].name);
		if (c < found || (c == found && best < 0))
			continue;
		twice = c == found;
		found = c;
		best = p;
	}
	if (best < 0 || twice)
		return;
	ret->person = best;
	ret->name = (uint8_t)found;
	ret->bridge = m->humans[m->records[best].human].bridge;
}

/* What somebody decided. */
static void link_fixed(const struct match *m, const struct match_fixed *f, struct match_link *ret)
{
	judge_no_link(ret);
	ret->person = f->person;
	ret->household = f->household;
	if (f->person >= 0) {
		const struct human *h = &m->humans[m->records[f->person].human];
		ret->bridge = h->bridge;
		ret->also = h->also == f->person ? h->person : h->also;
		if (f->household < 0)
			ret->household = m->in.persons[f->person].household;
	}
	ret->method = MATCH_BY_ANSWER;
	ret->household_band = ret->household >= 0 ? MATCH_SURE : MATCH_NOT_OURS;
	ret->band = f->person >= 0 ? MATCH_SURE : ret->household_band;
	ret->bridge_band = ret->bridge >= 0 ? MATCH_SURE : MATCH_NOT_OURS;
}

static enum match_agree relate_villages(int32_t a, int32_t b)
{
	if (a < 0 || b < 0)
		return MATCH_MISSING;
	return a == b ? MATCH_AGREES : MATCH_DIFFERS;
}

/* The row's number is a household's; the names only confirm it. */
static void link_numbered(const struct match *m, const struct match_row *r, const struct query *q,
                          struct match_link *ret)
{
	bool named = q->name.n > 0;
	bool fits = !named || name_in_household(m, q->household, r->head_name) ||
	            name_in_household(m, q->household, r->name);

	judge_no_link(ret);
	ret->household = q->household;
	ret->method = MATCH_BY_HH_NO;
	ret->village = (uint8_t)relate_villages(q->village, m->in.households[q->household].village);
	ret->name = named ? HANNAME_DIFFERENT : HANNAME_MISSING;
	ret->band = fits                             ? MATCH_SURE
	            : ret->village == MATCH_DIFFERS ? MATCH_UNCLEAR
	                                             : MATCH_PROBABLE;
	ret->household_band = ret->band;
	member_by_name(m, r->name.n ? r->name : r->head_name, ret);
}

static bool row_direct(void *arg, size_t worker, size_t i, const struct query *q,
                       struct match_link *ret)
{
	struct rows_job *job = arg;
	const struct match_row *r = row_at(job, worker, i);
	int64_t at = job->fixed.n > 0 ? map_get(&job->fixed, row_key(job, i, r), -1) : -1;

	if (at >= 0)
		link_fixed(job->m, &job->opts->fixed[at], ret);
	else if (job->opts->target == MATCH_HOUSEHOLD && q->household >= 0)
		link_numbered(job->m, r, q, ret);
	else
		return false;
	return true;
}

/* The register's head, or anybody where it names none. */
static bool may_be_head(const struct match *m, int32_t person)
{
	const struct match_person *p = &m->in.persons[person];

	return p->head || (p->household >= 0 && m->in.households[p->household].head < 0);
}

/* What a person's link means for a row about a household. */
static void row_finish(void *arg, size_t worker, size_t i, const struct query *q,
                       const struct verdict *v, struct match_link *ret)
{
	struct rows_job *job = arg;
	const struct match *m = job->m;

	if (job->opts->target != MATCH_HOUSEHOLD)
		return;
	if (ret->method == MATCH_BY_NAME_VILLAGE)
		ret->method = MATCH_BY_HEAD_VILLAGE;
	struct house_key key = house_key_of(row_at(job, worker, i)->hh_no);
	bool head = ret->person >= 0 && may_be_head(m, ret->person);
	bool clear = v->n < 2 || v->best[0].weight - v->best[1].weight >= 500;
	if (ret->method == MATCH_BY_HEAD_VILLAGE && ret->household >= 0 && ret->rivals == 0 && head)
		ret->household_band = knows_neighbours(job) && clear ? MATCH_SURE : MATCH_PROBABLE;
	if (key.n >= 8 && ret->household >= 0) {
		struct house_key theirs = house_key_of(m->in.households[ret->household].hh_no);
		if (house_keys_near(&key, &theirs) && ret->household_band >= MATCH_PROBABLE)
			ret->household_band = MATCH_SURE;
		else if (ret->household_band == MATCH_SURE && ret->id != IDNO_SAME)
			ret->household_band = MATCH_PROBABLE;
	}
	ret->band = ret->household_band;
	if (ret->band == MATCH_NOT_OURS)
		ret->person = ret->also = MATCH_NONE; /* somebody without a household */
}

/* Hands out everybody whom the row may be about. */
static void tell_candidates(struct rows_job *job, struct weigh_space *space, size_t row)
{
	const struct match_opts *opts = job->opts;
	struct query q;
	struct verdict v;

	row_query(job, 0, row, &q);
	weigh_row(space, &q, (int32_t)row, false, &v);
	if (v.band == MATCH_NOT_OURS)
		return;
	size_t end = v.method == MATCH_BY_ID_FAMILY ? 2 : v.rivals + 1;
	for (size_t i = 0; i < v.n && i < end; i++) {
		const struct human *h = &job->m->humans[v.best[i].human];
		if (h->person >= 0)
			opts->candidate(opts->arg, row, h->person);
		if (h->also >= 0)
			opts->candidate(opts->arg, row, h->also);
	}
}

static void tell_all_candidates(struct rows_job *job, const struct match_link *links, size_t n)
{
	struct weigh_space space;
	size_t i = 0;

	while (i < n && links[i].band != MATCH_UNCLEAR)
		i++;
	if (i == n)
		return;
	weigh_space_init(&space, job->m, NULL);
	for (; i < n; i++)
		if (links[i].band == MATCH_UNCLEAR)
			tell_candidates(job, &space, i);
	weigh_space_release(&space);
}

void match_ledger(const struct match *m, const struct match_row *rows, size_t n,
                  const struct match_opts *opts, struct match_link *ret)
{
	struct rows_job job = {.m = m, .rows = rows, .opts = opts};
	struct assign a = {.m = m, .n = n, .query = row_query, .number = row_number, .order = row_order,
	                   .direct = row_direct, .finish = row_finish, .arg = &job,
	                   .team = opts->team, .one_to_one = opts->one_to_one,
	                   .households = opts->target == MATCH_HOUSEHOLD};

	map_init(&job.fixed);
	for (size_t i = 0; i < opts->n_fixed; i++)
		(void)map_set(&job.fixed, opts->fixed[i].row_key, (int64_t)i);
	assign_run(&a, ret);
	if (opts->candidate)
		tell_all_candidates(&job, ret, n);
	map_release(&job.fixed);
	for (size_t i = 0; i < TEAM_MAX; i++)
		map_release(&job.desk[i].areas);
}
