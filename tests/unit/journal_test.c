/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "journal/journal.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>
#include <sodium.h>

#include "journal/merkle.h"
#include "test_db.h"
#include "thing.h"

#include "base/banned.h"

/* A record that is the person; the same fields. */
static const struct record_desc human_desc = {
	.name = "human",
	.id = 901,
	.fields = thing_fields,
	.n = THING_FIELD_MAX,
	.size = sizeof(struct thing),
	.label = TEXT("人", "human"),
	.owner = OWNER_SELF,
	.naming = 1,
};

static const struct record_desc *const tables[] = {&thing_desc, &human_desc};

enum { THINGS = 20 };

struct fixture {
	char dir[64];
	struct diag diag;
	struct arena arena;
	struct db *db;
	struct keys *keys;
	struct journal *j;
	/* what verify told, by kind of fault */
	int faults[JOURNAL_FAULT_MAX];
	int64_t last_no;
	char last_name[64];
	char last_table[32];
};

static void path_in(const struct fixture *f, const char *name, char out[128])
{
	snprintf(out, 128, "%s/%s", f->dir, name);
}

static int by_hand(const struct fixture *f, const char *sql)
{
	return test_db_by_hand(f->dir, sql);
}

static void close_all(struct fixture *f)
{
	journal_close(f->j);
	keys_close(f->keys);
	db_close(f->db);
	f->j = NULL;
	f->keys = NULL;
	f->db = NULL;
}

static void reopen(struct fixture *f)
{
	struct db_opts o = {.mode = DB_WRITE, .tables = tables, .n_tables = 2};
	close_all(f);
	diag_clear(&f->diag);
	assert_int_equal(db_open(f->dir, &o, &f->diag, &f->db), OK);
	assert_int_equal(keys_open(f->dir, NULL, &f->diag, &f->keys), OK);
	assert_int_equal(journal_open(f->db, f->keys, &f->j), OK);
}

static struct thing make_thing(int64_t i)
{
	struct thing t = {0};
	FIELD_SET(&t, THING_, title, i % 3 ? "王秀兰\n\"" : "李建国");
	FIELD_SET(&t, THING_, count, i);
	FIELD_SET(&t, THING_, born, 19580300);
	if (i % 9 != 2) /* some are nobody's: 2, 11, 20 */
		FIELD_SET(&t, THING_, person, i % 5 + 1);
	FIELD_SET(&t, THING_, bytes, ((struct str){"\0\xff\x01", 3}));
	FIELD_SET(&t, THING_, number, "341299195803010018");
	return t;
}

static void begin(struct fixture *f)
{
	assert_int_equal(journal_begin(f->j, &(struct entry_info){.actor = "王主任",
								  .command = "test",
								  .reason = "核实",
								  .event_date = 20180114}),
			 OK);
}

static void commit(struct fixture *f)
{
	assert_int_equal(journal_commit(f->j, NULL), OK);
}

/* Five people, THINGS things, some of them changed twice, one deleted. */
static void fill(struct fixture *f)
{
	begin(f);
	for (int64_t i = 1; i <= 5; i++) {
		struct thing h = make_thing(i);
		FIELD_DROP(&h, THING_, person);
		assert_int_equal(journal_insert(f->j, &human_desc, &h), OK);
		assert_int_equal(h.no, i);
	}
	for (int64_t i = 1; i <= THINGS; i++) {
		struct thing t = make_thing(i);
		assert_int_equal(journal_insert(f->j, &thing_desc, &t), OK);
		assert_int_equal(t.no, i);
		assert_int_equal(t.version, 1);
	}
	commit(f);
	for (int round = 0; round < 2; round++) {
		begin(f);
		for (int64_t i = 3; i <= 7; i++) {
			struct thing t, to;
			bool found;
			assert_int_equal(db_get(f->db, &thing_desc, i, &f->arena, &t, &found), OK);
			to = t;
			FIELD_SET(&to, THING_, title, round ? "张三" : "赵四");
			FIELD_SET(&to, THING_, number, round ? "13800000000" : "13900000000");
			FIELD_SET(&to, THING_, worth, 100 + round);
			if (round)
				FIELD_DROP(&to, THING_, bytes);
			assert_int_equal(journal_update(f->j, &thing_desc, &t, &to), OK);
			assert_int_equal(to.version, round + 2);
		}
		commit(f);
	}
	begin(f);
	struct thing t;
	bool found;
	assert_int_equal(db_get(f->db, &thing_desc, 9, &f->arena, &t, &found), OK);
	assert_int_equal(journal_delete(f->j, &thing_desc, &t), OK);
	commit(f);
}

static int setup_empty(void **state)
{
	struct fixture *f = base_calloc(1, sizeof(*f));
	struct db_opts o = {.mode = DB_CREATE, .county = "341299", .url = test_db_url(),
			    .tables = tables, .n_tables = 2};
	struct buf sql;
	memcpy(f->dir, "/tmp/daohu-jn-XXXXXX", 21);
	assert_non_null(mkdtemp(f->dir));
	arena_init(&f->arena, 0);
	assert_int_equal(db_open(f->dir, &o, &f->diag, &f->db), OK);
	buf_init(&sql, 20000);
	db_print_table(&thing_desc, test_db_engine(), &sql);
	db_print_table(&human_desc, test_db_engine(), &sql);
	assert_int_equal(by_hand(f, sql.p), 0);
	buf_release(&sql);
	assert_int_equal(keys_create(f->dir, NULL, &f->diag, &f->keys), OK);
	assert_int_equal(journal_open(f->db, f->keys, &f->j), OK);
	*state = f;
	return 0;
}

static int setup(void **state)
{
	(void)setup_empty(state);
	fill(*state);
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;
	close_all(f);
	arena_release(&f->arena);
	test_db_remove(f->dir);
	base_free(f);
	return 0;
}

static void on_fault(void *arg, const struct journal_report *r)
{
	struct fixture *f = arg;
	f->faults[r->fault]++;
	f->last_no = r->no;
	snprintf(f->last_name, sizeof(f->last_name), "%s", r->name ? r->name : "");
	snprintf(f->last_table, sizeof(f->last_table), "%s",
		 r->table ? r->table->label.in[LANG_ZH] : "");
}

