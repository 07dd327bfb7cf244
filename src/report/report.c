/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "report/report.h"

#include <stdlib.h>

#include "base/banned.h"

struct str report_place(const struct report *r, int32_t village)
{
	const struct town *t = r->result->town;
	if (village < 0 || (size_t)village >= t->n_villages)
		return str_c(r->lang == LANG_ZH ? "镇本级" : "town itself");
	return t->villages[village].name;
}

const char *report_code(const struct report *r, const char *list, int16_t code)
{
	const struct pack_list *l = pack_list(r->result->pack, list);
	if (!l || code < 0 || (size_t)code >= l->n)
		return "";
	return l->codes[code].label.in[r->lang];
}

bool report_covers(const struct report *r, int32_t village)
{
	return r->village == TOWN_NONE || r->village == village;
}

struct str report_title(const struct report *r)
{
	return r->village == TOWN_NONE ? r->result->town->name : report_place(r, r->village);
}

/* --- counting ------------------------------------------------------------- */

static void count_one(struct report_count *c, const struct finding *f, bool first_of_household)
{
	c->findings++;
	c->touched += first_of_household;
	c->severity[f->rule->severity]++;
	const char *fixer = strchr(REPORT_FIXERS, f->rule->fixer);
	c->fixer[fixer && *fixer ? fixer - REPORT_FIXERS : 0]++;
	c->rule[f->rule_no]++;
}

static int by_findings(const void *pa, const void *pb)
{
	const struct report_count *a = pa, *b = pb;
	if ((a->village < 0) != (b->village < 0))
		return a->village < 0 ? 1 : -1;
	if (a->findings != b->findings)
		return a->findings > b->findings ? -1 : 1;
	return (a->village > b->village) - (a->village < b->village);
}

static void sort_rules(struct report_counts *c, size_t n_rules, struct arena *a)
{
	c->top = ARENA_ARRAY(a, n_rules + 1, int);
	for (size_t i = 0; i < n_rules; i++) {
		if (!c->total.rule[i])
			continue;
		size_t at = c->n_top++;
		for (; at > 0 && c->total.rule[c->top[at - 1]] < c->total.rule[i]; at--)
			c->top[at] = c->top[at - 1];
		c->top[at] = (int)i;
	}
}

/* Households and people of the villages looked at; village v's line is number v. */
static void count_people(const struct report *r, struct report_counts *c)
{
	const struct town *t = r->result->town;
	for (size_t i = 0; i < t->n_households; i++) {
		int32_t v = t->households[i].village;
		if (v < 0 || !report_covers(r, v))
			continue;
		c->villages[v].households++;
		c->total.households++;
	}
	for (size_t i = 0; i < t->n_persons; i++) {
		int32_t h = t->persons[i].household;
		int32_t v = h >= 0 ? t->households[h].village : TOWN_NONE;
		if (v < 0 || !report_covers(r, v))
			continue;
		c->villages[v].persons++;
		c->total.persons++;
	}
}

static void count_findings(const struct report *r, struct arena *a, struct report_counts *c)
{
	const struct check_result *res = r->result;
	const struct town *t = res->town;
	bool *seen = ARENA_ARRAY(a, t->n_households + 1, bool);
	for (size_t i = 0; i < res->n; i++) {
		const struct finding *f = &res->findings[i];
		if (f->answer)
			continue;
		bool first = f->household >= 0 && !seen[f->household];
		if (first)
			seen[f->household] = true;
		bool placed = f->village >= 0 && (size_t)f->village < t->n_villages;
		count_one(&c->villages[placed ? (size_t)f->village : t->n_villages], f, first);
		count_one(&c->total, f, first);
	}
}

void report_count(const struct report *r, struct arena *a, struct report_counts *ret)
{
	const struct town *t = r->result->town;
	size_t n_rules = r->result->pack->n_rules, kept = 0;
	struct report_counts c = {.total = {.village = TOWN_NONE}};
	c.villages = ARENA_ARRAY(a, t->n_villages + 1, struct report_count);
	c.total.rule = ARENA_ARRAY(a, n_rules + 1, size_t);
	for (size_t i = 0; i <= t->n_villages; i++) {
		c.villages[i].village = i < t->n_villages ? (int32_t)i : TOWN_NONE;
		c.villages[i].rule = ARENA_ARRAY(a, n_rules + 1, size_t);
	}
	count_people(r, &c);
	count_findings(r, a, &c);
	for (size_t i = 0; i <= t->n_villages; i++) {
		const struct report_count *v = &c.villages[i];
		if (v->findings || (v->village != TOWN_NONE && report_covers(r, v->village)))
			c.villages[kept++] = *v;
	}
	c.n = kept;
	qsort(c.villages, c.n, sizeof(*c.villages), by_findings);
	sort_rules(&c, n_rules, a);
	*ret = c;
}

