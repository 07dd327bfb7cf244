-- SPDX-License-Identifier: AGPL-3.0-or-later
-- Mappings of columns that people corrected and kept.
CREATE TABLE ledger_map (
	county text COLLATE "C" NOT NULL,
	no bigint NOT NULL,
	version bigint NOT NULL,
	layout text COLLATE "C",
	name text COLLATE "C",
	mapping text COLLATE "C",
	saved_by text COLLATE "C",
	saved bigint,
	PRIMARY KEY (county, no)
);