static enum err verify(struct fixture *f, struct str note, struct journal_summary *sum)
{
	memset(f->faults, 0, sizeof(f->faults));
	diag_clear(&f->diag);
	return journal_verify(f->j, note, on_fault, f, sum);
}

/* --- the tree ------------------------------------------------------------- */

/* The leaves and roots that implementations of RFC 6962 test with. */
static const struct {
	const char *leaf;
	size_t n;
	const char *root;
} vectors[] = {
	{"", 0, "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"},
	{"\x00", 1, "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"},
	{"\x10", 1, "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77"},
	{"\x20\x21", 2, "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7"},
	{"\x30\x31", 2, "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4"},
	{"\x40\x41\x42\x43", 4,
	 "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef"},
	{"\x50\x51\x52\x53\x54\x55\x56\x57", 8,
	 "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c"},
	{"\x60\x61\x62\x63\x64\x65\x66\x67\x68\x69\x6a\x6b\x6c\x6d\x6e\x6f", 16,
	 "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"},
};

enum { VECTORS = sizeof(vectors) / sizeof(vectors[0]) };

static void vector_leaf(size_t i, unsigned char ret[MERKLE_HASH])
{
	merkle_leaf((struct str){vectors[i].leaf, vectors[i].n}, ret);
}

static void test_journal__tree_agrees_with_rfc_6962(void **state)
{
	struct merkle m;
	unsigned char hash[MERKLE_HASH];
	char hex[MERKLE_HASH * 2 + 1];
	merkle_init(&m);
	merkle_root(&m, hash);
	assert_string_equal(sodium_bin2hex(hex, sizeof(hex), hash, sizeof(hash)),
			    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
	for (size_t i = 0; i < VECTORS; i++) {
		vector_leaf(i, hash);
		merkle_add(&m, hash);
		merkle_root(&m, hash);
		assert_string_equal(sodium_bin2hex(hex, sizeof(hex), hash, sizeof(hash)),
				    vectors[i].root);
	}
}

static bool next_vector(void *arg, unsigned char ret[MERKLE_HASH])
{
	size_t *at = arg;
	vector_leaf(*at % VECTORS, ret);
	ret[0] ^= (unsigned char)(*at / VECTORS);
	++*at;
	return true;
}

static void test_journal__paths_lead_to_the_root(void **state)
{
	for (size_t n = 1; n < 40; n++) {
		struct merkle m;
		unsigned char root[MERKLE_HASH], leaf[MERKLE_HASH], got[MERKLE_HASH];
		size_t at = 0;
		merkle_init(&m);
		while (at < n) {
			(void)next_vector(&at, leaf);
			merkle_add(&m, leaf);
		}
		merkle_root(&m, root);
		for (size_t i = 0; i < n; i++) {
			struct merkle_path path;
			size_t from = 0, self = i;
			assert_true(merkle_make_path(i, n, next_vector, &from, &path));
			(void)next_vector(&self, leaf);
			assert_true(merkle_follow(leaf, i, n, &path, got));
			assert_memory_equal(got, root, MERKLE_HASH);
			leaf[5] ^= 1;
			assert_true(merkle_follow(leaf, i, n, &path, got));
			assert_memory_not_equal(got, root, MERKLE_HASH);
		}
	}
}

/* --- keys ----------------------------------------------------------------- */

static void test_journal__keys_lie_in_a_private_file(void **state)
{
	struct fixture *f = *state;
	struct stat st;
	struct keys *again = NULL;
	unsigned char a[KEY_PUBLIC_BYTES], b[KEY_PUBLIC_BYTES];
	char path[128];
	path_in(f, "keys", path);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_int_equal(keys_create(f->dir, NULL, &f->diag, &again), ERR_EXISTS);
	assert_int_equal(keys_open(f->dir, NULL, &f->diag, &again), OK);
	keys_public(f->keys, a);
	keys_public(again, b);
	assert_memory_equal(a, b, sizeof(a));
	assert_false(keys_wrapped(again));
	keys_close(again);
}

static void write_file(const struct fixture *f, const char *name, const char *text)
{
	char path[128];
	path_in(f, name, path);
	FILE *file = fopen(path, "w");
	assert_non_null(file);
	fputs(text, file);
	fclose(file);
}

static void test_journal__passphrase_opens_and_recovery_restores(void **state)
{
	struct fixture *f = *state;
	char pass[128], path[128];
	struct keys *k = NULL;
	struct buf sheet;
	unsigned char a[KEY_PUBLIC_BYTES], b[KEY_PUBLIC_BYTES];
	path_in(f, "pass", pass);
	path_in(f, "keys", path);
	write_file(f, "pass", "correct horse\n");
	assert_int_equal(unlink(path), 0);
	assert_int_equal(keys_create(f->dir, pass, &f->diag, &k), OK);
	keys_public(k, a);
	buf_init(&sheet, 4096);
	keys_recovery_sheet(k, LANG_ZH, &sheet);
	keys_close(k);
	unsetenv("DAOHU_PASSPHRASE_FILE");
	assert_int_equal(keys_open(f->dir, NULL, NULL, &k), ERR_KEYS_PASSPHRASE);
	write_file(f, "pass", "wrong\n");
	assert_int_equal(keys_open(f->dir, pass, NULL, &k), ERR_RECOVERY);
	write_file(f, "pass", "correct horse\r\nsecond line");
	setenv("DAOHU_PASSPHRASE_FILE", pass, 1);
	assert_int_equal(keys_open(f->dir, NULL, NULL, &k), OK);
	assert_true(keys_wrapped(k));
	keys_close(k);
	unsetenv("DAOHU_PASSPHRASE_FILE");
	/* The sheet: fifteen groups after the blank line. */
	const char *groups = strstr(sheet.p, "\n\n") + 2;
	struct str typed = {groups, (size_t)(strstr(groups, "\n\n") - groups)};
	char *lower = arena_strndup(&f->arena, typed.p, typed.n);
	for (char *c = lower; *c; c++)
		*c = *c == '0' ? 'o' : *c == '1' ? 'l' : *c == ' ' ? '-' : *c;
	assert_int_equal(unlink(path), 0);
	assert_int_equal(keys_from_recovery(f->dir, str_c(lower), NULL, NULL, &k), OK);
	keys_public(k, b);
	assert_memory_equal(a, b, sizeof(a));
	keys_close(k);
	assert_int_equal(unlink(path), 0);
	lower[7] = lower[7] == 'a' || lower[7] == 'A' ? 'b' : 'a';
	assert_int_equal(keys_from_recovery(f->dir, str_c(lower), NULL, NULL, &k), ERR_RECOVERY_SUM);
	assert_int_equal(keys_from_recovery(f->dir, STR("!"), NULL, NULL, &k), ERR_RECOVERY_LENGTH);
	lower[7] = 'u'; /* which no sheet has; what is said names the place and not the group */
	struct diag said = {0};
	assert_int_equal(keys_from_recovery(f->dir, str_c(lower), NULL, &said, &k),
			 ERR_RECOVERY_CHARACTER);
	assert_string_equal(said.detail, "1:8");
	lower[7] = '-';
	diag_clear(&said);
	assert_int_equal(keys_from_recovery(f->dir, str_c(lower), NULL, &said, &k),
			 ERR_RECOVERY_LENGTH);
	assert_string_equal(said.detail, "59");
	/* The whole sheet as it was printed will do as well. */
	assert_int_equal(keys_from_recovery(f->dir, buf_str(&sheet), NULL, NULL, &k), OK);
	write_file(f, "pass", "another\n");
	assert_int_equal(keys_rewrap(f->dir, k, pass, NULL), OK);
	keys_close(k);
	assert_int_equal(keys_open(f->dir, NULL, NULL, &k), ERR_KEYS_PASSPHRASE);
	assert_int_equal(keys_open(f->dir, pass, NULL, &k), OK);
	keys_public(k, b);
	assert_memory_equal(a, b, sizeof(a));
	keys_close(k);
	buf_release(&sheet);
}

static void test_journal__damaged_keys_are_refused(void **state)
{
	struct fixture *f = *state;
	static const char *const bad[] = {
		"", "daohu-keys 2\nwrap none\nsecret AA==\npublic AA==\n",
		"daohu-keys 1\nwrap argon2id 3 99999999999999 AAAA\nsecret AA==\npublic AA==\n",
		"daohu-keys 1\nwrap none\nsecret "
		"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\npublic "
		"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n"};
	struct keys *k = NULL;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		write_file(f, "keys", bad[i]);
		assert_int_equal(keys_open(f->dir, NULL, NULL, &k), ERR_KEYS);
	}
	assert_null(k);
}

