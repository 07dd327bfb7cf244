-- SPDX-License-Identifier: AGPL-3.0-or-later
-- What the office does with households: attached files.
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
	household INTEGER NOT NULL,
	village TEXT NOT NULL,
	hh_no TEXT,
	group_name TEXT,
	head_name TEXT,
	members INTEGER NOT NULL,
	status TEXT,
	attr TEXT,
	PRIMARY KEY (county, household)
) WITHOUT ROWID, STRICT;

CREATE INDEX search_house_village ON search_house (county, village, household);

CREATE INDEX search_house_status ON search_house (county, status, village, household);

CREATE INDEX search_house_attr ON search_house (county, attr, village, household);

CREATE INDEX search_house_no ON search_house (county, hh_no, household);

CREATE TABLE search_key (
	county TEXT NOT NULL,
	household INTEGER NOT NULL,
	person INTEGER NOT NULL,
	kind INTEGER NOT NULL,
	word TEXT NOT NULL,
	village TEXT NOT NULL,
	PRIMARY KEY (county, household, person, kind)
) WITHOUT ROWID, STRICT;

CREATE INDEX search_key_word ON search_key (county, word, household, person, village);

CREATE INDEX search_key_village ON search_key (county, village, word, household, person);

CREATE TABLE search_at (
	county TEXT NOT NULL PRIMARY KEY,
	entry INTEGER NOT NULL
) WITHOUT ROWID, STRICT;
