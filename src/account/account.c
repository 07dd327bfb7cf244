/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "account/account.h"

#include <sodium.h>

#include "base/banned.h"

static const struct field account_fields[] = {
#define F(...) FIELD_ROW(struct account, __VA_ARGS__)
#include "account/account.def"
#undef F
};
const struct record_desc account_desc = {
	.name = "account",
	.id = 22,
	.fields = account_fields,
	.n = ACCOUNT_FIELD_MAX,
	.size = sizeof(struct account),
	.label = TEXT("用户", "account"),
	.naming = 1,
};

static const struct field reveal_fields[] = {
#define F(...) FIELD_ROW(struct reveal, __VA_ARGS__)
#include "account/reveal.def"
#undef F
};
const struct record_desc reveal_desc = {
	.name = "reveal",
	.id = 23,
	.fields = reveal_fields,
	.n = REVEAL_FIELD_MAX,
	.size = sizeof(struct reveal),
	.label = TEXT("查看完整号码", "full numbers shown"),
};

const struct account_role account_roles[] = {
	{"admin", TEXT("镇管理员", "town administrator")},
	{"office", TEXT("扶贫办", "town office")},
	{"unit", TEXT("部门", "unit")},
	{"village", TEXT("村专干", "village clerk")},
	{"team", TEXT("驻村工作队", "village work team")},
	{"cadre", TEXT("帮扶责任人", "responsible cadre")},
	{"leader", TEXT("领导", "leader")},
	{"assessor", TEXT("评估员", "assessor")},
	{"auditor", TEXT("审计", "auditor")},
	{0},
};

bool account_is_role(const char *id)
{
	for (const struct account_role *r = account_roles; r->id; r++)
		if (strcmp(r->id, id) == 0)
			return true;
	return false;
}

enum err account_find(struct db *db, const char *login, struct arena *a, struct account *ret,
                      bool *ret_found)
{
	struct account found;
	struct stmt *s = db_stmt(db, STMT_account_by_login);
	stmt_bind_text(s, 2, login);
	bool any = stmt_record(s, &account_desc, a, &found);
	enum err e = stmt_end(s);
	if (e)
		return e;
	if (any)
		*ret = found;
	*ret_found = any;
	return OK;
}

enum err account_name(struct db *db, const char *login, struct arena *a, const char **ret)
{
	struct stmt *s = db_stmt(db, STMT_account_name);
	stmt_bind_text(s, 2, login);
	*ret = stmt_row(s) ? stmt_dup(s, 0, a) : NULL;
	return stmt_end(s);
}

enum err account_all(struct db *db, struct arena *a, struct account **ret, size_t *ret_n)
{
	return stmt_records(db_stmt(db, STMT_account_all), &account_desc, a, ret, ret_n);
}

const char password_of_nobody[] =
	"$argon2id$v=19$m=65536,t=3,p=1$XeL/PSMuR0tofuEAUQp3FA$"
	"zkNOk8PXRdbSCrizrdzV14h4LiNNb4iQcZ8Oq4Z0E8o";

enum err account_set_password(struct account *acc, struct str password, struct arena *a,
                              struct diag *diag)
{
	char hash[crypto_pwhash_STRBYTES];
	if (password.n < 8 || password.n > 256)
		return diag_set(diag, ERR_INVALID, "8..256");
	if (crypto_pwhash_str(hash, password.p, password.n, PASSWORD_PASSES, PASSWORD_BYTES) != 0)
		return diag_set(diag, ERR_RESOURCE, "argon2id");
	FIELD_SET(acc, ACCOUNT_, password, arena_strdup(a, hash));
	return OK;
}

void account_make_password(char ret[20])
{
	/* no letters or digits that are taken for each other */
	static const char letters[] = "abcdefghjkmnpqrstuvwxyz23456789";
	for (int i = 0; i < 19; i++)
		ret[i] = i % 5 == 4 ? '-' : letters[randombytes_uniform(sizeof(letters) - 1)];
	ret[19] = '\0';
}

bool account_is_login(const char *s)
{
	size_t n = strspn(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-");
	return n >= 2 && n <= 40 && s[n] == '\0';
}

enum err account_add(struct journal *j, struct account *acc)
{
	struct diag *diag = db_diag(journal_db(j));
	struct arena a;
	struct account old;
	bool found = false;
	if (!acc->login || !account_is_login(acc->login))
		return diag_set(diag, ERR_INVALID, "%s", acc->login ? acc->login : "");
	if (!acc->role || !account_is_role(acc->role))
		return diag_set(diag, ERR_INVALID, "%s", acc->role ? acc->role : "role");
	arena_init(&a, 1 << 20);
	enum err e = account_find(journal_db(j), acc->login, &a, &old, &found);
	arena_release(&a);
	if (!e && found)
		e = diag_set(diag, ERR_EXISTS, "%s", acc->login);
	return e ? e : journal_insert(j, &account_desc, acc);
}
