/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "report/summary.h"

#include <stdio.h>

#include "base/utf8.h"

#include "base/banned.h"

/* --- shared: the columns of the first table ------------------------------- */

enum column {
	COL_PLACE,
	COL_HOUSEHOLDS,
	COL_PERSONS,
	COL_FINDINGS,
	COL_TOUCHED,
	COL_SHARE,
	COL_MUST,
	COL_VERIFY,
	COL_INFO,
	COL_VILLAGE, /* to PARTNER: in the order of REPORT_FIXERS */
	COL_TOWN,
	COL_CADRE,
	COL_OFFICE,
	COL_PARTNER,
	COL_MAX
};

static const struct text heads[COL_MAX] = {
	TEXT("村", "village"),          TEXT("户数", "households"),
	TEXT("人数", "people"),         TEXT("问题数", "findings"),
	TEXT("涉及户数", "concerned"), TEXT("涉及户占比", "share"),
	TEXT("须更正", "put right"),    TEXT("待核实", "verify"),
	TEXT("提示", "info"),           TEXT("由村", "village"),
	TEXT("由镇", "town"),           TEXT("由帮扶责任人", "cadre"),
	TEXT("由行业部门", "department"), TEXT("由企业等", "company, assessor"),
};

static size_t value(const struct report_count *c, enum column col)
{
	switch (col) {
	case COL_HOUSEHOLDS:
		return c->households;
	case COL_PERSONS:
		return c->persons;
	case COL_FINDINGS:
		return c->findings;
	case COL_TOUCHED:
		return c->touched;
	case COL_MUST:
		return c->severity[PACK_BLOCK] + c->severity[PACK_ERROR];
	case COL_VERIFY:
		return c->severity[PACK_WARN];
	case COL_INFO:
		return c->severity[PACK_INFO];
	case COL_VILLAGE:
	case COL_TOWN:
	case COL_CADRE:
	case COL_OFFICE:
		return c->fixer[col - COL_VILLAGE];
	case COL_PARTNER:
		return c->fixer[4] + c->fixer[5];
	default:
		return 0;
	}
}

static struct str total_word(const struct report *r)
{
	return str_c(r->lang == LANG_ZH ? "合计" : "total");
}

/* --- terminal ------------------------------------------------------------- */

static void pad(struct buf *out, struct str s, size_t width, bool right)
{
	struct str fit = utf8_fit(s, width);
	size_t w = utf8_str_width(fit);
	if (!right)
		buf_addstr(out, fit);
	for (; w < width; w++)
		buf_addc(out, ' ');
	if (right)
		buf_addstr(out, fit);
}

static void pad_number(struct buf *out, size_t v, size_t width)
{
	char t[32];
	int n = snprintf(t, sizeof(t), "%zu", v);
	pad(out, (struct str){t, (size_t)n}, width, true);
}

static void text_villages(const struct report *r, const struct report_counts *c, struct buf *out)
{
	static const enum column cols[] = {COL_HOUSEHOLDS, COL_FINDINGS, COL_TOUCHED, COL_MUST,
	                                   COL_VERIFY,     COL_VILLAGE,  COL_TOWN,    COL_CADRE,
	                                   COL_OFFICE};
	enum { N = sizeof(cols) / sizeof(cols[0]), WIDE = 20, NUMBER = 13 };
	pad(out, str_c(heads[COL_PLACE].in[r->lang]), WIDE, false);
	for (size_t i = 0; i < N; i++)
		pad(out, str_c(heads[cols[i]].in[r->lang]), NUMBER, true);
	buf_addc(out, '\n');
	for (size_t v = 0; v <= c->n; v++) {
		const struct report_count *k = v < c->n ? &c->villages[v] : &c->total;
		pad(out, v < c->n ? report_place(r, k->village) : total_word(r), WIDE, false);
		for (size_t i = 0; i < N; i++)
			pad_number(out, value(k, cols[i]), NUMBER);
		buf_addc(out, '\n');
	}
}