static void test_journal__blobs_and_index(void **state)
{
	struct fixture *f = *state;
	struct buf sealed, plain;
	unsigned char a[KEY_INDEX_BYTES], b[KEY_INDEX_BYTES];
	buf_init(&sealed, 1000);
	buf_init(&plain, 1000);
	keys_seal_blob(f->keys, STR("chunk 1"), STR("rows of a ledger"), &sealed);
	assert_int_equal(str_find(buf_str(&sealed), STR("ledger")), SIZE_MAX);
	assert_int_equal(keys_open_blob(f->keys, STR("chunk 1"), buf_str(&sealed), NULL, &plain),
			 OK);
	assert_string_equal(plain.p, "rows of a ledger");
	assert_int_equal(keys_open_blob(f->keys, STR("chunk 2"), buf_str(&sealed), NULL, &plain),
			 ERR_FILE_DAMAGED);
	assert_int_equal(keys_open_blob(f->keys, STR("chunk 1"), STR("short"), NULL, &plain),
			 ERR_FILE_DAMAGED);
	keys_index(f->keys, "id", STR("341299195803010018"), a);
	keys_index(f->keys, "phone", STR("341299195803010018"), b);
	assert_memory_not_equal(a, b, sizeof(a));
	keys_index(f->keys, "id", STR("341299195803010018"), b);
	assert_memory_equal(a, b, sizeof(a));
	buf_release(&sealed);
	buf_release(&plain);
}

static void test_journal__files_are_sealed_whole(void **state)
{
	struct fixture *f = *state;
	static const size_t sizes[] = {0, 1, 65535, 65536, 65537, 200000};
	char a[128], b[128], c[128];
	path_in(f, "a", a);
	path_in(f, "b", b);
	path_in(f, "c", c);
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		struct stat st;
		FILE *file = fopen(a, "w");
		for (size_t k = 0; k < sizes[i]; k++)
			fputc((int)(k * 7 & 0xFF), file);
		fclose(file);
		assert_int_equal(keys_seal_file(f->keys, a, b, &f->diag), OK);
		assert_int_equal(keys_open_file(f->keys, b, c, &f->diag), OK);
		assert_int_equal(stat(c, &st), 0);
		assert_int_equal(st.st_size, sizes[i]);
		assert_int_equal(stat(b, &st), 0);
		assert_int_equal(truncate(b, st.st_size - 1), 0);
		assert_int_equal(keys_open_file(f->keys, b, c, NULL), ERR_FILE_DAMAGED);
		(void)unlink(c);
	}
}

/* --- writing -------------------------------------------------------------- */

static void test_journal__other_keys_do_not_fit(void **state)
{
	struct fixture *f = *state;
	struct keys *others;
	struct journal *j;
	char path[128];
	bool fits = false;
	assert_int_equal(journal_fits_keys(f->j, &fits), OK);
	assert_true(fits);
	journal_close(f->j);
	f->j = NULL;
	path_in(f, "keys", path);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(keys_create(f->dir, NULL, &f->diag, &others), OK);
	assert_int_equal(journal_open(f->db, others, &j), OK);
	assert_int_equal(journal_fits_keys(j, &fits), OK);
	assert_false(fits);
	journal_close(j);
	keys_close(others);
}

