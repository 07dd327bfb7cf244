/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Who may do what, signing in, one-time codes, and the scope that statements get. */
#include "account/permission.h"
#include "account/session.h"
#include "account/totp.h"
#include "registry/registry.h"

#include <setjmp.h>
#include <sodium.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "test_db.h"

#include "base/banned.h"

static const struct record_desc *const tables[] = {&account_desc, &household_desc};

struct fixture {
	char dir[64];
	struct diag diag;
	struct arena arena;
	struct db *db;
};

static int setup(void **state)
{
	struct fixture *f = base_calloc(1, sizeof(*f));
	struct db_opts o = {.mode = DB_CREATE, .county = "341299", .url = test_db_url(),
	                    .tables = tables, .n_tables = 2};
	memcpy(f->dir, "/tmp/daohu-acc-XXXXXX", 22);
	assert_non_null(mkdtemp(f->dir));
	arena_init(&f->arena, 0);
	assert_int_equal(db_open(f->dir, &o, &f->diag, &f->db), OK);
	assert_int_equal(test_db_by_hand(f->dir, "INSERT INTO household (county, no, version, hh_no, village) VALUES "
	           "('341299', 1, 1, 'H1', '341299001001'), ('341299', 2, 1, 'H2', '341299001001'), "
	           "('341299', 3, 1, 'H3', '341299001002'), ('341299', 4, 1, 'H4', NULL), "
	           "('341298', 5, 1, 'H5', '341299001001')"), 0);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;
	db_close(f->db);
	arena_release(&f->arena);
	test_db_remove(f->dir);
	base_free(f);
	return 0;
}

/* --- scope -------------------------------------------------------------------------------- */

/* The numbers a statement finds under a scope, as "1 2 3"; "!" and the error when it fails. */
static const char *seen(struct fixture *f, const struct db_scope *scope)
{
	db_set_scope(f->db, scope);
	struct stmt *s = db_stmt(f->db, STMT_household_page);
	struct buf b;
	buf_init(&b, 1000);
	stmt_bind_int(s, 2, 0);
	stmt_bind_int(s, 3, 100);
	while (stmt_row(s))
		buf_addf(&b, "%s%lld", b.n ? " " : "", (long long)stmt_int(s, 0));
	enum err e = stmt_end(s);
	const char *text = e ? arena_printf(&f->arena, "!%s", err_name(e))
	                     : arena_strdup(&f->arena, b.p ? b.p : "");
	buf_release(&b);
	diag_clear(&f->diag);
	return text;
}

static void test_scope__narrows(void **state)
{
	struct fixture *f = *state;
	struct db_scope all = {.kind = DB_SCOPE_ALL}, none = {.kind = DB_SCOPE_NONE}, one, two, own, empty;
	const char *const codes[] = {"341299001002", "341299001001"};
	const int64_t numbers[] = {4, 3};
	db_scope_areas(&f->arena, codes, 1, &one);
	db_scope_areas(&f->arena, codes, 2, &two);
	db_scope_areas(&f->arena, NULL, 0, &empty);
	db_scope_households(&f->arena, numbers, 2, &own);
	for (int round = 0; round < 2; round++) { /* each variant is prepared once and kept apart */
		assert_string_equal(seen(f, NULL), "!FORBIDDEN");
		assert_string_equal(seen(f, &none), "!FORBIDDEN");
		assert_string_equal(seen(f, &all), "1 2 3 4");
		assert_string_equal(seen(f, &one), "3");
		assert_string_equal(seen(f, &two), "1 2 3");
		assert_string_equal(seen(f, &own), "3 4");
		assert_string_equal(seen(f, &empty), "");
	}
}

static void test_scope__for_one(void **state)
{
	struct fixture *f = *state;
	struct db_scope all = {.kind = DB_SCOPE_ALL}, none = {0}, areas, own;
	const char *const codes[] = {"b", "a"};
	const int64_t numbers[] = {7, 5};
	db_scope_areas(&f->arena, codes, 2, &areas);
	db_scope_households(&f->arena, numbers, 2, &own);
	assert_true(db_scope_sees(&all, NULL, 1));
	assert_false(db_scope_sees(&none, "a", 5));
	assert_true(db_scope_sees(&areas, "a", 1));
	assert_true(db_scope_sees(&areas, "b", 1));
	assert_false(db_scope_sees(&areas, "c", 5));
	assert_false(db_scope_sees(&areas, NULL, 5));
	assert_true(db_scope_sees(&own, "c", 5));
	assert_false(db_scope_sees(&own, "a", 6));
}

/* A handler that was left in the middle: its statements are free again. */
static void test_statements__given_back(void **state)
{
	struct fixture *f = *state;
	struct db_scope all = {.kind = DB_SCOPE_ALL};
	db_set_scope(f->db, &all);
	struct stmt *s = db_stmt(f->db, STMT_household_page);
	stmt_bind_int(s, 2, 0);
	stmt_bind_int(s, 3, 100);
	assert_true(stmt_row(s));
	db_release_statements(f->db);
	assert_ptr_equal(db_stmt(f->db, STMT_household_page), s);
	db_release_statements(f->db);
	assert_int_equal(db_begin(f->db), OK);
	db_rollback(f->db);
}

