-- SPDX-License-Identifier: AGPL-3.0-or-later
-- name: pin_all
SELECT {pin p} FROM pin p WHERE p.county = $1 ORDER BY p.no

-- name: pin_of
SELECT {pin p} FROM pin p WHERE p.county = $1 AND p.ident = $2 AND p.field = $3

-- name: pin_of_household
SELECT {pin p} FROM pin p JOIN household h ON h.county = $1 AND h.no = p.household
WHERE p.county = $1 AND p.household = $2 AND {scope h.village h.no} ORDER BY p.no DESC

-- name: pin_conflicts
SELECT {pin p} FROM pin p JOIN household h ON h.county = $1 AND h.no = p.household
WHERE p.county = $1 AND p.conflict = 1 AND {scope h.village h.no} ORDER BY p.no DESC