static void test_journal__clean_journal_verifies(void **state)
{
	struct fixture *f = *state;
	struct journal_summary sum;
	assert_int_equal(verify(f, STR(""), &sum), OK);
	assert_int_equal(sum.entries, 4);
	assert_int_equal(sum.changes, 5 + THINGS + 10 + 1);
	assert_int_equal(sum.records, 5 + THINGS - 1);
	assert_int_equal(sum.faults, 0);
	assert_int_equal(sum.size, 4);
	reopen(f);
	assert_int_equal(verify(f, STR(""), &sum), OK);
}

static void test_journal__sealed_fields_are_not_in_the_file(void **state)
{
	struct fixture *f = *state;
	struct thing t;
	bool found;
	assert_int_equal(db_get(f->db, &thing_desc, 1, &f->arena, &t, &found), OK);
	assert_string_equal(t.number, "341299195803010018");
	close_all(f);
	assert_true(test_db_holds(f->dir, "李建国"));
	assert_false(test_db_holds(f->dir, "341299195803010018"));
	assert_false(test_db_holds(f->dir, "13800000000"));
}

static void test_journal__nothing_changed_writes_nothing(void **state)
{
	struct fixture *f = *state;
	struct thing t, to;
	bool found;
	int64_t entry = 99;
	struct journal_summary sum;
	begin(f);
	assert_int_equal(db_get(f->db, &thing_desc, 4, &f->arena, &t, &found), OK);
	to = t;
	assert_int_equal(journal_update(f->j, &thing_desc, &t, &to), OK);
	assert_int_equal(to.version, t.version);
	assert_int_equal(journal_commit(f->j, &entry), OK);
	assert_int_equal(entry, 0);
	assert_int_equal(verify(f, STR(""), &sum), OK);
	assert_int_equal(sum.entries, 4);
}

static void test_journal__rollback_leaves_nothing(void **state)
{
	struct fixture *f = *state;
	struct journal_summary sum;
	struct thing t = make_thing(1);
	FIELD_SET(&t, THING_, person, 77); /* a new person, whose key goes too */
	begin(f);
	assert_int_equal(journal_insert(f->j, &thing_desc, &t), OK);
	assert_int_equal(t.no, THINGS + 1);
	journal_rollback(f->j);
	begin(f);
	t.no = 0;
	assert_int_equal(journal_insert(f->j, &thing_desc, &t), OK);
	assert_int_equal(t.no, THINGS + 1);
	commit(f);
	assert_int_equal(verify(f, STR(""), &sum), OK);
	assert_int_equal(sum.entries, 5);
}

static void test_journal__stale_version_is_a_conflict(void **state)
{
	struct fixture *f = *state;
	struct thing old = make_thing(4), to = old;
	old.no = 4;
	old.version = 1;
	begin(f);
	assert_int_equal(journal_update(f->j, &thing_desc, &old, &to), ERR_CONFLICT);
	journal_rollback(f->j);
	db_skip_sealed(f->db, true);
	diag_clear(&f->diag);
	begin(f);
	assert_int_equal(journal_update(f->j, &thing_desc, &old, &to), ERR_INTERNAL);
	journal_rollback(f->j);
	db_skip_sealed(f->db, false);
}

static void test_journal__history_can_be_read(void **state)
{
	struct fixture *f = *state;
	struct journal_version *v;
	size_t n;
	assert_int_equal(journal_history(f->j, &thing_desc, 4, &f->arena, &v, &n), OK);
	assert_int_equal(n, 3);
	assert_int_equal(v[0].version, 3);
	assert_int_equal(v[0].op, 'U');
	assert_string_equal(v[0].actor, "王主任");
	assert_non_null(strstr(v[0].old_values, "\"1\":\"赵四\""));
	assert_non_null(strstr(v[1].old_values, "\"3\":null"));
	assert_null(v[2].old_values);
}

static void test_journal__clock_set_back_is_an_entry(void **state)
{
	struct fixture *f = *state;
	struct journal_summary sum;
	/* As if the last entry had been made by a clock an hour ahead: a fresh
	 * journal over that time would be a forgery, so only the order is asked. */
	close_all(f);
	assert_int_equal(by_hand(f, "UPDATE entry SET at_ms = at_ms + 3600000 WHERE no = 4"), 0);
	reopen(f);
	for (int i = 0; i < 2; i++) {
		struct thing t = make_thing(1);
		begin(f);
		assert_int_equal(journal_insert(f->j, &thing_desc, &t), OK);
		commit(f);
	}
	assert_int_equal(verify(f, STR(""), &sum), ERR_JOURNAL_BROKEN);
	assert_int_equal(sum.clock_backs, 1);
	assert_int_equal(sum.entries, 7);
	assert_int_equal(f->faults[JOURNAL_ENTRY], 1); /* the forged one alone */
	assert_int_equal(f->last_no, 4);
}

/* Entries that are taken back with what they are part of, in every mixture: the tree is of those that
 * stayed, and each transaction is signed once. */
static void test_journal__what_is_gone(void **state)
{
	struct fixture *f = *state;
	struct thing was = {0}, want = make_thing(9);
	bool found = true;
	assert_int_equal(journal_deleted(f->j, &thing_desc, 9, &f->arena, &was, &found), OK);
	assert_true(found);
	assert_int_equal(was.no, 9);
	assert_string_equal(was.title, want.title);
	assert_int_equal(was.person, want.person);
	assert_int_equal(was.born, want.born);
	assert_false(FIELD_HAS(&was, THING_, number)); /* sealed */
	assert_false(FIELD_HAS(&was, THING_, worth));  /* it had none */
	for (int64_t no = 8; no <= 100; no += 92) {    /* is there; never was */
		memset(&was, 0, sizeof(was));
		assert_int_equal(journal_deleted(f->j, &thing_desc, no, &f->arena, &was, &found), OK);
		assert_false(found);
	}
	assert_int_equal(journal_erase_person(f->j, want.person, NULL, 0,
					      &(struct entry_info){.actor = "王主任"}),
			 OK);
	assert_int_equal(journal_deleted(f->j, &thing_desc, 9, &f->arena, &was, &found), OK);
	assert_false(found);
}

