/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * search: finding households among a million people while somebody types.
 *
 * Owns the tables search_house (a row a household, as lists show it) and
 * search_key (what people type to find it: the name of any member, its pinyin,
 * its initials, the household's number).  Both follow from the register and hold nothing of their own;
 * search_catch_up() brings them up to date from the journal's changes since the
 * last time: whoever serves searches does so when it begins, by search_follow() in the
 * transaction that makes a few changes, and in pieces behind one that makes many; a command
 * that serves none leaves it to the server.  Readings are computed there, never in a query.
 *
 * What is typed (search_read): a citizen's number goes to the keyed index;
 * digits to household numbers (by their beginning); letters to pinyin and
 * initials; a village's name to its households; characters to names, by their
 * beginning.  "长寿村 zqs" narrows one by the other.
 *
 * Pages: rows in a fixed order, at most `limit`; *ret_next is the cursor for the
 * next page (in the arena) or NULL.  A household stands once, under the first of
 * its members' names that fits.
 */
#ifndef DAOHU_REGISTRY_SEARCH_H
#define DAOHU_REGISTRY_SEARCH_H

#include "area/area.h"
#include "journal/journal.h"
#include "registry/registry.h"

enum { SEARCH_LIMIT_MAX = 500, SEARCH_TEXT_MAX = 60 /* characters */ };

enum search_kind {
	SEARCH_LIST, /* by village and number */
	SEARCH_WORD, /* word: beginning of a name, pinyin, initials or household number */
	SEARCH_ID    /* id_key: keyed index of a citizen's number */
};

struct search {
	enum search_kind kind;
	const char *word;
	struct str id_key;
	const char *area;   /* code of a village, town or county, or its beginning; NULL = all */
	bool one_village;   /* `area` is a village's whole code */
	const char *status; /* code of the list status; NULL = any */
	const char *attr;
};

/* What somebody typed; `area`, `status` and `attr` are kept as they are unless the text
 * names a village.  An empty text is SEARCH_LIST.  Texts go to `a`. */
void search_read(const struct area_list *areas, const char *root, const struct keys *keys,
                 struct str typed, struct arena *a, struct search *q);

struct search_row {
	int64_t household;
	const char *hh_no, *village, *group_name, *head_name; /* NULL = none */
	int64_t members;
	const char *status, *attr;
	int64_t findings_open;
	const char *helper;  /* who answers for it on the day */
	int64_t person;      /* whose name fitted; 0 = none or the head as the file has him */
	const char *matched; /* that name */
};

struct search_page {
	size_t limit;      /* 0: 100 */
	const char *after; /* cursor, or NULL */
	date_t today;
};

/* INVALID when the cursor is none. */
MUST_USE enum err search_households(struct db *db, const struct search *q,
                                    const struct search_page *page, struct arena *a,
                                    struct search_row **ret, size_t *ret_n, const char **ret_next);

/* Inside the transaction of the changes, or alone: all that is behind at once. */
MUST_USE enum err search_catch_up(struct db *db);
/* Are there entries that have not been looked at for it? */
MUST_USE enum err search_is_behind(struct db *db, bool *ret);

/* Inside an entry of few changes: the households that it has changed so far, and not what else
 * may be behind. */
MUST_USE enum err search_follow(struct journal *j);

/*
 * What is behind, in pieces of about `ms` each (0: without end), each inside a transaction of the
 * caller's; others may write between them, and what they change is for the next pass.  The mark
 * moves with the last piece: a pass that is given up has only cost time.
 */
struct search_pass;
struct search_pass *search_pass_begin(void);
MUST_USE enum err search_pass_step(struct search_pass *p, struct db *db, int ms, bool *ret_done);
void search_pass_end(struct search_pass *p); /* NULL is allowed */

#endif
