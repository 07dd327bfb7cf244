-- SPDX-License-Identifier: AGPL-3.0-or-later
-- name: person_by_id
SELECT {person p} FROM person p WHERE p.county = $1 AND p.id_key = $2 ORDER BY p.no

-- name: register_counts
SELECT (SELECT count(*) FROM household h WHERE h.county = $1),
	(SELECT count(*) FROM person p WHERE p.county = $1)

-- Who was erased, for a restored backup that does not know it yet.
-- name: people_erased
SELECT c.rec, c.entry, e.at_ms, p.id_key
FROM change c JOIN entry e ON e.county = $1 AND e.no = c.entry
	LEFT JOIN person p ON p.county = $1 AND p.no = c.rec
WHERE c.county = $1 AND c.tbl = 1 AND c.op = 'E' ORDER BY c.entry, c.rec