static void test_journal__taken_back_leaves_the_tree(void **state)
{
	struct fixture *f = *state;
	struct journal_summary sum;
	unsigned seed = 7;
	int64_t stayed = 0;
	for (int i = 0; i < 60; i++) {
		int64_t here = 0;
		assert_int_equal(db_begin(f->db), OK);
		for (unsigned k = 0; k < 1 + (unsigned)i % 4; k++) {
			struct thing t = make_thing(k);
			seed = seed * 1103515245u + 12345u;
			bool back = seed >> 16 & 1;
			assert_int_equal(db_savepoint(f->db), OK);
			begin(f);
			assert_int_equal(journal_insert(f->j, &thing_desc, &t), OK);
			commit(f);
			if (back)
				db_rollback_savepoint(f->db);
			else
				assert_int_equal(db_release_savepoint(f->db), OK);
			here += !back;
		}
		if (seed >> 18 & 1) {
			db_rollback(f->db);
			continue;
		}
		assert_int_equal(db_commit(f->db), OK);
		stayed += here;
	}
	assert_int_equal(verify(f, STR(""), &sum), OK);
	assert_int_equal(sum.entries, stayed);
	reopen(f);
	begin(f);
	struct thing t = make_thing(1);
	assert_int_equal(journal_insert(f->j, &thing_desc, &t), OK);
	commit(f);
	assert_int_equal(verify(f, STR(""), &sum), OK);
	assert_int_equal(sum.entries, stayed + 1);
}

/* --- many callers --------------------------------------------------------- */

enum { CALLERS = 4, EACH = 25 };

struct caller {
	struct fixture *f;
	struct db_writer *w;
	int64_t person;
	int refused;
};

/* An entry of its own inside the common transaction; every fifth gives up late. */
static enum err write_entry(struct db *db, void *arg, struct diag *diag)
{
	struct caller *c = arg;
	struct thing t = make_thing(c->person);
	FIELD_SET(&t, THING_, person, c->person);
	enum err e = journal_begin(c->f->j, &(struct entry_info){.command = "one of many"});
	if (e)
		return e;
	e = journal_insert(c->f->j, &thing_desc, &t);
	if (!e && c->person % 5 == 0)
		e = diag_set(diag, ERR_INVALID, "fifth");
	if (e) {
		journal_rollback(c->f->j);
		return e;
	}
	return journal_commit(c->f->j, NULL);
}

static void *caller_main(void *arg)
{
	struct caller *c = arg;
	for (int i = 0; i < EACH; i++, c->person++) {
		struct diag diag = {0};
		if (db_writer_submit(c->w, write_entry, c, &diag))
			c->refused += diag.code == ERR_INVALID;
	}
	return NULL;
}

static void test_journal__many_callers_share_a_commit(void **state)
{
	struct fixture *f = *state;
	struct journal_summary sum;
	struct db_writer *w;
	struct caller callers[CALLERS];
	pthread_t threads[CALLERS];
	assert_int_equal(db_writer_start(f->db, &w), OK);
	for (int i = 0; i < CALLERS; i++) {
		callers[i] = (struct caller){f, w, i * EACH + 1, 0};
		pthread_create(&threads[i], NULL, caller_main, &callers[i]);
	}
	for (int i = 0; i < CALLERS; i++) {
		pthread_join(threads[i], NULL);
		assert_int_equal(callers[i].refused, EACH / 5);
	}
	db_writer_stop(w);
	assert_int_equal(verify(f, STR(""), &sum), OK);
	assert_int_equal(sum.entries, CALLERS * EACH * 4 / 5);
	assert_int_equal(sum.records, CALLERS * EACH * 4 / 5);
	reopen(f);
	assert_int_equal(verify(f, STR(""), &sum), OK);
}

/* --- what verify finds ---------------------------------------------------- */

