-- SPDX-License-Identifier: AGPL-3.0-or-later
-- Areas, accounts, the register, and the ledgers that were handed in.
CREATE TABLE area (
	county TEXT NOT NULL,
	no INTEGER NOT NULL,
	version INTEGER NOT NULL,
	code TEXT,
	name TEXT,
	parent TEXT,
	valid_from INTEGER,
	valid_to INTEGER,
	successor TEXT,
	aliases TEXT,
	PRIMARY KEY (county, no)
) WITHOUT ROWID, STRICT;

CREATE TABLE account (
	county TEXT NOT NULL,
	no INTEGER NOT NULL,
	version INTEGER NOT NULL,
	login TEXT,
	name TEXT,
	role TEXT,
	areas TEXT,
	unit TEXT,
	password TEXT,
	disabled INTEGER,
	PRIMARY KEY (county, no)
) WITHOUT ROWID, STRICT;

CREATE TABLE reveal (
	county TEXT NOT NULL,
	no INTEGER NOT NULL,
	version INTEGER NOT NULL,
	command TEXT,
	reason TEXT,
	at INTEGER,
	PRIMARY KEY (county, no)
) WITHOUT ROWID, STRICT;

CREATE TABLE household (
	county TEXT NOT NULL,
	no INTEGER NOT NULL,
	version INTEGER NOT NULL,
	hh_no TEXT,
	ident TEXT,
	village TEXT,
	group_name TEXT,
	address TEXT,
	head_name TEXT,
	ledger INTEGER,
	uuid TEXT,
	PRIMARY KEY (county, no)
) WITHOUT ROWID, STRICT;

CREATE TABLE household_state (
	county TEXT NOT NULL,
	no INTEGER NOT NULL,
	version INTEGER NOT NULL,
	household INTEGER,
	kind TEXT,
	code TEXT,
	year INTEGER,
	valid_from INTEGER,
	valid_to INTEGER,
	recorded_from INTEGER,
	recorded_to INTEGER,
	ledger INTEGER,
	PRIMARY KEY (county, no)
) WITHOUT ROWID, STRICT;

CREATE TABLE household_year (
	county TEXT NOT NULL,
	no INTEGER NOT NULL,
	version INTEGER NOT NULL,
	household INTEGER,
	year INTEGER,
	entry_year INTEGER,
	plan_exit_year INTEGER,
	cause_main TEXT,
	cause_others TEXT,
	declared_members INTEGER,
	stated_per_capita INTEGER,
	unsafe_house INTEGER,
	house_grade TEXT,
	water_safe INTEGER,
	relocated INTEGER,
	house_area INTEGER,
	arable INTEGER,
	ledger INTEGER,
	PRIMARY KEY (county, no)
) WITHOUT ROWID, STRICT;

CREATE TABLE person (
	county TEXT NOT NULL,
	no INTEGER NOT NULL,
	version INTEGER NOT NULL,
	name TEXT,
	sex TEXT,
	birth INTEGER,
	id_text BLOB,
	id_key BLOB,
	id_lossy INTEGER,
	phone BLOB,
	bank TEXT,
	account BLOB,
	ethnic TEXT,
	uuid TEXT,
	PRIMARY KEY (county, no)
) WITHOUT ROWID, STRICT;

CREATE TABLE membership (
	county TEXT NOT NULL,
	no INTEGER NOT NULL,
	version INTEGER NOT NULL,
	person INTEGER,
	household INTEGER,
	relation TEXT,
	line INTEGER,
	valid_from INTEGER,
	valid_to INTEGER,
	recorded_from INTEGER,
	recorded_to INTEGER,
	ledger INTEGER,
	place TEXT,
	PRIMARY KEY (county, no)
) WITHOUT ROWID, STRICT;

CREATE TABLE person_year (
	county TEXT NOT NULL,
	no INTEGER NOT NULL,
	version INTEGER NOT NULL,
	person INTEGER,
	year INTEGER,
	edu TEXT,
	student TEXT,
	school TEXT,
	health TEXT,
	labor TEXT,
	work_place TEXT,
	work_months INTEGER,
	public_post TEXT,
	disability_type TEXT,
	disability_grade TEXT,
	disability_card BLOB,
	insured_resident INTEGER,
	insured_employee INTEGER,
	insured_major INTEGER,
	dibao INTEGER,
	soldier INTEGER,
	dropout_reason TEXT,
	remark TEXT,
	ledger INTEGER,
	PRIMARY KEY (county, no)
) WITHOUT ROWID, STRICT;