static void text_rules(const struct report *r, const struct report_counts *c, struct buf *out)
{
	bool zh = r->lang == LANG_ZH;
	buf_adds(out, zh ? "\n主要问题\n" : "\nmostly\n");
	for (size_t i = 0; i < c->n_top && i < SUMMARY_RULES; i++) {
		const struct pack_rule *rule = &r->result->pack->rules[c->top[i]];
		pad_number(out, c->total.rule[c->top[i]], 6);
		buf_adds(out, "  ");
		pad(out, str_c(rule->title.in[r->lang]), 42, false);
		buf_adds(out, "  ");
		buf_adds(out, fixer_text(rule->fixer)->in[r->lang]);
		buf_addc(out, '\n');
	}
	if (c->n_top > SUMMARY_RULES)
		buf_addf(out, zh ? "        另有 %zu 类\n" : "        and %zu more kinds\n",
		         c->n_top - SUMMARY_RULES);
}

static void text_ledgers(const struct report *r, struct arena *a, struct buf *out)
{
	bool zh = r->lang == LANG_ZH, missing = false;
	size_t n;
	const struct report_ledger *l = report_ledgers(r, a, &n);
	buf_adds(out, zh ? "\n收到的台账\n" : "\nledgers received\n");
	for (size_t i = 0; i < n; i++) {
		if (l[i].files == 0 && !missing) {
			missing = true;
			buf_adds(out, zh ? "\n没有收到，因此没有核对\n"
			                 : "\nnot received, so not compared\n");
		}
		buf_adds(out, "  ");
		pad(out, str_c(l[i].layout->title.in[r->lang]), 30, false);
		if (l[i].files) {
			buf_adds(out, l[i].to ? date_dup(a, l[i].to) : "          ");
			buf_addf(out, zh ? "  覆盖 %zu 村%s\n" : "  covers %zu villages%s\n",
			         l[i].villages,
			         l[i].authorised ? "" : zh ? "  无授权依据" : "  no authorisation");
		} else {
			buf_addf(out, "%s\n", l[i].unread);
		}
	}
}

void summary_text(const struct report *r, struct buf *out)
{
	struct arena a;
	arena_init(&a, 0);
	struct report_counts c;
	report_count(r, &a, &c);
	buf_addstr(out, report_title(r));
	buf_adds(out, r->lang == LANG_ZH ? " 数据核对情况  " : "  what contradicts what  ");
	buf_adds(out, report_basis(r, &a));
	if (r->user)
		buf_addf(out, r->lang == LANG_ZH ? " · %s 制表" : " · made by %s", r->user);
	buf_adds(out, "\n\n");
	text_villages(r, &c, out);
	text_rules(r, &c, out);
	text_ledgers(r, &a, out);
	arena_release(&a);
}

/* --- workbook ------------------------------------------------------------- */

struct sheet {
	const struct report *r;
	struct report_counts counts;
	struct arena arena;
	struct xlsx_out *x;
	int row;
	int title, basis, block, head, name, number, share, total_name, total, total_share, wrap;
};

static void make_styles(struct sheet *s)
{
	struct xlsx_out *x = s->x;
	s->title = xlsx_style(x, &(struct xlsx_style){
		.font = XLSX_HEI, .size = 18, .align = XLSX_CENTRE});
	s->basis = xlsx_style(x, &(struct xlsx_style){.size = 10, .align = XLSX_CENTRE});
	s->block = xlsx_style(x, &(struct xlsx_style){.font = XLSX_HEI, .size = 12});
	s->head = xlsx_style(x, &(struct xlsx_style){.font = XLSX_HEI, .size = 10, .wrap = true,
		.align = XLSX_CENTRE, .fill = XLSX_HEADER, .border = true});
	struct xlsx_style cell = {.size = 10, .border = true};
	s->name = xlsx_style(x, &cell);
	cell.wrap = true;
	s->wrap = xlsx_style(x, &cell);
	cell.wrap = false;
	cell.align = XLSX_RIGHT;
	cell.kind = XLSX_INTEGER;
	s->number = xlsx_style(x, &cell);
	cell.kind = XLSX_PERCENT;
	s->share = xlsx_style(x, &cell);
	cell.fill = XLSX_BAND;
	cell.bold = true;
	s->total_share = xlsx_style(x, &cell);
	cell.kind = XLSX_INTEGER;
	s->total = xlsx_style(x, &cell);
	cell.align = XLSX_LEFT;
	s->total_name = xlsx_style(x, &cell);
}

