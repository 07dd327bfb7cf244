/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Where backups are put: what has the name already, which of many stay. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <errno.h>
#include <sys/file.h>
#include <sys/syscall.h>
#include <time.h>

#include "backup/place.h"
#include "backup/thin.h"
#include "backup_house.h"

/* --- the disk ------------------------------------------------------------- */

static int folder_fails; /* an errno: what flushing a folder ends with */
static int files_flushed, folders_flushed;
static off_t first_flushed; /* bytes of the first of files_flushed then */

/* In the place of the C library's. */
int fsync(int fd)
{
	struct stat st;
	bool folder = fstat(fd, &st) == 0 && S_ISDIR(st.st_mode);
	if (!folder && !files_flushed)
		first_flushed = st.st_size;
	files_flushed += !folder;
	folders_flushed += folder;
	if (folder && folder_fails) {
		errno = folder_fails;
		return -1;
	}
	return (int)syscall(SYS_fsync, fd);
}

/* A file system that cannot flush a folder is as good as it is; one that fails says so. */
static void test_disk__folders(void **state)
{
	static const int cannot[] = {EINVAL, EBADF, ENOTSUP};
	struct backup_report *r = base_calloc(1, sizeof(*r));
	struct backup_in in = reading(in_work("b"));
	struct backup_opts o = {.db = house.db, .program = "test"};
	(void)state;
	for (size_t i = 0; i < sizeof(cannot) / sizeof(cannot[0]); i++) {
		folder_fails = cannot[i];
		make(in_work("b"), r);
	}
	if (backup_restore(&in, in_work("new"), NULL, &house.diag, r))
		fail_msg("%s %s", house.diag.place, house.diag.detail);
	folder_fails = EIO;
	assert_int_equal(backup_write(&o, in_work("b"), r), ERR_IO);
	folder_fails = 0;
	base_free(r);
}

/* Keys and configuration have their names for good when that is said. */
static void test_disk__names_of_a_house(void **state)
{
	const char *pass = in_work("pass");
	struct db_config c = {0};
	struct keys *k = NULL;
	(void)state;
	write_text(pass, "pass\n", 5);
	int before = folders_flushed;
	assert_int_equal(db_config_write(work, &c, &house.diag), OK);
	assert_int_equal(folders_flushed, before + 1);
	assert_int_equal(keys_create(work, NULL, &house.diag, &k), OK);
	assert_int_equal(folders_flushed, before + 2);
	assert_int_equal(keys_rewrap(work, k, pass, &house.diag), OK);
	assert_int_equal(folders_flushed, before + 3);
	folder_fails = EIO;
	assert_int_equal(db_config_write(work, &c, &house.diag), ERR_IO);
	diag_clear(&house.diag);
	assert_int_equal(keys_rewrap(work, k, pass, &house.diag), ERR_IO);
	folder_fails = 0;
	keys_close(k);
}

/* --- what has the name already -------------------------------------------- */

static void in_the_way(const char *path)
{
	struct backup_report *r = base_calloc(1, sizeof(*r));
	struct backup_opts o = {.db = house.db, .program = "test"};
	diag_clear(&house.diag);
	assert_int_equal(backup_write(&o, path, r), ERR_BACKUP_IN_THE_WAY);
	assert_int_not_equal(access(arena_printf(&house.a, "%s.new", path), F_OK), 0);
	diag_clear(&house.diag);
	base_free(r);
}

