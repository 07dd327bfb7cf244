-- SPDX-License-Identifier: AGPL-3.0-or-later
-- What the office does with households: attached files, corrections.
CREATE TABLE attachment (
	county TEXT NOT NULL,
	no INTEGER NOT NULL,
	version INTEGER NOT NULL,
	tbl TEXT,
	rec INTEGER,
	hash BLOB,
	name TEXT,
	type TEXT,
	size INTEGER,
	paper TEXT,
	household INTEGER,
	person INTEGER,
	note TEXT,
	added_by TEXT,
	added_at INTEGER,
	PRIMARY KEY (county, no)
) WITHOUT ROWID, STRICT;

CREATE INDEX attachment_rec ON attachment (county, tbl, rec);

CREATE INDEX attachment_household ON attachment (county, household);

CREATE INDEX attachment_hash ON attachment (county, hash);

CREATE TABLE pin (
	county TEXT NOT NULL,
	no INTEGER NOT NULL,
	version INTEGER NOT NULL,
	tbl TEXT,
	ident BLOB,
	field TEXT,
	value BLOB,
	was BLOB,
	says BLOB,
	conflict INTEGER,
	reason TEXT,
	event_date INTEGER,
	by_login TEXT,
	at_ms INTEGER,
	household INTEGER,
	person INTEGER,
	rec INTEGER,
	PRIMARY KEY (county, no)
) WITHOUT ROWID, STRICT;

CREATE UNIQUE INDEX pin_ident ON pin (county, ident, field);

CREATE INDEX pin_household ON pin (county, household);

-- What is looked up by household.
CREATE INDEX household_village ON household (county, village, no);

CREATE INDEX household_state_household ON household_state (county, household);

CREATE INDEX household_year_household ON household_year (county, household);

CREATE INDEX membership_household ON membership (county, household);

CREATE INDEX membership_person ON membership (county, person);

CREATE INDEX person_year_person ON person_year (county, person);

CREATE INDEX income_household ON income (county, household);

CREATE INDEX duty_household ON duty (county, household);

CREATE INDEX measure_household ON measure (county, household);

CREATE INDEX visit_household ON visit (county, household);

CREATE INDEX contract_household ON contract (county, household);

CREATE INDEX finding_household ON finding (county, household);

CREATE INDEX finding_village ON finding (county, village, no);

-- How households are found.  Follows from the records (registry/search.h), so it is no
-- business data and not journalled; village is '' where none is known.
CREATE TABLE search_house (
	county TEXT NOT NULL,
	village TEXT NOT NULL,
	household INTEGER NOT NULL,
	hh_no TEXT,
	group_name TEXT,
	head_name TEXT,
	members INTEGER NOT NULL,
	status TEXT,
	attr TEXT,
	PRIMARY KEY (county, village, household)
) WITHOUT ROWID, STRICT;

CREATE UNIQUE INDEX search_house_one ON search_house (county, household);

CREATE INDEX search_house_status ON search_house (county, status, village, household);

CREATE INDEX search_house_attr ON search_house (county, attr, village, household);

CREATE TABLE search_key (
	county TEXT NOT NULL,
	household INTEGER NOT NULL,
	person INTEGER NOT NULL,
	kind INTEGER NOT NULL,
	word TEXT NOT NULL,
	village TEXT NOT NULL,
	status TEXT,
	attr TEXT,
	PRIMARY KEY (county, household, person, kind)
) WITHOUT ROWID, STRICT;

CREATE INDEX search_key_word ON search_key (county, word, household, person, village, status, attr);

CREATE INDEX search_key_village ON search_key (county, village, word, household, person, status, attr);

CREATE TABLE search_at (
	county TEXT NOT NULL PRIMARY KEY,
	entry INTEGER NOT NULL
) WITHOUT ROWID, STRICT;

-- The life of a finding beyond the check: assignment, review, entry by hand.
ALTER TABLE finding ADD COLUMN source TEXT;

ALTER TABLE finding ADD COLUMN assignee TEXT;

ALTER TABLE finding ADD COLUMN assignee_unit TEXT;

ALTER TABLE finding ADD COLUMN due INTEGER;

ALTER TABLE finding ADD COLUMN assign_note TEXT;

ALTER TABLE finding ADD COLUMN assigned_by TEXT;

ALTER TABLE finding ADD COLUMN assigned_at INTEGER;

ALTER TABLE finding ADD COLUMN checked INTEGER;

ALTER TABLE finding ADD COLUMN checked_by TEXT;

ALTER TABLE finding ADD COLUMN answered_login TEXT;

ALTER TABLE finding ADD COLUMN exempt TEXT;

ALTER TABLE finding ADD COLUMN review TEXT;

ALTER TABLE finding ADD COLUMN review_note TEXT;

ALTER TABLE finding ADD COLUMN reviewed_by TEXT;

ALTER TABLE finding ADD COLUMN reviewed_at INTEGER;

ALTER TABLE finding ADD COLUMN returned INTEGER;

ALTER TABLE finding ADD COLUMN content TEXT;

ALTER TABLE finding ADD COLUMN fixer TEXT;

ALTER TABLE finding ADD COLUMN severity TEXT;

ALTER TABLE finding ADD COLUMN entered_by TEXT;

CREATE INDEX finding_assignee ON finding (county, assignee, no);

-- What the planner must know of these tables: the county is one value, a village's households
-- are few.  Written down so that the same plan is used in every house.
ANALYZE sqlite_schema;

INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
	('search_key', 'search_key', '3600000 3600000 10 3 1'),
	('search_key', 'search_key_word', '3600000 3600000 50 2 1 1 1 1'),
	('search_key', 'search_key_village', '3600000 3600000 10000 5 2 1 1 1'),
	('search_house', 'search_house', '340000 340000 100 1'),
	('search_house', 'search_house_one', '340000 340000 1'),
	('search_house', 'search_house_status', '340000 340000 100000 30 1'),
	('search_house', 'search_house_attr', '340000 340000 100000 30 1');
