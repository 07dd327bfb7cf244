-- SPDX-License-Identifier: AGPL-3.0-or-later
-- Accounts of the server; who is signed in, who tried (operational: not in the journal).
ALTER TABLE account ADD COLUMN helper TEXT;

ALTER TABLE account ADD COLUMN otp BLOB;

ALTER TABLE account ADD COLUMN must_change INTEGER;

CREATE TABLE session (
	county TEXT NOT NULL,
	token BLOB NOT NULL,
	account INTEGER NOT NULL,
	created INTEGER NOT NULL,
	last_seen INTEGER NOT NULL,
	PRIMARY KEY (county, token)
) WITHOUT ROWID, STRICT;

CREATE INDEX session_account ON session (county, account);

CREATE TABLE login_guard (
	county TEXT NOT NULL,
	kind TEXT NOT NULL,
	name TEXT NOT NULL,
	failed INTEGER NOT NULL,
	until INTEGER NOT NULL,
	last INTEGER NOT NULL,
	PRIMARY KEY (county, kind, name)
) WITHOUT ROWID, STRICT;

CREATE INDEX duty_helper ON duty (county, helper);