/* One edit by hand, the kind of fault it must give, and where. */
static const struct {
	const char *sql;
	enum journal_fault fault;
	int64_t no; /* 0: not asked */
} edits[] = {
	{"UPDATE thing SET title = '假' WHERE no = 2", JOURNAL_ALTERED, 2},
	{"UPDATE thing SET count = count + 1 WHERE no = 4", JOURNAL_ALTERED, 4},
	{"UPDATE thing SET worth = 5 WHERE no = 2", JOURNAL_ALTERED, 2},
	{"UPDATE thing SET born = NULL WHERE no = 2", JOURNAL_ALTERED, 2},
	{"UPDATE thing SET person = 2 WHERE no = 5", JOURNAL_ALTERED, 5},
	{"UPDATE thing SET number = (SELECT number FROM thing WHERE no = 4) WHERE no = 9 + 5",
	 JOURNAL_ALTERED, 14},
	{"UPDATE thing SET version = 9 WHERE no = 2", JOURNAL_ALTERED, 2},
	{"DELETE FROM thing WHERE no = 6", JOURNAL_MISSING, 6},
	{"INSERT INTO thing (county, no, version, title) VALUES ('341299', 50, 1, '加')",
	 JOURNAL_EXTRA, 50},
	{"INSERT INTO thing (county, no, version, title) VALUES ('341299', 9, 1, '回')",
	 JOURNAL_EXTRA, 9},
	{"UPDATE thing SET no = 1000 WHERE no = 1; UPDATE thing SET no = 1 WHERE no = 2;"
	 "UPDATE thing SET no = 2 WHERE no = 1000",
	 JOURNAL_ALTERED, 2},
	{"UPDATE change SET digest = (SELECT root FROM entry WHERE no = 1)"
	 " WHERE tbl = 900 AND rec = 8",
	 JOURNAL_ALTERED, 8},
	{"UPDATE change SET digest = (SELECT root FROM entry WHERE no = 1)"
	 " WHERE tbl = 900 AND rec = 4 AND version = 1",
	 JOURNAL_CHANGE, 4},
	{"UPDATE change SET delta = replace(delta, '赵四', '赵五') WHERE tbl = 900 AND rec = 4",
	 JOURNAL_CHANGE, 4},
	{"UPDATE change SET delta = '{\"1\":\"x' WHERE tbl = 900 AND rec = 4 AND version = 2",
	 JOURNAL_CHANGE, 4},
	{"UPDATE change SET delta = NULL WHERE tbl = 900 AND rec = 4 AND version = 2",
	 JOURNAL_CHANGE, 4},
	{"DELETE FROM change WHERE tbl = 900 AND rec = 4 AND version = 2", JOURNAL_CHANGE, 4},
	{"DELETE FROM change WHERE tbl = 900 AND rec = 4 AND version = 3", JOURNAL_ALTERED, 4},
	{"DELETE FROM change WHERE tbl = 900 AND rec = 10", JOURNAL_EXTRA, 10},
	{"UPDATE change SET op = 'E' WHERE tbl = 900 AND rec = 8", JOURNAL_ALTERED, 8},
	{"UPDATE change SET tbl = 777 WHERE tbl = 900 AND rec = 8", JOURNAL_EXTRA, 8},
	{"UPDATE entry SET actor = '别人' WHERE no = 2", JOURNAL_ENTRY, 0},
	{"UPDATE entry SET reason = NULL WHERE no = 2", JOURNAL_ENTRY, 0},
	{"UPDATE entry SET at_ms = at_ms - 1 WHERE no = 3", JOURNAL_ENTRY, 0},
	{"UPDATE entry SET event_date = 20170114 WHERE no = 3", JOURNAL_TREE, 0},
	{"DELETE FROM entry WHERE no = 2", JOURNAL_ENTRY, 0},
	{"DELETE FROM entry WHERE no = 4", JOURNAL_ENTRY, 0},
	{"DELETE FROM checkpoint WHERE size = 4", JOURNAL_ENTRY, 4},
	{"UPDATE checkpoint SET note = replace(note, '4', '3') WHERE size = 4", JOURNAL_TREE, 4},
	{"UPDATE checkpoint SET note = (SELECT note FROM checkpoint WHERE size = 3) WHERE size = 4",
	 JOURNAL_TREE, 4},
	{"UPDATE person_key SET wrapped = NULL WHERE person = 3", JOURNAL_KEY, 0},
	{"UPDATE person_key SET wrapped = (SELECT wrapped FROM person_key WHERE person = 1)"
	 " WHERE person = 3",
	 JOURNAL_KEY, 0},
	{"DELETE FROM person_key WHERE person = 3", JOURNAL_KEY, 0},
	{"DELETE FROM change WHERE entry = 4; DELETE FROM entry WHERE no = 4", JOURNAL_ENTRY, 0},
};

static void test_journal__every_edit_by_hand_is_found(void **state)
{
	struct fixture *f = *state;
	close_all(f);
	test_db_save(f->dir);
	for (size_t i = 0; i < sizeof(edits) / sizeof(edits[0]); i++) {
		struct journal_summary sum;
		assert_int_equal(by_hand(f, edits[i].sql), 0);
		reopen(f);
		enum err e = verify(f, STR(""), &sum);
		if (e != ERR_JOURNAL_BROKEN || !f->faults[edits[i].fault] ||
		    (edits[i].no && f->last_no != edits[i].no))
			print_error("edit %zu: %s: %s, at %lld\n", i, edits[i].sql, err_name(e),
				    (long long)f->last_no);
		assert_int_equal(e, ERR_JOURNAL_BROKEN);
		assert_true(f->faults[edits[i].fault] > 0);
		if (edits[i].no)
			assert_int_equal(f->last_no, edits[i].no);
		close_all(f);
		test_db_restore(f->dir);
	}
}

static void test_journal__fault_names_table_and_record(void **state)
{
	struct fixture *f = *state;
	struct journal_summary sum;
	assert_int_equal(by_hand(f, "UPDATE thing SET count = 0 WHERE no = 4"), 0);
	assert_int_equal(verify(f, STR(""), &sum), ERR_JOURNAL_BROKEN);
	assert_int_equal(sum.faults, 1);
	assert_string_equal(f->last_table, "物件");
	assert_string_equal(f->last_name, "张三");
}

static void test_journal__note_kept_outside_shows_truncation(void **state)
{
	struct fixture *f = *state;
	struct journal_summary sum;
	struct buf note;
	buf_init(&note, 4096);
	assert_int_equal(journal_checkpoint(f->j, &note), OK);
	assert_int_equal(verify(f, buf_str(&note), &sum), OK);
	/* The whole last entry taken back, heads and all: only the note knows. */
	assert_int_equal(by_hand(f, "DELETE FROM change WHERE entry = 4;"
				    "DELETE FROM entry WHERE no = 4;"
				    "DELETE FROM checkpoint WHERE size = 4;"
				    "DELETE FROM node WHERE level = 0 AND idx = 3"),
			 0);
	enum err e = verify(f, buf_str(&note), &sum);
	assert_int_equal(e, ERR_JOURNAL_BROKEN);
	assert_int_equal(f->faults[JOURNAL_TREE], 1);
	diag_clear(&f->diag);
	assert_int_equal(journal_verify(f->j, STR("x\n4\nAAAA\n\n"), NULL, NULL, &sum),
			 ERR_INVALID);
	buf_release(&note);
}

/* --- proofs --------------------------------------------------------------- */

static void test_journal__checkpoint_is_a_signed_note(void **state)
{
	struct fixture *f = *state;
	struct buf note, key;
	unsigned char public[KEY_PUBLIC_BYTES], sig[4 + 64];
	size_t n;
	buf_init(&note, 4096);
	buf_init(&key, 4096);
	assert_int_equal(journal_checkpoint(f->j, &note), OK);
	journal_verifier_key(f->j, &key);
	keys_public(f->keys, public);
	assert_true(str_starts(buf_str(&note), STR("daohu/341299/")));
	size_t end = str_find(buf_str(&note), STR("\n\n\u2014 daohu/341299/")) + 1;
	const char *b64 = strrchr(note.p, ' ') + 1;
	assert_int_equal(sodium_base642bin(sig, sizeof(sig), b64, strlen(b64), "\n", &n, NULL,
					   sodium_base64_VARIANT_ORIGINAL),
			 0);
	assert_int_equal(n, 68);
	assert_int_equal(crypto_sign_verify_detached(sig + 4, (const unsigned char *)note.p, end,
						     public),
			 0);
	/* name+hash+key, as golang.org/x/mod/sumdb/note writes it */
	char hex[9];
	assert_non_null(strstr(key.p, sodium_bin2hex(hex, sizeof(hex), sig, 4)));
	buf_release(&note);
	buf_release(&key);
}

