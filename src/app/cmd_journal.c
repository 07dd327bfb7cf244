/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "app/house.h"

#include <sodium.h>

#include "base/banned.h"

static const struct opt opts[] = {
	{"data", OPT_VALUE, "DIR", TEXT("数据目录", "data folder")},
	{"note", OPT_VALUE, "FILE", TEXT("verify：与在外保存的检查点核对", "verify: against a checkpoint kept outside")},
	{"entry", OPT_VALUE, "NO", TEXT("prove：哪一笔", "prove: which entry")},
	{"record", OPT_VALUE, "TABLE:NO", TEXT("prove：哪一条记录", "prove: which record")},
	{"open", OPT_FLAG, NULL, TEXT("prove：连同盐和所存的值（含个人信息）",
	                               "prove: with the salt and the values as stored (personal data)")},
	{0},
};

static void print_fault(void *arg, const struct journal_report *r)
{
	const struct app *app = arg;
	printf("%s", journal_fault_text(r->fault, app->lang));
	if (r->table)
		printf(app->lang == LANG_ZH ? "：%s（%s）" : ": %s (%s)", app_text(app, r->table->label),
		       r->table->name);
	printf(" #%lld", (long long)r->no);
	if (r->name)
		printf(" %s", r->name);
	if (r->detail && r->detail[0])
		printf(" — %s", r->detail);
	putchar('\n');
}

static enum err read_note(struct app *app, const char *path, struct str *ret)
{
	struct buf b;
	char t[4096];
	size_t n;
	FILE *f = fopen(path, "rb");
	if (!f)
		return diag_set(&app->diag, ERR_IO, "%s", path);
	buf_init(&b, 1 << 20);
	while ((n = fread(t, 1, sizeof(t), f)) > 0)
		buf_add(&b, t, n);
	(void)fclose(f);
	*ret = str_copy(&app->arena, buf_str(&b));
	buf_release(&b);
	return OK;
}

static enum err verify(struct house *h, const struct args *a)
{
	struct journal_summary s = {0};
	struct str note = {NULL, 0};
	char root[JOURNAL_HASH * 2 + 1];
	enum err e = OK;
	if (args_value(a, "note"))
		e = read_note(h->app, args_value(a, "note"), &note);
	if (!e)
		e = journal_verify(h->j, note, print_fault, h->app, &s);
	if (e && e != ERR_JOURNAL_BROKEN)
		return e;
	(void)sodium_bin2hex(root, sizeof(root), s.root, sizeof(s.root));
	printf(h->app->lang == LANG_ZH
	               ? "日志 %lld 笔，变更 %lld 条，现存记录 %lld 条，已清除的人 %lld，异常 %lld 处\n根哈希 %s\n"
	               : "%lld entries, %lld changes, %lld records, %lld people erased, %lld faults\nroot %s\n",
	       (long long)s.entries, (long long)s.changes, (long long)s.records, (long long)s.erased,
	       (long long)s.faults, root);
	return e;
}

static enum err prove_record(struct house *h, const char *text, bool open, struct buf *out)
{
	struct str rest = str_c(text), table;
	int64_t no;
	if (str_split(&rest, ':', &table) && str_to_int(rest, &no))
		for (size_t i = 0; i < house_table_count(); i++)
			if (str_is(table, house_tables[i]->name))
				return journal_prove_record(h->j, house_tables[i], no, open, out);
	return diag_set(&h->app->diag, ERR_USAGE, "--record TABLE:NO");
}

static enum err print_note(struct house *h, const struct args *a, bool prove)
{
	struct buf b;
	int64_t entry;
	enum err e;
	buf_init(&b, 1 << 24);
	if (!prove)
		e = journal_checkpoint(h->j, &b);
	else if (args_value(a, "record"))
		e = prove_record(h, args_value(a, "record"), args_flag(a, "open"), &b);
	else if (args_value(a, "entry") && str_to_int(str_c(args_value(a, "entry")), &entry))
		e = journal_prove_entry(h->j, entry, &b);
	else
		e = diag_set(&h->app->diag, ERR_USAGE, "--entry NO | --record TABLE:NO");
	if (!e)
		fwrite(b.p, 1, b.n, stdout);
	buf_release(&b);
	return e;
}

/* What a stranger needs to check notes with. */
static enum err print_key(struct house *h)
{
	struct buf b;
	buf_init(&b, 1000);
	journal_verifier_key(h->j, &b);
	puts(b.p);
	buf_release(&b);
	return OK;
}

int cmd_journal(struct app *app, int argc, char **argv)
{
	struct args a;
	struct house h;
	int status;
	if (!args_parse(app, "journal", opts, argc, argv, &a, &status))
		return status;
	const char *verb = a.rest_n == 1 ? a.rest[0] : "";
	bool is_verify = strcmp(verb, "verify") == 0, is_prove = strcmp(verb, "prove") == 0;
	bool is_key = strcmp(verb, "key") == 0;
	if (!is_verify && !is_prove && !is_key && strcmp(verb, "checkpoint") != 0)
		return app_usage(app, "verify|checkpoint|prove|key");
	const char *dir = args_need(app, &a, "data");
	if (!dir)
		return 2;
	if (house_open(app, dir, DB_READ, &h))
		return app_fail(app);
	enum err e = is_verify ? verify(&h, &a)
	             : is_key  ? print_key(&h)
	                       : print_note(&h, &a, is_prove);
	house_close(&h);
	return e ? app_fail(app) : 0;
}
