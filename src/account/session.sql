-- SPDX-License-Identifier: AGPL-3.0-or-later
-- name: session_find
SELECT account, created, last_seen FROM session
WHERE county = $1 AND token = $2 AND created > $3 AND last_seen > $4

-- name: session_add
INSERT INTO session (county, token, account, created, last_seen) VALUES ($1, $2, $3, $4, $4)

-- name: session_touch
UPDATE session SET last_seen = $3 WHERE county = $1 AND token = $2 AND last_seen < $3

-- name: session_drop
DELETE FROM session WHERE county = $1 AND token = $2

-- name: session_drop_account
DELETE FROM session WHERE county = $1 AND account = $2 AND token <> $3

-- name: session_purge
DELETE FROM session WHERE county = $1 AND (created <= $2 OR last_seen <= $3)

-- name: login_guard_get
SELECT failed, until, last FROM login_guard WHERE county = $1 AND kind = $2 AND name = $3

-- name: login_guard_set
INSERT INTO login_guard (county, kind, name, failed, until, last) VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (county, kind, name) DO UPDATE SET failed = $4, until = $5, last = $6

-- name: login_guard_drop
DELETE FROM login_guard WHERE county = $1 AND kind = $2 AND name = $3

-- name: login_guard_purge
DELETE FROM login_guard WHERE county = $1 AND last <= $2
