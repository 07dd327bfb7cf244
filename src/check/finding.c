/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "check/finding.h"

#include <stdlib.h>

#include "base/utf8.h"

#include "base/banned.h"

static const struct {
	const char *name;
	struct text label;
} columns[FINDING_COLUMN_MAX] = {
	[FINDING_RULE] = {"rule", TEXT("规则", "rule")},
	[FINDING_SEVERITY] = {"severity", TEXT("级别", "severity")},
	[FINDING_CERTAINTY] = {"certainty", TEXT("确定程度", "certainty")},
	[FINDING_HOUSEHOLD_NO] = {"household_no", TEXT("户编号", "household")},
	[FINDING_PERSON_ID] = {"person_id", TEXT("证件号码", "number")},
	[FINDING_NAME] = {"name", TEXT("姓名", "name")},
	[FINDING_SUBJECT] = {"subject", TEXT("对象", "subject")},
	[FINDING_VILLAGE] = {"village", TEXT("村", "village")},
	[FINDING_DETAIL] = {"detail", TEXT("问题", "detail")},
	[FINDING_SOURCE] = {"source", TEXT("依据", "source")},
};

const char *finding_column_name(enum finding_column c)
{
	return columns[c].name;
}

const struct text *finding_column_label(enum finding_column c)
{
	return &columns[c].label;
}

char severity_letter(enum pack_severity s)
{
	return "BEWI"[s];
}

const struct text *severity_text(enum pack_severity s)
{
	static const struct text texts[PACK_SEVERITY_MAX] = {
		TEXT("必须立即改正", "must be corrected at once"),
		TEXT("错误", "error"),
		TEXT("待核实", "to be verified"),
		TEXT("提示", "note"),
	};

	return &texts[s];
}

const struct text *certainty_text(bool probable)
{
	static const struct text texts[] = {TEXT("确定", "sure"), TEXT("疑似", "probable")};

	return &texts[probable];
}

const struct text *fixer_text(char fixer)
{
	static const struct {
		char letter;
		struct text text;
	} who[] = {
		{'V', TEXT("村", "village")},
		{'T', TEXT("镇扶贫办", "town office")},
		{'C', TEXT("帮扶责任人", "responsible cadre")},
		{'D', TEXT("行业部门", "department")},
		{'A', TEXT("评估组", "assessor")},
		{'K', TEXT("公司、合作社", "company or co-operative")},
	};

	for (size_t i = 1; i < sizeof(who) / sizeof(who[0]); i++) {
		if (who[i].letter == fixer)
			return &who[i].text;
	}
	return &who[0].text;
}

struct str finding_value(const struct finding *f, enum finding_column c)
{
	static const char *const severities[PACK_SEVERITY_MAX] = {"B", "E", "W", "I"};

	switch (c) {
	case FINDING_RULE:
		return str_c(f->rule->id);
	case FINDING_SEVERITY:
		return str_c(severities[f->rule->severity]);
	case FINDING_CERTAINTY:
		return f->probable ? STR("probable") : STR("sure");
	case FINDING_HOUSEHOLD_NO:
		return f->household_no;
	case FINDING_PERSON_ID:
		return f->person_id;
	case FINDING_NAME:
		return f->name;
	case FINDING_SUBJECT:
		return f->subject;
	case FINDING_VILLAGE:
		return f->village_name;
	case FINDING_DETAIL:
		return f->detail;
	default:
		return f->source;
	}
}

/* ---- csv ---- */

static void csv_field(struct str s, struct buf *out)
{
	bool quote = false;

	for (size_t i = 0; i < s.n; i++)
		quote |= s.p[i] == ',' || s.p[i] == '"' || s.p[i] == '\n' || s.p[i] == '\r';
	if (!quote) {
		buf_addstr(out, s);
		return;
	}
	buf_addc(out, '"');
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '"')
			buf_addc(out, '"');
		buf_addc(out, s.p[i]);
	}
	buf_addc(out, '"');
}

void findings_csv(const struct check_result *r, struct buf *out)
{
	for (int c = 0; c < FINDING_COLUMN_MAX; c++) {
		if (c)
			buf_addc(out, ',');
		buf_adds(out, columns[c].name);
	}
	buf_addc(out, '\n');
	for (size_t i = 0; i < r->n; i++) {
		for (int c = 0; c < FINDING_COLUMN_MAX; c++) {
			if (c)
				buf_addc(out, ',');
			csv_field(finding_value(&r->findings[i], (enum finding_column)c), out);
		}
		buf_addc(out, '\n');
	}
}

