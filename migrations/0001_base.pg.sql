-- SPDX-License-Identifier: AGPL-3.0-or-later
-- What the database itself needs: its version, and the counters of numbers.
CREATE TABLE schema_version (
	version bigint NOT NULL PRIMARY KEY,
	name text COLLATE "C" NOT NULL,
	at_ms bigint NOT NULL
);

CREATE TABLE counter (
	county text COLLATE "C" NOT NULL,
	name text COLLATE "C" NOT NULL,
	next bigint NOT NULL,
	PRIMARY KEY (county, name)
);