static void test_backup__replaces_its_own_alone(void **state)
{
	struct backup_report *r = base_calloc(1, sizeof(*r));
	const char *mine = in_work("b"), *it = in_work("it");
	struct backup_opts o = {.db = house.db, .program = "test"};
	(void)state;
	make(mine, r);
	make(mine, r); /* its own goes */
	write_text(it, "a workbook", 10);
	in_the_way(it);
	same_text(it, "a workbook");
	write_text(it, "", 0);
	in_the_way(it);
	flip(mine, "public ", 3, it); /* another house's */
	in_the_way(it);
	flip(mine, "county ", 5, it);
	in_the_way(it);
	assert_int_equal(unlink(it), 0);
	assert_int_equal(mkdir(it, 0700), 0);
	in_the_way(it);
	assert_int_equal(rmdir(it), 0);
	assert_int_equal(mkfifo(it, 0600), 0);
	in_the_way(it);
	assert_int_equal(unlink(it), 0);
	assert_int_equal(symlink("b", it), 0);
	in_the_way(it);
	assert_int_equal(unlink(it), 0);
	in_the_way(arena_printf(&house.a, "%s/keys", house.dir));
	/* the name it has until it is whole */
	write_text(in_work("it.new"), "draft", 5);
	assert_int_equal(backup_write(&o, it, r), ERR_BACKUP_IN_THE_WAY);
	same_text(in_work("it.new"), "draft");
	write_text(in_work("it.new"), "daohu-backup", 12); /* of a run that goes on, then of one cut short */
	int fd = open(in_work("it.new"), O_RDWR);
	assert_int_equal(flock(fd, LOCK_EX), 0);
	diag_clear(&house.diag);
	assert_int_equal(backup_write(&o, it, r), ERR_BACKUP_BUSY);
	same_text(in_work("it.new"), "daohu-backup");
	assert_int_equal(close(fd), 0);
	make(it, r);
	assert_int_not_equal(access(in_work("it.new"), F_OK), 0);
	/* after a power cut: zeros, but no image of a disk, which has something behind them */
	enum { MANY = 200000 };
	char *zeros = arena_calloc(&house.a, 1, MANY);
	write_text(in_work("it.new"), zeros, MANY);
	make(it, r);
	zeros[100000] = 'x';
	write_text(in_work("it.new"), zeros, MANY);
	diag_clear(&house.diag);
	assert_int_equal(backup_write(&o, it, r), ERR_BACKUP_IN_THE_WAY);
	assert_int_equal(access(in_work("it.new"), F_OK), 0);
	base_free(r);
}

/* The head is on the disk before what follows. */
static void test_backup__head_first(void **state)
{
	struct backup_report *r = base_calloc(1, sizeof(*r));
	(void)state;
	files_flushed = 0;
	make(in_work("b"), r);
	assert_int_equal(files_flushed, 2);
	struct str whole = read_text(in_work("b"));
	assert_true(first_flushed > (off_t)str_find(whole, STR("\n\n")) &&
		    first_flushed < (off_t)whole.n);
	base_free(r);
}

/* As somebody whom rights bind; false where that cannot be. */
static bool as_nobody(void)
{
	enum { NOBODY = 65534 };
	if (geteuid() != 0)
		return true;
	return chown(work, NOBODY, NOBODY) == 0 && seteuid(NOBODY) == 0;
}

static void as_before(void)
{
	if (getuid() == 0)
		assert_int_equal(seteuid(0), 0);
}

/* A backup in work/b; whose it is. */
static struct seal_head make_b(void)
{
	struct backup_report *r = base_calloc(1, sizeof(*r));
	struct seal_head ret = {.county = "341299"};
	make(in_work("b"), r);
	memcpy(ret.public, r->public, sizeof(ret.public));
	base_free(r);
	return ret;
}