/* ---- json ---- */

static void json_text(struct str s, struct buf *out)
{
	buf_addc(out, '"');
	for (size_t i = 0; i < s.n; i++) {
		unsigned char ch = (unsigned char)s.p[i];

		if (ch == '"' || ch == '\\')
			buf_addf(out, "\\%c", ch);
		else if (ch < 0x20 || ch == 0x7F)
			buf_addf(out, "\\u%04x", ch);
		else
			buf_addc(out, (char)ch);
	}
	buf_addc(out, '"');
}

static void json_member(const char *name, struct str value, bool first, struct buf *out)
{
	if (!first)
		buf_adds(out, ",");
	json_text(str_c(name), out);
	buf_addc(out, ':');
	json_text(value, out);
}

static const char *outcome_name(enum check_outcome o)
{
	static const char *const names[] = {"ran", "disabled", "not_valid", "no_data"};

	return names[o];
}

static void json_rules(const struct check_result *r, struct buf *out)
{
	buf_adds(out, ",\n\"rules\":[");
	for (size_t i = 0; i < r->pack->n_rules; i++) {
		const struct pack_rule *p = &r->pack->rules[i];
		const struct check_tally *t = &r->tally[i];

		buf_adds(out, i ? ",\n{" : "\n{");
		json_member("id", str_c(p->id), true, out);
		json_member("title", str_c(p->title.in[r->lang]), false, out);
		json_member("outcome", str_c(outcome_name(t->outcome)), false, out);
		buf_addf(out, ",\"findings\":%zu,\"probable\":%zu,\"unknown\":%zu,\"answered\":%zu}",
		         t->findings, t->probable, t->unknown, t->answered);
	}
	buf_adds(out, "]");
}

void findings_json(const struct check_result *r, struct buf *out)
{
	char day[16] = "";

	date_format(r->town->as_of, day);
	buf_addc(out, '{');
	json_member("as_of", str_c(day), true, out);
	buf_adds(out, ",\"pack\":{");
	json_member("id", str_c(r->pack->id), true, out);
	json_member("version", str_c(r->pack->version), false, out);
	json_member("hash", str_c(r->pack->hash), false, out);
	buf_addc(out, '}');
	json_rules(r, out);
	buf_adds(out, ",\n\"findings\":[");
	for (size_t i = 0; i < r->n; i++) {
		buf_adds(out, i ? ",\n{" : "\n{");
		for (int c = 0; c < FINDING_COLUMN_MAX; c++)
			json_member(columns[c].name,
			            finding_value(&r->findings[i], (enum finding_column)c), c == 0,
			            out);
		buf_addc(out, '}');
	}
	buf_adds(out, "]}\n");
}

/* ---- text ---- */

static void padded(struct str s, size_t width, struct buf *out)
{
	struct str cut = utf8_fit(s, width);
	size_t w = utf8_str_width(cut);

	buf_addstr(out, cut);
	for (; w < width; w++)
		buf_addc(out, ' ');
}

static void text_header(const struct check_result *r, struct buf *out)
{
	bool zh = r->lang == LANG_ZH;
	size_t households = 0, probable = 0;
	bool *hit = base_calloc(r->town->n_households + 1, sizeof(*hit));
	char day[16] = "";

	date_format(r->town->as_of, day);
	for (size_t i = 0; i < r->n; i++) {
		int32_t h = r->findings[i].household;

		probable += r->findings[i].probable;
		if (h >= 0 && !hit[h]) {
			hit[h] = true;
			households++;
		}
	}
	base_free(hit);
	buf_addf(out,
	         zh ? STR_FMT "  截止 %s  共 %zu 户 %zu 人，%zu 条问题（其中疑似 %zu 条），涉及 %zu 户\n\n"
	            : STR_FMT "  as of %s  %zu households, %zu people; %zu findings (%zu probable) in "
	                      "%zu households\n\n",
	         STR_ARG(r->town->name), day, r->town->n_households, r->town->n_persons, r->n, probable,
	         households);
}

