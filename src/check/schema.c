/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "check/schema.h"

#include "base/banned.h"

static const char *const id_flag_words[][3] = {
	/* bit i is flag 1 << i of link/idno.h */
	{"checksum_bad", "校验码不符", "check digit wrong"},
	{"date_bad", "出生日期部分无效", "no valid birth date"},
	{"len_bad", "位数不对", "wrong length"},
	{"chars_bad", "含有不应有的字符", "invalid characters"},
	{"lossy", "末几位丢失", "last digits lost"},
	{"from_15", "15位旧号", "old 15-digit number"},
	{"from_card", "残疾证号", "disability card number"},
	{"masked", "已脱敏", "masked"},
};
enum { N_ID_FLAGS = sizeof(id_flag_words) / sizeof(id_flag_words[0]) };

static struct rule_item item(const char *id, const char *zh, const char *en)
{
	return (struct rule_item){id, TEXT(zh, en)};
}

static void list_codes(const struct pack_list *l, struct arena *a, struct rule_codes *ret)
{
	struct rule_item *items = ARENA_ARRAY(a, l->n + 2, struct rule_item);
	size_t n = l->n;

	for (size_t i = 0; i < l->n; i++)
		items[i] = (struct rule_item){l->codes[i].id, l->codes[i].label};
	items[n++] = item("unrecognised", "未识别", "unrecognised");
	items[n++] = item("withheld", "（隐去）", "(withheld)");
	*ret = (struct rule_codes){l->id, items, (int)n, true};
}

static void build_codes(const struct pack *pack, struct arena *a, struct schema *s)
{
	struct rule_item *flags = ARENA_ARRAY(a, N_ID_FLAGS, struct rule_item);
	struct rule_item *none = ARENA_ARRAY(a, 2, struct rule_item);

	s->n_codes = (int)pack->n_lists + 2;
	s->codes = ARENA_ARRAY(a, s->n_codes, struct rule_codes);
	for (size_t i = 0; i < pack->n_lists; i++)
		list_codes(&pack->lists[i], a, &s->codes[i]);
	for (int i = 0; i < N_ID_FLAGS; i++)
		flags[i] = item(id_flag_words[i][0], id_flag_words[i][1], id_flag_words[i][2]);
	none[0] = item("unrecognised", "未识别", "unrecognised");
	none[1] = item("withheld", "（隐去）", "(withheld)");
	s->codes[pack->n_lists] = (struct rule_codes){"id_flag", flags, N_ID_FLAGS, false};
	s->codes[pack->n_lists + 1] = (struct rule_codes){"none", none, 2, false};
}

/* A list that this pack does not have holds nothing. */
static const struct rule_codes *find_codes(const struct schema *s, const char *name)
{
	for (int i = 0; i < s->n_codes; i++) {
		if (strcmp(s->codes[i].name, name) == 0)
			return &s->codes[i];
	}
	return &s->codes[s->n_codes - 1];
}

int schema_layout(const struct schema *s, struct str id)
{
	for (size_t i = 0; i < s->pack->n_layouts; i++) {
		if (str_is(id, s->pack->layouts[i].id))
			return (int)i;
	}
	return -1;
}

static int source_of(const struct schema *s, const char *layout)
{
	return layout ? schema_layout(s, str_c(layout)) + 1 : 0;
}

/* ---- ledger layouts as entities ---- */

static struct rule_kind column_kind(const struct schema *s, const struct pack_column *c)
{
	switch (c->kind) {
	case PACK_INT:
	case PACK_YEAR:
		return (struct rule_kind){RULE_NUM, 0, NULL};
	case PACK_NUM:
		return (struct rule_kind){RULE_NUM, c->scale <= 4 ? c->scale : 4, NULL};
	case PACK_MONEY:
		return (struct rule_kind){RULE_MONEY, 0, NULL};
	case PACK_DATE:
		return (struct rule_kind){RULE_DATE, 0, NULL};
	case PACK_BOOL:
		return (struct rule_kind){RULE_BOOL, 0, NULL};
	case PACK_CODE:
		return (struct rule_kind){RULE_CODE, 0, &s->codes[c->list_index]};
	case PACK_CODES:
		return (struct rule_kind){RULE_CODES, 0, &s->codes[c->list_index]};
	default:
		return (struct rule_kind){RULE_TEXT, 0, NULL};
	}
}

static void layout_entity(const struct schema *s, int layout, struct arena *a,
                          struct rule_entity *ret)
{
	const struct pack_layout *l = &s->pack->layouts[layout];
	struct rule_field *f = ARENA_ARRAY(a, l->n_columns + 2, struct rule_field);
	size_t n = l->n_columns;

