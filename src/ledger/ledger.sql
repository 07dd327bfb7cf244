-- name: ledger_all
SELECT {ledger l} FROM ledger l WHERE l.county = $1 ORDER BY l.no

-- name: ledger_of_layout
SELECT {ledger l} FROM ledger l WHERE l.county = $1 AND l.layout = $2 ORDER BY l.no

-- name: ledger_of_file
SELECT count(*) FROM ledger l WHERE l.county = $1 AND l.file_hash = $2 AND l.opts_hash = $3

-- name: ledger_chunks
SELECT {ledger_chunk c} FROM ledger_chunk c WHERE c.county = $1 AND c.ledger = $2 ORDER BY c.seq

-- Of originals that are kept still.
-- name: ledger_file_hashes
SELECT DISTINCT l.file_hash FROM ledger l
WHERE l.county = $1 AND (l.keep_until IS NULL OR l.keep_until >= $2) ORDER BY l.file_hash NULLS FIRST

-- Rows and indexes that no ledger has.
-- name: ledger_stray
SELECT c.ledger FROM ledger_chunk c WHERE c.county = $1
	AND NOT EXISTS (SELECT 1 FROM ledger l WHERE l.county = $1 AND l.no = c.ledger)
UNION
SELECT x.ledger FROM ledger_index x WHERE x.county = $1
	AND NOT EXISTS (SELECT 1 FROM ledger l WHERE l.county = $1 AND l.no = x.ledger)
ORDER BY 1

-- name: link_answers
SELECT {link_answer a} FROM link_answer a WHERE a.county = $1 ORDER BY a.no

-- name: ledger_behind
SELECT DISTINCT l.layout FROM ledger l
JOIN change c ON c.county = $1 AND c.tbl = $2 AND c.rec = l.no
WHERE l.county = $1 AND c.entry >
	coalesce((SELECT max(e.no) FROM entry e WHERE e.county = $1 AND e.reason = $3), 0)
ORDER BY l.layout NULLS FIRST

-- By the entries: the records' index would be read from end to end for the order of the tables.
-- name: project_disturbed
SELECT +c.tbl, max(c.entry) FROM change c WHERE c.county = $1 AND c.entry > $2
GROUP BY +c.tbl ORDER BY +c.tbl

-- name: project_last
SELECT e.reason, e.source_hash FROM entry e
WHERE e.county = $1 AND e.command = 'import' AND e.reason IN ($2, $3) ORDER BY e.no DESC LIMIT 1

-- Tables that others than projections changed, and whether they did more than insert.  The entries
-- first: those of a projection are by far the largest.
-- name: project_since
SELECT +c.tbl, max(CASE WHEN c.op = 'I' THEN 0 ELSE 1 END) FROM entry e CROSS JOIN change c
WHERE e.county = $1 AND e.no > $2
	AND (coalesce(e.command, '') <> 'import' OR coalesce(e.reason, '') NOT IN ($3, $4))
	AND c.county = $1 AND c.entry = e.no
GROUP BY +c.tbl ORDER BY +c.tbl

-- The records of one table of those.
-- name: project_since_records
SELECT DISTINCT c.rec FROM entry e CROSS JOIN change c
WHERE e.county = $1 AND e.no > $2
	AND (coalesce(e.command, '') <> 'import' OR coalesce(e.reason, '') NOT IN ($3, $4))
	AND c.county = $1 AND c.entry = e.no AND c.tbl = $5 ORDER BY c.rec

-- Whose ledger names each household.
-- name: project_households
SELECT h.no, h.ident, h.ledger FROM household h WHERE h.county = $1 ORDER BY h.no

-- name: project_ledgers_since
SELECT DISTINCT c.rec FROM change c WHERE c.county = $1 AND c.tbl = $2 AND c.entry > $3 ORDER BY c.rec

-- Who was erased, by the keyed index of the number.  The keys first: few are gone.
-- name: project_erased
SELECT p.no, p.id_key FROM person_key k CROSS JOIN person p
WHERE k.county = $1 AND k.wrapped IS NULL AND p.county = $1 AND p.no = k.person AND p.id_key IS NOT NULL
ORDER BY k.person

-- What some households have, and some people.  Gone into by the list: it is short.
-- name: project_some_household
SELECT {household r} FROM household r WHERE r.county = $1 AND r.no {any $2 numbers} ORDER BY +r.no

-- name: project_some_household_state
SELECT {household_state r} FROM household_state r WHERE r.county = $1 AND r.household {any $2 numbers} ORDER BY +r.no

-- name: project_some_household_year
SELECT {household_year r} FROM household_year r WHERE r.county = $1 AND r.household {any $2 numbers} ORDER BY +r.no

-- name: project_some_membership
SELECT {membership r} FROM membership r WHERE r.county = $1 AND r.household {any $2 numbers} ORDER BY +r.no

-- name: project_some_person
SELECT {person r} FROM person r WHERE r.county = $1 AND r.no {any $2 numbers} ORDER BY +r.no

-- name: project_some_person_year
SELECT {person_year r} FROM person_year r WHERE r.county = $1 AND r.person {any $2 numbers} ORDER BY +r.no

-- name: project_some_income
SELECT {income r} FROM income r WHERE r.county = $1 AND r.household {any $2 numbers} ORDER BY +r.no

-- name: project_some_duty
SELECT {duty r} FROM duty r WHERE r.county = $1 AND r.household {any $2 numbers} ORDER BY +r.no

-- name: project_some_measure
SELECT {measure r} FROM measure r WHERE r.county = $1 AND r.household {any $2 numbers} ORDER BY +r.no

-- name: project_some_visit
SELECT {visit r} FROM visit r WHERE r.county = $1 AND r.household {any $2 numbers} ORDER BY +r.no

-- name: project_some_contract
SELECT {contract r} FROM contract r WHERE r.county = $1 AND r.household {any $2 numbers} ORDER BY +r.no

-- name: ledger_index_blocks
SELECT {ledger_index x} FROM ledger_index x WHERE x.county = $1 AND x.ledger = $2
ORDER BY x.first_key, x.no
