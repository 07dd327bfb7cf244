/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* api_session: signing in and out, the user's own password. */
#include "api/subjects.h"

#include <sodium.h>

#include "account/session.h"

#include "base/banned.h"

static void write_user(struct json_out *o, const struct api_user *u, const struct area_list *areas,
                       enum lang lang)
{
	json_key(o, "user");
	json_object(o);
	json_c_member(o, "login", u->login);
	json_c_member(o, "name", u->name);
	json_c_member(o, "role", u->role);
	for (const struct account_role *r = account_roles; r->id; r++)
		if (strcmp(r->id, u->role) == 0)
			json_c_member(o, "role_title", r->title.in[lang]);
	json_c_member(o, "unit", u->unit);
	json_bool_member(o, "must_change", u->must_change);
	json_key(o, "permissions");
	json_array(o);
	for (int p = 1; p < PERM_MAX; p++)
		if (permission_has(u->permissions, (enum permission)p))
			json_text(o, str_c(permissions[p].name));
	json_end(o);
	json_c_member(o, "scope", u->scope.kind == DB_SCOPE_ALL     ? "all"
	                          : u->scope.kind == DB_SCOPE_AREAS ? "areas"
	                                                            : "households");
	json_key(o, "areas");
	json_array(o);
	for (size_t i = 0; i < u->scope.n_areas; i++) {
		const struct area *at = area_find(areas, u->scope.areas[i]);
		json_object(o);
		json_c_member(o, "code", u->scope.areas[i]);
		json_c_member(o, "name", at ? at->name : NULL);
		json_end(o);
	}
	json_end(o);
	json_end(o);
}

static void answer_session(struct request *rq, const struct api_user *u)
{
	json_object(&rq->out);
	write_user(&rq->out, u, rq_api(rq)->areas, rq->lang);
	json_c_member(&rq->out, "csrf", u->csrf);
	json_end(&rq->out);
}

static void set_cookie(struct request *rq, const char *token)
{
	bool secure = rq_api(rq)->o.https || rq_secure(rq);
	rq_set_header(rq, "Set-Cookie",
	              arena_printf(rq->a, "daohu_session=%s; Path=/; HttpOnly; SameSite=Strict%s%s", token,
	                           token[0] ? "" : "; Max-Age=0", secure ? "; Secure" : ""));
}

/* --- signing in ------------------------------------------------------------------------ */

enum { IN_LOGIN, IN_PASSWORD, IN_OTP };
static const struct net_field login_in[] = {
	{.name = "login", .in = NET_BODY, .kind = FIELD_TEXT, .flags = NET_REQUIRED, .max = 40,
	 .label = TEXT("登录名", "login")},
	{.name = "password", .in = NET_BODY, .kind = FIELD_TEXT, .flags = NET_REQUIRED | NET_EXACT, .max = 256,
	 .label = TEXT("口令", "password")},
	{.name = "otp", .in = NET_BODY, .kind = FIELD_TEXT, .max = 6,
	 .label = TEXT("动态验证码", "one-time code")},
};

struct signing_in {
	struct login_try who;
	int64_t account, step, now, wait_s;
	unsigned char hash[SESSION_HASH];
	enum err refused; /* beside what the writer says: the attempt itself must be kept */
};

static enum err write_attempt(struct db *db, void *arg, struct diag *diag)
{
	struct signing_in *in = arg;
	(void)diag;
	enum err e = login_begin(db, &in->who, in->now, &in->wait_s);
	in->refused = e == ERR_LOCKED_OUT ? e : OK;
	return e == ERR_LOCKED_OUT ? OK : e;
}

static enum err write_session(struct db *db, void *arg, struct diag *diag)
{
	struct signing_in *in = arg;
	(void)diag;
	enum err e = login_done(db, &in->who, in->step, in->now);
	return e ? e : session_add(db, in->hash, in->account, in->now);
}

static enum err try_login(struct request *rq, struct signing_in *in, struct account *ret)
{
	struct db_writer *w = rq_api(rq)->writer;
	enum err e = db_writer_single(w, write_attempt, in, &rq->diag);
	if (!e && in->refused) {
		rq_set_header(rq, "Retry-After", arena_printf(rq->a, "%lld", (long long)in->wait_s));
		return diag_set(&rq->diag, ERR_LOCKED_OUT, "%lld s", (long long)in->wait_s);
	}
	if (!e)
		e = login_check(rq_db(rq), in->who.login, rq->values[IN_PASSWORD].items->text,
		                rq_has(rq, IN_OTP) ? rq->values[IN_OTP].items->text : STR(""), in->now, rq->a,
		                ret, &in->step);
	if (e)
		return e;
	in->account = ret->no;
	return db_writer_single(w, write_session, in, &rq->diag);
}

