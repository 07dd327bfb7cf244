/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "check/links.h"

#include <stdio.h>

#include "base/map.h"
#include "base/vec.h"
#include "ledger/ledger.h"
#include "link/hanname.h"
#include "link/idno.h"

#include "base/banned.h"

static void print_key(const char *layout, uint64_t hash, char out[LINK_KEY_SIZE])
{
	(void)snprintf(out, LINK_KEY_SIZE, "%s.%016llx", layout, (unsigned long long)hash);
}

/* --- the row against a person ------------------------------------------------------------ */

static const struct town_cell *cell_of(const struct link_case *c, int col)
{
	return town_cell(&c->rows->rows[c->row], col);
}

/* The first of these roles' columns in which something stands, or -1. */
static int filled(const struct link_case *c, const enum pack_role *roles, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (cell_of(c, c->layout->role[roles[i]])->text_n)
			return c->layout->role[roles[i]];
	return -1;
}

static void read_row(struct link_case *c)
{
	bool household = c->layout->subject == PACK_SUBJECT_HOUSEHOLD;
	static const enum pack_role names[] = {PACK_ROLE_HEAD_NAME, PACK_ROLE_NAME};
	static const enum pack_role ids[] = {PACK_ROLE_HEAD_ID, PACK_ROLE_ID, PACK_ROLE_CARD};
	size_t skip = household ? 0 : 1;
	c->name_column = filled(c, names + skip, 2 - skip);
	c->id_column = filled(c, ids + skip, 3 - skip);
	c->birth_column = c->layout->role[PACK_ROLE_BIRTH];
	c->village_column = c->layout->role[PACK_ROLE_VILLAGE];
	c->name = town_cell_text(cell_of(c, c->name_column));
	c->id = town_cell_text(cell_of(c, c->id_column));
	const struct town_cell *birth = cell_of(c, c->birth_column);
	c->birth = birth->state == TOWN_CELL_OK ? (date_t)birth->v : 0;
	bool placed = c->village_column >= 0 && (size_t)c->village_column < c->rows->n_columns;
	c->village = placed ? (int32_t)cell_of(c, c->village_column)->v : TOWN_NONE;
	struct idno id = idno_parse(c->id, false);
	if (!c->birth)
		c->birth = id.birth;
}

static enum link_agree agree_id(struct str x, const struct town_person *p)
{
	struct idno a = idno_parse(x, false);
	struct idno b = idno_parse(p->id18.n ? p->id18 : p->id_raw, (p->id_state & IDNO_LOSSY) != 0);
	if (!a.n || !b.n)
		return LINK_MISSING;
	enum idno_relation r = idno_relate(&a, &b);
	return r == IDNO_SAME ? LINK_AGREES : r == IDNO_NO_RELATION ? LINK_DIFFERS : LINK_NEAR;
}

static enum link_agree agree_name(struct str x, struct str y)
{
	if (!x.n || !y.n)
		return LINK_MISSING;
	enum hanname_class c = hanname_compare_text(x, y);
	return c == HANNAME_SAME ? LINK_AGREES : hanname_agrees(c) ? LINK_NEAR : LINK_DIFFERS;
}

static void compare(const struct town *t, const struct link_case *c, struct link_candidate *k)
{
	const struct town_person *p = k->person >= 0 ? &t->persons[k->person] : NULL;
	const struct town_household *h = k->household >= 0 ? &t->households[k->household] : NULL;
	k->name = agree_name(c->name, p ? p->name : h ? h->head_name : STR(""));
	k->id = p ? agree_id(c->id, p) : LINK_MISSING;
	k->birth = !p || !p->birth || !c->birth ? LINK_MISSING
	           : p->birth == c->birth       ? LINK_AGREES
	           : date_year(p->birth) == date_year(c->birth) ? LINK_NEAR : LINK_DIFFERS;
	k->village = !h || h->village < 0 || c->village < 0 ? LINK_MISSING
	             : h->village == c->village             ? LINK_AGREES : LINK_DIFFERS;
}

/* --- cases --------------------------------------------------------------------------------- */

static enum err load_decided(struct db *db, struct arena *a, struct map *ret)
{
	struct link_answer *all = NULL;
	char key[LINK_KEY_SIZE];
	size_t n = 0;
	enum err e = stmt_records(db_stmt(db, STMT_link_answers), &link_answer_desc, a, &all, &n);
	for (size_t i = 0; !e && i < n; i++) {
		uint64_t hash;
		if (all[i].row_key.n != sizeof(hash))
			continue;
		memcpy(&hash, all[i].row_key.p, sizeof(hash));
		print_key(all[i].layout, hash, key);
		(void)map_set(ret, str_c(arena_strdup(a, key)), 1);
	}
	return e;
}

/* The links of one row, from k on; is somebody needed to say whose it is? */
static bool make_case(const struct town *t, const struct pack_layout *layout,
                      const struct town_layout *l, size_t k, struct arena *a, struct link_case *ret)
{
	int32_t row = l->links[k].row;
	*ret = (struct link_case){.layout = layout, .rows = l, .row = row};
	for (size_t i = k; i < l->n_links && l->links[i].row == row; i++) {
		const struct town_link *x = &l->links[i];
		if (x->outsider >= 0 || x->band == TOWN_SURE || (x->person < 0 && x->household < 0))
			continue;
		if (!ret->candidates) {
			ret->candidates = ARENA_ARRAY(a, LINK_CANDIDATES_MAX, struct link_candidate);
			read_row(ret);
		}
		if (ret->n == LINK_CANDIDATES_MAX)
			break;
		struct link_candidate *c = &ret->candidates[ret->n++];
		*c = (struct link_candidate){.person = x->person, .household = x->household,
		                             .probable = x->band == TOWN_PROBABLE, .why = x->why};
		compare(t, ret, c);
	}
	if (!ret->n)
		return false;
	print_key(layout->id, l->rows[row].hash, ret->key);
	return true;
}