/* --- permissions ----------------------------------------------------------------------------- */

static void test_permissions__roles(void **state)
{
	(void)state;
	assert_int_equal(permissions_of("king"), 0);
	assert_int_equal(permissions_of(NULL), 0);
	assert_int_equal(permissions_of(""), 0);
	for (const struct account_role *r = account_roles; r->id; r++)
		assert_true(permission_has(permissions_of(r->id), PERM_signed_in));
	assert_true(permission_has(permissions_of("admin"), PERM_manage_users));
	assert_false(permission_has(permissions_of("office"), PERM_manage_users));
	assert_false(permission_has(permissions_of("assessor"), PERM_edit_households));
	assert_false(permission_has(permissions_of("unit"), PERM_see_households));
	/* every role named in the table is one */
	for (int p = 1; p < PERM_MAX; p++) {
		struct str rest = str_c(permissions[p].roles), one;
		char name[32];
		while (str_split(&rest, ' ', &one)) {
			snprintf(name, sizeof(name), STR_FMT, STR_ARG(one));
			assert_true(account_is_role(name));
		}
	}
}

/* --- one-time codes ----------------------------------------------------------------------------- */

/* RFC 4226 appendix D and RFC 6238 appendix B (SHA-1). */
static void test_totp__published_vectors(void **state)
{
	static const uint32_t hotp[] = {755224, 287082, 359152, 969429, 338314,
	                                254676, 287922, 162583, 399871, 520489};
	static const struct {
		int64_t seconds;
		uint32_t code;
	} totp[] = {{59, 94287082},         {1111111109, 7081804},   {1111111111, 14050471},
	            {1234567890, 89005924}, {2000000000, 69279037}, {20000000000, 65353130}};
	struct str secret = STR("12345678901234567890");
	(void)state;
	for (uint64_t i = 0; i < 10; i++)
		assert_int_equal(totp_hotp(secret, i, 6), hotp[i]);
	for (size_t i = 0; i < sizeof(totp) / sizeof(*totp); i++)
		assert_int_equal(totp_hotp(secret, (uint64_t)totp[i].seconds / 30, 8), totp[i].code);
}

static void test_totp__window_and_replay(void **state)
{
	struct str secret = STR("12345678901234567890");
	int64_t step = 0, now = 59000; /* step 1: 287082 */
	(void)state;
	assert_true(totp_check(secret, STR("287082"), now, 0, &step));
	assert_int_equal(step, 1);
	assert_true(totp_check(secret, STR("287082"), now + 30000, 0, &step));
	assert_false(totp_check(secret, STR("287082"), now + 60000, 0, &step));
	assert_false(totp_check(secret, STR("287082"), now, 1, &step));
	assert_false(totp_check(secret, STR("28708"), now, 0, &step));
	assert_false(totp_check(secret, STR("-87082"), now, 0, &step));
	assert_false(totp_check(secret, STR(""), now, 0, &step));
}

/* RFC 4648 §10, without the padding. */
static void test_totp__base32(void **state)
{
	static const char *const pairs[][2] = {{"f", "MY"},        {"fo", "MZXQ"},       {"foo", "MZXW6"},
	                                       {"foob", "MZXW6YQ"}, {"fooba", "MZXW6YTB"},
	                                       {"foobar", "MZXW6YTBOI"}};
	struct arena a;
	struct buf b;
	struct str back;
	(void)state;
	arena_init(&a, 1 << 16);
	buf_init(&b, 100);
	for (size_t i = 0; i < 6; i++) {
		buf_clear(&b);
		totp_base32(str_c(pairs[i][0]), &b);
		assert_string_equal(b.p, pairs[i][1]);
		assert_true(totp_unbase32(buf_str(&b), &a, &back));
		assert_true(str_is(back, pairs[i][0]));
	}
	assert_false(totp_unbase32(STR("M1"), &a, &back));
	assert_false(totp_unbase32(STR(""), &a, &back));
	buf_release(&b);
	arena_release(&a);
}

/* --- sessions -------------------------------------------------------------------------------------- */