static enum err login(struct request *rq)
{
	char token[SESSION_TOKEN_TEXT];
	struct account acc;
	struct signing_in in = {.who = {.login = rq_text(rq, IN_LOGIN), .address = rq_address(rq)},
	                        .now = instant_now()};
	session_make_token(token, in.hash);
	(void)rq_journal(rq); /* the one-time code's secret is sealed */
	enum err e = try_login(rq, &in, &acc);
	if (e)
		return e;
	const struct api_user *u = NULL;
	e = users_of_session(rq, in.hash, &u);
	if (e)
		return e;
	rq->user = (void *)(uintptr_t)u;
	set_cookie(rq, token);
	sodium_memzero(token, sizeof(token));
	answer_session(rq, u);
	return OK;
}

static enum err whoami(struct request *rq)
{
	answer_session(rq, rq_user(rq));
	return OK;
}

static enum err write_logout(struct db *db, void *arg, struct diag *diag)
{
	const struct api_user *u = arg;
	(void)diag;
	return session_drop(db, u->session);
}

static enum err logout(struct request *rq)
{
	enum err e = db_writer_single(rq_api(rq)->writer, write_logout, rq->user, &rq->diag);
	users_forget(rq_api(rq));
	set_cookie(rq, "");
	rq_set_header(rq, "Clear-Site-Data", "\"cache\", \"storage\"");
	return e;
}

/* --- the own password ---------------------------------------------------------------------- */

enum { IN_OLD, IN_NEW };
static const struct net_field password_in[] = {
	{.name = "old", .in = NET_BODY, .kind = FIELD_TEXT, .flags = NET_REQUIRED | NET_EXACT, .max = 256,
	 .label = TEXT("现口令", "present password")},
	{.name = "new", .in = NET_BODY, .kind = FIELD_TEXT, .flags = NET_REQUIRED | NET_EXACT, .max = 256,
	 .label = TEXT("新口令", "new password")},
};

struct new_password {
	const struct api_user *user;
	struct account old, acc;
};

static enum err write_password(struct journal *j, void *arg)
{
	struct new_password *n = arg;
	enum err e = journal_update(j, &account_desc, &n->old, &n->acc);
	return e ? e : session_drop_account(journal_db(j), n->user->account, n->user->session);
}

static enum err change_password(struct request *rq)
{
	struct new_password n = {.user = rq_user(rq)};
	bool found = false;
	struct str old = rq->values[IN_OLD].items->text, new = rq->values[IN_NEW].items->text;
	(void)rq_journal(rq);
	enum err e = db_get(rq_db(rq), &account_desc, n.user->account, rq->a, &n.old, &found);
	if (e || !found)
		return e ? e : ERR_UNAUTHENTICATED;
	if (!password_is(&n.old, old))
		return rq_invalid(rq, "old", ERR_LOGIN);
	if (str_eq(old, new))
		return rq_invalid(rq, "new", ERR_INVALID);
	n.acc = n.old;
	FIELD_DROP(&n.acc, ACCOUNT_, must_change);
	e = account_set_password(&n.acc, new, rq->a, &rq->diag);
	if (e)
		return e == ERR_INVALID ? rq_invalid(rq, "new", e) : e;
	return api_write(rq, &(struct api_entry){.command = "user passwd"}, write_password, &n);
}

const struct route api_session_routes[] = {
	/* long: it looks at a password, which takes half a second */
	{.id = "session_login", .method = NET_POST, .path = API "/session", .permission = PERM_anybody,
	 .kind = ROUTE_HEAVY, .in = login_in, .n_in = 3, .max_body = 4096, .handler = login,
	 .answer = "session", .tag = "session", .summary = TEXT("登录", "sign in")},
	{.id = "session_get", .method = NET_GET, .path = API "/session", .permission = PERM_signed_in,
	 .handler = whoami, .answer = "session", .tag = "session",
	 .summary = TEXT("当前用户", "who is signed in")},
	{.id = "session_logout", .method = NET_DELETE, .path = API "/session", .permission = PERM_signed_in,
	 .handler = logout, .answer = "", .tag = "session", .summary = TEXT("退出", "sign out")},
	{.id = "session_password", .method = NET_POST, .path = API "/session/password",
	 .permission = PERM_signed_in, .kind = ROUTE_HEAVY, .in = password_in, .n_in = 2, .max_body = 4096,
	 .handler = change_password, .answer = "", .tag = "session",
	 .summary = TEXT("修改自己的口令", "change the own password")},
	{0},
};
