/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Expressions to rule text, bracketed throughout; see rule_reference.h. */
#include "rule_reference.h"

#include "base/banned.h"

/* Parents are named pa, pb, … in every entity. */
static void write_path(const struct ref_node *n, struct buf *out)
{
	if (n->bare)
		return;
	for (int i = 0; i < n->up; i++)
		buf_adds(out, "outer.");
	for (int i = 0; i < n->hops; i++)
		buf_addf(out, "p%c.", 'a' + n->hop[i]);
}

static void write_decimal(int64_t v, int scale, struct buf *out)
{
	int64_t unit = 1;
	for (int i = 0; i < scale; i++)
		unit *= 10;
	buf_addint(out, v / unit);
	if (scale > 0)
		buf_addf(out, ".%0*d", scale, (int)(v % unit));
}

static void write_set(const struct rule_codes *c, int64_t mask, const char *marks, struct buf *out)
{
	bool first = true;
	buf_addc(out, marks[0]);
	for (int i = 0; i < c->n; i++) {
		if (!(mask >> i & 1))
			continue;
		buf_addf(out, "%s%s", first ? "" : ", ", c->items[i].id);
		first = false;
	}
	buf_addc(out, marks[1]);
}

static void write_literal(const struct ref_node *n, struct buf *out)
{
	char text[16];
	switch (n->kind.type) {
	case RULE_BOOL:
		buf_adds(out, n->value.i ? "true" : "false");
		break;
	case RULE_DATE:
		buf_addc(out, '\'');
		buf_add(out, text, date_format((date_t)n->value.i, text));
		buf_addc(out, '\'');
		break;
	case RULE_CODE:
		buf_adds(out, n->kind.codes->items[n->value.i].id);
		break;
	case RULE_CODES:
		write_set(n->kind.codes, n->value.i, "{}", out);
		break;
	case RULE_TEXT:
		buf_addf(out, "\"" STR_FMT "\"", STR_ARG(n->value.s));
		break;
	default:
		write_decimal(n->value.i, n->kind.type == RULE_MONEY ? 2 : n->kind.scale, out);
	}
}

static void write_list(const struct rule_schema *s, const struct ref_node *n, int from,
                       const char *between, struct buf *out)
{
	buf_addc(out, '(');
	for (int i = from; i < n->n_kids; i++) {
		if (i > from)
			buf_adds(out, between);
		ref_write(s, n->kid[i], out);
	}
	buf_addc(out, ')');
}

static void write_fold(const struct rule_schema *s, const struct ref_node *n, struct buf *out)
{
	static const char *const names[] = {"any", "all", "count", "sum",
	                                    "min", "max", "first", "ledger"};
	const struct rule_collection *c = &s->entities[n->entity].collections[n->index];
	bool covered = n->op == REF_COVERED;
	bool word = c->kind == RULE_LEDGER && !covered && n->of != REF_LEDGER;
	buf_addf(out, "%s(%s", covered ? "covered" : names[n->of], word ? "ledger " : "");
	write_path(n, out);
	/* A lone name is looked for outward: say which row is meant. */
	if (n->up == 0 && n->hops == 0 && n->entity % 2)
		buf_addf(out, "%s.", s->entities[n->entity].name);
	buf_adds(out, c->name);
	if (n->kid[1]) {
		buf_adds(out, ": ");
		ref_write(s, n->kid[1], out);
		if (n->kid[0])
			buf_adds(out, " where ");
	} else if (n->kid[0]) {
		buf_adds(out, ": ");
	}
	if (n->kid[0])
		ref_write(s, n->kid[0], out);
	buf_addc(out, ')');
}

static void write_operator(const struct rule_schema *s, const struct ref_node *n, struct buf *out)
{
	static const char *const compare[] = {" = ", " != ", " < ", " <= ", " > ", " >= "};
	static const char *const arith[] = {" + ", " - ", " * ", " / "};
	buf_addc(out, '(');
	ref_write(s, n->kid[0], out);
	switch (n->op) {
	case REF_MISSING:
		buf_adds(out, " is missing");
		break;
	case REF_KNOWN:
		buf_adds(out, " is known");
		break;
	case REF_IN:
		buf_adds(out, " in ");
		write_list(s, n, 1, ", ", out);
		break;
	case REF_BETWEEN:
		buf_adds(out, " between ");
		ref_write(s, n->kid[1], out);
		buf_adds(out, " and ");
		ref_write(s, n->kid[2], out);
		break;
	case REF_HAS:
		buf_adds(out, " has ");
		write_set(n->kid[0]->kind.codes, n->value.i, "()", out);
		break;
	default:
		buf_adds(out, n->op == REF_ARITH ? arith[n->of] : compare[n->of]);
		ref_write(s, n->kid[1], out);
	}
	buf_addc(out, ')');
}

static void write_call(const struct rule_schema *s, const struct ref_node *n, struct buf *out)
{
	static const char *const names[] = {
	    [REF_ABS] = "abs",       [REF_COALESCE] = "coalesce", [REF_IF] = "if",
	    [REF_AGE] = "age",       [REF_DAYS] = "days",         [REF_MONTHS] = "months",
	    [REF_YEAR] = "year",     [REF_MONTH] = "month",       [REF_DATED] = "line",
	    [REF_LEN] = "len",       [REF_UPPER] = "upper",       [REF_DIGITS] = "digits",
	};
	static const char *const texts[] = {"starts", "ends", "contains"};
	if (n->op == REF_ROUND) {
		buf_adds(out, "round(");
		ref_write(s, n->kid[0], out);
		buf_addf(out, ", %d)", n->of);
		return;
	}
	if (n->op == REF_PICK)
		buf_adds(out, n->of ? "max" : "min");
	else
		buf_adds(out, n->op == REF_TEXT ? texts[n->of] : names[n->op]);
	write_list(s, n, 0, ", ", out);
}

void ref_write(const struct rule_schema *s, const struct ref_node *n, struct buf *out)
{
	switch (n->op) {
	case REF_LITERAL:
		write_literal(n, out);
		break;
	case REF_FIELD:
		write_path(n, out);
		buf_adds(out, s->entities[n->entity].fields[n->index].name);
		break;
	case REF_PARAM:
		buf_addf(out, "$%s", s->params[n->param].name);
		break;
	case REF_TODAY:
		buf_adds(out, "today");
		break;
	case REF_AND:
		write_list(s, n, 0, " and ", out);
		break;
	case REF_OR:
		write_list(s, n, 0, " or ", out);
		break;
	case REF_NOT:
	case REF_NEG:
		buf_adds(out, n->op == REF_NOT ? "(not " : "(- ");
		ref_write(s, n->kid[0], out);
		buf_addc(out, ')');
		break;
	case REF_MISSING:
	case REF_KNOWN:
	case REF_COMPARE:
	case REF_IN:
	case REF_BETWEEN:
	case REF_HAS:
	case REF_ARITH:
		write_operator(s, n, out);
		break;
	case REF_FOLD:
	case REF_COVERED:
		write_fold(s, n, out);
		break;
	default:
		write_call(s, n, out);
	}
}
