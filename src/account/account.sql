-- SPDX-License-Identifier: AGPL-3.0-or-later
-- name: account_by_login
SELECT {account a} FROM account a WHERE a.county = $1 AND a.login = $2

-- name: account_name
SELECT a.name FROM account a WHERE a.county = $1 AND a.login = $2

-- name: account_all
SELECT {account a} FROM account a WHERE a.county = $1 ORDER BY a.login
