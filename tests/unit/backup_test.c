/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Backups: what is refused, what a snapshot is, what comes back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "backup/item.h"
#include "backup/pair.h"
#include "backup_house.h"

/* --- whole files ---------------------------------------------------------- */

static void test_backup__comes_back(void **state)
{
	struct backup_report *w = base_calloc(1, sizeof(*w)), *r = base_calloc(1, sizeof(*r));
	struct temp_house back = {.dir = ""};
	struct db_opts o = {.mode = DB_WRITE, .tables = tables, .n_tables = 1};
	struct journal_summary sum;
	struct attachment *all;
	size_t n;
	(void)state;
	make(in_work("b"), w);
	struct backup_in in = reading(in_work("b"));
	assert_int_equal(backup_verify(&in, &house.diag, r), OK);
	assert_int_equal(r->rows, w->rows);
	assert_int_equal(r->files, 3); /* config, keys, the picture */
	assert_memory_equal(r->journal.root, w->journal.root, JOURNAL_HASH);
	assert_int_equal(backup_restore(&in, in_work("new"), test_db_url(), &house.diag, r), OK);
	arena_init(&back.a, 0);
	assert_int_equal(db_open(in_work("new"), &o, &back.diag, &back.db), OK);
	assert_int_equal(keys_open(in_work("new"), NULL, &back.diag, &back.keys), OK);
	assert_int_equal(journal_open(back.db, back.keys, &back.j), OK);
	assert_int_equal(journal_verify(back.j, STR(""), NULL, NULL, &sum), OK);
	assert_int_equal(sum.records, 1);
	assert_int_equal(attach_of(back.db, "task", 4, &back.a, &all, &n), OK);
	assert_int_equal(n, 1);
	assert_string_equal(all[0].note, "one");
	assert_int_equal(attach_open(back.keys, in_work("new"), all[0].hash, in_work("open.png"),
				     &back.diag),
			 OK);
	/* numbers go on where they were */
	temp_house_begin(&back);
	struct attachment more = all[0];
	more.no = 0;
	FIELD_SET(&more, ATTACHMENT_, rec, 77);
	assert_int_equal(journal_insert(back.j, &attachment_desc, &more), OK);
	assert_int_equal(more.no, 2);
	temp_house_commit(&back);
	journal_close(back.j);
	keys_close(back.keys);
	db_close(back.db);
	arena_release(&back.a);
	base_free(w);
	base_free(r);
}

/* Every bit of a small backup counts, and every byte of its length. */
static void test_backup__refused_when_touched(void **state)
{
	struct backup_report *r = base_calloc(1, sizeof(*r));
	(void)state;
	make(in_work("b"), r);
	struct str whole = read_text(in_work("b"));
	char *bad = arena_alloc(&house.a, whole.n);
	const char *path = in_work("bad"), *folder = in_work("folder"),
		   *half = in_work("folder.restoring"), *url = test_db_url();
	struct backup_in in = reading(path);
	for (size_t i = 0; i < whole.n; i++) {
		memcpy(bad, whole.p, whole.n);
		bad[i] = (char)(bad[i] ^ 1 << i % 8);
		write_text(path, bad, whole.n);
		diag_clear(&house.diag);
		enum err e = i % 64 ? backup_verify(&in, &house.diag, r)
				    : backup_restore(&in, folder, url, &house.diag, r);
		if (!e)
			fail_msg("byte %zu", i);
		assert_true(house.diag.place[0]);
		assert_int_equal(err_exit_status(e), 1);
	}
	for (size_t n = 0; n < whole.n; n += 7) {
		write_text(path, whole.p, n);
		diag_clear(&house.diag);
		enum err e = n % 64 ? backup_verify(&in, &house.diag, r)
				    : backup_restore(&in, folder, url, &house.diag, r);
		if (!e)
			fail_msg("%zu bytes", n);
	}
	assert_int_not_equal(access(folder, F_OK), 0);
	assert_int_not_equal(access(half, F_OK), 0);
	/* nor is anything of them left in a server's database */
	in = reading(in_work("b"));
	diag_clear(&house.diag);
	if (backup_restore(&in, folder, url, &house.diag, r))
		fail_msg("%s %s", house.diag.place, house.diag.detail);
	base_free(r);
}

