/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "app/house.h"

#include "base/utf8.h"
#include "ledger/ledger.h"

#include "base/banned.h"

static const struct opt opts[] = {
	{"data", OPT_VALUE, "DIR", TEXT("数据目录", "data folder")},
	{0},
};

static void put(const char *s, size_t width)
{
	struct str fit = utf8_fit(str_c(s), width - 1);
	size_t w = utf8_str_width(fit);
	printf(STR_FMT "%*s", STR_ARG(fit), w < width ? (int)(width - w) : 1, "");
}

static void print_ledger(const struct house *h, const struct ledger *l, bool in)
{
	bool zh = h->app->lang == LANG_ZH;
	char day[16], rows[32];
	const struct pack_layout *layout = pack_layout(h->pack, l->layout);
	date_format(l->as_of, day);
	(void)snprintf(rows, sizeof(rows), "%lld", (long long)l->row_count);
	fputs("  ", stdout);
	put(layout ? app_text(h->app, layout->title) : l->layout, 26);
	put(rows, 9);
	put(l->as_of ? day : zh ? "未注明" : "no date", 12);
	put(strcmp(l->covers, "*") == 0 ? (zh ? "全域" : "all") : zh ? "部分村" : "some", 8);
	put(!in ? (zh ? "已被替代" : "replaced") : l->authorisation ? (zh ? "有授权" : "authorised")
	                                                          : (zh ? "未登记授权" : "no authorisation"),
	    17);
	puts(l->file);
}

static enum err print_status(struct house *h)
{
	bool zh = h->app->lang == LANG_ZH;
	struct ledger *all = NULL;
	size_t n = 0;
	const struct area *root = area_find(&h->areas, h->root);
	enum err e = ledger_all(h->db, &h->app->arena, &all, &n);
	if (e)
		return e;
	struct stmt *s = db_stmt(h->db, STMT_register_counts);
	int64_t households = 0, people = 0;
	if (stmt_row(s)) {
		households = stmt_int(s, 0);
		people = stmt_int(s, 1);
	}
	e = stmt_end(s);
	if (e)
		return e;
	if (h->calendar.practice)
		printf(zh ? "演练目录，今天永远是 %s\n" : "a folder for practice: today is always %s\n",
		       date_dup(&h->app->arena, h->calendar.practice));
	printf(zh ? "%s（%s），政策包 %s %s\n名册：%lld 户 %lld 人\n台账 %zu 份：\n"
	          : "%s (%s), pack %s %s\nregister: %lld households, %lld people\n%zu ledgers:\n",
	       root ? root->name : "", h->root, h->pack->id, h->pack->version, (long long)households,
	       (long long)people, n);
	bool *in = ARENA_ARRAY(&h->app->arena, n + 1, bool);
	ledger_in_force(all, n, 0, in);
	for (size_t i = 0; i < n; i++)
		print_ledger(h, &all[i], in[i]);
	bool first = true;
	for (size_t k = 0; k < h->pack->n_layouts; k++) {
		bool have = h->pack->layouts[k].pivot != NULL; /* handed in as another */
		for (size_t i = 0; i < n; i++)
			have |= strcmp(all[i].layout, h->pack->layouts[k].id) == 0;
		if (have)
			continue;
		fputs(first ? (zh ? "尚未收到：" : "not handed in: ") : zh ? "、" : ", ", stdout);
		fputs(app_text(h->app, h->pack->layouts[k].title), stdout);
		first = false;
	}
	if (!first)
		putchar('\n');
	return OK;
}

int cmd_status(struct app *app, int argc, char **argv)
{
	struct args a;
	struct house h;
	int status;
	if (!args_parse(app, "status", opts, argc, argv, &a, &status))
		return status;
	const char *dir = args_need(app, &a, "data");
	if (!dir)
		return 2;
	if (house_open(app, dir, DB_READ, &h))
		return app_fail(app);
	enum err e = print_status(&h);
	house_close(&h);
	return e ? app_fail(app) : 0;
}
