-- SPDX-License-Identifier: AGPL-3.0-or-later
-- What the database itself needs: its version, and the counters of numbers.
CREATE TABLE schema_version (
	version INTEGER NOT NULL PRIMARY KEY,
	name TEXT NOT NULL,
	at_ms INTEGER NOT NULL
) STRICT;

CREATE TABLE counter (
	county TEXT NOT NULL,
	name TEXT NOT NULL,
	next INTEGER NOT NULL,
	PRIMARY KEY (county, name)
) WITHOUT ROWID, STRICT;
