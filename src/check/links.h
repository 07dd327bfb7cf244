/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * links: rows of ledgers of which it is not sure whose they are, for people to decide.
 *
 * A case is one row with everybody on the register whom it may be about; the cases of a
 * town stand in the order of its layouts and rows, unclear ones (nobody could say) and
 * probable ones alike.  A verdict is a link_answer (ledger/ledger.h): the next check takes
 * it as final.  Its key names the row by layout and content, so a row that comes in again
 * is not asked again.
 */
#ifndef DAOHU_CHECK_LINKS_H
#define DAOHU_CHECK_LINKS_H

#include "check/town.h"
#include "journal/journal.h"
#include "pack/pack.h"

enum { LINK_KEY_SIZE = 96, LINK_CANDIDATES_MAX = 16 };

/* How a value of the row relates to the candidate's. */
enum link_agree { LINK_MISSING, LINK_DIFFERS, LINK_NEAR, LINK_AGREES };

struct link_candidate {
	int32_t person, household;  /* of the town; TOWN_NONE */
	bool probable;              /* else unclear */
	struct text why;
	enum link_agree name, id, birth, village;
};

struct link_case {
	char key[LINK_KEY_SIZE];    /* "vehicle.0123456789abcdef" */
	const struct pack_layout *layout;
	const struct town_layout *rows;
	int32_t row;
	struct str name, id;        /* as the row writes them; may be empty */
	date_t birth;
	int32_t village;
	/* the columns that they are read from, -1 = none */
	int name_column, id_column, birth_column, village_column;
	struct link_candidate *candidates;
	size_t n;
};

/*
 * Cases that are not decided yet, at most `limit` behind the one with key `after` (NULL or
 * unknown: from the first).  Decided are those answered in the town and those in `db` since.
 * *ret_more: there are others.  Everything goes to the arena.
 */
MUST_USE enum err links_open(struct db *db, const struct town *t, const struct pack *pack,
                             const char *after, size_t limit, struct arena *a,
                             struct link_case **ret, size_t *ret_n, bool *ret_more);

enum link_verdict { LINK_SAME, LINK_NOBODY };
/* Inside an entry.  SAME: the row is about this person (or household when person is 0);
 * NOBODY: about nobody on the register.  INVALID when the key is none. */
MUST_USE enum err links_decide(struct journal *j, const struct pack *pack, const char *key,
                               enum link_verdict verdict, int64_t person, int64_t household,
                               const char *reason);

#endif