/* Checks a printed proof with nothing but its text. */
static void follow_proof(const char *text)
{
	const char *entry = strstr(text, "entry {");
	const char *leaf_line = strstr(text, "\nleaf ") + 6;
	long long index, size;
	char *end;
	unsigned char hash[MERKLE_HASH], root[MERKLE_HASH];
	struct merkle_path path = {0};
	struct str json = {entry + 6, strcspn(entry + 6, "\n")};
	merkle_leaf(json, hash);
	index = strtoll(leaf_line, &end, 10);
	size = strtoll(end + 4, &end, 10);
	for (const char *h = strstr(end, "hash "); h; h = strstr(h + 5, "hash "))
		assert_int_equal(sodium_base642bin(path.hash[path.n++], MERKLE_HASH, h + 5, 44,
						   NULL, NULL, NULL,
						   sodium_base64_VARIANT_ORIGINAL),
				 0);
	assert_true(merkle_follow(hash, (uint64_t)index, (uint64_t)size, &path, hash));
	const char *note = strstr(text, "\n\ndaohu/") + 2;
	const char *b64 = strchr(strchr(note, '\n') + 1, '\n') + 1;
	assert_int_equal(sodium_base642bin(root, sizeof(root), b64, 44, NULL, NULL, NULL,
					   sodium_base64_VARIANT_ORIGINAL),
			 0);
	assert_memory_equal(root, hash, MERKLE_HASH);
}

static void test_journal__proofs_can_be_followed(void **state)
{
	struct fixture *f = *state;
	struct buf out;
	buf_init(&out, 65536);
	for (int64_t e = 1; e <= 4; e++) {
		buf_clear(&out);
		assert_int_equal(journal_prove_entry(f->j, e, &out), OK);
		follow_proof(out.p);
	}
	assert_int_not_equal(journal_prove_entry(f->j, 5, &out), OK);
	diag_clear(&f->diag);
	buf_clear(&out);
	assert_int_equal(journal_prove_record(f->j, &thing_desc, 4, true, &out), OK);
	assert_non_null(strstr(out.p, "record 900 4 version 3 op U\n"));
	assert_non_null(strstr(out.p, "values {\"1\":\"张三\""));
	assert_null(strstr(out.p, "13800000000"));
	buf_clear(&out);
	assert_int_equal(journal_prove_record(f->j, &thing_desc, 4, false, &out), OK);
	assert_null(strstr(out.p, "张三"));
	assert_int_equal(journal_prove_record(f->j, &thing_desc, 400, false, &out), ERR_INVALID);
	buf_release(&out);
}

/* --- erasure -------------------------------------------------------------- */

static void test_journal__erased_is_not_broken(void **state)
{
	struct fixture *f = *state;
	struct journal_summary sum;
	struct thing t;
	bool found;
	struct entry_info info = {.actor = "王主任", .reason = "本人申请"};
	/* Whose are the human 5, the things 4, 14, 19 and 9, which was deleted. */
	assert_int_equal(journal_erase_person(f->j, 5, NULL, 0, &info), OK);
	assert_int_equal(verify(f, STR(""), &sum), OK);
	assert_int_equal(sum.erased, 1);
	assert_int_equal(db_get(f->db, &thing_desc, 4, &f->arena, &t, &found), OK);
	assert_true(found);
	assert_false(FIELD_HAS(&t, THING_, number));
	assert_false(FIELD_HAS(&t, THING_, born));
	assert_int_equal(t.person, 5);
	assert_int_equal(db_get(f->db, &human_desc, 5, &f->arena, &t, &found), OK);
	assert_false(FIELD_HAS(&t, THING_, number));
	diag_clear(&f->diag);
	assert_int_equal(journal_erase_person(f->j, 5, NULL, 0, &info), ERR_ERASED);
	diag_clear(&f->diag);
	assert_int_equal(journal_erase_person(f->j, 555, NULL, 0, &info), ERR_INVALID);
	diag_clear(&f->diag);
	/* The record lives on without personal values; sealed ones are refused. */
	struct thing to;
	assert_int_equal(db_get(f->db, &thing_desc, 14, &f->arena, &t, &found), OK);
	to = t;
	FIELD_SET(&to, THING_, count, 1000);
	begin(f);
	assert_int_equal(journal_update(f->j, &thing_desc, &t, &to), OK);
	commit(f);
	begin(f);
	t = to;
	FIELD_SET(&to, THING_, number, "341299195803010018");
	assert_int_equal(journal_update(f->j, &thing_desc, &t, &to), ERR_ERASED);
	journal_rollback(f->j);
	reopen(f);
	assert_int_equal(verify(f, STR(""), &sum), OK);
	/* Changes behind the journal are found in what is left. */
	assert_int_equal(by_hand(f, "UPDATE thing SET count = 7 WHERE no = 14"), 0);
	assert_int_equal(verify(f, STR(""), &sum), ERR_JOURNAL_BROKEN);
	assert_int_equal(f->faults[JOURNAL_ALTERED], 1);
	assert_int_equal(f->last_no, 14);
}

