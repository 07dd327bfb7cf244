-- name: ledger_all
SELECT {ledger l} FROM ledger l WHERE l.county = $1 ORDER BY l.no

-- name: ledger_chunks
SELECT {ledger_chunk c} FROM ledger_chunk c WHERE c.county = $1 AND c.ledger = $2 ORDER BY c.seq

-- name: link_answers
SELECT {link_answer a} FROM link_answer a WHERE a.county = $1 ORDER BY a.no

-- name: ledger_behind
SELECT DISTINCT l.layout FROM ledger l
JOIN change c ON c.county = l.county AND c.tbl = $2 AND c.rec = l.no
WHERE l.county = $1 AND c.entry >
	coalesce((SELECT max(e.no) FROM entry e WHERE e.county = $1 AND e.reason = $3), 0)
ORDER BY l.layout NULLS FIRST

-- name: project_disturbed
SELECT c.tbl, max(c.entry) FROM change c WHERE c.county = $1 AND c.entry > $2
GROUP BY c.tbl ORDER BY c.tbl

-- name: ledger_index_blocks
SELECT {ledger_index x} FROM ledger_index x WHERE x.county = $1 AND x.ledger = $2
ORDER BY x.first_key, x.no
