-- SPDX-License-Identifier: AGPL-3.0-or-later
-- name: duty_households_of
-- unscoped: it is what a cadre's scope is made of
-- by the name on the duty list; a unit that is named must be theirs
SELECT DISTINCT d.household FROM duty d
WHERE d.county = $1 AND d.helper = $2 AND (d.unit IS NULL OR d.unit = $3)
	AND d.recorded_to IS NULL AND (d.valid_from IS NULL OR d.valid_from <= $4)
	AND (d.valid_to IS NULL OR d.valid_to = 0 OR d.valid_to > $4)
ORDER BY d.household NULLS FIRST

-- name: household_one
SELECT {household h} FROM household h
WHERE h.county = $1 AND h.no = $2 AND {scope h.village h.no}

-- name: household_page
SELECT {household h} FROM household h
WHERE h.county = $1 AND h.no > $2 AND {scope h.village h.no} ORDER BY h.no LIMIT $3

-- name: entry_page
SELECT e.no, e.at_ms, e.kind, e.actor, e.os_user, e.event_date, e.reason, e.command, e.source_file,
	e.changes
FROM entry e
WHERE e.county = $1 AND (e.no < $2 OR $2 = 0) AND (e.actor = $3 OR $3 IS NULL
		OR e.actor IN (SELECT a.login FROM account a WHERE a.county = $1 AND a.name = $3))
	AND ($4 = 0 OR EXISTS (SELECT 1 FROM change c WHERE c.county = $1 AND c.entry = e.no
		AND c.tbl = $4 AND (c.rec = $5 OR $5 = 0)))
ORDER BY e.no DESC LIMIT $6