static void test_journal__erased_values_are_gone_from_the_disk(void **state)
{
	struct fixture *f = *state;
	struct thing t = make_thing(1);
	FIELD_SET(&t, THING_, person, 66);
	FIELD_SET(&t, THING_, born, 19580300);
	FIELD_SET(&t, THING_, worth, 7654321);
	begin(f);
	assert_int_equal(journal_insert(f->j, &thing_desc, &t), OK);
	commit(f);
	struct thing to = t;
	FIELD_SET(&to, THING_, worth, 1);
	begin(f);
	assert_int_equal(journal_update(f->j, &thing_desc, &t, &to), OK);
	commit(f);
	struct erase_also also = {&human_desc, 2, FIELD_BIT(THING_title)};
	struct entry_info info = {.reason = "本人申请"};
	assert_int_equal(journal_erase_person(f->j, 66, &also, 1, &info), OK);
	struct journal_summary sum;
	struct thing other;
	bool found;
	assert_int_equal(verify(f, STR(""), &sum), OK);
	assert_int_equal(db_get(f->db, &human_desc, 2, &f->arena, &other, &found), OK);
	assert_false(FIELD_HAS(&other, THING_, title));
	assert_true(FIELD_HAS(&other, THING_, count));
	close_all(f);
	assert_false(test_db_holds(f->dir, "7654321"));
}

enum { MANY_THINGS = 1000 };

static struct thing *many_things(void)
{
	struct thing *all = base_calloc(MANY_THINGS, sizeof(*all));
	for (int64_t i = 0; i < MANY_THINGS; i++)
		all[i] = make_thing(i + 1);
	return all;
}

/* Every change row of the table 900, one behind the other. */
static void read_changes(struct fixture *f, struct buf *out)
{
	struct stmt *s = db_stmt(f->db, STMT_journal_record_changes);
	stmt_bind_int(s, 2, thing_desc.id);
	while (stmt_row(s)) {
		buf_addf(out, "%lld %lld %lld ", (long long)stmt_int(s, 0), (long long)stmt_int(s, 1),
			 (long long)stmt_int(s, 5));
		buf_addstr(out, stmt_str(s, 2));
		buf_addstr(out, stmt_blob(s, 3));
		assert_true(stmt_is_null(s, 4));
	}
	assert_int_equal(stmt_end(s), OK);
}

/* Many at once are the same as one by one: numbers, change rows, commitments. */
static void test_journal__many_records_at_once(void **state)
{
	struct fixture *f = *state;
	struct journal_summary sum;
	struct buf single, at_once;
	struct thing *all = many_things();
	buf_init(&single, 1 << 20);
	buf_init(&at_once, 1 << 20);
	begin(f);
	for (int64_t i = 1; i <= 5; i++) {
		struct thing h = make_thing(i);
		FIELD_DROP(&h, THING_, person);
		assert_int_equal(journal_insert(f->j, &human_desc, &h), OK);
	}
	commit(f);
	begin(f);
	for (size_t i = 0; i < MANY_THINGS; i++)
		assert_int_equal(journal_insert(f->j, &thing_desc, &all[i]), OK);
	read_changes(f, &single);
	journal_rollback(f->j);
	base_free(all);
	all = many_things();
	begin(f);
	assert_int_equal(journal_insert_all(f->j, &thing_desc, all, MANY_THINGS), OK);
	assert_int_equal(all[MANY_THINGS - 1].no, MANY_THINGS);
	assert_int_equal(all[MANY_THINGS - 1].version, 1);
	read_changes(f, &at_once);
	commit(f);
	assert_int_equal(single.n, at_once.n);
	assert_memory_equal(single.p, at_once.p, single.n);
	assert_int_equal(verify(f, STR(""), &sum), OK);
	assert_int_equal(sum.records, MANY_THINGS + 5);
	buf_release(&single);
	buf_release(&at_once);
	base_free(all);
}

/* One that cannot be written fails them all, with its own reason. */
static void test_journal__one_of_many_fails(void **state)
{
	struct fixture *f = *state;
	struct journal_summary sum;
	struct thing *all = many_things();
	begin(f);
	for (int64_t i = 1; i <= 6; i++) {
		struct thing h = make_thing(i);
		FIELD_DROP(&h, THING_, person);
		assert_int_equal(journal_insert(f->j, &human_desc, &h), OK);
	}
	commit(f);
	assert_int_equal(journal_erase_person(f->j, 6, NULL, 0,
					      &(struct entry_info){.command = "erase"}), OK);
	FIELD_SET(&all[700], THING_, person, 6);
	begin(f);
	assert_int_equal(journal_insert_all(f->j, &thing_desc, all, MANY_THINGS), ERR_ERASED);
	assert_string_equal(f->diag.detail, "thing: 6");
	journal_rollback(f->j);
	assert_int_equal(verify(f, STR(""), &sum), OK);
	assert_int_equal(sum.records, 6);
	base_free(all);
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
#define EMPTY(f) cmocka_unit_test_setup_teardown(f, setup_empty, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_journal__tree_agrees_with_rfc_6962),
		cmocka_unit_test(test_journal__paths_lead_to_the_root),
		EMPTY(test_journal__many_records_at_once),
		EMPTY(test_journal__one_of_many_fails),
		EMPTY(test_journal__keys_lie_in_a_private_file),
		EMPTY(test_journal__passphrase_opens_and_recovery_restores),
		EMPTY(test_journal__damaged_keys_are_refused),
		EMPTY(test_journal__blobs_and_index),
		EMPTY(test_journal__files_are_sealed_whole),
		CASE(test_journal__other_keys_do_not_fit),
		CASE(test_journal__clean_journal_verifies),
		CASE(test_journal__sealed_fields_are_not_in_the_file),
		CASE(test_journal__nothing_changed_writes_nothing),
		CASE(test_journal__rollback_leaves_nothing),
		CASE(test_journal__stale_version_is_a_conflict),
		CASE(test_journal__history_can_be_read),
		CASE(test_journal__clock_set_back_is_an_entry),
		EMPTY(test_journal__taken_back_leaves_the_tree),
		EMPTY(test_journal__many_callers_share_a_commit),
		CASE(test_journal__every_edit_by_hand_is_found),
		CASE(test_journal__what_is_gone),
		CASE(test_journal__fault_names_table_and_record),
		CASE(test_journal__note_kept_outside_shows_truncation),
		CASE(test_journal__checkpoint_is_a_signed_note),
		CASE(test_journal__proofs_can_be_followed),
		CASE(test_journal__erased_is_not_broken),
		CASE(test_journal__erased_values_are_gone_from_the_disk),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
