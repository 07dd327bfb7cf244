/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Which layout a header belongs to.  A header cell counts by how few layouts
 * know it (姓名 says nothing, 脱贫属性 almost everything); the columns a layout
 * needs, what the values look like, and words in titles and names decide.
 */
#include "ledger/intake_i.h"

#include "base/banned.h"

enum { CANDS = 2048, UNKNOWN_WEIGHT = 25, TOP = 6 };

struct cand {
	uint16_t c, column;
	int16_t strength;
	uint8_t how;
};

struct cands {
	size_t n;
	struct cand p[CANDS];
};

static void add(struct cands *cs, size_t c, size_t column, int strength, enum intake_how how)
{
	for (size_t i = cs->n; i-- > 0;)
		if (cs->p[i].c == c && cs->p[i].column == column) {
			if (strength > cs->p[i].strength)
				cs->p[i].strength = (int16_t)strength;
			return;
		}
	if (cs->n < CANDS)
		cs->p[cs->n++] = (struct cand){(uint16_t)c, (uint16_t)column, (int16_t)strength,
		                               (uint8_t)how};
}

static int weight_of(int layouts)
{
	if (layouts == 0)
		return UNKNOWN_WEIGHT;
	return layouts == 1 ? 100 : layouts == 2 ? 80 : layouts <= 4 ? 60 : layouts <= 8 ? 40
	       : layouts <= 16                                                            ? 20
	                                                                                  : 8;
}

static void by_names(const struct fit_input *in, uint16_t layout, struct cands *cs)
{
	static const int base[] = {[PACK_FALLBACK] = 40, [PACK_SYNONYM] = 95, [PACK_LABEL] = 98};
	for (size_t c = 0; c < in->head->n; c++) {
		const struct head_col *h = &in->head->cols[c];
		for (size_t f = 0; f < h->n_forms; f++) {
			const struct pack_header *e = pack_header_find(in->pack, h->forms[f].norm);
			for (; e; e = e->next)
				if (e->layout == layout)
					add(cs, c, e->column, base[e->strength] + h->forms[f].bonus,
					    INTAKE_BY_SYNONYM);
		}
	}
}

/* A header that this ledger has no name for, but that means the same in every ledger that
 * has one: whose name, number, sex, birth, village or phone it is, whatever the row is about. */
static void by_role(const struct fit_input *in, const struct pack_layout *l, struct cands *cs)
{
	for (size_t c = 0; c < in->head->n; c++) {
		const struct head_col *h = &in->head->cols[c];
		for (size_t f = 0; f < h->n_forms; f++) {
			enum pack_role role = PACK_ROLE_NONE;
			bool one = true;
			const struct pack_header *e = pack_header_find(in->pack, h->forms[f].norm);
			for (; e; e = e->next) {
				enum pack_role r =
					in->pack->layouts[e->layout].columns[e->column].role;
				one = one && (role == PACK_ROLE_NONE || r == role) &&
				      r != PACK_ROLE_NONE;
				role = r;
			}
			if (one && role != PACK_ROLE_NONE && l->role[role] >= 0)
				add(cs, c, (size_t)l->role[role], 38, INTAKE_BY_PATTERN);
		}
	}
}

/* Pattern "残疾*号": its words stand in the text in this order; a pattern that
 * does not begin (end) with * must begin (end) the text. */
static bool pattern_matches(const char *pattern, struct str text)
{
	struct str rest = str_c(pattern), word;
	bool first = true;
	while (str_split(&rest, '*', &word)) {
		bool last = rest.p == NULL;
		if (word.n) {
			size_t at = str_find(text, word);
			if (last && !str_ends(text, word))
				return false;
			if (at == SIZE_MAX || (first && at != 0))
				return false;
			text = str_sub(text, at + word.n, text.n);
		}
		first = false;
	}
	return true;
}

/* 配偶姓名 is not a name of the row's subject: words that change whose it is. */
static bool changes_subject(struct str rest)
{
	static const char *const words[] = {"配偶", "父", "母", "监护", "联系人", "女方", "男方",
	                                    "其他", "其它", "代", "非", "不", "未", "原", "曾",
	                                    "是否", "帮扶", "村干部", "共有", "开户", "经办"};
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (str_find(rest, str_c(words[i])) != SIZE_MAX)
			return true;
	return false;
}

