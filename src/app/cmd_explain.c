/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "app/findings_out.h"

#include "check/finding.h"

#include "base/banned.h"

static const struct opt opts[] = {
	{"data", OPT_VALUE, "DIR", TEXT("数据目录", "data folder")},
	{"as-of", OPT_VALUE, "DATE", TEXT("按哪一天核对（默认今天）", "as of which day (default today)")},
	{"full-ids", OPT_VALUE, "REASON", TEXT("显示完整号码，须写明事由（留痕）", "show full numbers, with a reason (journalled)")},
	{0},
};

static size_t explain_key(struct run_check *r, const char *key, struct buf *out)
{
	size_t n = 0;
	for (size_t i = 0; i < r->result.n; i++)
		if (finding_matches(&r->result.findings[i], str_c(key))) {
			if (n++)
				buf_addc(out, '\n');
			check_explain(r->check, &r->result, &r->result.findings[i], r->full_ids != NULL, out);
		}
	return n;
}

int cmd_explain(struct app *app, int argc, char **argv)
{
	struct args a;
	struct run_check r = {0};
	struct buf b;
	int status;
	if (!args_parse(app, "explain", opts, argc, argv, &a, &status))
		return status;
	const char *dir = args_need(app, &a, "data");
	if (!dir)
		return 2;
	if (!a.rest_n)
		return app_usage(app, "FINDING…");
	struct run_check_opts o = {.full_ids = args_value(&a, "full-ids"), .with_answered = true,
	                           .command = "explain"};
	if (!house_date(app, "as-of", args_value(&a, "as-of"), 0, &o.as_of))
		return 2;
	enum err e = run_check(app, dir, &o, &r);
	buf_init(&b, (size_t)256 << 20);
	status = 0;
	for (size_t i = 0; !e && i < a.rest_n; i++)
		if (!explain_key(&r, a.rest[i], &b)) {
			(void)diag_set(&app->diag, ERR_UNKNOWN_FINDING, "%s", a.rest[i]);
			status = app_fail(app);
		}
	if (!e)
		fwrite(b.p ? b.p : "", 1, b.n, stdout);
	buf_release(&b);
	run_check_done(&r);
	return e ? app_fail(app) : status;
}