static void block_title(struct sheet *s, struct text t)
{
	s->row++;
	xlsx_row_height(s->x, s->row, 22);
	xlsx_merge(s->x, s->row, 0, s->row, COL_MAX - 1, s->block, str_c(t.in[s->r->lang]));
	s->row++;
}

static void count_row(struct sheet *s, const struct report_count *c, bool total)
{
	xlsx_text(s->x, s->row, COL_PLACE, total ? s->total_name : s->name,
	          total ? total_word(s->r) : report_place(s->r, c->village));
	for (int col = COL_PLACE + 1; col < COL_MAX; col++) {
		if (col == COL_SHARE) {
			double share = c->households
			                       ? (double)c->touched / (double)c->households : 0;
			xlsx_real(s->x, s->row, col, total ? s->total_share : s->share, share);
		} else {
			xlsx_int(s->x, s->row, col, total ? s->total : s->number,
			         (int64_t)value(c, (enum column)col));
		}
	}
	s->row++;
}

static void village_block(struct sheet *s)
{
	block_title(s, (struct text)TEXT("一、各村情况（问题多的在前）", "1. By village, most findings first"));
	xlsx_row_height(s->x, s->row, 32);
	for (int col = 0; col < COL_MAX; col++)
		xlsx_text(s->x, s->row, col, s->head, str_c(heads[col].in[s->r->lang]));
	s->row++;
	count_row(s, &s->counts.total, true);
	for (size_t v = 0; v < s->counts.n; v++)
		count_row(s, &s->counts.villages[v], false);
}

/* Ten rules across, villages down: the title of a rule over its column. */
static void rule_block(struct sheet *s)
{
	const struct report_counts *c = &s->counts;
	const struct pack_rule *rules = s->r->result->pack->rules;
	enum lang lang = s->r->lang;
	size_t n = c->n_top < SUMMARY_RULES ? c->n_top : SUMMARY_RULES;
	block_title(s, (struct text)TEXT("二、最多的十类问题", "2. The ten most frequent kinds"));
	xlsx_row_height(s->x, s->row, 74);
	xlsx_text(s->x, s->row, 0, s->head, str_c(heads[COL_PLACE].in[lang]));
	for (size_t i = 0; i < n; i++) {
		const struct pack_rule *rule = &rules[c->top[i]];
		const char *t = arena_printf(&s->arena, lang == LANG_ZH ? "%s\n（%s）" : "%s\n(%s)",
		                             rule->title.in[lang],
		                             fixer_text(rule->fixer)->in[lang]);
		xlsx_text(s->x, s->row, (int)i + 1, s->head, str_c(t));
	}
	s->row++;
	for (size_t v = 0; v <= c->n; v++) {
		const struct report_count *k = v ? &c->villages[v - 1] : &c->total;
		xlsx_text(s->x, s->row, 0, v ? s->name : s->total_name,
		          v ? report_place(s->r, k->village) : total_word(s->r));
		for (size_t i = 0; i < n; i++)
			xlsx_int(s->x, s->row, (int)i + 1, v ? s->number : s->total,
			         (int64_t)k->rule[c->top[i]]);
		s->row++;
	}
}