	for (size_t i = 0; i < n; i++) {
		f[i] = (struct rule_field){l->columns[i].id, column_kind(s, &l->columns[i]),
		                           l->columns[i].label, layout + 1};
	}
	if (rule_field_find(&(struct rule_entity){.fields = f, .n_fields = (int)n},
	                    STR("as_of")) < 0)
		f[n++] = (struct rule_field){"as_of", {RULE_DATE, 0, NULL},
		                             TEXT("截止日期", "as of"), layout + 1};
	*ret = (struct rule_entity){.name = l->id,
	                            .label = l->title,
	                            .fields = f,
	                            .n_fields = (int)n,
	                            .title = l->role[PACK_ROLE_NAME]};
}

static bool has_table(const char *id)
{
	for (int i = 0; i < ENT_FIXED; i++) {
		if (strcmp(schema_tables[i].name, id) == 0)
			return true;
	}
	return false;
}

/* ---- the fixed entities ---- */

static void fixed_fields(const struct schema *s, enum check_entity e, struct arena *a,
                         struct rule_entity *ret)
{
	const struct schema_table *t = &schema_tables[e];
	struct rule_field *f = ARENA_ARRAY(a, t->n_fields, struct rule_field);

	for (int i = 0; i < t->n_fields; i++) {
		const struct schema_field *x = &t->fields[i];

		f[i] = (struct rule_field){
			x->name,
			{x->type, x->scale, x->list ? find_codes(s, x->list) : NULL},
			x->label,
			source_of(s, x->layout)};
	}
	*ret = (struct rule_entity){.name = t->name,
	                            .label = t->label,
	                            .fields = f,
	                            .n_fields = t->n_fields,
	                            .title = t->title};
}

static const struct rule_collection household_plain[] = {
	{"members", ENT_PERSON, RULE_PLAIN, 0, TEXT("成员", "members"), 0},
	{"incomes", ENT_INCOME, RULE_PLAIN, 0, TEXT("收入", "incomes"), 0},
	{"duties", ENT_DUTY, RULE_PLAIN, 0, TEXT("结对", "duties"), 0},
	{"measures", ENT_MEASURE, RULE_PLAIN, 0, TEXT("措施", "measures"), 0},
	{"visits", ENT_VISIT, RULE_PLAIN, 0, TEXT("走访", "visits"), 0},
	{"contracts", ENT_CONTRACT, RULE_PLAIN, 0, TEXT("合同", "contracts"), 0},
};
static const char *const household_layouts[] = {"roster",  "income", "duty",
                                                "measure", "visit",  "contract"};
enum { N_PLAIN = sizeof(household_plain) / sizeof(household_plain[0]) };

static const struct rule_parent of_household[] = {{"household", ENT_HOUSEHOLD}};
static const struct rule_parent household_parents[] = {{"village", ENT_VILLAGE},
                                                       {"income", ENT_INCOME}};

/* The plain collections given, then a ledger collection a layout. */
static void collections(const struct schema *s, struct rule_entity *e, int plain, struct arena *a)
{
	size_t max = (size_t)plain + s->pack->n_layouts;
	struct rule_collection *c = ARENA_ARRAY(a, max + 1, struct rule_collection);
	int n = 0;

	for (; n < plain; n++) {
		c[n] = household_plain[n];
		c[n].source = source_of(s, household_layouts[n]);
	}
	for (size_t i = 0; i < s->pack->n_layouts; i++) {
		const struct pack_layout *l = &s->pack->layouts[i];

		if (s->layout_entity[i] < 0)
			continue;
		const char *name = l->id;

		if (rule_field_find(e, str_c(name)) >= 0) /* the word is taken */
			name = arena_printf(a, "%s_ledger", name);
		c[n++] = (struct rule_collection){name,     s->layout_entity[i], RULE_LEDGER, -1,
		                                  l->title, (int)i + 1};
	}
	e->collections = c;
	e->n_collections = n;
}

static void relations(const struct schema *s, struct rule_entity *e, struct arena *a)
{
	struct rule_collection *one = ARENA_ARRAY(a, 2, struct rule_collection);

	one[0] = (struct rule_collection){"households", ENT_HOUSEHOLD,           RULE_PLAIN,
	                                  0,            TEXT("户", "households"), source_of(s, "roster")};
	one[1] = (struct rule_collection){"duties", ENT_DUTY,             RULE_PLAIN,
	                                  -1,       TEXT("结对", "duties"), source_of(s, "duty")};
	e[ENT_VILLAGE].collections = &one[0];
	e[ENT_VILLAGE].n_collections = 1;
	e[ENT_HELPER].collections = &one[1];
	e[ENT_HELPER].n_collections = 1;
	collections(s, &e[ENT_HOUSEHOLD], N_PLAIN, a);
	collections(s, &e[ENT_PERSON], 0, a);
	collections(s, &e[ENT_OUTSIDER], 0, a);
	e[ENT_HOUSEHOLD].parents = household_parents;
	e[ENT_HOUSEHOLD].n_parents = 2;
	for (int i = ENT_PERSON; i <= ENT_CONTRACT; i++) {
		e[i].parents = of_household;
		e[i].n_parents = 1;
	}
}

