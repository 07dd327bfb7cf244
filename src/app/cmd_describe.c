/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * describe: the program's own tables as documents, so that docs and forms are
 * printed from what runs and cannot drift from it.
 */
#include "app/house.h"

#include "api/api.h"
#include "check/finding.h"
#include "check/schema.h"

#include "base/banned.h"

static const struct opt opts[] = {
	{"pack", OPT_VALUE, "NAME|DIR", TEXT("政策包（默认 cn-2018）", "policy pack (default cn-2018)")},
	{"md", OPT_FLAG, NULL, TEXT("Markdown（默认）", "Markdown (default)")},
	{"json", OPT_FLAG, NULL, TEXT("JSON", "JSON")},
	{0},
};

struct describe {
	struct app *app;
	const struct pack *pack;
	bool json;
	struct buf out;
};

/* Cells and members of one row; the first call of a row starts it. */
struct column {
	const char *key; /* JSON member, Markdown head */
	const char *value;
};

static void md_cell(struct buf *out, const char *s)
{
	buf_adds(out, "| ");
	for (; s && *s; s++)
		if (*s == '|')
			buf_adds(out, "\\|");
		else
			buf_addc(out, *s == '\n' ? ' ' : *s);
	buf_addc(out, ' ');
}

static void row(struct describe *d, size_t i, const struct column *c, size_t n)
{
	if (d->json) {
		buf_adds(&d->out, i ? ",\n{" : "{");
		for (size_t k = 0; k < n; k++) {
			if (k)
				buf_addc(&d->out, ',');
			json_string(str_c(c[k].key), &d->out);
			buf_addc(&d->out, ':');
			json_string(str_c(c[k].value ? c[k].value : ""), &d->out);
		}
		buf_addc(&d->out, '}');
		return;
	}
	for (size_t k = 0; !i && k < n; k++)
		md_cell(&d->out, c[k].key);
	for (size_t k = 0; !i && k <= n; k++)
		buf_adds(&d->out, k == 0 ? "|\n|" : k < n ? "---|" : "---|\n");
	for (size_t k = 0; k < n; k++)
		md_cell(&d->out, c[k].value);
	buf_adds(&d->out, "|\n");
}

static void describe_rules(struct describe *d)
{
	enum lang l = d->app->lang;
	for (size_t i = 0; i < d->pack->n_rules; i++) {
		const struct pack_rule *r = &d->pack->rules[i];
		const struct column c[] = {
			{"id", r->id},
			{"title", r->title.in[l]},
			{"severity", severity_text(r->severity)->in[l]},
			{"fixer", fixer_text(r->fixer)->in[l]},
			{"certainty", certainty_text(r->certainty == PACK_PROBABLE)->in[l]},
			{"when", r->when.text},
			{"basis", r->basis},
			{"enabled", r->enabled ? "yes" : r->disabled_why.in[l]},
		};
		row(d, i, c, sizeof(c) / sizeof(*c));
	}
	for (size_t i = 0; i < d->pack->n_pending; i++) {
		const struct pack_pending *p = &d->pack->pending[i];
		const struct column c[] = {
			{"id", p->id}, {"title", p->title.in[l]}, {"severity", ""}, {"fixer", ""},
			{"certainty", ""}, {"when", ""}, {"basis", ""}, {"enabled", p->waits_for.in[l]},
		};
		row(d, d->pack->n_rules + i, c, sizeof(c) / sizeof(*c));
	}
}

static void describe_ledgers(struct describe *d)
{
	size_t n = 0;
	enum lang l = d->app->lang;
	for (size_t i = 0; i < d->pack->n_layouts; i++) {
		const struct pack_layout *y = &d->pack->layouts[i];
		for (size_t k = 0; k < y->n_columns; k++) {
			const struct pack_column *p = &y->columns[k];
			const struct column c[] = {
				{"ledger", y->id},
				{"title", y->title.in[l]},
				{"office", y->office.in[l]},
				{"column", p->id},
				{"label", p->label.in[l]},
				{"kind", pack_kind_name(p->kind)},
				{"list", p->list_index >= 0 ? d->pack->lists[p->list_index].id : ""},
				{"unit", p->unit_text},
				{"required", p->required ? "yes" : ""},
			};
			row(d, n++, c, sizeof(c) / sizeof(*c));
		}
	}
}