static void test_place__unreadable_is_no_strangers(void **state)
{
	static const char *const names[] = {
		"daohu-341299100-20180610-120000.dhb", "daohu-341299100-20180609-120000.dhb",
		"daohu-341299100-20180608-120000.dhb", /* cannot be read */
		"daohu-341299115-20180607-120000.dhb", /* nor this one, which is a neighbour's */
	};
	enum { N = 4 };
	struct seal_head mine = make_b();
	struct diag diag = {0};
	struct thin_result n;
	struct thin_rule rule;
	(void)state;
	struct str whole = read_text(in_work("b"));
	for (size_t i = 0; i < N; i++) {
		write_text(in_work(names[i]), whole.p, whole.n);
		assert_int_equal(chmod(in_work(names[i]), i < 2 ? 0644 : 0), 0);
	}
	assert_true(thin_parse(STR("1d"), &rule));
	if (!as_nobody())
		skip();
	enum err take = place_may_take(in_work(names[2]), &mine, &diag);
	struct diag unread = diag;
	diag_clear(&diag);
	enum err thin = thin_folder(&rule, work, &mine, names[0], &diag, &n);
	as_before();
	assert_int_equal(take, ERR_FILE_UNREADABLE);
	assert_non_null(strstr(unread.detail, names[2]));
	assert_int_equal(thin, ERR_IO);
	assert_non_null(strstr(diag.detail, names[2]));
	assert_int_equal(n.removed, 1); /* the rest is thinned all the same */
	assert_int_equal(n.left, 1);
	for (size_t i = 0; i < N; i++)
		assert_int_equal(access(in_work(names[i]), F_OK), i == 1 ? -1 : 0);
	/* a neighbour's is the neighbour's matter */
	assert_int_equal(unlink(in_work(names[2])), 0);
	diag_clear(&diag);
	assert_true(as_nobody());
	thin = thin_folder(&rule, work, &mine, names[0], &diag, &n);
	as_before();
	assert_int_equal(thin, OK);
}

/* --- thinning ------------------------------------------------------------- */

static void test_thin__rules(void **state)
{
	static const char *const bad[] = {"",    "14",      "d",       "14x",   "0d",
					  "-3d", "14d,14d", "14d,,3m", "99999d"};
	struct thin_rule r;
	(void)state;
	assert_true(thin_parse(STR("14d,8w, 12m ,3y"), &r));
	assert_int_equal(r.keep[THIN_DAY], 14);
	assert_int_equal(r.keep[THIN_WEEK], 8);
	assert_int_equal(r.keep[THIN_MONTH], 12);
	assert_int_equal(r.keep[THIN_YEAR], 3);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(thin_parse(str_c(bad[i]), &r));
}

static void test_thin__names(void **state)
{
	char name[THIN_NAME];
	int day, time;
	(void)state;
	thin_name("341226115", INT64_C(1515951000000), 480, name);
	assert_string_equal(name, "daohu-341226115-20180115-013000.dhb");
	assert_true(thin_read_name(str_c(name), "341226", &day, &time));
	assert_int_equal(day, 20180115);
	assert_false(
		thin_read_name(STR("daohu-341226x15-20180115-013000.dhb"), "341226", &day, &time));
	thin_name("341226", INT64_C(1515951000000), 480, name); /* 2018-01-14 17:30 UTC */
	assert_string_equal(name, "daohu-341226-20180115-013000.dhb");
	assert_true(thin_read_name(str_c(name), "341226", &day, &time));
	assert_int_equal(day, 20180115);
	assert_int_equal(time, 13000);
	assert_false(thin_read_name(str_c(name), "341227", &day, &time));
	assert_false(
		thin_read_name(STR("daohu-341226-20180231-013000.dhb"), "341226", &day, &time));
	assert_false(
		thin_read_name(STR("daohu-341226-2018011x-013000.dhb"), "341226", &day, &time));
	assert_false(
		thin_read_name(STR("daohu-341226-20180115-013000.dhb.new"), "341226", &day, &time));
}

/* Two a day for a year: what stays is few, and the newest of its day, week, month. */
static void test_thin__a_year(void **state)
{
	enum { DAYS = 365 };
	static struct thin_item items[2 * DAYS];
	struct thin_rule rule;
	size_t kept = 0, first_days = 0;
	(void)state;
	int32_t last = date_to_days(20180630);
	for (int i = 0; i < DAYS; i++) {
		items[2 * i] = (struct thin_item){.day = date_from_days(last - i), .time = 230000};
		items[2 * i + 1] =
			(struct thin_item){.day = date_from_days(last - i), .time = 120000};
	}
	assert_true(thin_parse(STR("14d,8w,12m"), &rule));
	thin_choose(&rule, items, 2 * DAYS);
	for (size_t i = 0; i < 2 * DAYS; i++) {
		kept += items[i].keep;
		first_days += items[i].keep && items[i].time == 120000;
		assert_true(
			i == 0 || items[i - 1].day > items[i].day ||
			(items[i - 1].day == items[i].day && items[i - 1].time > items[i].time));
	}
	assert_int_equal(first_days, 0);
	/* 14 days; of 8 weeks the first is this one and the next two end within them: 5 more;
	 * of 12 months June ends in them and May's last day is in a week kept by its Sunday */
	assert_in_range(kept, 14 + 5 + 10, 14 + 6 + 11);
	assert_true(items[0].keep);
}