/* Told as what it is: cut short between frames, or within one, or that frame's length altered. */
static void test_backup__cut_or_altered(void **state)
{
	enum { STREAM_HEAD = 24 };
	struct backup_report *r = base_calloc(1, sizeof(*r));
	struct backup_in in = reading(in_work("bad"));
	(void)state;
	make(in_work("b"), r);
	struct str whole = read_text(in_work("b"));
	size_t at = str_find(whole, STR("\n\n")) + 2 + STREAM_HEAD;
	const char *range = arena_printf(&house.a, "%zu-%zu", at, whole.n - 1);
	char *bad = arena_alloc(&house.a, whole.n);
	memcpy(bad, whole.p, whole.n);
	bad[at + 3]++; /* the length's last byte */
	write_text(in.path, bad, whole.n);
	diag_clear(&house.diag);
	assert_int_equal(backup_verify(&in, &house.diag, r), ERR_BACKUP_CUT_OR_ALTERED);
	assert_string_equal(house.diag.detail, range);
	write_text(in.path, whole.p, whole.n - 1);
	diag_clear(&house.diag);
	assert_int_equal(backup_verify(&in, &house.diag, r), ERR_BACKUP_CUT_OR_ALTERED);
	write_text(in.path, whole.p, at);
	diag_clear(&house.diag);
	assert_int_equal(backup_verify(&in, &house.diag, r), ERR_BACKUP_CUT);
	base_free(r);
}

/* What contradicts itself in the head is told from what a wrong key is told by. */
static void test_backup__altered_heads(void **state)
{
	static const struct {
		const char *word;
		size_t behind;
		enum err code;
	} cases[] = {{"county ", 0, ERR_BACKUP_ALTERED}, {"made ", 0, ERR_BACKUP_ALTERED},
		     {"public ", 3, ERR_BACKUP_HEAD},    {"seal ", 0, ERR_BACKUP_HEAD},
		     {"secret ", 9, ERR_BACKUP_HEAD},    {"keys ", 2, ERR_BACKUP_HEAD},
		     {"keys ", 24, ERR_BACKUP_HEAD},     {"keys ", 60, ERR_BACKUP_HEAD},
		     {"keys ", 120, ERR_BACKUP_HEAD}};
	struct backup_report *r = base_calloc(1, sizeof(*r));
	const char *good = in_work("b"), *bad = in_work("bad");
	struct backup_in in = reading(bad);
	(void)state;
	make(good, r);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		flip(good, cases[i].word, cases[i].behind, bad);
		diag_clear(&house.diag);
		enum err e = backup_verify(&in, &house.diag, r);
		if (e != cases[i].code)
			fail_msg("%s %zu: %s %s %s", cases[i].word, cases[i].behind, err_name(e),
				 house.diag.place, house.diag.detail);
		assert_true(str_starts(str_c(house.diag.place), str_c(bad)));
		assert_non_null(strchr(house.diag.detail, '-'));
	}
	base_free(r);
}

static enum err verify_with(const char *path, struct seal_with with)
{
	struct backup_report *r = base_calloc(1, sizeof(*r));
	struct backup_in in = reading(path);
	in.with = with;
	diag_clear(&house.diag);
	enum err e = backup_verify(&in, &house.diag, r);
	base_free(r);
	return e;
}