/* A known name inside the header: "参保人证件号码" holds 证件号码. */
static int contained(const char *name, struct str text)
{
	struct str n = str_c(name);
	if (n.n < 9 || n.n >= text.n)
		return 0;
	size_t at = str_find(text, n);
	if (at == SIZE_MAX)
		return 0;
	struct str before = str_sub(text, 0, at);
	struct str behind = str_sub(text, at + n.n, text.n);
	if (changes_subject(before) || changes_subject(behind))
		return 0;
	return 30 + (int)(20 * n.n / text.n) + (behind.n == 0 ? 4 : 0);
}

static void by_parts(const struct fit_input *in, const struct pack_layout *l, struct cands *cs)
{
	for (size_t c = 0; c < in->head->n; c++) {
		const struct head_col *h = &in->head->cols[c];
		struct str text = h->n_forms ? h->forms[h->n_forms - 1].norm : (struct str){NULL, 0};
		if (h->spread > 0 || text.n == 0)
			continue; /* known somewhere: no guessing */
		for (size_t k = 0; k < l->n_columns; k++) {
			const struct pack_column *col = &l->columns[k];
			for (size_t i = 0; i < col->n_patterns; i++)
				if (pattern_matches(col->patterns[i], text) && !changes_subject(text))
					add(cs, c, k, 60, INTAKE_BY_PATTERN);
			int best = contained(col->label.in[LANG_ZH], text);
			for (size_t i = 0; i < col->n_synonyms; i++) {
				int s = contained(col->synonyms[i], text);
				best = s > best ? s : best;
			}
			if (best)
				add(cs, c, k, best, INTAKE_BY_PATTERN);
		}
	}
}

size_t fit_meanings(const struct pack *pack, const struct head_col *h, struct arena *a,
                    struct fit_meaning *ret, size_t max)
{
	struct head_col col = *h;
	struct head head = {.n = 1, .cols = &col};
	struct fit_input in = {.pack = pack, .head = &head, .arena = a};
	struct cands *cs = ARENA_NEW(a, struct cands);
	size_t n = 0;
	for (size_t l = 0; l < pack->n_layouts; l++) {
		cs->n = 0;
		by_names(&in, (uint16_t)l, cs);
		by_parts(&in, &pack->layouts[l], cs);
		for (size_t i = 0; i < cs->n; i++) {
			struct fit_meaning m = {(uint16_t)l, cs->p[i].column, cs->p[i].strength};
			if (n == max && ret[max - 1].strength >= m.strength)
				continue;
			size_t at = n < max ? n++ : max - 1;
			for (; at > 0 && ret[at - 1].strength < m.strength; at--)
				ret[at] = ret[at - 1];
			ret[at] = m;
		}
	}
	return n;
}

static bool group_speaks(const struct pack_column *col, const struct head_col *h)
{
	for (size_t i = 0; i < col->n_groups; i++)
		if (str_find(h->groups, str_c(col->groups[i])) != SIZE_MAX)
			return true;
	return false;
}

/* Drops what the values contradict; prefers what they confirm. */
static void weigh(const struct fit_input *in, const struct pack_layout *l,
                  const struct shape *shapes, struct cands *cs)
{
	size_t n = 0;
	for (size_t i = 0; i < cs->n; i++) {
		struct cand x = cs->p[i];
		const struct pack_column *col = &l->columns[x.column];
		int fits = in->head->cols[x.c].both ? 0 : shape_fits(&shapes[x.c], col);
		if (fits < 0)
			continue;
		x.strength = (int16_t)(x.strength + fits * 5);
		if (group_speaks(col, &in->head->cols[x.c]))
			x.strength = (int16_t)(x.strength + 3);
		cs->p[n++] = x;
	}
	cs->n = n;
}

static void assign(struct fit *f, int *col_of, const struct cands *cs)
{
	for (;;) {
		const struct cand *best = NULL;
		for (size_t i = 0; i < cs->n; i++) {
			const struct cand *x = &cs->p[i];
			if (f->column[x->c] != -1 || col_of[x->column] >= 0)
				continue;
			if (!best || x->strength > best->strength ||
			    (x->strength == best->strength &&
			     (x->c < best->c || (x->c == best->c && x->column < best->column))))
				best = x;
		}
		if (!best)
			return;
		f->column[best->c] = best->column;
		f->how[best->c] = best->how;
		col_of[best->column] = best->c;
	}
}

