-- SPDX-License-Identifier: AGPL-3.0-or-later
-- Mappings of columns that people corrected and kept.
CREATE TABLE ledger_map (
	county TEXT NOT NULL,
	no INTEGER NOT NULL,
	version INTEGER NOT NULL,
	layout TEXT,
	name TEXT,
	mapping TEXT,
	saved_by TEXT,
	saved INTEGER,
	PRIMARY KEY (county, no)
) WITHOUT ROWID, STRICT;
