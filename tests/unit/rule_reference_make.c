/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Schemas, rows and expressions at random; see rule_reference.h. */
#include "rule_reference.h"

#include "rule_town.h"

#include "base/banned.h"

enum { DEPTH = 5, NEST = 3, NAMES = 10 };

/* ---- the town */

static const char *const field_names[NAMES] = {"fa", "fb", "fc", "fd", "fe",
                                               "ff", "fg", "fh", "fi", "fj"};
static const char *const other_names[3][4] = {
    {"ea", "eb", "ec", "ed"}, {"ca", "cb", "cc", "cd"}, {"pa", "pb", "pc", "pd"}};

static struct rule_kind random_kind(uint64_t *seed)
{
	static const struct rule_kind kinds[] = {
	    T_BOOL, T_NUM(0), T_NUM(0), T_NUM(1), T_NUM(4), T_MONEY, T_MONEY,
	    T_DATE, T_DATE,   T_TEXT,   T_CODE(t_status), T_CODE(t_kind), T_CODES(t_health),
	};
	return kinds[ref_below(seed, T_LEN(kinds))];
}

static struct rule_entity random_entity(uint64_t *seed, int n_entities, int self, struct arena *a)
{
	int n_fields = 4 + ref_below(seed, NAMES - 3), n_collections = ref_below(seed, 4);
	int n_parents = ref_below(seed, 3);
	struct rule_field *f = ARENA_ARRAY(a, n_fields, struct rule_field);
	struct rule_collection *c = ARENA_ARRAY(a, n_collections + 1, struct rule_collection);
	struct rule_parent *p = ARENA_ARRAY(a, n_parents + 1, struct rule_parent);
	for (int i = 0; i < n_fields; i++)
		f[i] = (struct rule_field){field_names[i], random_kind(seed), TEXT("", ""), i};
	for (int i = 0; i < n_collections; i++) {
		enum rule_collection_kind kind = ref_below(seed, 2) ? RULE_LEDGER : RULE_PLAIN;
		c[i] = (struct rule_collection){other_names[1][i], ref_below(seed, n_entities),
		                                kind, -1, TEXT("", ""), 0};
	}
	for (int i = 0; i < n_parents; i++)
		p[i] = (struct rule_parent){other_names[2][i], ref_below(seed, n_entities)};
	return (struct rule_entity){other_names[0][self], TEXT("", ""), f, n_fields, c,
	                            n_collections, p, n_parents, -1};
}

static date_t random_date(uint64_t *seed)
{
	int y = 2014 + ref_below(seed, 5), m = ref_below(seed, 4) ? 1 + ref_below(seed, 12) : 0;
	int d = m && ref_below(seed, 5) ? 1 + ref_below(seed, date_days_in_month(y, m)) : 0;
	return date_make(y, m, d);
}

static int64_t random_int(uint64_t *seed)
{
	static const int64_t edges[] = {INT64_MAX, INT64_MIN, INT64_MAX / 100, -INT64_MAX / 2,
	                                3037000500, 0, 1, -1};
	if (ref_below(seed, 24) == 0)
		return edges[ref_below(seed, T_LEN(edges))];
	return ref_below(seed, 3) ? ref_below(seed, 12) : ref_below(seed, 400000) - 100000;
}

static struct str random_text(uint64_t *seed)
{
	static const struct str texts[] = {{"ab", 2}, {"abab", 4}, {"", 0}, {"张三", 6},
	                                   {"三", 3}, {"12b", 3},  {"B", 1}};
	return texts[ref_below(seed, T_LEN(texts))];
}

static int64_t random_value(const struct rule_kind *k, uint64_t *seed)
{
	switch (k->type) {
	case RULE_BOOL:
		return ref_below(seed, 2);
	case RULE_DATE:
		return random_date(seed);
	case RULE_CODE:
		return ref_below(seed, k->codes->n);
	case RULE_CODES:
		return ref_below(seed, 1 << k->codes->n);
	default:
		return random_int(seed);
	}
}

static uint8_t random_state(uint64_t *seed)
{
	int r = ref_below(seed, 8);
	return r == 0 ? RULE_MISSING : r == 1 ? RULE_PROBABLE : RULE_KNOWN;
}

