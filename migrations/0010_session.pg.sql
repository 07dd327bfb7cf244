-- SPDX-License-Identifier: AGPL-3.0-or-later
-- Accounts of the server; who is signed in, who tried (operational: not in the journal).
ALTER TABLE account ADD COLUMN helper text COLLATE "C";

ALTER TABLE account ADD COLUMN otp bytea;

ALTER TABLE account ADD COLUMN must_change bigint;

CREATE TABLE session (
	county text COLLATE "C" NOT NULL,
	token bytea NOT NULL,
	account bigint NOT NULL,
	created bigint NOT NULL,
	last_seen bigint NOT NULL,
	PRIMARY KEY (county, token)
);

CREATE INDEX session_account ON session (county, account);

CREATE TABLE login_guard (
	county text COLLATE "C" NOT NULL,
	kind text COLLATE "C" NOT NULL,
	name text COLLATE "C" NOT NULL,
	failed bigint NOT NULL,
	until bigint NOT NULL,
	last bigint NOT NULL,
	PRIMARY KEY (county, kind, name)
);

CREATE INDEX duty_helper ON duty (county, helper);