static void test_backup__pairs(void **state)
{
	struct backup_report *r = base_calloc(1, sizeof(*r));
	const char *key = in_work("key"), *pub = in_work("key.pub"), *other = in_work("other"),
		   *b = in_work("b"), *bad = in_work("bad"), *none = in_work("none");
	struct backup_opts o = {.db = house.db, .program = "test", .way = SEAL_KEY, .with = pub};
	(void)state;
	assert_int_equal(pair_make(key, &house.diag), OK);
	assert_int_equal(pair_make(other, &house.diag), OK);
	write_text(in_work("half.pub"), "", 0); /* another's: there is no half of a pair */
	assert_int_equal(pair_make(in_work("half"), &house.diag), ERR_EXISTS);
	assert_int_not_equal(access(in_work("half"), F_OK), 0);
	assert_int_equal(unlink(in_work("half.pub")), 0);
	diag_clear(&house.diag);
	assert_int_equal(pair_make(in_work("half"), &house.diag), OK);
	struct str half = read_text(in_work("half"));
	diag_clear(&house.diag);
	assert_int_equal(pair_make(in_work("half"), &house.diag), ERR_EXISTS);
	same_text(in_work("half"), arena_strndup(&house.a, half.p, half.n)); /* what was there before stays */
	assert_int_equal(backup_write(&o, b, r), OK);
	assert_int_equal(verify_with(b, (struct seal_with){.key_file = key}), OK);
	assert_int_equal(verify_with(b, (struct seal_with){0}), ERR_BACKUP_NEEDS_KEY);
	assert_int_equal(verify_with(b, (struct seal_with){.key_file = pub}), ERR_PAIR_PUBLIC);
	assert_int_equal(verify_with(b, (struct seal_with){.key_file = other}), ERR_BACKUP_KEY);
	assert_int_equal(verify_with(b, (struct seal_with){.key_file = b}), ERR_PAIR_FILE);
	assert_int_equal(verify_with(b, (struct seal_with){.key_file = none}), ERR_FILE_UNREADABLE);
	flip(b, "seal key ", 5, bad); /* the right key, so the head is what is wrong */
	assert_int_equal(verify_with(bad, (struct seal_with){.key_file = key}), ERR_BACKUP_ALTERED);
	flip(b, "secret ", 5, bad);
	assert_int_equal(verify_with(bad, (struct seal_with){.key_file = key}), ERR_BACKUP_HEAD);
	o.with = key;
	diag_clear(&house.diag);
	assert_int_equal(backup_write(&o, b, r), ERR_PAIR_SECRET);
	/* what is named has to be there although it is not needed */
	make(b, r);
	assert_int_equal(verify_with(b, (struct seal_with){.key_file = none}), ERR_FILE_UNREADABLE);
	assert_int_equal(verify_with(b, (struct seal_with){.key_file = pub}), ERR_PAIR_PUBLIC);
	assert_int_equal(verify_with(b, (struct seal_with){.sheet_file = none}), ERR_FILE_UNREADABLE);
	assert_int_equal(verify_with(b, (struct seal_with){.passphrase_file = none}),
			 ERR_FILE_UNREADABLE);
	base_free(r);
}

static void print_sheet(const struct keys *k, const char *path)
{
	struct buf text;
	buf_init(&text, 4096);
	keys_recovery_sheet(k, LANG_ZH, &text);
	write_text(path, text.p, text.n);
	buf_release(&text);
}

/* Mistyped, of another house, and the house's own. */
static void test_backup__sheets(void **state)
{
	struct backup_report *r = base_calloc(1, sizeof(*r));
	const char *b = in_work("b"), *sheet = in_work("sheet"), *bad = in_work("bad");
	struct seal_with with = {.sheet_file = sheet}, mistyped = {.sheet_file = bad};
	struct keys *k = NULL;
	(void)state;
	make(b, r);
	print_sheet(house.keys, sheet);
	assert_int_equal(verify_with(b, with), OK);
	flip(sheet, "\n\n", 2, bad);
	assert_int_equal(verify_with(b, mistyped), ERR_RECOVERY_SUM);
	assert_string_equal(house.diag.place, bad);
	assert_int_equal(mkdir(in_work("else"), 0700), 0);
	assert_int_equal(keys_create(in_work("else"), NULL, &house.diag, &k), OK);
	print_sheet(k, sheet);
	keys_close(k);
	assert_int_equal(verify_with(b, with), ERR_RECOVERY_OTHER);
	base_free(r);
}

static void write_beside(void *arg, const struct backup_report *so_far)
{
	int *n = arg;
	struct temp_house *h = &house;
	(void)so_far;
	if ((*n)++ < 3)
		add_one(h, *n % 2 ? "beside, odd" : "beside");
}