/* ---- parameters ---- */

static struct rule_kind param_kind(enum pack_param_kind kind, int scale)
{
	static const enum rule_type types[PACK_PARAM_MAX] = {
		[PACK_PARAM_INT] = RULE_NUM,   [PACK_PARAM_NUM] = RULE_NUM,
		[PACK_PARAM_MONEY] = RULE_MONEY, [PACK_PARAM_BOOL] = RULE_BOOL,
		[PACK_PARAM_DATE] = RULE_DATE, [PACK_PARAM_TEXT] = RULE_TEXT};

	return (struct rule_kind){types[kind], kind == PACK_PARAM_NUM ? scale : 0, NULL};
}

static void params(const struct pack *pack, struct arena *a, struct rule_schema *r)
{
	struct rule_param *p = ARENA_ARRAY(a, pack->n_params + 1, struct rule_param);
	struct rule_dated *d = ARENA_ARRAY(a, pack->n_tables + 1, struct rule_dated);

	for (size_t i = 0; i < pack->n_params; i++) {
		const struct pack_param *x = &pack->params[i];

		p[i] = (struct rule_param){x->id,
		                           param_kind(x->kind, x->scale),
		                           {RULE_KNOWN, x->value, str_c(x->text)},
		                           x->title};
	}
	for (size_t i = 0; i < pack->n_tables; i++) {
		const struct pack_table *x = &pack->tables[i];
		struct rule_dated_row *rows = ARENA_ARRAY(a, x->n + 1, struct rule_dated_row);

		for (size_t k = 0; k < x->n; k++)
			rows[k] = (struct rule_dated_row){x->years[k].year, x->years[k].value};
		d[i] = (struct rule_dated){x->id, param_kind(x->kind, x->scale), rows, (int)x->n,
		                           x->title};
	}
	r->params = p;
	r->n_params = (int)pack->n_params;
	r->dated = d;
	r->n_dated = (int)pack->n_tables;
}

enum err schema_build(const struct pack *pack, struct arena *a, struct diag *diag,
                      struct schema *ret)
{
	struct schema s = {.pack = pack};
	int *layout_to = ARENA_ARRAY(a, pack->n_layouts + 1, int);
	int *entity_to = ARENA_ARRAY(a, ENT_FIXED + pack->n_layouts + 1, int);
	struct rule_entity *e = ARENA_ARRAY(a, ENT_FIXED + pack->n_layouts + 1, struct rule_entity);
	int n = ENT_FIXED;

	build_codes(pack, a, &s);
	s.layout_entity = layout_to;
	s.entity_layout = entity_to;
	for (int i = 0; i < ENT_FIXED; i++) {
		fixed_fields(&s, (enum check_entity)i, a, &e[i]);
		entity_to[i] = -1;
	}
	for (size_t i = 0; i < pack->n_layouts; i++) {
		const struct pack_layout *l = &pack->layouts[i];

		layout_to[i] = -1;
		if (l->subject == PACK_SUBJECT_ROSTER || has_table(l->id))
			continue;
		layout_to[i] = n;
		entity_to[n] = (int)i;
		layout_entity(&s, (int)i, a, &e[n++]);
	}
	relations(&s, e, a);
	s.rule.entities = e;
	s.rule.n_entities = n;
	params(pack, a, &s.rule);
	s.rule.funcs = schema_funcs(&s.rule.n_funcs);
	if (pack->n_layouts > 250)
		return diag_set(diag, ERR_PACK, "%zu > 250 layouts", pack->n_layouts);
	*ret = s;
	return OK;
}

bool schema_hidden(const struct schema *s, int entity, int field)
{
	int layout = s->entity_layout[entity];

	if (layout < 0)
		return schema_tables[entity].fields[field].hide;
	const struct pack_layout *l = &s->pack->layouts[layout];

	if ((size_t)field >= l->n_columns)
		return false;
	const struct pack_column *c = &l->columns[field];

	return c->privacy == PACK_SENSITIVE || c->kind == PACK_ID || c->kind == PACK_CARD ||
	       c->kind == PACK_PHONE;
}

struct schema_need schema_need_new(const struct schema *s, struct arena *a)
{
	size_t entities = (size_t)s->rule.n_entities + 1;
	struct schema_need n = {ARENA_ARRAY(a, entities, bool *), ARENA_ARRAY(a, entities, bool *)};

	for (int i = 0; i < s->rule.n_entities; i++) {
		const struct rule_entity *e = &s->rule.entities[i];

		n.field[i] = ARENA_ARRAY(a, e->n_fields + 1, bool);
		n.collection[i] = ARENA_ARRAY(a, e->n_collections + 1, bool);
	}
	return n;
}
