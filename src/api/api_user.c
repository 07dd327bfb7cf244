/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* api_user: accounts, kept by the town's administrator. */
#include "api/subjects.h"

#include "account/session.h"

#include "base/banned.h"

static void write_account(struct json_out *o, const struct account *acc)
{
	json_object(o);
	json_record_members(o, &account_desc, acc, F_OFFICE, false);
	json_bool_member(o, "has_otp", FIELD_HAS(acc, ACCOUNT_, otp));
	json_end(o);
}

static enum err list(struct request *rq)
{
	struct account *all = NULL;
	size_t n = 0;
	struct db *db = rq_db(rq);
	db_skip_sealed(db, false);
	(void)rq_journal(rq);
	enum err e = account_all(db, rq->a, &all, &n);
	if (e)
		return e;
	api_rows_begin(rq);
	for (size_t i = 0; i < n; i++)
		write_account(&rq->out, &all[i]);
	api_rows_end(rq, NULL);
	return OK;
}

/* --- adding and changing ------------------------------------------------------------- */

struct change {
	struct account old, acc;
	bool add, drop_sessions;
};

static enum err write_change(struct journal *j, void *arg)
{
	struct change *c = arg;
	if (c->add)
		return account_add(j, &c->acc);
	enum err e = journal_update(j, &account_desc, &c->old, &c->acc);
	return e || !c->drop_sessions ? e : session_drop_account(journal_db(j), c->acc.no, NULL);
}

/* Fields that are set another way, or by nobody. */
static enum err refuse_fields(struct request *rq, uint64_t set, bool add)
{
	const uint64_t never = FIELD_BIT(ACCOUNT_password) | FIELD_BIT(ACCOUNT_otp);
	const uint64_t fixed = add ? 0 : FIELD_BIT(ACCOUNT_login);
	for (size_t i = 0; i < account_desc.n; i++)
		if ((set & (never | fixed)) & FIELD_BIT(i))
			return rq_invalid(rq, account_desc.fields[i].name, ERR_FORBIDDEN);
	return OK;
}

static enum err check_areas(struct request *rq, const struct account *acc)
{
	struct str rest = str_c(acc->areas), one;
	while (acc->areas && str_split(&rest, ',', &one))
		if (!area_find(rq_api(rq)->areas, str_dup(rq->a, str_trim(one))))
			return rq_invalid(rq, "areas", ERR_UNKNOWN_AREA);
	return OK;
}

static enum err check_account(struct request *rq, const struct account *acc)
{
	if (!acc->role || !account_is_role(acc->role))
		return rq_invalid(rq, "role", ERR_CELL_CODE);
	if (!acc->login || !account_is_login(acc->login))
		return rq_invalid(rq, "login", ERR_INVALID);
	return check_areas(rq, acc);
}

enum { IN_PASSWORD };
static const struct net_field add_in[] = {
	{.name = "password", .in = NET_BODY, .kind = FIELD_TEXT, .flags = NET_EXACT, .max = 256,
	 .label = TEXT("口令（不给则生成一个）", "password (one is made when none is given)")},
};

/* Sets the one sent or a made one; *ret_made is shown once. */
static enum err set_password(struct request *rq, struct account *acc, size_t input, const char **ret_made)
{
	char made[20];
	*ret_made = NULL;
	struct str password = rq_has(rq, input) ? rq->values[input].items->text : (struct str){NULL, 0};
	if (!password.p) {
		account_make_password(made);
		*ret_made = arena_strdup(rq->a, made);
		password = str_c(*ret_made);
	}
	enum err e = account_set_password(acc, password, rq->a, &rq->diag);
	if (e)
		return e == ERR_INVALID ? rq_invalid(rq, "password", e) : e;
	FIELD_SET(acc, ACCOUNT_, must_change, true);
	return OK;
}

static void answer_account(struct request *rq, const struct account *acc, const char *password)
{
	json_object(&rq->out);
	json_key(&rq->out, "user");
	write_account(&rq->out, acc);
	if (password)
		json_c_member(&rq->out, "password", password);
	json_end(&rq->out);
	rq_version(rq, acc->version);
}