CREATE TABLE income (
	county TEXT NOT NULL,
	no INTEGER NOT NULL,
	version INTEGER NOT NULL,
	household INTEGER,
	year INTEGER,
	members INTEGER,
	wage INTEGER,
	business INTEGER,
	business_cost INTEGER,
	property INTEGER,
	transfer INTEGER,
	t_family INTEGER,
	t_dibao INTEGER,
	t_tekun INTEGER,
	t_pension INTEGER,
	t_eco INTEGER,
	t_other INTEGER,
	stated_net INTEGER,
	stated_per_capita INTEGER,
	ledger INTEGER,
	place TEXT,
	PRIMARY KEY (county, no)
) WITHOUT ROWID, STRICT;

CREATE TABLE duty (
	county TEXT NOT NULL,
	no INTEGER NOT NULL,
	version INTEGER NOT NULL,
	household INTEGER,
	helper TEXT,
	unit TEXT,
	phone BLOB,
	valid_from INTEGER,
	valid_to INTEGER,
	recorded_from INTEGER,
	recorded_to INTEGER,
	ledger INTEGER,
	place TEXT,
	PRIMARY KEY (county, no)
) WITHOUT ROWID, STRICT;

CREATE TABLE measure (
	county TEXT NOT NULL,
	no INTEGER NOT NULL,
	version INTEGER NOT NULL,
	household INTEGER,
	person INTEGER,
	category TEXT,
	category_text TEXT,
	content TEXT,
	date INTEGER,
	amount INTEGER,
	plan_amount INTEGER,
	status TEXT,
	ledger INTEGER,
	place TEXT,
	PRIMARY KEY (county, no)
) WITHOUT ROWID, STRICT;

CREATE TABLE visit (
	county TEXT NOT NULL,
	no INTEGER NOT NULL,
	version INTEGER NOT NULL,
	household INTEGER,
	date INTEGER,
	content TEXT,
	visitor TEXT,
	ledger INTEGER,
	place TEXT,
	PRIMARY KEY (county, no)
) WITHOUT ROWID, STRICT;

CREATE TABLE contract (
	county TEXT NOT NULL,
	no INTEGER NOT NULL,
	version INTEGER NOT NULL,
	household INTEGER,
	company TEXT,
	coop TEXT,
	industry TEXT,
	mode TEXT,
	amount INTEGER,
	due INTEGER,
	paid INTEGER,
	paid_date INTEGER,
	ledger INTEGER,
	place TEXT,
	PRIMARY KEY (county, no)
) WITHOUT ROWID, STRICT;

CREATE TABLE ledger (
	county TEXT NOT NULL,
	no INTEGER NOT NULL,
	version INTEGER NOT NULL,
	layout TEXT,
	title TEXT,
	file TEXT,
	file_hash BLOB,
	opts_hash BLOB,
	as_of INTEGER,
	as_of_from TEXT,
	year INTEGER,
	covers TEXT,
	partial INTEGER,
	authorisation TEXT,
	pack TEXT,
	row_count INTEGER,
	doubts INTEGER,
	refused INTEGER,
	received INTEGER,
	keep_until INTEGER,
	replaces INTEGER,
	columns TEXT,
	PRIMARY KEY (county, no)
) WITHOUT ROWID, STRICT;

CREATE TABLE ledger_chunk (
	county TEXT NOT NULL,
	no INTEGER NOT NULL,
	version INTEGER NOT NULL,
	ledger INTEGER,
	seq INTEGER,
	row_count INTEGER,
	body BLOB,
	PRIMARY KEY (county, no)
) STRICT;

CREATE TABLE link_answer (
	county TEXT NOT NULL,
	no INTEGER NOT NULL,
	version INTEGER NOT NULL,
	layout TEXT,
	row_key BLOB,
	person INTEGER,
	household INTEGER,
	reason TEXT,
	PRIMARY KEY (county, no)
) WITHOUT ROWID, STRICT;

CREATE UNIQUE INDEX account_login ON account (county, login);

CREATE INDEX household_hh_no ON household (county, hh_no);

CREATE INDEX person_id_key ON person (county, id_key);

CREATE UNIQUE INDEX ledger_chunk_seq ON ledger_chunk (county, ledger, seq);
