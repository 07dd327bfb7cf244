-- SPDX-License-Identifier: AGPL-3.0-or-later
-- The journal: entries, their changes, the tree over them, its signed heads,
-- and the persons' wrapped keys.
CREATE TABLE entry (
	county text COLLATE "C" NOT NULL,
	no bigint NOT NULL,
	at_ms bigint NOT NULL,
	kind text COLLATE "C" NOT NULL,
	actor text COLLATE "C",
	os_user text COLLATE "C",
	event_date bigint,
	reason text COLLATE "C",
	command text COLLATE "C",
	source_file text COLLATE "C",
	source_hash bytea,
	pack_version text COLLATE "C",
	pack_hash bytea,
	changes bigint NOT NULL,
	root bytea NOT NULL,
	PRIMARY KEY (county, no)
);

CREATE TABLE change (
	county text COLLATE "C" NOT NULL,
	entry bigint NOT NULL,
	seq bigint NOT NULL,
	tbl bigint NOT NULL,
	rec bigint NOT NULL,
	version bigint NOT NULL,
	op text COLLATE "C" NOT NULL,
	digest bytea NOT NULL,
	delta text COLLATE "C",
	PRIMARY KEY (county, entry, seq)
);

CREATE UNIQUE INDEX change_record ON change (county, tbl, rec, version);

CREATE TABLE node (
	county text COLLATE "C" NOT NULL,
	level bigint NOT NULL,
	idx bigint NOT NULL,
	hash bytea NOT NULL,
	PRIMARY KEY (county, level, idx)
);

CREATE TABLE checkpoint (
	county text COLLATE "C" NOT NULL,
	size bigint NOT NULL,
	at_ms bigint NOT NULL,
	note text COLLATE "C" NOT NULL,
	PRIMARY KEY (county, size)
);

CREATE TABLE person_key (
	county text COLLATE "C" NOT NULL,
	person bigint NOT NULL,
	wrapped bytea,
	PRIMARY KEY (county, person)
);
