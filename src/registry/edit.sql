-- SPDX-License-Identifier: AGPL-3.0-or-later
-- name: edit_home_of
SELECT m.household FROM membership m WHERE m.county = $1 AND m.person = $2
	AND m.recorded_to IS NULL
ORDER BY CASE WHEN m.valid_to IS NULL THEN 0 ELSE 1 END, m.no DESC LIMIT 1

-- name: edit_is_member
SELECT 1 FROM membership m WHERE m.county = $1 AND m.person = $2 AND m.household = $3
	AND m.recorded_to IS NULL LIMIT 1

-- name: edit_same_number
SELECT 1 FROM person p JOIN membership m ON m.county = $1 AND m.person = p.no
WHERE p.county = $1 AND p.id_key = $2 AND m.household = $3 AND m.recorded_to IS NULL
	AND m.valid_to IS NULL LIMIT 1

-- name: edit_members
SELECT count(*) FROM membership m WHERE m.county = $1 AND m.household = $2
	AND m.recorded_to IS NULL AND m.valid_to IS NULL

-- name: edit_is_head
SELECT 1 FROM membership m WHERE m.county = $1 AND m.person = $2 AND m.household = $3
	AND m.recorded_to IS NULL AND m.valid_to IS NULL AND m.relation = 'head' LIMIT 1

-- name: edit_income_of_year
SELECT no FROM income WHERE county = $1 AND household = $2 AND year = $3 ORDER BY no LIMIT 1

-- name: edit_house_of_year
SELECT no FROM household_year WHERE county = $1 AND household = $2 AND year = $3 ORDER BY no LIMIT 1

-- name: edit_person_of_year
SELECT {person_year y} FROM person_year y WHERE y.county = $1 AND y.person = $2 AND y.year = $3
ORDER BY y.no LIMIT 1
