/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * pin: values that people corrected, and what ledgers say meanwhile.
 *
 * The register follows the ledgers: each import works out anew what they say.  A value
 * that somebody corrected on evidence is pinned, a pin a field.  The projection lays the
 * pins over what the ledgers say, so a correction is never lost silently; and keeps the
 * other side:
 *
 *     the ledger says what it said before    the pin holds
 *     it says what was corrected             the pin has served and goes (the journal has it)
 *     it says a third thing                  `conflict`, with what it says; a person decides
 *
 * Duties have no pins: what a hand wrote there is a record of its own, without a source
 * ledger, which the projection weighs against the ledgers (ledger/project_hand.c).
 *
 * A pin finds its record by identity, not by number: records of a year are written anew
 * when they change.  Households and people are known by their number, the
 * records of a year by whom they are about and the year, the others by the fields that
 * tell them apart in their ledger, as the ledger has them.  Only a keyed index of that
 * is kept.
 *
 * What is corrected and what the ledger says are sealed under the person's key.
 */
#ifndef DAOHU_REGISTRY_PIN_H
#define DAOHU_REGISTRY_PIN_H

#include "base/map.h"
#include "journal/journal.h"
#include "registry/registry.h"

struct pin {
	RECORD_HEAD
#define F FIELD_MEMBER
#include "registry/pin.def"
#undef F
};
enum pin_field {
#define F(...) FIELD_INDEX(PIN_, __VA_ARGS__)
#include "registry/pin.def"
#undef F
	PIN_FIELD_MAX
};
extern const struct record_desc pin_desc;

/* Can values of this table be pinned? */
bool pin_fits(const struct record_desc *d);
/* Is there at most one such record a household or person (and year)?  Then one typed in and
 * one from a ledger are the same. */
bool pin_is_single(const struct record_desc *d);
void pin_ident(const struct keys *keys, const struct record_desc *d, const void *rec,
               unsigned char ret[KEY_INDEX_BYTES]);

/* All of them, by identity. */
struct pins {
	struct pin *list;
	size_t n;
	bool *done;     /* laid over a record already */
	const struct pin **was; /* as it is stored, when laying changed it */
	bool *served;   /* goes */
	size_t *next;   /* of the same identity: index + 1, 0 = end */
	struct map first;
};
MUST_USE enum err pins_load(struct db *db, struct arena *a, struct pins *ret);
void pins_release(struct pins *p);

/* Lays the pins over records of a table as ledgers have them (n of d->size each); texts go to `a`. */
MUST_USE enum err pins_lay(struct pins *p, struct journal *j, const struct record_desc *d,
                           void *records, size_t n, struct arena *a);
/* Writes what became of the pins that were laid since the last time.  Inside an entry. */
MUST_USE enum err pins_write(struct pins *p, struct journal *j);

/* Pins the fields `changed` of a record that people corrected from `old` (NULL: it is new).
 * Inside an entry. */
struct pin_act {
	const char *reason, *login;
	date_t event_date;
	int64_t household, person; /* whose record it is */
};
MUST_USE enum err pin_fields(struct journal *j, const struct record_desc *d, const void *old,
                             const void *now, uint64_t changed, const struct pin_act *act);

/* The keyed index of a person's number, anew from the number as written. */
void pin_person_number(const struct keys *keys, struct person *p, struct arena *a);

/* Of one household; with household 0 every conflict. */
MUST_USE enum err pins_of(struct db *db, int64_t household, struct arena *a, struct pin **ret,
                          size_t *ret_n);

#endif