static void ledger_row(struct sheet *s, const struct report_ledger *l)
{
	bool zh = s->r->lang == LANG_ZH;
	const char *dates = l->to ? date_dup(&s->arena, l->to) : "";
	const char *state = zh ? "未收到" : "not received";
	if (l->files) {
		state = arena_printf(&s->arena, zh ? "收到 %zu 份" : "%zu received", l->files);
		if (!l->authorised)
			state = arena_printf(&s->arena, zh ? "%s，无授权依据"
			                                   : "%s, no authorisation", state);
	}
	const char *effect = *l->unread ? arena_printf(&s->arena, zh ? "没有核对：%s"
	                                                             : "not compared: %s", l->unread)
	                                : "";
	xlsx_merge(s->x, s->row, 0, s->row, 2, s->name, str_c(l->layout->title.in[s->r->lang]));
	xlsx_merge(s->x, s->row, 3, s->row, 4, s->name, str_c(state));
	xlsx_merge(s->x, s->row, 5, s->row, 6, s->name, str_c(dates));
	if (l->files)
		xlsx_int(s->x, s->row, 7, s->number, (int64_t)l->villages);
	else
		xlsx_blank(s->x, s->row, 7, s->number);
	xlsx_merge(s->x, s->row, 8, s->row, COL_MAX - 1, s->wrap, str_c(effect));
	xlsx_row_height(s->x, s->row, xlsx_wrapped_height(str_c(effect), 54, 10));
	s->row++;
}

static void ledger_block(struct sheet *s)
{
	bool zh = s->r->lang == LANG_ZH;
	size_t n;
	const struct report_ledger *l = report_ledgers(s->r, &s->arena, &n);
	block_title(s, (struct text)TEXT("三、台账收到情况（没有收到的，相关内容没有核对，不等于没有问题）",
	                                 "3. Ledgers (what was not received was not compared)"));
	xlsx_merge(s->x, s->row, 0, s->row, 2, s->head, str_c(zh ? "台账" : "ledger"));
	xlsx_merge(s->x, s->row, 3, s->row, 4, s->head, str_c(zh ? "收到情况" : "state"));
	xlsx_merge(s->x, s->row, 5, s->row, 6, s->head, str_c(zh ? "截止日期" : "as of"));
	xlsx_text(s->x, s->row, 7, s->head, str_c(zh ? "覆盖村数" : "villages"));
	xlsx_merge(s->x, s->row, 8, s->row, COL_MAX - 1, s->head, str_c(zh ? "影响" : "effect"));
	s->row++;
	for (size_t i = 0; i < n; i++)
		ledger_row(s, &l[i]);
}

static void write_sheet(struct sheet *s)
{
	bool zh = s->r->lang == LANG_ZH;
	static const double widths[COL_MAX] = {14, 8, 8, 9, 9, 9, 9, 9, 9, 9, 9, 10, 10, 9};
	xlsx_sheet(s->x, zh ? "核对情况" : "Summary", XLSX_FIRST);
	for (int col = 0; col < COL_MAX; col++)
		xlsx_column(s->x, col, col, widths[col], -1, false);
	struct str name = report_title(s->r);
	const char *title = arena_printf(&s->arena, zh ? STR_FMT "扶贫数据核对情况"
	                                               : STR_FMT ": what contradicts what",
	                                 STR_ARG(name));
	xlsx_row_height(s->x, 0, 30);
	xlsx_merge(s->x, 0, 0, 0, COL_MAX - 1, s->title, str_c(title));
	xlsx_merge(s->x, 1, 0, 1, COL_MAX - 1, s->basis,
	           str_c(report_basis(s->r, &s->arena)));
	s->row = 1;
	village_block(s);
	rule_block(s);
	ledger_block(s);
	struct xlsx_page page = report_page(s->r, &s->arena, true);
	page.centred = true;
	xlsx_page(s->x, &page);
}

enum err summary_xlsx(const struct report *r, const char *path, struct diag *diag)
{
	struct sheet s = {.r = r};
	struct xlsx_out_opts o = {.title = r->lang == LANG_ZH ? "数据核对情况" : "Summary",
	                          .author = r->user, .created = r->result->town->as_of};
	enum err e = xlsx_out_open(path, &o, diag, &s.x);
	if (e)
		return e;
	arena_init(&s.arena, 0);
	report_count(r, &s.arena, &s.counts);
	make_styles(&s);
	write_sheet(&s);
	arena_release(&s.arena);
	return xlsx_out_close(s.x);
}
