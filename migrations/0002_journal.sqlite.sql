-- SPDX-License-Identifier: AGPL-3.0-or-later
-- The journal: entries, their changes, the tree over them, its signed heads,
-- and the persons' wrapped keys.
CREATE TABLE entry (
	county TEXT NOT NULL,
	no INTEGER NOT NULL,
	at_ms INTEGER NOT NULL,
	kind TEXT NOT NULL,
	actor TEXT,
	os_user TEXT,
	event_date INTEGER,
	reason TEXT,
	command TEXT,
	source_file TEXT,
	source_hash BLOB,
	pack_version TEXT,
	pack_hash BLOB,
	changes INTEGER NOT NULL,
	root BLOB NOT NULL,
	PRIMARY KEY (county, no)
) WITHOUT ROWID, STRICT;

CREATE TABLE change (
	county TEXT NOT NULL,
	entry INTEGER NOT NULL,
	seq INTEGER NOT NULL,
	tbl INTEGER NOT NULL,
	rec INTEGER NOT NULL,
	version INTEGER NOT NULL,
	op TEXT NOT NULL,
	digest BLOB NOT NULL,
	delta TEXT,
	PRIMARY KEY (county, entry, seq)
) WITHOUT ROWID, STRICT;

CREATE UNIQUE INDEX change_record ON change (county, tbl, rec, version);

CREATE TABLE node (
	county TEXT NOT NULL,
	level INTEGER NOT NULL,
	idx INTEGER NOT NULL,
	hash BLOB NOT NULL,
	PRIMARY KEY (county, level, idx)
) WITHOUT ROWID, STRICT;

CREATE TABLE checkpoint (
	county TEXT NOT NULL,
	size INTEGER NOT NULL,
	at_ms INTEGER NOT NULL,
	note TEXT NOT NULL,
	PRIMARY KEY (county, size)
) WITHOUT ROWID, STRICT;

CREATE TABLE person_key (
	county TEXT NOT NULL,
	person INTEGER NOT NULL,
	wrapped BLOB,
	PRIMARY KEY (county, person)
) WITHOUT ROWID, STRICT;