/* What others commit meanwhile is not in it, and what is in it holds together. */
static void test_backup__is_a_snapshot(void **state)
{
	struct backup_report *r = base_calloc(1, sizeof(*r));
	struct db *reader;
	struct diag diag = {0};
	int n = 0;
	(void)state;
	assert_int_equal(db_open_reader(house.db, &diag, &reader), OK);
	struct backup_opts o = {.db = reader, .program = "test", .progress = {write_beside, &n}};
	if (backup_write(&o, in_work("b"), r))
		fail_msg("%s %s", diag.place, diag.detail);
	db_close(reader);
	assert_true(n > 1);
	struct backup_in in = reading(in_work("b"));
	assert_int_equal(backup_verify(&in, &house.diag, r), OK);
	assert_int_equal(r->table[r->n_tables - 1].rows, 1);
	make(in_work("b"), r);
	assert_true(r->table[r->n_tables - 1].rows > 1);
	base_free(r);
}

/* A later program's, and a folder that is in use. */
static void test_restore__refuses(void **state)
{
	struct backup_report *r = base_calloc(1, sizeof(*r));
	(void)state;
	make(in_work("b"), r);
	struct backup_in in = reading(in_work("b"));
	assert_int_equal(mkdir(in_work("full"), 0700), 0);
	write_text(in_work("full/x"), "x", 1);
	diag_clear(&house.diag);
	assert_int_equal(backup_restore(&in, in_work("full"), NULL, &house.diag, r),
			 ERR_DATA_DIR_EXISTS);
	assert_int_equal(mkdir(in_work("empty"), 0700), 0);
	diag_clear(&house.diag);
	assert_int_equal(backup_restore(&in, in_work("empty"), test_db_url(), &house.diag, r), OK);
	diag_clear(&house.diag);
	assert_int_equal(backup_restore(&in, in_work("no/such/folder"), NULL, &house.diag, r),
			 ERR_IO);
	base_free(r);
}

/* What lies where a restore puts things together and is not a restore's stays. */
static void test_restore__keeps_what_is_there(void **state)
{
	struct backup_report *r = base_calloc(1, sizeof(*r));
	const char *dir = in_work("new"), *half = in_work("new.restoring"),
		   *own = in_work("new.restoring/own.txt");
	(void)state;
	make(in_work("b"), r);
	struct backup_in in = reading(in_work("b"));
	/* files of a user's, and a data folder of that name */
	static const char *const names[] = {"own.txt", "config", "daohu.db"};
	assert_int_equal(mkdir(half, 0700), 0);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		const char *path = arena_printf(&house.a, "%s/%s", half, names[i]);
		write_text(path, "x", 1);
		diag_clear(&house.diag);
		assert_int_equal(backup_restore(&in, dir, NULL, &house.diag, r), ERR_RESTORE_FOREIGN);
		assert_string_equal(house.diag.place, half);
		assert_string_equal(house.diag.detail, names[i]);
		same_text(path, "x");
		assert_int_equal(unlink(path), 0);
	}
	/* what a run has left goes, but not what somebody has put beside it */
	write_text(in_work("new.restoring/restoring"), "", 0);
	write_text(in_work("new.restoring/config"), "x", 1);
	assert_int_equal(mkdir(in_work("new.restoring/attach"), 0700), 0);
	write_text(own, "x", 1);
	diag_clear(&house.diag);
	assert_int_equal(backup_restore(&in, dir, NULL, &house.diag, r), ERR_RESTORE_FOREIGN);
	assert_string_equal(house.diag.detail, "own.txt");
	same_text(own, "x");
	assert_int_equal(rename(own, in_work("new.restoring/attach/own.txt")), 0);
	diag_clear(&house.diag);
	assert_int_equal(backup_restore(&in, dir, NULL, &house.diag, r), ERR_RESTORE_FOREIGN);
	assert_string_equal(house.diag.detail, "attach/own.txt");
	assert_int_equal(unlink(in_work("new.restoring/attach/own.txt")), 0);
	diag_clear(&house.diag);
	assert_int_equal(backup_restore(&in, dir, NULL, &house.diag, r), OK);
	assert_int_not_equal(access(half, F_OK), 0);
	assert_int_not_equal(access(in_work("new/restoring"), F_OK), 0);
	/* nor is a link followed */
	assert_int_equal(mkdir(in_work("else"), 0700), 0);
	assert_int_equal(symlink("else", in_work("two.restoring")), 0);
	diag_clear(&house.diag);
	assert_int_equal(backup_restore(&in, in_work("two"), NULL, &house.diag, r), ERR_IO);
	base_free(r);
}