static bool is_identifying(const struct pack_layout *l, int column)
{
	for (size_t i = 0; i < l->n_identify; i++)
		if (l->identify[i] == column)
			return true;
	return false;
}

/* A required column takes a header over from one that can do without it. */
static void take_over(struct fit *f, int *col_of, const struct cands *cs)
{
	const struct pack_layout *l = f->layout;
	for (size_t k = 0; k < l->n_columns; k++) {
		if (col_of[k] >= 0 || (!l->columns[k].required && !is_identifying(l, (int)k)))
			continue;
		for (size_t i = 0; i < cs->n; i++) {
			const struct cand *x = &cs->p[i];
			int owner = f->column[x->c];
			if (x->column != k || owner < 0 || l->columns[owner].required)
				continue;
			f->column[x->c] = (int)k;
			f->how[x->c] = x->how;
			col_of[owner] = -1;
			col_of[k] = x->c;
			break;
		}
	}
}

/* ---- two headers of the same name ---- */

static int col_of_role(const struct fit *f, const int *col_of, enum pack_role role)
{
	int k = f->layout->role[role];
	return k >= 0 ? col_of[k] : -1;
}

static size_t distance(size_t a, size_t b)
{
	return a > b ? a - b : b - a;
}

/*
 * A roster with 姓名 twice, once for the head of the household and once for the
 * member: the member's stands beside 与户主关系.  The same for numbers.
 */
static void settle_twins(const struct fit_input *in, struct fit *f, int *col_of,
                         enum pack_role member, enum pack_role head)
{
	int km = f->layout->role[member], kh = f->layout->role[head];
	int relation = col_of_role(f, col_of, PACK_ROLE_RELATION);
	if (km < 0 || kh < 0 || col_of[km] < 0 || col_of[kh] >= 0 || relation < 0)
		return;
	size_t have = (size_t)col_of[km], r = (size_t)relation;
	for (size_t c = 0; c < in->head->n; c++) {
		if (f->column[c] != -1 || c == have ||
		    !str_eq(in->head->cols[c].leaf, in->head->cols[have].leaf))
			continue;
		bool nearer = distance(c, r) < distance(have, r);
		size_t m = nearer ? c : have, h = nearer ? have : c;
		f->column[m] = km;
		f->column[h] = kh;
		f->how[m] = f->how[h] = INTAKE_BY_PATTERN;
		col_of[km] = (int)m;
		col_of[kh] = (int)h;
		return;
	}
}

/* ---- columns by what their values look like ---- */

static bool is_wanted(const struct pack_layout *l, size_t k)
{
	enum pack_role r = l->columns[k].role;
	return l->columns[k].required || is_identifying(l, (int)k) || r == PACK_ROLE_ID ||
	       r == PACK_ROLE_NAME || r == PACK_ROLE_VILLAGE || r == PACK_ROLE_SEX ||
	       r == PACK_ROLE_RELATION || r == PACK_ROLE_CARD || r == PACK_ROLE_HH_NO;
}

/* The date that a ledger is about comes first in its layout: where no date is
 * known yet, an unknown column of dates is that one. */
static bool is_first_date(const struct pack_layout *l, const int *col_of, size_t k)
{
	if (l->columns[k].kind != PACK_DATE || l->columns[k].role == PACK_ROLE_BIRTH)
		return false;
	for (size_t i = 0; i < l->n_columns; i++) {
		bool date = l->columns[i].kind == PACK_DATE && l->columns[i].role != PACK_ROLE_BIRTH;
		if (date && (i < k || col_of[i] >= 0))
			return false;
	}
	return true;
}

static int evidence(const struct fit_input *in, const struct pack_column *col,
                    const struct shape *s, size_t c)
{
	if (s->n < 4)
		return 0;
	switch (col->kind) {
	case PACK_CODE:
	case PACK_CODES: {
		int8_t *share = &s->codes[col->list_index];
		if (*share < 0)
			*share = (int8_t)shape_codes(in->grid, in->head->row_last + 1,
			                             in->head->cols[c].col,
			                             &in->pack->lists[col->list_index]);
		return *share;
	}
	case PACK_ID:
	case PACK_CARD:
	case PACK_AREA: return shape_fits(s, col) > 0 ? 100 : 0;
	case PACK_NAME: return shape_fits(s, col) > 0 ? 90 : 0;
	case PACK_NUMBER_TEXT: return col->role == PACK_ROLE_HH_NO && s->serial * 10 >= s->n * 9 ? 90 : 0;
	case PACK_DATE: return shape_fits(s, col) > 0 && s->long_number == 0 ? 60 : 0;
	case PACK_YEAR:
	case PACK_MONEY: return col->required && shape_fits(s, col) > 0 && s->long_number == 0 ? 60 : 0;
	default: return 0;
	}
}

