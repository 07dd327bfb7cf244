-- SPDX-License-Identifier: AGPL-3.0-or-later
-- Numbers of kept ledgers, by keyed hash.
CREATE TABLE ledger_index (
	county TEXT NOT NULL,
	no INTEGER NOT NULL,
	version INTEGER NOT NULL,
	ledger INTEGER,
	first_key BLOB,
	entries INTEGER,
	body BLOB,
	PRIMARY KEY (county, no)
) WITHOUT ROWID, STRICT;

CREATE INDEX ledger_index_first ON ledger_index (county, ledger, first_key);