static struct rule_column random_column(const struct rule_kind *k, size_t n, uint64_t *seed,
                                        struct arena *a)
{
	struct rule_column c = {NULL, NULL, NULL};
	if (ref_below(seed, 20) == 0)
		return c;
	uint8_t *state = ARENA_ARRAY(a, n + 1, uint8_t);
	int64_t *ints = ARENA_ARRAY(a, n + 1, int64_t);
	struct str *texts = ARENA_ARRAY(a, n + 1, struct str);
	for (size_t i = 0; i < n; i++) {
		state[i] = random_state(seed);
		ints[i] = k->type == RULE_DATE && ref_below(seed, 20) == 0 ? 0
		                                                           : random_value(k, seed);
		texts[i] = random_text(seed);
	}
	if (k->type == RULE_TEXT)
		c.s = texts;
	else
		c.i = ints;
	if (ref_below(seed, 4))
		c.state = state;
	return c;
}

static struct rule_links random_links(enum rule_collection_kind kind, size_t n, size_t n_child,
                                      uint64_t *seed, struct arena *a)
{
	struct rule_links l = {NULL, NULL, NULL, NULL};
	if (ref_below(seed, 12) == 0 || n_child == 0)
		return l;
	uint32_t *from = ARENA_ARRAY(a, n + 1, uint32_t);
	int most = n > 1000 ? 14 : 4;
	int32_t *row = ARENA_ARRAY(a, n * (size_t)most + 1, int32_t);
	uint8_t *link = ARENA_ARRAY(a, n * (size_t)most + 1, uint8_t);
	uint8_t *covered = ARENA_ARRAY(a, n + 1, uint8_t);
	uint32_t at = 0;
	for (size_t i = 0; i < n; i++) {
		from[i] = at;
		covered[i] = ref_below(seed, 4) != 0;
		for (int k = ref_below(seed, most); k > 0; k--, at++) {
			row[at] = ref_below(seed, (int)n_child);
			int r = ref_below(seed, 6);
			link[at] = r > 1 ? RULE_LINK_SURE : r ? RULE_LINK_PROBABLE : RULE_LINK_UNCLEAR;
		}
	}
	from[n] = at;
	l.from = from;
	l.row = row;
	if (kind == RULE_LEDGER) {
		l.link = link;
		l.covered = covered;
	}
	return l;
}

struct rule_data *ref_town(uint64_t *seed, struct arena *a)
{
	int n = 2 + ref_below(seed, 3);
	struct rule_entity *e = ARENA_ARRAY(a, n, struct rule_entity);
	struct rule_table *t = ARENA_ARRAY(a, n, struct rule_table);
	struct rule_schema *s = ARENA_NEW(a, struct rule_schema);
	/* A few towns are larger than the evaluator's batches. */
	bool large = ref_below(seed, 60) == 0;
	for (int i = 0; i < n; i++) {
		e[i] = random_entity(seed, n, i, a);
		t[i].n = (size_t)ref_below(seed, 16) + (large && i == 0 ? 1300 : 1);
	}
	*s = t_schema;
	s->entities = e;
	s->n_entities = n;
	for (int i = 0; i < n; i++) {
		struct rule_column *c = ARENA_ARRAY(a, e[i].n_fields, struct rule_column);
		struct rule_links *l = ARENA_ARRAY(a, e[i].n_collections + 1, struct rule_links);
		const int32_t **p = ARENA_ARRAY(a, e[i].n_parents + 1, const int32_t *);
		for (int k = 0; k < e[i].n_fields; k++)
			c[k] = random_column(&e[i].fields[k].kind, t[i].n, seed, a);
		for (int k = 0; k < e[i].n_collections; k++)
			l[k] = random_links(e[i].collections[k].kind, t[i].n,
			                    t[e[i].collections[k].entity].n, seed, a);
		for (int k = 0; k < e[i].n_parents; k++) {
			int32_t *up = ARENA_ARRAY(a, t[i].n, int32_t);
			for (size_t r = 0; r < t[i].n; r++)
				up[r] = ref_below(seed, (int)t[e[i].parents[k].entity].n + 1) - 1;
			p[k] = up;
		}
		t[i] = (struct rule_table){t[i].n, c, l, p};
	}
	struct rule_data *d = ARENA_NEW(a, struct rule_data);
	*d = (struct rule_data){s, t, 20180114};
	return d;
}

/* ---- expressions */

