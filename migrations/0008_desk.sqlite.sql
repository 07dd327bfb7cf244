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