/* --- items ---------------------------------------------------------------- */

struct pieces {
	struct str bytes;
	size_t at_once;
};

static enum err next_piece(void *arg, struct str *ret)
{
	struct pieces *p = arg;
	*ret = str_sub(p->bytes, 0, p->at_once);
	p->bytes = str_sub(p->bytes, ret->n, p->bytes.n);
	return OK;
}

static enum err read_items(struct str bytes, size_t at_once, struct diag *diag)
{
	struct pieces p = {bytes, at_once};
	struct backup_source from = {&p, next_piece};
	struct backup_sink sink = {.arg = NULL};
	struct seal_head head = {.county = "341299"};
	struct backup_report *r = base_calloc(1, sizeof(*r));
	diag_clear(diag);
	enum err e = backup_read_items(&from, &head, tables, 1, &sink, diag, r);
	base_free(r);
	return e;
}

static void put_file(struct buf *b, const char *name, struct str bytes)
{
	unsigned char hash[BACKUP_HASH];
	sha256_of(bytes.p, bytes.n, hash);
	buf_addc(b, 'F');
	item_put_bytes(b, str_c(name));
	buf_addc(b, 'D');
	item_put_bytes(b, bytes);
	buf_addc(b, 'E');
	item_put_number(b, bytes.n);
	buf_add(b, hash, sizeof(hash));
}

static void put_start(struct buf *b)
{
	buf_addc(b, 'H');
	item_put_bytes(b, STR("format 1\nschema 10\ncounty 341299\n"));
	put_file(b, "config", STR("county = 341299\n"));
	put_file(b, "keys", STR("keys"));
}

static void put_table(struct buf *b, const char *name, const char *kinds)
{
	buf_addc(b, 'T');
	item_put_bytes(b, str_c(name));
	item_put_number(b, strlen(kinds));
	for (size_t i = 0; kinds[i]; i++) {
		char column[24];
		(void)snprintf(column, sizeof(column), "c%zu", i);
		item_put_bytes(b, str_c(column));
		buf_addc(b, kinds[i]);
	}
}

static void put_end(struct buf *b, int64_t rows, size_t from)
{
	unsigned char hash[BACKUP_HASH];
	sha256_of(b->p + from, b->n - from, hash);
	buf_addc(b, 'Z');
	item_put_number(b, (uint64_t)rows);
	buf_add(b, hash, sizeof(hash));
}

/* `what` added behind a good start is refused for this reason, however it is cut up. */
static void refused_as(enum err code, const char *why, void (*what)(struct buf *))
{
	struct buf b;
	struct diag diag = {0};
	buf_init(&b, 1 << 20);
	put_start(&b);
	what(&b);
	for (size_t at_once = 1; at_once < 4; at_once++) {
		assert_int_equal(read_items(buf_str(&b), at_once, &diag), code);
		assert_string_equal(diag.detail, why);
	}
	buf_release(&b);
}

static void refused(const char *part, void (*what)(struct buf *))
{
	refused_as(ERR_FILE_DAMAGED, part, what);
}

