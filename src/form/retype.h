/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * retype: what was changed here by hand and must be typed into the national system as
 * well, for it opens once a year and takes no file: field, old, new, evidence; ticked off by
 * whoever typed it; confirmed when the system's next export (a roster) shows the value.
 *
 * The list is made from the journal; only ticks are kept.  A field changed several times
 * stands in it once, with its first old value and what holds now; one that is as it was
 * drops out.  Imports are left out: what came from an office's file, or from the
 * system itself, is not to be typed.
 */
#ifndef DAOHU_FORM_RETYPE_H
#define DAOHU_FORM_RETYPE_H

#include "area/area.h"
#include "journal/journal.h"
#include "pack/pack.h"

struct retype_tick {
	RECORD_HEAD
#define F FIELD_MEMBER
#include "form/retype_tick.def"
#undef F
};
enum retype_tick_field {
#define F(...) FIELD_INDEX(RETYPE_TICK_, __VA_ARGS__)
#include "form/retype_tick.def"
#undef F
	RETYPE_TICK_FIELD_MAX
};
extern const struct record_desc retype_tick_desc;

struct retype_row {
	const char *key;    /* "person-12-name": names the row */
	const struct record_desc *table;
	size_t field;       /* index in it */
	int64_t record_no, version;
	int64_t household;  /* 0 = of none */
	const char *village, *hh_no, *head_name, *person; /* "" = not known, not meant */
	const char *old_value, *new_value; /* as people read them; "***" where withheld */
	bool added;         /* the record is new */
	int64_t at_ms, entry;
	date_t event_date;
	const char *actor, *reason, *source; /* evidence; "" = not given */
	struct retype_tick tick; /* no 0: not typed yet */
};

struct retype_opts {
	struct journal *j;
	const struct pack *pack;
	int64_t since_ms;
	enum lang lang;
	bool full;                    /* sensitive values, too */
	const struct db_scope *scope; /* NULL: all */
};
MUST_USE enum err retype_list(const struct retype_opts *o, struct arena *a,
                              struct retype_row **ret, size_t *ret_n);

/* Inside an open entry: typed on that day; again changes the day. */
MUST_USE enum err retype_typed(struct journal *j, struct retype_row *row, date_t day,
                               const char *by);
/*
 * Inside an open entry: compares rows that are ticked and not confirmed with the newest
 * roster of their village dated on or after the day they were typed.
 */
MUST_USE enum err retype_confirm(struct journal *j, const struct pack *pack,
                                 const struct area_list *areas, struct retype_row *rows,
                                 size_t n, date_t today, size_t *ret_confirmed);

#endif
