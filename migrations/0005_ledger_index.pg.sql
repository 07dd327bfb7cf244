-- SPDX-License-Identifier: AGPL-3.0-or-later
-- Numbers of kept ledgers, by keyed hash.
CREATE TABLE ledger_index (
	county text COLLATE "C" NOT NULL,
	no bigint NOT NULL,
	version bigint NOT NULL,
	ledger bigint,
	first_key bytea,
	entries bigint,
	body bytea,
	PRIMARY KEY (county, no)
);

CREATE INDEX ledger_index_first ON ledger_index (county, ledger, first_key);
