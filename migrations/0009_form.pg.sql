-- SPDX-License-Identifier: AGPL-3.0-or-later
-- Forms that were sent and kept; what was typed into the national system.
CREATE TABLE form_template (
	county text COLLATE "C" NOT NULL,
	no bigint NOT NULL,
	version bigint NOT NULL,
	name text COLLATE "C",
	revision bigint,
	file_name text COLLATE "C",
	file bytea,
	mapping text COLLATE "C",
	grain text COLLATE "C",
	created bigint,
	created_by text COLLATE "C",
	retired bigint,
	PRIMARY KEY (county, no)
);

CREATE TABLE retype_tick (
	county text COLLATE "C" NOT NULL,
	no bigint NOT NULL,
	version bigint NOT NULL,
	record text COLLATE "C",
	record_no bigint,
	field text COLLATE "C",
	record_version bigint,
	household bigint,
	typed_on bigint,
	typed_by text COLLATE "C",
	confirmed_on bigint,
	ledger bigint,
	PRIMARY KEY (county, no)
);