struct maker {
	const struct rule_schema *s;
	uint64_t *seed;
	struct arena *a;
	int scope[NEST + 2]; /* entities, outermost first */
	int nest;
	int budget;
};

static struct ref_node *make(struct maker *m, const struct rule_kind *k, int depth);
static struct ref_node *make_bool(struct maker *m, int depth);

static const struct rule_kind k_bool = T_BOOL, k_int = T_NUM(0), k_date = T_DATE,
                              k_text = T_TEXT, k_money = T_MONEY;

static struct ref_node *node(struct maker *m, enum ref_op op, int of, const struct rule_kind *k)
{
	struct ref_node *n = ARENA_NEW(m->a, struct ref_node);
	n->op = op;
	n->of = of;
	n->kind = *k;
	return n;
}

static struct ref_node *with(struct ref_node *n, struct ref_node *kid)
{
	n->kid[n->n_kids++] = kid;
	return n;
}

/* A row to be about: some way outward, then through up to two parents. */
static int random_path(struct maker *m, struct ref_node *n)
{
	n->up = ref_below(m->seed, 3) ? 0 : ref_below(m->seed, m->nest + 1);
	int entity = m->scope[m->nest - n->up];
	n->hops = 0;
	while (n->hops < 2 && m->s->entities[entity].n_parents && ref_below(m->seed, 4) == 0) {
		int hop = ref_below(m->seed, m->s->entities[entity].n_parents);
		n->hop[n->hops++] = hop;
		entity = m->s->entities[entity].parents[hop].entity;
	}
	return entity;
}

static bool same_kind(const struct rule_kind *a, const struct rule_kind *b)
{
	if (a->type == RULE_NUM && b->type == RULE_NUM)
		return b->scale < 0 || a->scale == b->scale;
	return a->type == b->type && (a->codes == b->codes || !b->codes);
}

/* True if no row nearer than `up` has a field of that name. */
static bool hidden(const struct maker *m, const struct ref_node *n, const char *name)
{
	for (int i = 0; i < n->up; i++)
		if (rule_field_find(&m->s->entities[m->scope[m->nest - i]], str_c(name)) >= 0)
			return true;
	return false;
}

/* A field of the kind wanted (scale < 0: any), or NULL. */
static struct ref_node *make_field(struct maker *m, const struct rule_kind *k)
{
	struct ref_node *n = node(m, REF_FIELD, 0, k);
	for (int tries = 0; tries < 4; tries++) {
		int entity = random_path(m, n);
		const struct rule_entity *e = &m->s->entities[entity];
		int from = ref_below(m->seed, e->n_fields);
		for (int i = 0; i < e->n_fields; i++) {
			int f = (from + i) % e->n_fields;
			if (!same_kind(&e->fields[f].kind, k))
				continue;
			n->entity = entity;
			n->index = f;
			n->kind = e->fields[f].kind;
			n->bare = n->hops == 0 && (n->up == 0 || ref_below(m->seed, 2)) &&
			          !hidden(m, n, e->fields[f].name);
			return n;
		}
	}
	return NULL;
}

static struct ref_node *make_literal(struct maker *m, const struct rule_kind *k)
{
	struct ref_node *n = node(m, REF_LITERAL, 0, k);
	n->value.state = RULE_KNOWN;
	if (k->type == RULE_TEXT) {
		n->value.s = random_text(m->seed);
	} else if (k->type == RULE_NUM || k->type == RULE_MONEY) {
		n->value.i = ref_below(m->seed, ref_below(m->seed, 3) ? 12 : 100000);
	} else {
		n->value.i = random_value(k, m->seed);
	}
	return n;
}

/* Second operands may be literals: the first has told the kind. */
static struct ref_node *make_second(struct maker *m, const struct rule_kind *k, int depth)
{
	struct ref_node *n = ref_below(m->seed, 3) ? make(m, k, depth) : NULL;
	return n ? n : make_literal(m, k);
}