static void age(const char *path, int hours)
{
	struct timespec t[2] = {{0}};
	t[0].tv_sec = t[1].tv_sec = time(NULL) - hours * 3600;
	assert_int_equal(utimensat(AT_FDCWD, path, t, 0), 0);
}

/* A damaged one is no reason to remove the good one of its day. */
static void test_thin__damaged_counts_as_nothing(void **state)
{
	static const char *const names[] = {"daohu-341299100-20180610-130000.dhb",
					    "daohu-341299100-20180609-130000.dhb",
					    "daohu-341299100-20180609-120000.dhb"};
	struct seal_head mine = make_b();
	struct thin_result n;
	struct thin_rule rule;
	(void)state;
	struct str whole = read_text(in_work("b"));
	write_text(in_work(names[0]), whole.p, whole.n);
	write_text(in_work(names[2]), whole.p, whole.n);
	/* zeros behind the head, in as many bytes as four make frames of no length */
	size_t head = str_find(whole, STR("\n\n")) + 2;
	char *bad = arena_calloc(&house.a, 1, head + 24 + 4000);
	memcpy(bad, whole.p, head);
	write_text(in_work(names[1]), bad, head + 24 + 4000);
	assert_true(thin_parse(STR("2d"), &rule));
	assert_int_equal(thin_folder(&rule, work, &mine, names[0], &house.diag, &n), OK);
	assert_int_equal(n.removed, 0);
	assert_int_equal(n.left, 2);
	for (size_t i = 0; i < 3; i++)
		assert_int_equal(access(in_work(names[i]), F_OK), 0);
}

/* What runs that were cut short have left goes, and nothing else of such a name. */
static void test_thin__what_was_cut_short(void **state)
{
	enum { ALL = -1, NONE = 0 }; /* bytes of a backup, or that many zeros */
	static const struct {
		const char *name;
		int bytes, zeros, hours;
		bool others, gone;
	} cases[] = {
		{"daohu-341299100-20180601-120000.dhb.new", 3000, 0, 0, false, true},
		{"daohu-341299-20180601-120000.dhb.new", ALL, 0, 0, false, true},
		{"daohu-341299100-20180602-120000.dhb.new", 100, 0, 30, false, true},
		{"daohu-341299100-20180603-120000.dhb.new", NONE, 5000, 30, false, true},
		{"daohu-341299100-20180604-120000.dhb.new", NONE, 0, 30, false, true},
		{"daohu-341299100-20180605-120000.dhb.new", 100, 0, 1, false, false},
		{"daohu-341299100-20180606-120000.dhb.new", NONE, 0, 1, false, false},
		{"daohu-341299100-20180607-120000.dhb.new", ALL, 0, 30, true, false},
		{"daohu-341299115-20180601-120000.dhb.new", NONE, 0, 30, false, false},
		{"daohu-341299100-20180608.dhb.new", NONE, 0, 30, false, false},
		{"b.new", 3000, 0, 30, false, false},
	};
	enum { N = sizeof(cases) / sizeof(cases[0]) };
	const char *just = "daohu-341299100-20180610-120000.dhb",
		   *text = in_work("daohu-341299100-20180608-120000.dhb.new"),
		   *held = in_work("daohu-341299100-20180609-120000.dhb.new");
	struct seal_head mine = make_b();
	struct thin_result n;
	struct thin_rule rule;
	(void)state;
	flip(in_work("b"), "public ", 3, in_work("others"));
	struct str whole = read_text(in_work("b")), others = read_text(in_work("others"));
	char *zeros = arena_calloc(&house.a, 1, 5000);
	for (size_t i = 0; i < N; i++) {
		const char *from = cases[i].others ? others.p : cases[i].bytes ? whole.p : zeros;
		size_t size = cases[i].bytes == ALL ? whole.n
						    : (size_t)(cases[i].bytes + cases[i].zeros);
		write_text(in_work(cases[i].name), from, size);
		age(in_work(cases[i].name), cases[i].hours);
	}
	write_text(text, "a letter", 8);
	age(text, 30);
	write_text(held, whole.p, whole.n);
	int fd = open(held, O_RDWR);
	assert_int_equal(flock(fd, LOCK_EX), 0);
	write_text(in_work(just), whole.p, whole.n);
	assert_true(thin_parse(STR("1d"), &rule));
	assert_int_equal(thin_folder(&rule, work, &mine, just, &house.diag, &n), OK);
	assert_int_equal(n.cleared, 5);
	for (size_t i = 0; i < N; i++) {
		if ((access(in_work(cases[i].name), F_OK) != 0) != cases[i].gone)
			fail_msg("%s", cases[i].name);
	}
	same_text(text, "a letter");
	assert_int_equal(close(fd), 0);
	assert_int_equal(thin_folder(&rule, work, &mine, just, &house.diag, &n), OK);
	assert_int_equal(n.cleared, 1);
}