/* Only when exactly one unknown header is left whose values look like it. */
static void by_values(const struct fit_input *in, struct fit *f, int *col_of,
                      const struct shape *shapes)
{
	const struct pack_layout *l = f->layout;
	for (size_t k = 0; k < l->n_columns; k++) {
		if (col_of[k] >= 0 || !(is_wanted(l, k) || is_first_date(l, col_of, k)))
			continue;
		int best = 0, n = 0;
		size_t at = 0;
		for (size_t c = 0; c < in->head->n; c++) {
			if (f->column[c] != -1 || in->head->cols[c].spread > 8)
				continue;
			int e = evidence(in, &l->columns[k], &shapes[c], c);
			if (e == 0 || changes_subject(in->head->cols[c].header))
				continue;
			n++;
			if (e > best) {
				best = e;
				at = c;
			}
		}
		if (n == 1) {
			f->column[at] = (int)k;
			f->how[at] = INTAKE_BY_VALUES;
			col_of[k] = (int)at;
		}
	}
}

/* ---- the score ---- */

static int title_score(const struct fit_input *in, const struct pack_layout *l)
{
	size_t best = 0;
	int against = 0;
	for (size_t w = 0; w < in->n_words; w++) {
		for (size_t i = 0; i < l->n_titles; i++) {
			struct str t = str_c(l->titles[i]);
			if (t.n > best && str_find(in->words[w], t) != SIZE_MAX)
				best = t.n;
		}
		for (size_t i = 0; i < l->n_not_titles; i++)
			against += str_find(in->words[w], str_c(l->not_titles[i])) != SIZE_MAX;
	}
	int s = best == 0 ? 0 : best >= 15 ? 100 : best >= 12 ? 90 : best >= 9 ? 75 : 60;
	s -= against ? 40 : 0;
	return s;
}

static void score(const struct fit_input *in, struct fit *f, const int *col_of)
{
	const struct pack_layout *l = f->layout;
	int have = 0, all = 0, required = 0, found = 0;
	for (size_t c = 0; c < in->head->n; c++) {
		int w = weight_of(in->head->cols[c].spread);
		all += w;
		if (f->column[c] >= 0)
			have += f->how[c] == INTAKE_BY_SYNONYM ? w : w * 2 / 3;
	}
	bool both = false;
	for (size_t c = 0; c < in->head->n; c++)
		both = both || (in->head->cols[c].both && f->column[c] >= 0);
	for (size_t k = 0; k < l->n_columns; k++)
		if (l->columns[k].required) {
			required++;
			found += col_of[k] >= 0 || (both && l->columns[k].role == PACK_ROLE_ID);
		}
	f->missing = required - found;
	f->identified = false;
	for (size_t i = 0; i < l->n_identify; i++)
		f->identified = f->identified || col_of[l->identify[i]] >= 0;
	required++;
	found += f->identified;
	f->score = (all ? 500 * have / all : 0) + 250 * found / required +
	           250 * title_score(in, l) / 100;
	if (!f->identified)
		f->score -= 200;
}

static void by_map(const struct fit_input *in, struct fit *f, int *col_of)
{
	for (size_t c = 0; in->map && c < in->head->n; c++) {
		const struct head_col *h = &in->head->cols[c];
		const char *id = intake_map_column(in->map, h->header, h->leaf);
		if (!id)
			continue;
		int k = pack_column(f->layout, id);
		f->column[c] = -2; /* taken: nothing else may claim it */
		if (k >= 0 && col_of[k] < 0) {
			f->column[c] = k;
			f->how[c] = INTAKE_BY_MAP;
			col_of[k] = (int)c;
		}
	}
}