static struct ref_node *make_int(struct maker *m, int depth)
{
	struct ref_node *n;
	int r = depth > 0 && m->budget > 0 ? ref_below(m->seed, 7) : 0;
	switch (r) {
	case 1:
		n = node(m, (enum ref_op)(REF_YEAR + ref_below(m->seed, 2)), 0, &k_int);
		return with(n, make(m, &k_date, depth - 1));
	case 2:
		n = with(node(m, REF_AGE, 0, &k_int), make(m, &k_date, depth - 1));
		return ref_below(m->seed, 2) ? n : with(n, make_second(m, &k_date, depth - 1));
	case 3:
		n = node(m, (enum ref_op)(REF_DAYS + ref_below(m->seed, 2)), 0, &k_int);
		with(n, make(m, &k_date, depth - 1));
		return with(n, make_second(m, &k_date, depth - 1));
	case 4:
		return with(node(m, REF_LEN, 0, &k_int), make(m, &k_text, depth - 1));
	case 5:
		return with(node(m, REF_DIGITS, 0, &k_int), make(m, &k_text, depth - 1));
	case 6:
		n = node(m, REF_PARAM, 0, &k_int);
		n->param = 0;
		return n;
	default:
		n = make_field(m, &k_int);
		return n ? n : make_literal(m, &k_int);
	}
}

/* A quantifier; NULL where there is no collection or no room. */
static struct ref_node *make_fold(struct maker *m, const struct rule_kind *k, int of, int depth)
{
	struct ref_node *n = node(m, REF_FOLD, of, k);
	int entity = random_path(m, n);
	const struct rule_entity *e = &m->s->entities[entity];
	if (m->nest >= NEST || e->n_collections == 0 || m->budget < 0)
		return NULL;
	n->entity = entity;
	n->index = ref_below(m->seed, e->n_collections);
	const struct rule_collection *c = &e->collections[n->index];
	if (of == REF_LEDGER && c->kind != RULE_LEDGER)
		n->of = REF_ANY;
	m->scope[++m->nest] = c->entity;
	bool value = of == REF_SUM || of == REF_MIN || of == REF_MAX || of == REF_FIRST;
	if (ref_below(m->seed, 4))
		n->kid[0] = make_bool(m, depth - 1);
	if (value)
		n->kid[1] = make(m, k, depth - 1);
	n->n_kids = 2;
	m->nest--;
	if (value && !n->kid[1])
		return NULL;
	if (value)
		n->kind = n->kid[1]->kind;
	return n;
}

static struct ref_node *make_number(struct maker *m, const struct rule_kind *k, int depth);

/* Kids of one type at any scale; the node's scale is the widest. */
static struct ref_node *join_numbers(struct maker *m, struct ref_node *n, int count, int depth)
{
	for (int i = 0; i < count; i++) {
		struct rule_kind any = n->kind;
		any.scale = any.type == RULE_NUM ? -1 : 0;
		bool literal = i > 0 && ref_below(m->seed, 3) == 0;
		if (literal && any.type == RULE_NUM)
			any.scale = ref_below(m->seed, 3);
		with(n, literal ? make_literal(m, &any) : make_number(m, &any, depth));
	}
	n->kind.scale = 0;
	for (int i = n->n_kids - count; i < n->n_kids; i++)
		if (n->kid[i]->kind.scale > n->kind.scale)
			n->kind.scale = n->kid[i]->kind.scale;
	return n;
}

static struct ref_node *make_product(struct maker *m, const struct rule_kind *k, int depth)
{
	static const struct rule_kind any = T_NUM(-1);
	bool divide = ref_below(m->seed, 2);
	struct ref_node *n = node(m, REF_ARITH, divide ? 3 : 2, k);
	bool ratio = divide && k->type == RULE_NUM && ref_below(m->seed, 3) == 0;
	bool swap = !divide && k->type == RULE_MONEY && ref_below(m->seed, 2);
	const struct rule_kind *ka = ratio || k->type == RULE_MONEY ? &k_money : &any;
	const struct rule_kind *kb = ratio ? &k_money : &any;
	with(n, make_number(m, swap ? kb : ka, depth - 1));
	with(n, make_number(m, swap ? ka : kb, depth - 1));
	int sum = n->kid[0]->kind.scale + n->kid[1]->kind.scale;
	if (k->type == RULE_NUM)
		n->kind.scale = divide || sum > 4 ? 4 : sum;
	else
		n->kind.scale = 0;
	return n;
}

