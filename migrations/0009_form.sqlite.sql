-- SPDX-License-Identifier: AGPL-3.0-or-later
-- Forms that were sent and kept; what was typed into the national system.
CREATE TABLE form_template (
	county TEXT NOT NULL,
	no INTEGER NOT NULL,
	version INTEGER NOT NULL,
	name TEXT,
	revision INTEGER,
	file_name TEXT,
	file BLOB,
	mapping TEXT,
	grain TEXT,
	created INTEGER,
	created_by TEXT,
	retired INTEGER,
	PRIMARY KEY (county, no)
) WITHOUT ROWID, STRICT;

CREATE TABLE retype_tick (
	county TEXT NOT NULL,
	no INTEGER NOT NULL,
	version INTEGER NOT NULL,
	record TEXT,
	record_no INTEGER,
	field TEXT,
	record_version INTEGER,
	household INTEGER,
	typed_on INTEGER,
	typed_by TEXT,
	confirmed_on INTEGER,
	ledger INTEGER,
	PRIMARY KEY (county, no)
) WITHOUT ROWID, STRICT;
