-- SPDX-License-Identifier: AGPL-3.0-or-later
-- Findings on record.
CREATE TABLE finding (
	county TEXT NOT NULL,
	no INTEGER NOT NULL,
	version INTEGER NOT NULL,
	rule TEXT,
	household INTEGER,
	person INTEGER,
	subject TEXT,
	who BLOB,
	village TEXT,
	state TEXT,
	probable INTEGER,
	first_seen INTEGER,
	closed INTEGER,
	reopened INTEGER,
	answer TEXT,
	answered INTEGER,
	until INTEGER,
	answered_by TEXT,
	remark TEXT,
	answered_at INTEGER,
	evidence TEXT,
	PRIMARY KEY (county, no)
) WITHOUT ROWID, STRICT;