/* NUM of any scale (k's is -1) or MONEY. */
static struct ref_node *make_number(struct maker *m, const struct rule_kind *k, int depth)
{
	struct ref_node *n = NULL;
	bool money = k->type == RULE_MONEY;
	if (depth > 0 && --m->budget > 0) {
		switch (ref_below(m->seed, 11)) {
		case 0:
			return join_numbers(m, node(m, REF_ARITH, ref_below(m->seed, 2), k), 2,
			                    depth - 1);
		case 1:
			return make_product(m, k, depth);
		case 2:
			n = with(node(m, ref_below(m->seed, 2) ? REF_NEG : REF_ABS, 0, k),
			         make_number(m, k, depth - 1));
			n->kind = n->kid[0]->kind;
			return n;
		case 3:
			n = node(m, REF_ROUND, ref_below(m->seed, money ? 3 : 5), k);
			with(n, make_number(m, k, depth - 1));
			n->kind.scale = money ? 0 : n->of;
			return n;
		case 4:
			return join_numbers(m, node(m, REF_PICK, ref_below(m->seed, 2), k),
			                    2 + ref_below(m->seed, 2), depth - 1);
		case 5:
			return join_numbers(m, node(m, REF_COALESCE, 0, k), 2, depth - 1);
		case 6:
			n = with(node(m, REF_IF, 0, k), make_bool(m, depth - 1));
			return join_numbers(m, n, 2, depth - 1);
		case 7:
			n = make_fold(m, k, REF_SUM + ref_below(m->seed, 4), depth);
			break;
		case 8:
			n = money ? with(node(m, REF_DATED, 0, k), make_int(m, depth - 1))
			          : make_fold(m, &k_int, REF_COUNT, depth);
			break;
		default:
			break;
		}
	}
	if (!n)
		n = make_field(m, k);
	if (!n && money) {
		n = node(m, REF_PARAM, 0, k);
		n->param = 2;
	}
	return n ? n : make_int(m, depth - 1);
}

static struct ref_node *make_date(struct maker *m, int depth)
{
	struct ref_node *n = NULL;
	if (depth > 0 && --m->budget > 0) {
		switch (ref_below(m->seed, 8)) {
		case 0:
			n = node(m, REF_ARITH, ref_below(m->seed, 2), &k_date);
			with(n, make_date(m, depth - 1));
			return with(n, make_int(m, depth - 1));
		case 1:
			n = node(m, REF_PICK, ref_below(m->seed, 2), &k_date);
			with(n, make_date(m, depth - 1));
			return with(n, make_second(m, &k_date, depth - 1));
		case 2:
			n = make_fold(m, &k_date, REF_MIN + ref_below(m->seed, 3), depth);
			break;
		case 3:
			return node(m, REF_TODAY, 0, &k_date);
		case 4:
			n = node(m, REF_PARAM, 0, &k_date);
			n->param = 3;
			return n;
		default:
			break;
		}
	}
	if (!n)
		n = make_field(m, &k_date);
	return n ? n : node(m, REF_TODAY, 0, &k_date);
}

/* TEXT, CODE, CODES: fields, choices, first(); NULL if there is no field. */
static struct ref_node *make_other(struct maker *m, const struct rule_kind *k, int depth)
{
	struct ref_node *n = NULL;
	if (depth > 0 && --m->budget > 0) {
		switch (ref_below(m->seed, 6)) {
		case 0:
			n = node(m, REF_COALESCE, 0, k);
			break;
		case 1:
			n = with(node(m, REF_IF, 0, k), make_bool(m, depth - 1));
			break;
		case 2:
			n = k->type == RULE_TEXT ? node(m, REF_UPPER, 0, k) : NULL;
			break;
		case 3:
			n = make_fold(m, k, REF_FIRST, depth);
			if (n)
				return n;
			break;
		default:
			break;
		}
	}
	struct ref_node *f = make_field(m, k);
	if (!f)
		f = k->type == RULE_TEXT ? make_literal(m, k) : NULL;
	if (!n || !f)
		return f;
	n->kind = f->kind;
	with(n, f);
	return n->op == REF_UPPER ? n : with(n, make_second(m, &f->kind, depth - 1));
}

static struct ref_node *make(struct maker *m, const struct rule_kind *k, int depth)
{
	switch (k->type) {
	case RULE_BOOL:
		return make_bool(m, depth);
	case RULE_NUM:
		return k->scale == 0 ? make_int(m, depth) : make_number(m, k, depth);
	case RULE_MONEY:
		return make_number(m, k, depth);
	case RULE_DATE:
		return make_date(m, depth);
	default:
		return make_other(m, k, depth);
	}
}

