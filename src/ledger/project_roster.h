/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * project_roster (inside the projection): what the rosters say, one after the other by their
 * as-of date: households, people, and spans of what changed between them.
 *
 * A step is a day from which on some roster speaks; project_steps.c goes from one to the next,
 * project_roster.c takes the rows of one roster.  Where several that are in force name a
 * household, the newest speaks first; the others fill what it leaves open.
 */
#ifndef DAOHU_LEDGER_PROJECT_ROSTER_H
#define DAOHU_LEDGER_PROJECT_ROSTER_H

#include "ledger/lines.h"
#include "ledger/project_in.h"

/* A household as the rosters read so far have it. */
struct hh {
	size_t record;       /* in p->household */
	const char *ident;
	size_t step;         /* the last one that named it, from 1 */
	size_t roster;       /* the first one of that step that did: index in p->ledgers */
	int32_t town;        /* of the first one that ever did */
	int64_t state[2];    /* open span of p->household_state by kind, -1 none */
	int64_t year_record; /* of p->household_year, of the newest year */
	size_t first_known;  /* chain through known.next: people of this household */
	bool head_seen;      /* in this step */
	bool head_erased;    /* the head may not be named */
	size_t lines;        /* members in this step */
};

/* What the ledgers called somebody whose name, number or birth was corrected. */
struct known_before {
	const char *name;
	struct idno id;
	date_t birth;
};

/* Somebody who is or was a member. */
struct known {
	size_t next; /* of the same household; 0 = end (index + 1) */
	int64_t no;  /* number of the stored person; 0 = new */
	const char *name;
	struct idno id;
	date_t birth;
	const struct known_before *before; /* NULL = nothing was corrected */
	int64_t person;      /* in p->person; -1 = not named by a roster yet */
	int64_t membership;  /* open span of p->membership; -1 none */
	int64_t year_record; /* of p->person_year */
	size_t step;
	size_t roster;       /* the first one of that step that named him: index in p->ledgers */
};

/* A roster, by index in p->ledgers. */
struct roster {
	bool in;         /* force, in this step */
	bool fresh;      /* it was not in the step before */
	bool stays;      /* it was, and need not be gone through again */
	bool shares;     /* names a household that another roster names too */
	bool unnumbered; /* has a household without a number */
};

struct rosters {
	struct project *p;
	struct roster *of;
	size_t *order;            /* indexes of the rosters, the newest first */
	size_t n;
	size_t at;                /* of the one that is gone through ... */
	int32_t town;             /* ... and one of its towns */
	struct map by_ident;      /* -> hhs index */
	VEC(struct hh) hhs;
	VEC(struct known) known;
	struct map stored;        /* ident -> number of the stored household */
	struct imap elsewhere;    /* number of a household whose place is not due -> town */
	struct map erased;        /* keyed index of a number -> number of the erased person */
	struct imap stored_known; /* household number -> first known (index + 1) */
	date_t day;               /* of the step */
	size_t step;
	const struct ledger_table *t;
	struct fill household, household_year, person, person_year, membership;
	int col_status, col_exit_year, col_attr, col_house_safe, col_water_unsafe; /* or -1 */
	int64_t year;
	int64_t open;             /* household of the row before (-1 none), for rosters without numbers */
	uint32_t open_block;
};

/* The lines of the roster p->ledgers[at], open; to be released also when it fails. */
MUST_USE enum err roster_open(struct rosters *r, size_t at, struct arena *a,
                              struct ledger_lines *ret);
/* Goes through its rows. */
MUST_USE enum err roster_take(struct rosters *r, size_t at);
/* What a row with a household number calls its household; NULL = it has none. */
const char *roster_numbered_ident(const struct ledger_table *t, const struct ledger_row *row,
                                  struct arena *a);

#endif
