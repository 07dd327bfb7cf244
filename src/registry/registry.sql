-- SPDX-License-Identifier: AGPL-3.0-or-later
-- name: person_by_id
SELECT {person p} FROM person p WHERE p.county = $1 AND p.id_key = $2 ORDER BY p.no

-- name: register_counts
SELECT (SELECT count(*) FROM household h WHERE h.county = $1),
	(SELECT count(*) FROM person p WHERE p.county = $1)