static enum err add(struct request *rq)
{
	struct change c = {.add = true};
	uint64_t set;
	const char *made;
	enum err e = rq_fields(rq, &account_desc, &c.acc, &set);
	if (!e)
		e = refuse_fields(rq, set, true);
	if (!e)
		e = check_account(rq, &c.acc);
	if (!e)
		e = set_password(rq, &c.acc, IN_PASSWORD, &made);
	if (!e)
		e = api_write(rq, &(struct api_entry){.command = "user add"}, write_change, &c);
	if (e == ERR_EXISTS)
		return rq_invalid(rq, "login", e);
	if (e)
		return e;
	rq->status = 201;
	answer_account(rq, &c.acc, made);
	return OK;
}

static enum err find(struct request *rq, struct account *ret)
{
	bool found = false;
	(void)rq_journal(rq);
	enum err e = account_find(rq_db(rq), rq_text(rq, 0), rq->a, ret, &found);
	return e || found ? e : diag_set(&rq->diag, ERR_UNKNOWN_USER, "%s", rq_text(rq, 0));
}

static enum err change(struct request *rq)
{
	struct change c = {0};
	uint64_t set;
	enum err e = find(rq, &c.old);
	if (!e)
		e = rq_check_version(rq, &account_desc, &c.old);
	if (e)
		return e;
	c.acc = c.old;
	e = rq_fields(rq, &account_desc, &c.acc, &set);
	if (!e)
		e = refuse_fields(rq, set, false);
	if (!e)
		e = check_account(rq, &c.acc);
	bool self = c.old.no == rq_user(rq)->account;
	if (!e && self && (set & (FIELD_BIT(ACCOUNT_disabled) | FIELD_BIT(ACCOUNT_role))))
		e = rq_invalid(rq, set & FIELD_BIT(ACCOUNT_role) ? "role" : "disabled", ERR_FORBIDDEN);
	c.drop_sessions = FIELD_HAS(&c.acc, ACCOUNT_, disabled) && c.acc.disabled;
	if (!e)
		e = api_write(rq, &(struct api_entry){.command = "user change"}, write_change, &c);
	if (!e)
		answer_account(rq, &c.acc, NULL);
	return e;
}

static const struct net_field login_in[] = {
	{.name = "login", .in = NET_PATH, .kind = FIELD_TEXT, .flags = NET_REQUIRED, .max = 40,
	 .label = TEXT("登录名", "login")},
};
static const struct net_field password_in[] = {
	{.name = "login", .in = NET_PATH, .kind = FIELD_TEXT, .flags = NET_REQUIRED, .max = 40,
	 .label = TEXT("登录名", "login")},
	{.name = "password", .in = NET_BODY, .kind = FIELD_TEXT, .flags = NET_EXACT, .max = 256,
	 .label = TEXT("口令（不给则生成一个）", "password (one is made when none is given)")},
};

static enum err reset_password(struct request *rq)
{
	struct change c = {.drop_sessions = true};
	const char *made;
	enum err e = find(rq, &c.old);
	if (e)
		return e;
	c.acc = c.old;
	e = set_password(rq, &c.acc, 1, &made);
	if (!e)
		e = api_write(rq, &(struct api_entry){.command = "user passwd"}, write_change, &c);
	if (!e)
		answer_account(rq, &c.acc, made);
	return e;
}

const struct route api_user_routes[] = {
	{.id = "user_list", .method = NET_GET, .path = API "/users", .permission = PERM_see_users,
	 .handler = list, .answer = "list account", .tag = "user", .summary = TEXT("用户列表", "accounts")},
	{.id = "user_add", .method = NET_POST, .path = API "/users", .permission = PERM_manage_users,
	 .kind = ROUTE_HEAVY, .in = add_in, .n_in = 1, .record = &account_desc, .handler = add,
	 .answer = "account_answer", .tag = "user",
	 .summary = TEXT("新增用户；首次登录须修改口令", "add an account; the password is changed at the first sign-in")},
	{.id = "user_change", .method = NET_PUT, .path = API "/users/{login}",
	 .permission = PERM_manage_users, .in = login_in, .n_in = 1, .record = &account_desc,
	 .handler = change, .answer = "account_answer", .tag = "user",
	 .summary = TEXT("修改或停用用户", "change or disable an account")},
	{.id = "user_password", .method = NET_POST, .path = API "/users/{login}/password",
	 .permission = PERM_manage_users, .kind = ROUTE_HEAVY, .in = password_in, .n_in = 2,
	 .handler = reset_password, .answer = "account_answer", .tag = "user",
	 .summary = TEXT("重设口令，只显示一次", "set a new password, shown once")},
	{0},
};