struct gather {
	const struct town *t;
	const struct map *decided;
	const char *after; /* until it was seen, cases are passed over */
	size_t limit, n;
	struct link_case *cases;
	bool more;
	struct arena *a;
};

static void gather_layout(struct gather *g, const struct pack_layout *layout,
                          const struct town_layout *l)
{
	struct link_case c;
	for (size_t k = 0; k < l->n_links && !g->more; k++) {
		char key[LINK_KEY_SIZE];
		if (k && l->links[k].row == l->links[k - 1].row)
			continue;
		print_key(layout->id, l->rows[l->links[k].row].hash, key);
		if (g->after) {
			if (strcmp(key, g->after) == 0)
				g->after = NULL;
			continue;
		}
		if (map_get(g->decided, str_c(key), 0) || !make_case(g->t, layout, l, k, g->a, &c))
			continue;
		if (g->n == g->limit)
			g->more = true;
		else
			g->cases[g->n++] = c;
	}
}

static void gather_all(struct gather *g, const struct pack *pack)
{
	g->n = 0;
	g->more = false;
	for (size_t i = 0; i < g->t->n_layouts && !g->more; i++) {
		const struct pack_layout *layout =
			pack_layout(pack, str_dup(g->a, g->t->layouts[i].id));
		if (layout)
			gather_layout(g, layout, &g->t->layouts[i]);
	}
}

enum err links_open(struct db *db, const struct town *t, const struct pack *pack, const char *after,
                    size_t limit, struct arena *a, struct link_case **ret, size_t *ret_n,
                    bool *ret_more)
{
	struct map decided;
	map_init(&decided);
	enum err e = load_decided(db, a, &decided);
	if (!limit || limit > 200)
		limit = limit ? 200 : 20;
	struct gather g = {.t = t, .decided = &decided, .after = after, .limit = limit, .a = a,
	                   .cases = ARENA_ARRAY(a, limit + 1, struct link_case)};
	if (!e)
		gather_all(&g, pack);
	if (!e && g.after) { /* that row is there no longer */
		g.after = NULL;
		gather_all(&g, pack);
	}
	map_release(&decided);
	if (e)
		return e;
	*ret = g.cases;
	*ret_n = g.n;
	*ret_more = g.more;
	return OK;
}

/* --- verdicts ------------------------------------------------------------------------------- */

static int hex_digit(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool read_key(const struct pack *pack, const char *key, struct arena *a,
                     const char **ret_layout, uint64_t *ret_hash)
{
	const char *dot = strrchr(key, '.');
	if (!dot || strlen(dot + 1) != 16)
		return false;
	*ret_hash = 0;
	for (int i = 1; i <= 16; i++) {
		int d = hex_digit(dot[i]);
		if (d < 0)
			return false;
		*ret_hash = *ret_hash << 4 | (uint64_t)d;
	}
	*ret_layout = arena_strndup(a, key, (size_t)(dot - key));
	return pack_layout(pack, *ret_layout) != NULL;
}

static enum err find_answer(struct db *db, const char *layout, struct str row_key, struct arena *a,
                            struct link_answer *ret)
{
	struct link_answer *all = NULL;
	size_t n = 0;
	enum err e = stmt_records(db_stmt(db, STMT_link_answers), &link_answer_desc, a, &all, &n);
	for (size_t i = 0; !e && i < n; i++)
		if (strcmp(all[i].layout, layout) == 0 && str_eq(all[i].row_key, row_key))
			*ret = all[i];
	return e;
}

enum err links_decide(struct journal *j, const struct pack *pack, const char *key,
                      enum link_verdict verdict, int64_t person, int64_t household,
                      const char *reason)
{
	struct link_answer old = {0}, now;
	struct db *db = journal_db(j);
	const char *layout = NULL;
	uint64_t hash = 0;
	struct arena a;
	arena_init(&a, (size_t)64 << 20);
	enum err e = read_key(pack, key, &a, &layout, &hash)
	                     ? OK : diag_set(db_diag(db), ERR_NOT_FOUND, "%s", "link");
	if (!e && verdict == LINK_SAME && !person && !household) {
		diag_place(db_diag(db), "person");
		e = diag_set(db_diag(db), ERR_CELL_REQUIRED, "%s", "");
	}
	struct str row_key = {(const char *)&hash, sizeof(hash)};
	if (!e)
		e = find_answer(db, layout, row_key, &a, &old);
	if (!e) {
		now = (struct link_answer){.no = old.no, .version = old.version};
		FIELD_SET(&now, LINK_ANSWER_, layout, layout);
		FIELD_SET(&now, LINK_ANSWER_, row_key, row_key);
		if (verdict == LINK_SAME && person)
			FIELD_SET(&now, LINK_ANSWER_, person, person);
		if (verdict == LINK_SAME && household)
			FIELD_SET(&now, LINK_ANSWER_, household, household);
		if (reason && reason[0])
			FIELD_SET(&now, LINK_ANSWER_, reason, reason);
		e = old.no ? journal_update(j, &link_answer_desc, &old, &now)
		           : journal_insert(j, &link_answer_desc, &now);
	}
	arena_release(&a);
	return e;
}
