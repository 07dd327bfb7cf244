-- SPDX-License-Identifier: AGPL-3.0-or-later
-- name: attach_of
SELECT {attachment t} FROM attachment t WHERE t.county = $1 AND t.tbl = $2 AND t.rec = $3
ORDER BY t.no DESC

-- name: attach_of_household
SELECT {attachment t} FROM attachment t WHERE t.county = $1 AND t.household = $2
ORDER BY t.no DESC

-- name: attach_by_hash
SELECT {attachment t} FROM attachment t WHERE t.county = $1 AND t.hash = $2 ORDER BY t.no

-- name: attach_hash_used
SELECT 1 FROM attachment WHERE county = $1 AND hash = $2 LIMIT 1