static void new_fit(const struct fit_input *in, const struct pack_layout *l, struct fit *f,
                    int **ret_col_of)
{
	size_t n = in->head->n;
	*f = (struct fit){.layout = l};
	f->column = ARENA_ARRAY(in->arena, n, int);
	f->how = ARENA_ARRAY(in->arena, n, uint8_t);
	for (size_t c = 0; c < n; c++)
		f->column[c] = -1;
	int *col_of = ARENA_ARRAY(in->arena, l->n_columns, int);
	for (size_t k = 0; k < l->n_columns; k++)
		col_of[k] = -1;
	*ret_col_of = col_of;
}

static void fit_with(const struct fit_input *in, const struct pack_layout *layout,
                     const struct shape *shapes, struct cands *cs, struct fit *ret)
{
	int *col_of;
	new_fit(in, layout, ret, &col_of);
	by_map(in, ret, col_of);
	cs->n = 0;
	by_names(in, (uint16_t)(layout - in->pack->layouts), cs);
	if (shapes) {
		by_role(in, layout, cs);
		by_parts(in, layout, cs);
		weigh(in, layout, shapes, cs);
	}
	assign(ret, col_of, cs);
	take_over(ret, col_of, cs);
	if (layout->subject == PACK_SUBJECT_ROSTER) {
		settle_twins(in, ret, col_of, PACK_ROLE_NAME, PACK_ROLE_HEAD_NAME);
		settle_twins(in, ret, col_of, PACK_ROLE_ID, PACK_ROLE_HEAD_ID);
	}
	if (shapes)
		by_values(in, ret, col_of, shapes);
	for (size_t c = 0; c < in->head->n; c++)
		if (ret->column[c] < 0)
			ret->column[c] = -1;
	score(in, ret, col_of);
}

static struct shape *all_shapes(const struct fit_input *in)
{
	struct shape *shapes = ARENA_ARRAY(in->arena, in->head->n, struct shape);
	for (size_t c = 0; c < in->head->n; c++) {
		shape_of(in->grid, in->head->row_last + 1, in->head->cols[c].col, in->villages,
		         &shapes[c]);
		shapes[c].codes = arena_alloc(in->arena, in->pack->n_lists);
		memset(shapes[c].codes, -1, in->pack->n_lists);
	}
	return shapes;
}

void fit_layout(const struct fit_input *in, const struct pack_layout *layout, struct fit *ret)
{
	struct cands *cs = ARENA_NEW(in->arena, struct cands);
	fit_with(in, layout, all_shapes(in), cs, ret);
}

void fit_best(const struct fit_input *in, struct fit *ret, struct fit *ret_second)
{
	struct cands *cs = ARENA_NEW(in->arena, struct cands);
	size_t n = in->pack->n_layouts;
	struct fit *fits = ARENA_ARRAY(in->arena, n, struct fit);
	for (size_t i = 0; i < n; i++)
		fit_with(in, &in->pack->layouts[i], NULL, cs, &fits[i]);
	const struct shape *shapes = all_shapes(in);
	*ret = *ret_second = (struct fit){.score = -1000};
	bool *seen = ARENA_ARRAY(in->arena, n, bool);
	for (int t = 0; t < TOP && (size_t)t < n; t++) {
		size_t best = n;
		for (size_t i = 0; i < n; i++)
			if (!seen[i] && (best == n || fits[i].score > fits[best].score))
				best = i;
		seen[best] = true;
		struct fit f;
		fit_with(in, &in->pack->layouts[best], shapes, cs, &f);
		if (f.score > ret->score) {
			*ret_second = *ret;
			*ret = f;
		} else if (f.score > ret_second->score) {
			*ret_second = f;
		}
	}
}

void fit_missing(const struct fit *f, size_t n_cols, struct buf *out)
{
	const struct pack_layout *l = f->layout;
	for (size_t k = 0; k < l->n_columns; k++) {
		bool have = !l->columns[k].required;
		for (size_t c = 0; c < n_cols && !have; c++)
			have = f->column[c] == (int)k;
		if (!have)
			buf_addf(out, "%s%s", out->n ? "、" : "", l->columns[k].label.in[LANG_ZH]);
	}
	if (!f->identified)
		for (size_t i = 0; i < l->n_identify; i++)
			buf_addf(out, "%s%s", i ? "/" : out->n ? "、" : "",
			         l->columns[l->identify[i]].label.in[LANG_ZH]);
}
