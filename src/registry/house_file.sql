-- SPDX-License-Identifier: AGPL-3.0-or-later
-- name: file_household
SELECT {household h} FROM household h WHERE h.county = $1 AND h.no = $2 AND {scope h.village h.no}

-- name: file_states
SELECT {household_state s} FROM household_state s
WHERE s.county = $1 AND s.household = $2 AND s.recorded_to IS NULL
ORDER BY s.valid_from DESC NULLS LAST, s.no DESC

-- name: file_years
SELECT {household_year y} FROM household_year y WHERE y.county = $1 AND y.household = $2
ORDER BY y.year DESC NULLS LAST, y.no DESC

-- name: file_memberships
SELECT {membership m} FROM membership m
WHERE m.county = $1 AND m.household = $2 AND m.recorded_to IS NULL
ORDER BY CASE WHEN m.valid_to IS NULL THEN 0 ELSE 1 END, m.line NULLS FIRST, m.no

-- name: file_person_years
SELECT {person_year y} FROM person_year y WHERE y.county = $1 AND y.person = $2
ORDER BY y.year DESC NULLS LAST, y.no DESC

-- name: file_incomes
SELECT {income i} FROM income i WHERE i.county = $1 AND i.household = $2
ORDER BY i.year DESC NULLS LAST, i.no DESC

-- name: file_duties
SELECT {duty d} FROM duty d WHERE d.county = $1 AND d.household = $2 AND d.recorded_to IS NULL
ORDER BY d.valid_from DESC NULLS LAST, d.no DESC

-- name: file_measures
SELECT {measure m} FROM measure m WHERE m.county = $1 AND m.household = $2
ORDER BY m.date DESC NULLS LAST, m.no DESC

-- name: file_visits
SELECT {visit v} FROM visit v WHERE v.county = $1 AND v.household = $2
ORDER BY v.date DESC NULLS LAST, v.no DESC

-- name: file_contracts
SELECT {contract c} FROM contract c WHERE c.county = $1 AND c.household = $2
ORDER BY c.due DESC NULLS LAST, c.no DESC