/* Of several towns in one folder, the house's own; whatever its name says, the one that was
 * just made stays, and what is no whole backup counts as nothing. */
static void test_thin__a_folder(void **state)
{
	static const char *const kept[] = {
		"daohu-341299-20180601-120000.dhb",    /* of another house, as named before */
		"daohu-341299115-20180602-120000.dhb", /* of another house */
		"daohu-341299-20990101-120000.dhb",    /* nothing */
		"daohu-341299-20990102-120000.dhb",    /* cut short */
		"daohu-341299100-20180610-120000.dhb", /* the newest */
		"daohu-341299100-20180501-120000.dhb", /* just made, by a clock set back */
	};
	static const char *const gone[] = {"daohu-341299100-20180609-120000.dhb",
					   "daohu-341299-20180608-120000.dhb",
					   "daohu-341299100-20180502-120000.dhb"};
	enum { KEPT = 6, GONE = 3 };
	struct seal_head mine = make_b();
	struct thin_result n;
	struct thin_rule rule;
	(void)state;
	struct str whole = read_text(in_work("b"));
	for (size_t i = 0; i < KEPT; i++) {
		if (i < 2)
			flip(in_work("b"), "public ", 3, in_work(kept[i]));
		else
			write_text(in_work(kept[i]), whole.p, i == 2 ? 0 : i == 3 ? whole.n - 1 : whole.n);
	}
	for (size_t i = 0; i < GONE; i++)
		write_text(in_work(gone[i]), whole.p, whole.n);
	assert_true(thin_parse(STR("1d"), &rule));
	assert_int_equal(thin_folder(&rule, work, &mine, kept[5], &house.diag, &n), OK);
	assert_int_equal(n.removed, GONE);
	assert_int_equal(n.left, 2);
	for (size_t i = 0; i < KEPT; i++)
		assert_int_equal(access(in_work(kept[i]), F_OK), 0);
	for (size_t i = 0; i < GONE; i++)
		assert_int_not_equal(access(in_work(gone[i]), F_OK), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_disk__folders, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_disk__names_of_a_house, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_backup__replaces_its_own_alone, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(test_backup__head_first, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_place__unreadable_is_no_strangers, set_up,
						tear_down),
		cmocka_unit_test(test_thin__rules),
		cmocka_unit_test(test_thin__names),
		cmocka_unit_test(test_thin__a_year),
		cmocka_unit_test_setup_teardown(test_thin__damaged_counts_as_nothing, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(test_thin__what_was_cut_short, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_thin__a_folder, set_up, tear_down),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