static struct ref_node *make_compare(struct maker *m, int depth)
{
	static const struct rule_kind kinds[] = {T_BOOL, T_NUM(-1), T_MONEY, T_DATE, T_TEXT,
	                                         T_CODE(t_status), T_CODE(t_kind),
	                                         T_CODES(t_health), T_DATE, T_NUM(-1)};
	const struct rule_kind *k = &kinds[ref_below(m->seed, T_LEN(kinds))];
	struct ref_node *x = NULL;
	if (k->type == RULE_NUM && ref_below(m->seed, 2))
		x = make_fold(m, &k_int, REF_COUNT, depth);
	if (!x)
		x = make(m, k, depth - 1);
	if (!x)
		return make_compare(m, depth);
	bool ordered = k->type == RULE_NUM || k->type == RULE_MONEY || k->type == RULE_DATE ||
	               (k->codes && k->codes->ordered);
	int r = ref_below(m->seed, 8);
	struct rule_kind second = x->kind;
	struct ref_node *n;
	if (r == 0) {
		n = with(node(m, REF_IN, 0, &k_bool), x);
		with(n, make_second(m, &second, depth - 1));
		return with(n, make_literal(m, &second));
	}
	if (r == 1 && ordered) {
		n = with(node(m, REF_BETWEEN, 0, &k_bool), x);
		with(n, make_second(m, &second, depth - 1));
		return with(n, make_second(m, &second, depth - 1));
	}
	if (r < 4 && k->type == RULE_CODES) {
		n = with(node(m, REF_HAS, 0, &k_bool), x);
		n->value.i = 1 + ref_below(m->seed, (1 << k->codes->n) - 1);
		return n;
	}
	n = with(node(m, REF_COMPARE, ref_below(m->seed, ordered ? 6 : 2), &k_bool), x);
	return with(n, make_second(m, &second, depth - 1));
}

static struct ref_node *make_missing(struct maker *m)
{
	struct rule_kind k = random_kind(m->seed);
	struct ref_node *f = make_field(m, &k);
	enum ref_op op = ref_below(m->seed, 2) ? REF_MISSING : REF_KNOWN;
	return f ? with(node(m, op, 0, &k_bool), f) : NULL;
}

static struct ref_node *make_text_test(struct maker *m, int depth)
{
	struct ref_node *n = node(m, REF_TEXT, ref_below(m->seed, 3), &k_bool);
	with(n, make(m, &k_text, depth - 1));
	return with(n, make_second(m, &k_text, depth - 1));
}

static struct ref_node *make_bool(struct maker *m, int depth)
{
	static const int folds[] = {REF_ANY, REF_ALL, REF_LEDGER};
	struct ref_node *n = NULL;
	if (depth > 0 && --m->budget > 0) {
		switch (ref_below(m->seed, 12)) {
		case 0:
		case 1:
		case 2:
			n = node(m, ref_below(m->seed, 2) ? REF_AND : REF_OR, 0, &k_bool);
			for (int i = 2 + ref_below(m->seed, 3); i > 0; i--)
				with(n, make_bool(m, depth - 1));
			return n;
		case 3:
			return with(node(m, REF_NOT, 0, &k_bool), make_bool(m, depth - 1));
		case 4:
		case 5:
		case 6:
			n = make_fold(m, &k_bool, folds[ref_below(m->seed, 3)], depth);
			break;
		case 7:
			n = make_missing(m);
			break;
		case 8:
			return make_text_test(m, depth);
		default:
			return make_compare(m, depth);
		}
	}
	if (!n)
		n = make_field(m, &k_bool);
	return n ? n : make_literal(m, &k_bool);
}

struct ref_node *ref_make(const struct rule_schema *s, int entity, enum rule_type type,
                          uint64_t *seed, struct arena *a)
{
	struct maker m = {.s = s, .seed = seed, .a = a, .budget = 40};
	m.scope[0] = entity;
	struct rule_kind k = {.type = type, .scale = type == RULE_NUM ? -1 : 0};
	if (type == RULE_TYPE_MAX) {
		k = random_kind(seed);
		k.scale = k.type == RULE_NUM ? -1 : 0;
	}
	struct ref_node *n = make(&m, &k, DEPTH);
	return n ? n : make_bool(&m, DEPTH);
}