enum { UNREAD_SHOWN = 5 }; /* titles of rules that could not run */

/* --- ledgers -------------------------------------------------------------- */

/* Rules that did not run although the pack wants them, and read this layout. */
static const char *unread_rules(const struct report *r, int layout, struct arena *a)
{
	struct buf b;
	buf_init(&b, 4000);
	const struct check_result *res = r->result;
	size_t n = 0;
	for (size_t i = 0; i < res->pack->n_rules; i++) {
		if (res->tally[i].outcome != CHECK_NO_DATA ||
		    !check_reads_layout(r->check, (int)i, layout))
			continue;
		if (n++ >= UNREAD_SHOWN)
			continue;
		buf_adds(&b, b.n ? (r->lang == LANG_ZH ? "；" : "; ") : "");
		buf_adds(&b, res->pack->rules[i].title.in[r->lang]);
	}
	if (n > UNREAD_SHOWN)
		buf_addf(&b, r->lang == LANG_ZH ? "；等 %zu 项" : "; %zu in all", n);
	const char *s = arena_strdup(a, b.p ? b.p : "");
	buf_release(&b);
	return s;
}

static void add_ledger(struct report_ledger *l, const struct town *t, const struct town_ledger *g)
{
	size_t covered = 0;
	for (size_t v = 0; v < t->n_villages && g->complete; v++)
		covered += g->covers_all || (g->covers && g->covers[v]);
	l->authorised = (l->files == 0 || l->authorised) && g->authorised;
	l->files++;
	/* files of single villages add up, one of the whole town is the whole town */
	l->villages = l->villages + covered > t->n_villages ? t->n_villages : l->villages + covered;
	if (g->as_of && (!l->from || g->as_of < l->from))
		l->from = g->as_of;
	if (g->as_of > l->to)
		l->to = g->as_of;
}

struct report_ledger *report_ledgers(const struct report *r, struct arena *a, size_t *ret_n)
{
	const struct pack *p = r->result->pack;
	const struct town *t = r->result->town;
	struct report_ledger *list = ARENA_ARRAY(a, p->n_layouts + 1, struct report_ledger);
	size_t n = 0;
	for (int missing = 0; missing < 2; missing++) {
		for (size_t i = 0; i < p->n_layouts; i++) {
			struct report_ledger l = {.layout = &p->layouts[i], .unread = ""};
			for (size_t k = 0; k < t->n_ledgers; k++) {
				if (!t->ledgers[k].replaced &&
				    str_is(t->ledgers[k].layout, l.layout->id))
					add_ledger(&l, t, &t->ledgers[k]);
			}
			if (l.layout->pivot)
				continue; /* its rows are the other layout's */
			if (l.files == 0)
				l.unread = unread_rules(r, (int)i, a);
			if (missing ? l.files == 0 && *l.unread : l.files > 0)
				list[n++] = l;
		}
	}
	*ret_n = n;
	return list;
}

/* --- head and foot -------------------------------------------------------- */

const char *report_basis(const struct report *r, struct arena *a)
{
	const struct check_result *res = r->result;
	bool zh = r->lang == LANG_ZH;
	int year = date_year(res->town->as_of) - 1; /* incomes are those of the year before */
	const struct pack_table *lines = pack_table(res->pack, "line");
	int64_t fen = 0;
	char money[32] = "";
	if (lines && pack_table_get(lines, year, &fen))
		(void)money_format(fen, false, money);
	const char *line = "";
	if (*money)
		line = arena_printf(a, zh ? " · %d 年贫困线人均 %s 元"
		                          : " · poverty line of %d: %s yuan a head", year, money);
	return arena_printf(a, zh ? "截至 %s%s · 政策包 %s %s" : "as of %s%s · pack %s %s",
	                    date_dup(a, res->town->as_of), line, res->pack->id, res->pack->version);
}

const char *report_made_by(const struct calendar *c, const char *who, enum lang lang,
                           struct arena *a)
{
	bool zh = lang == LANG_ZH;
	if (!c->practice)
		return who;
	return who ? arena_printf(a, zh ? "演练：%s" : "%s, for practice", who)
	           : zh ? "演练" : "for practice";
}

struct xlsx_page report_page(const struct report *r, struct arena *a, bool landscape)
{
	bool zh = r->lang == LANG_ZH;
	const char *who = r->user ? r->user : "";
	const char *right;
	if (r->reason)
		right = arena_printf(a, zh ? "内含完整号码，用途：%s（%s），注意保密"
		                           : "full numbers, for: %s (%s), confidential", r->reason, who);
	else
		right = arena_printf(a, zh ? "号码已遮盖 · %s 制表" : "numbers masked · made by %s", who);
	return (struct xlsx_page){
		.landscape = landscape, .repeat_first = -1,
		.english = !zh,
		.left = zh ? "填报人：        审核人：        日期：" : "filled in:        checked:        date:",
		.right = right};
}