static void test_session__life(void **state)
{
	struct fixture *f = *state;
	const int64_t hour = 3600 * 1000, now = 1000 * hour;
	unsigned char hash[SESSION_HASH], again[SESSION_HASH], other[SESSION_HASH];
	char token[SESSION_TOKEN_TEXT], second[SESSION_TOKEN_TEXT];
	struct session s;
	bool found;
	session_make_token(token, hash);
	session_make_token(second, other);
	assert_string_not_equal(token, second);
	assert_true(session_hash(str_c(token), again));
	assert_memory_equal(hash, again, SESSION_HASH);
	token[5] ^= 1;
	assert_false(session_hash(str_c("short"), again));
	assert_false(session_hash(str_sub(str_c(token), 0, 42), again));
	assert_int_equal(session_add(f->db, hash, 7, now), OK);
	assert_int_equal(session_add(f->db, other, 7, now), OK);
	assert_int_equal(session_find(f->db, hash, now + hour, &s, &found), OK);
	assert_true(found && s.account == 7);
	assert_int_equal(session_find(f->db, hash, now + 2 * hour, &s, &found), OK);
	assert_false(found); /* idle */
	for (int i = 1; i < 12; i++)
		assert_int_equal(session_touch(f->db, hash, now + i * hour), OK);
	assert_int_equal(session_find(f->db, hash, now + 12 * hour - 1, &s, &found), OK);
	assert_true(found);
	assert_int_equal(session_find(f->db, hash, now + 12 * hour, &s, &found), OK);
	assert_false(found); /* at an end, used or not */
	assert_int_equal(session_drop_account(f->db, 7, hash), OK);
	assert_int_equal(session_find(f->db, other, now, &s, &found), OK);
	assert_false(found);
	assert_int_equal(session_drop(f->db, hash), OK);
	assert_int_equal(session_find(f->db, hash, now + hour, &s, &found), OK);
	assert_false(found);
}

static void test_login__back_off(void **state)
{
	struct fixture *f = *state;
	struct login_try t = {"Somebody", "192.0.2.1"}, elsewhere = {"somebody", "192.0.2.2"};
	int64_t now = 1000000, wait = 0, waits[] = {15, 30, 60, 120, 240, 480, 900, 900};
	for (int i = 0; i <= LOGIN_FREE; i++)
		assert_int_equal(login_begin(f->db, &t, now++, &wait), OK);
	for (size_t i = 0; i < sizeof(waits) / sizeof(*waits); i++) {
		assert_int_equal(login_begin(f->db, &elsewhere, now, &wait), ERR_LOCKED_OUT);
		assert_true(wait >= waits[i] - 1 && wait <= waits[i]);
		now += waits[i] * 1000;
		assert_int_equal(login_begin(f->db, &t, now, &wait), OK); /* wrong once more */
	}
	now += 900 * 1000;
	assert_int_equal(login_begin(f->db, &t, now, &wait), OK);
	assert_int_equal(login_done(f->db, &t, 0, now), OK);
	for (int i = 0; i < LOGIN_FREE; i++)
		assert_int_equal(login_begin(f->db, &elsewhere, now++, &wait), OK);
	/* a code opens once */
	assert_int_equal(login_done(f->db, &t, 100, now), OK);
	assert_int_equal(login_done(f->db, &t, 100, now), ERR_OTP);
	assert_int_equal(login_done(f->db, &t, 101, now), OK);
}

static void test_login__addresses(void **state)
{
	struct fixture *f = *state;
	int64_t now = 1000000, wait = 0;
	char name[32];
	for (int i = 0; i <= LOGIN_FREE_ADDRESS; i++) {
		snprintf(name, sizeof(name), "guess%d", i);
		struct login_try t = {name, "192.0.2.1"};
		assert_int_equal(login_begin(f->db, &t, now++, &wait), OK);
	}
	struct login_try more = {"another", "192.0.2.1"}, other = {"another", "192.0.2.9"};
	assert_int_equal(login_begin(f->db, &more, now, &wait), ERR_LOCKED_OUT);
	assert_int_equal(login_begin(f->db, &other, now, &wait), OK);
	now += (int64_t)LOGIN_FORGET_S * 1000 + 1000;
	assert_int_equal(login_begin(f->db, &more, now, &wait), OK);
	assert_int_equal(session_purge(f->db, now + (int64_t)LOGIN_FORGET_S * 1000), OK);
}

/* Whether there is such a login must not be told by how long the answer takes. */
static void test_password__same_cost_for_nobody(void **state)
{
	struct fixture *f = *state;
	struct account acc = {0};
	assert_int_equal(account_set_password(&acc, STR("Ein-Probewort-7"), &f->arena, &f->diag), OK);
	assert_true(password_is(&acc, STR("Ein-Probewort-7")));
	assert_false(password_is(&acc, STR("Ein-Probewort-8")));
	const char *both[] = {acc.password, password_of_nobody};
	for (size_t i = 0; i < 2; i++)
		assert_int_equal(crypto_pwhash_str_needs_rehash(both[i], PASSWORD_PASSES, PASSWORD_BYTES), 0);
	assert_false(password_is(&(struct account){0}, STR("")));
}

int main(void)
{
#define CASE(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		CASE(test_scope__narrows),
		CASE(test_scope__for_one),
		CASE(test_statements__given_back),
		cmocka_unit_test(test_permissions__roles),
		cmocka_unit_test(test_totp__published_vectors),
		cmocka_unit_test(test_totp__window_and_replay),
		cmocka_unit_test(test_totp__base32),
		CASE(test_password__same_cost_for_nobody),
		CASE(test_session__life),
		CASE(test_login__back_off),
		CASE(test_login__addresses),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
