/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * snapshot: the town as last checked.
 *
 * A thread of its own reads the town, runs the rules and records what moved, again each
 * time something was written (a second after the last write, one run at a time) and at
 * midnight of the house's zone.  Readers hold a reference: what they look at stays as it
 * was until they put it back, whatever is written meanwhile.
 */
#ifndef DAOHU_API_SNAPSHOT_H
#define DAOHU_API_SNAPSHOT_H

#include "api/api.h"
#include "base/map.h"
#include "check/check.h"

struct snapshot {
	struct town town;
	const struct check *check;
	int64_t *numbers; /* of the record of each of a result's findings, 0 = none */
	int64_t *answered_numbers; /* … and of each of .answered */
	struct map hh_nos;  /* household number → place in town.households */
	struct imap places; /* number of a record → place in .findings, or -1 - place in .answered */
	date_t as_of;
	bool behind;      /* the register is behind its ledgers (report/handin.h) */
	int64_t entry;    /* the journal stood here */
	int64_t at_ms;
};

/* What the rules say, with details in this language; numbers masked.  In Chinese it is there; in
 * another language the first who asks waits for it, and whoever comes later, also behind the next
 * run, does not. */
const struct check_result *snapshot_result(const struct snapshot *s, enum lang lang);

/* A record's finding as the check sees it now (details in this language), or NULL when it
 * does not see it. */
const struct finding *snapshot_finding(const struct snapshot *s, enum lang lang, int64_t no);

/* The latest, or NULL while the first run goes on; give it back with snapshot_put(). */
const struct snapshot *snapshot_get(const struct api *api);
void snapshot_put(const struct snapshot *s); /* NULL is fine */

MUST_USE enum err snapshots_begin(struct api *api, struct diag *diag);
void snapshots_end(struct api *api);
void snapshots_changed(struct snapshots *s); /* something was written */
/* Waits until what was written up to now is in the latest one (tests, re-check on demand);
 * BUSY after `wait_ms`. */
MUST_USE enum err snapshots_settle(const struct api *api, int wait_ms);

#endif
