/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * What was entered by hand against what ledgers say: a duty that somebody ended or
 * gave to a household by hand is not brought back by a ledger that was received
 * before; a ledger that is handed in later speaks again.
 */
#include "ledger/project_in.h"

#include "base/map.h"

#include "base/banned.h"

static struct str duty_key(const struct duty *d, struct arena *a)
{
	return str_c(arena_printf(a, "%lld\t%s", (long long)d->household, d->helper ? d->helper : ""));
}

static int64_t received_at(const struct project *p, int64_t ledger)
{
	for (size_t i = 0; i < p->n_ledgers; i++)
		if (p->ledgers[i].no == ledger)
			return p->ledgers[i].received;
	return 0;
}

static bool by_hand(const struct duty *d)
{
	return !FIELD_HAS(d, DUTY_, ledger) && !FIELD_HAS(d, DUTY_, recorded_to) &&
	       FIELD_HAS(d, DUTY_, helper);
}

/* The newest word of a hand for each household and helper. */
static void index_hand(struct project *p, const struct duty *all, size_t n, struct map *at)
{
	for (size_t i = 0; i < n; i++) {
		if (!by_hand(&all[i]))
			continue;
		int64_t *k = map_slot(at, duty_key(&all[i], &p->a), (int64_t)i);
		if (all[i].recorded_from > all[*k].recorded_from)
			*k = (int64_t)i;
	}
}

static bool overruled(const struct project *p, const struct duty *hand, const struct duty *d)
{
	return !FIELD_HAS(hand, DUTY_, valid_to) || hand->recorded_from > received_at(p, d->ledger);
}

enum err project_hand(struct project *p)
{
	struct stored duties;
	struct map at;
	size_t kept = 0;
	bool skipped = db_skips_sealed(p->db);
	db_skip_sealed(p->db, true);
	enum err e = stored_read(p, &duty_desc, &p->a, &duties);
	db_skip_sealed(p->db, skipped);
	if (e)
		return e;
	const struct duty *all = (const void *)duties.records;
	map_init(&at);
	index_hand(p, all, duties.n, &at);
	for (size_t i = 0; at.n && i < p->duty.n; i++) {
		const struct duty *d = &WANTED(p, duty, i);
		int64_t k = map_get(&at, duty_key(d, &p->a), -1);
		if (k < 0 || !overruled(p, &all[k], d))
			WANTED(p, duty, kept++) = *d;
	}
	if (at.n)
		p->duty.n = kept;
	map_release(&at);
	return OK;
}
