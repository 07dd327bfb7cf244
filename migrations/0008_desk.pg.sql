-- SPDX-License-Identifier: AGPL-3.0-or-later
-- What the office does with households: attached files, corrections.
CREATE TABLE attachment (
	county text COLLATE "C" NOT NULL,
	no bigint NOT NULL,
	version bigint NOT NULL,
	tbl text COLLATE "C",
	rec bigint,
	hash bytea,
	name text COLLATE "C",
	type text COLLATE "C",
	size bigint,
	paper text COLLATE "C",
	household bigint,
	person bigint,
	note text COLLATE "C",
	added_by text COLLATE "C",
	added_at bigint,
	PRIMARY KEY (county, no)
);

CREATE INDEX attachment_rec ON attachment (county, tbl, rec);

CREATE INDEX attachment_household ON attachment (county, household);

CREATE INDEX attachment_hash ON attachment (county, hash);

CREATE TABLE pin (
	county text COLLATE "C" NOT NULL,
	no bigint NOT NULL,
	version bigint NOT NULL,
	tbl text COLLATE "C",
	ident bytea,
	field text COLLATE "C",
	value bytea,
	was bytea,
	says bytea,
	conflict bigint,
	reason text COLLATE "C",
	event_date bigint,
	by_login text COLLATE "C",
	at_ms bigint,
	household bigint,
	person bigint,
	rec bigint,
	PRIMARY KEY (county, no)
);

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
	county text COLLATE "C" NOT NULL,
	village text COLLATE "C" NOT NULL,
	household bigint NOT NULL,
	hh_no text COLLATE "C",
	group_name text COLLATE "C",
	head_name text COLLATE "C",
	members bigint NOT NULL,
	status text COLLATE "C",
	attr text COLLATE "C",
	PRIMARY KEY (county, village, household)
);

CREATE UNIQUE INDEX search_house_one ON search_house (county, household);

CREATE INDEX search_house_status ON search_house (county, status, village, household);

CREATE INDEX search_house_attr ON search_house (county, attr, village, household);

CREATE TABLE search_key (
	county text COLLATE "C" NOT NULL,
	household bigint NOT NULL,
	person bigint NOT NULL,
	kind bigint NOT NULL,
	word text COLLATE "C" NOT NULL,
	village text COLLATE "C" NOT NULL,
	status text COLLATE "C",
	attr text COLLATE "C",
	PRIMARY KEY (county, household, person, kind)
);

CREATE INDEX search_key_word ON search_key (county, word, household, person, village, status, attr);

CREATE INDEX search_key_village ON search_key (county, village, word, household, person, status, attr);

CREATE TABLE search_at (
	county text COLLATE "C" NOT NULL PRIMARY KEY,
	entry bigint NOT NULL
);

-- The life of a finding beyond the check: assignment, review, entry by hand.
ALTER TABLE finding ADD COLUMN source text COLLATE "C";

ALTER TABLE finding ADD COLUMN assignee text COLLATE "C";

ALTER TABLE finding ADD COLUMN assignee_unit text COLLATE "C";

ALTER TABLE finding ADD COLUMN due bigint;

ALTER TABLE finding ADD COLUMN assign_note text COLLATE "C";

ALTER TABLE finding ADD COLUMN assigned_by text COLLATE "C";

ALTER TABLE finding ADD COLUMN assigned_at bigint;

ALTER TABLE finding ADD COLUMN checked bigint;

ALTER TABLE finding ADD COLUMN checked_by text COLLATE "C";

ALTER TABLE finding ADD COLUMN answered_login text COLLATE "C";

ALTER TABLE finding ADD COLUMN exempt text COLLATE "C";

ALTER TABLE finding ADD COLUMN review text COLLATE "C";

ALTER TABLE finding ADD COLUMN review_note text COLLATE "C";

ALTER TABLE finding ADD COLUMN reviewed_by text COLLATE "C";

ALTER TABLE finding ADD COLUMN reviewed_at bigint;

ALTER TABLE finding ADD COLUMN returned bigint;

ALTER TABLE finding ADD COLUMN content text COLLATE "C";

ALTER TABLE finding ADD COLUMN fixer text COLLATE "C";

ALTER TABLE finding ADD COLUMN severity text COLLATE "C";

ALTER TABLE finding ADD COLUMN entered_by text COLLATE "C";

CREATE INDEX finding_assignee ON finding (county, assignee, no);
