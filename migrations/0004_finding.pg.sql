-- SPDX-License-Identifier: AGPL-3.0-or-later
-- Findings on record.
CREATE TABLE finding (
	county text COLLATE "C" NOT NULL,
	no bigint NOT NULL,
	version bigint NOT NULL,
	rule text COLLATE "C",
	household bigint,
	person bigint,
	subject text COLLATE "C",
	who bytea,
	village text COLLATE "C",
	state text COLLATE "C",
	probable bigint,
	first_seen bigint,
	closed bigint,
	reopened bigint,
	answer text COLLATE "C",
	answered bigint,
	until bigint,
	answered_by text COLLATE "C",
	remark text COLLATE "C",
	answered_at bigint,
	evidence text COLLATE "C",
	PRIMARY KEY (county, no)
);