static void unknown_item(struct buf *b)
{
	buf_addc(b, 'Q');
}
static void second_head(struct buf *b)
{
	put_start(b);
}
static void second_config(struct buf *b)
{
	put_file(b, "config", STR("x"));
}
static void foreign_file(struct buf *b)
{
	put_file(b, "attach/../../../etc/passwd", STR("x"));
}
static void foreign_table(struct buf *b)
{
	put_table(b, "sqlite_schema", "t");
}
static void named_oddly(struct buf *b)
{
	put_table(b, "entry; drop table", "t");
}
static void too_many_columns(struct buf *b)
{
	char kinds[ROWS_COLUMNS_MAX + 2];
	memset(kinds, 'i', sizeof(kinds) - 1);
	kinds[sizeof(kinds) - 1] = '\0';
	put_table(b, "counter", kinds);
}
static void unknown_kind(struct buf *b)
{
	put_table(b, "counter", "x");
}
static void wrong_kind(struct buf *b)
{
	struct rows_value v = {.kind = ROWS_TEXT, .s = STR("x")};
	put_table(b, "counter", "i");
	item_put_row(b, &v, 1);
}
static void no_utf8(struct buf *b)
{
	struct rows_value v = {.kind = ROWS_TEXT, .s = STR("\xff")};
	put_table(b, "counter", "t");
	item_put_row(b, &v, 1);
}
static void with_nul(struct buf *b)
{
	struct rows_value v = {.kind = ROWS_TEXT, .s = {"a\0b", 3}};
	put_table(b, "counter", "t");
	item_put_row(b, &v, 1);
}
static void huge(struct buf *b)
{
	put_table(b, "counter", "b");
	buf_adds(b, "R\3");
	item_put_number(b, UINT64_MAX / 2);
}
static void announced(struct buf *b)
{
	put_table(b, "counter", "b");
	buf_adds(b, "R\3");
	item_put_number(b, 500 << 20);
	buf_adds(b, "hardly anything");
}
static void endless_number(struct buf *b)
{
	put_table(b, "counter", "i");
	buf_adds(b, "R\1\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff");
}
static void miscounted(struct buf *b)
{
	struct rows_value v = {.kind = ROWS_INT, .i = -5};
	put_table(b, "counter", "i");
	size_t from = b->n;
	item_put_row(b, &v, 1);
	put_end(b, 2, from);
}
static void twice(struct buf *b)
{
	put_table(b, "counter", "i");
	put_end(b, 0, b->n);
	put_table(b, "counter", "i");
}
static void too_few_tables(struct buf *b)
{
	put_table(b, "counter", "i");
	put_end(b, 0, b->n);
	buf_addc(b, 'M');
	item_put_bytes(b, STR("daohu-backup-manifest 1\n"));
}

static void test_items__refused(void **state)
{
	(void)state;
	refused("item", unknown_item);
	refused("head", second_head);
	refused("file", second_config);
	refused("file", foreign_file);
	refused("sqlite_schema", foreign_table);
	refused("table", named_oddly);
	refused("columns", too_many_columns);
	refused("columns", unknown_kind);
	refused("c0", wrong_kind);
	refused("c0", no_utf8);
	refused("c0", with_nul);
	refused_as(ERR_FILE_TOO_LARGE, "", huge);
	refused_as(ERR_BACKUP_CUT, "", announced);
	refused("number", endless_number);
	refused("counter", miscounted);
	refused("counter", twice);
	refused("entry", too_few_tables);
}

static void test_items__numbers_come_back(void **state)
{
	static const int64_t numbers[] = {0, 1, -1, 63, -64, 64, 1 << 20, INT64_MAX, INT64_MIN};
	(void)state;
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		struct buf b;
		struct diag diag = {0};
		buf_init(&b, 100);
		item_put_int(&b, numbers[i]);
		struct pieces p = {buf_str(&b), 1};
		struct backup_source from = {&p, next_piece};
		struct item_in in = {.from = &from, .diag = &diag};
		assert_true(item_int(&in) == numbers[i]);
		assert_int_equal(in.err, OK);
		assert_int_equal(item_letter(&in), 0);
		buf_release(&b);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_backup__comes_back, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_backup__refused_when_touched, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(test_backup__cut_or_altered, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_backup__altered_heads, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_backup__pairs, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_backup__sheets, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_backup__is_a_snapshot, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_restore__refuses, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_restore__keeps_what_is_there, set_up, tear_down),
		cmocka_unit_test(test_items__refused),
		cmocka_unit_test(test_items__numbers_come_back),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
