-- SPDX-License-Identifier: AGPL-3.0-or-later
-- name: db_schema_version
SELECT max(version) FROM schema_version

-- name: db_schema_version_add
INSERT INTO schema_version (version, name, at_ms) VALUES ($2, $3, $4)

-- name: db_counter_take
INSERT INTO counter (county, name, next) VALUES ($1, $2, $3 + 1)
ON CONFLICT (county, name) DO UPDATE SET next = counter.next + $3
RETURNING next

-- name: db_county_known
SELECT count(*) FROM counter WHERE county = $1 AND name <> '(lease)'

-- name: db_counter_next
SELECT next FROM counter WHERE county = $1 AND name = $2
