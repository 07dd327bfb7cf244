/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "app/house.h"

#include <sodium.h>
#include <unistd.h>

#include "account/session.h"
#include "account/totp.h"

#include "base/banned.h"

static const struct opt opts[] = {
	{"data", OPT_VALUE, "DIR", TEXT("数据目录", "data folder")},
	{"login", OPT_VALUE, "NAME", TEXT("登录名", "login")},
	{"name", OPT_VALUE, "TEXT", TEXT("姓名", "name of the person")},
	{"role", OPT_VALUE, "ROLE", TEXT("角色：admin office unit village team cadre leader assessor auditor",
	                                "role: admin office unit village team cadre leader assessor auditor")},
	{"areas", OPT_VALUE, "CODE,…",
	 TEXT("管辖区域（村专干、驻村工作队必须指明）", "areas (a village clerk or team must have some)")},
	{"unit", OPT_VALUE, "TEXT", TEXT("单位", "unit")},
	{"helper", OPT_VALUE, "TEXT",
	 TEXT("帮扶名册上的姓名（默认即姓名）", "name on the duty list (default the person's name)")},
	{"off", OPT_FLAG, NULL, TEXT("otp：取消动态验证码", "otp: no one-time code any more")},
	{"password-stdin", OPT_FLAG, NULL, TEXT("从标准输入读口令（不给则生成一个）",
	                                       "read the password from standard input (else one is made)")},
	{0},
};

/* First line of standard input, or a made one that is printed. */
static enum err set_password(struct app *app, const struct args *a, struct account *acc)
{
	char line[PASSWORD_LINE];
	if (!args_password(a, line)) {
		account_make_password(line);
		printf(app->lang == LANG_ZH ? "%s 的口令：%s（只显示这一次）\n" : "password of %s: %s (shown once)\n",
		       acc->login, line);
		return account_set_password(acc, str_c(line), &app->arena, &app->diag);
	}
	if (!line[0])
		return diag_set(&app->diag, ERR_INVALID, "--password-stdin");
	return account_set_password(acc, str_c(line), &app->arena, &app->diag);
}

/* Whom the whole town would be too much for. */
static bool of_a_village(const struct account *acc)
{
	return acc->role && (strcmp(acc->role, "village") == 0 || strcmp(acc->role, "team") == 0);
}

static enum err add(struct house *h, const struct args *a)
{
	struct account acc = {0};
	const char *const texts[] = {"login", "name", "role", "areas", "unit", "helper"};
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
		if (args_value(a, texts[i])) {
			int k = record_find(&account_desc, str_c(texts[i]));
			enum err e = field_parse(&account_desc, &acc, (size_t)k,
			                         str_c(args_value(a, texts[i])), &h->app->arena);
			if (e)
				return diag_set(&h->app->diag, e, "--%s", texts[i]);
		}
	if (!acc.login)
		return diag_set(&h->app->diag, ERR_USAGE, "--login NAME");
	if (!acc.areas && of_a_village(&acc))
		return diag_set(&h->app->diag, ERR_USAGE, "--areas CODE,…");
	if (!acc.areas)
		FIELD_SET(&acc, ACCOUNT_, areas, h->root);
	enum err e = set_password(h->app, a, &acc);
	return e ? e : account_add(h->j, &acc);
}

/* A secret for the program on the person's phone, shown once; or none any more. */
static void set_otp(struct app *app, const struct args *a, struct account *acc)
{
	unsigned char secret[TOTP_SECRET];
	struct buf b;
	if (args_flag(a, "off")) {
		FIELD_DROP(acc, ACCOUNT_, otp);
		return;
	}
	buf_init(&b, 100);
	randombytes_buf(secret, sizeof(secret));
	totp_base32((struct str){(const char *)secret, sizeof(secret)}, &b);
	FIELD_SET(acc, ACCOUNT_, otp, arena_strdup(&app->arena, b.p));
	printf("otpauth://totp/Daohu:%s?secret=%s&issuer=Daohu\n", acc->login, b.p);
	buf_release(&b);
}

enum verb { ADD, PASSWD, DISABLE, OTP, LIST, VERB_MAX };

static enum err change(struct house *h, const struct args *a, enum verb verb)
{
	struct account old, acc;
	bool found = false;
	const char *login = args_value(a, "login");
	if (!login)
		return diag_set(&h->app->diag, ERR_USAGE, "--login NAME");
	enum err e = account_find(h->db, login, &h->app->arena, &old, &found);
	if (!e && !found)
		e = diag_set(&h->app->diag, ERR_UNKNOWN_USER, "%s", login);
	if (e)
		return e;
	acc = old;
	if (verb == DISABLE)
		FIELD_SET(&acc, ACCOUNT_, disabled, true);
	else if (verb == OTP)
		set_otp(h->app, a, &acc);
	else
		e = set_password(h->app, a, &acc);
	if (!e)
		e = journal_update(h->j, &account_desc, &old, &acc);
	/* whoever is signed in with what held before is not any more */
	return e ? e : session_drop_account(h->db, acc.no, NULL);
}

static enum err list(struct house *h)
{
	struct account *all = NULL;
	size_t n = 0;
	enum err e = account_all(h->db, &h->app->arena, &all, &n);
	for (size_t i = 0; !e && i < n; i++)
		printf("%s\t%s\t%s\t%s\t%s\t%s\n", all[i].login, all[i].role,
		       all[i].areas ? all[i].areas : "", all[i].name ? all[i].name : "",
		       all[i].helper ? all[i].helper : "",
		       all[i].disabled ? (h->app->lang == LANG_ZH ? "停用" : "disabled") : "");
	return e;
}

int cmd_user(struct app *app, int argc, char **argv)
{
	static const char *const verbs[VERB_MAX] = {"add", "passwd", "disable", "otp", "list"};
	struct args a;
	struct house h;
	int status;
	int verb = 0;
	if (!args_parse(app, "user", opts, argc, argv, &a, &status))
		return status;
	while (verb < VERB_MAX && (a.rest_n != 1 || strcmp(a.rest[0], verbs[verb]) != 0))
		verb++;
	if (verb == VERB_MAX)
		return app_usage(app, "add|passwd|disable|otp|list");
	const char *dir = args_need(app, &a, "data");
	if (!dir)
		return 2;
	if (house_open(app, dir, verb == LIST ? DB_READ : DB_WRITE, &h))
		return app_fail(app);
	enum err e = OK;
	if (verb == LIST) {
		e = list(&h);
	} else {
		struct entry_info info = house_entry(&h, verbs[verb], NULL);
		e = journal_begin(h.j, &info);
		if (!e)
			e = verb == ADD ? add(&h, &a) : change(&h, &a, (enum verb)verb);
		if (!e)
			e = journal_commit(h.j, NULL);
		else
			journal_rollback(h.j);
	}
	house_close(&h);
	return e ? app_fail(app) : 0;
}