struct name_rows {
	struct describe *d;
	size_t n;
};

static void name_row(void *arg, const struct rule_name *name)
{
	struct name_rows *rows = arg;
	const struct column c[] = {
		{"of", name->of},     {"what", name->what},   {"name", name->name},
		{"type", name->type}, {"label", name->label},
	};
	row(rows->d, rows->n++, c, sizeof(c) / sizeof(*c));
}

/* What a rule of the pack may name. */
static void describe_names(struct describe *d)
{
	struct name_rows rows = {d, 0};
	struct schema schema;
	struct arena a;
	arena_init(&a, 0);
	if (!schema_build(d->pack, &a, &d->app->diag, &schema))
		rule_names(&schema.rule, d->app->lang, &a, name_row, &rows);
	arena_release(&a);
}

static void describe_errors(struct describe *d)
{
	for (int e = 1; e < ERR_MAX; e++) {
		char exit_status[16], http[16];
		(void)snprintf(exit_status, sizeof(exit_status), "%d", err_exit_status((enum err)e));
		(void)snprintf(http, sizeof(http), "%d", err_http_status((enum err)e));
		const struct column c[] = {
			{"code", err_name((enum err)e)},
			{"exit", exit_status},
			{"http", http},
			{"zh", err_text((enum err)e, LANG_ZH)},
			{"en", err_text((enum err)e, LANG_EN)},
		};
		row(d, (size_t)e - 1, c, sizeof(c) / sizeof(*c));
	}
}

static bool describe(struct describe *d, const char *what)
{
	static const struct {
		const char *name;
		void (*print)(struct describe *d);
	} tables[] = {{"rules", describe_rules}, {"ledgers", describe_ledgers},
	              {"names", describe_names},
	              {"errors", describe_errors}};
	if (strcmp(what, "fields") == 0) {
		if (d->json)
			record_describe_json(house_tables, house_table_count(), &d->out);
		else
			record_describe_md(house_tables, house_table_count(), d->app->lang, &d->out);
		return true;
	}
	if (strcmp(what, "routes") == 0) {
		if (d->json)
			routes_json(&d->out);
		else
			routes_md(d->app->lang, &d->out);
		return true;
	}
	if (strcmp(what, "openapi") == 0) {
		openapi_json(DAOHU_VERSION, &d->out);
		return true;
	}
	for (size_t i = 0; i < sizeof(tables) / sizeof(*tables); i++) {
		if (strcmp(what, tables[i].name) != 0)
			continue;
		if (d->json)
			buf_adds(&d->out, "[");
		tables[i].print(d);
		if (d->json)
			buf_adds(&d->out, "]\n");
		return true;
	}
	return false;
}

int cmd_describe(struct app *app, int argc, char **argv)
{
	struct args a;
	struct pack *pack = NULL;
	int status;
	if (!args_parse(app, "describe", opts, argc, argv, &a, &status))
		return status;
	if (a.rest_n != 1)
		return app_usage(app, "fields|rules|names|ledgers|errors|routes|openapi");
	if (pack_open(args_value(&a, "pack") ? args_value(&a, "pack") : "cn-2018", &app->diag, &pack))
		return app_fail(app);
	struct describe d = {.app = app, .pack = pack, .json = args_flag(&a, "json")};
	buf_init(&d.out, (size_t)64 << 20);
	status = 0;
	if (!describe(&d, a.rest[0]))
		status = app_usage(app, "fields|rules|names|ledgers|errors|routes|openapi");
	else if (app->diag.code)
		status = app_fail(app);
	else
		fwrite(d.out.p ? d.out.p : "", 1, d.out.n, stdout);
	buf_release(&d.out);
	pack_close(pack);
	return status;
}