static void text_rules(const struct check_result *r, bool list, struct buf *out)
{
	size_t at = 0;

	/* findings stand by rule id; rules by their place in the pack */
	while (at < r->n) {
		const struct pack_rule *p = r->findings[at].rule;
		const struct check_tally *t = &r->tally[r->findings[at].rule_no];
		size_t end = at;

		while (end < r->n && r->findings[end].rule == p)
			end++;
		buf_addf(out, "  %c  ", severity_letter(p->severity));
		padded(str_c(p->title.in[r->lang]), 44, out);
		buf_addf(out, "%6zu", t->findings);
		if (t->probable)
			buf_addf(out, r->lang == LANG_ZH ? "（疑似 %zu）" : " (%zu probable)",
			         t->probable);
		buf_addf(out, "   %s\n", p->id);
		for (; list && at < end; at++) {
			const struct finding *f = &r->findings[at];

			buf_adds(out, "       ");
			padded(f->village_name, 22, out);
			buf_addc(out, ' ');
			padded(f->household_no, 18, out);
			buf_addc(out, ' ');
			padded(f->name.n ? f->name : f->subject, 10, out);
			buf_addf(out, " %s" STR_FMT "\n",
			         f->probable ? (r->lang == LANG_ZH ? "[疑似] " : "[probable] ") : "",
			         STR_ARG(f->detail));
		}
		at = end;
	}
}

static void text_villages(const struct check_result *r, struct buf *out)
{
	const struct town *t = r->town;
	size_t *n = base_calloc(t->n_villages + 1, sizeof(*n));
	size_t *order = base_calloc(t->n_villages + 1, sizeof(*order));
	size_t kept = 0;

	for (size_t i = 0; i < r->n; i++)
		n[r->findings[i].village >= 0 ? (size_t)r->findings[i].village : t->n_villages]++;
	for (size_t i = 0; i < t->n_villages; i++) {
		size_t k = kept++;

		for (; k > 0 && str_cmp(t->villages[order[k - 1]].code, t->villages[i].code) > 0; k--)
			order[k] = order[k - 1];
		order[k] = i;
	}
	buf_adds(out, r->lang == LANG_ZH ? "\n  各村\n" : "\n  by village\n");
	for (size_t i = 0; i < kept; i++) {
		if (!n[order[i]])
			continue;
		buf_adds(out, "     ");
		padded(t->villages[order[i]].name, 44, out);
		buf_addf(out, "%6zu\n", n[order[i]]);
	}
	if (n[t->n_villages]) {
		buf_adds(out, "     ");
		padded(r->lang == LANG_ZH ? STR("（全镇）") : STR("(town)"), 44, out);
		buf_addf(out, "%6zu\n", n[t->n_villages]);
	}
	base_free(n);
	base_free(order);
}

static void text_not_run(const struct check_result *r, struct buf *out)
{
	size_t n = 0;

	for (size_t i = 0; i < r->pack->n_rules; i++) {
		if (r->tally[i].outcome != CHECK_NO_DATA)
			continue;
		if (n++ == 0)
			buf_adds(out, r->lang == LANG_ZH ? "\n  缺少台账或栏目，未能核对的规则：\n"
			                                 : "\n  not compared, ledgers or columns missing:\n");
		buf_addf(out, "     %s  %s\n", r->pack->rules[i].title.in[r->lang],
		         r->pack->rules[i].id);
	}
}

void findings_text(const struct check_result *r, bool list, struct buf *out)
{
	text_header(r, out);
	text_rules(r, list, out);
	text_villages(r, out);
	text_not_run(r, out);
}

/* ---- names of findings ---- */

void finding_key(const struct finding *f, struct buf *out)
{
	buf_adds(out, f->rule->id);
	buf_addc(out, '/');
	buf_addstr(out, f->household_no.n ? f->household_no : f->village_name);
	if (f->person >= 0 || f->entity == ENT_OUTSIDER) {
		buf_addc(out, '/');
		buf_addstr(out, f->name);
	} else if (f->subject.n) {
		buf_addc(out, '/');
		buf_addstr(out, f->subject);
	}
}

static bool one_of(struct str s, struct str a, struct str b, struct str c, struct str d)
{
	return (a.n && str_eq(s, a)) || (b.n && str_eq(s, b)) || (c.n && str_eq(s, c)) ||
	       (d.n && str_eq(s, d));
}

bool finding_matches(const struct finding *f, struct str key)
{
	struct str rest = key, rule = {0}, house = {0};

	if (!str_split(&rest, '/', &rule) || !str_is(rule, f->rule->id))
		return false;
	if (!str_split(&rest, '/', &house) || house.n == 0)
		return true;
	if (!one_of(house, f->household_no, f->name, f->village_name, f->subject))
		return false;
	return rest.n == 0 || one_of(rest, f->name, f->person_id, f->full_id, f->subject);
}
