-- SPDX-License-Identifier: AGPL-3.0-or-later
-- name: record_added
SELECT count(*) FROM change WHERE county = $1 AND entry > $2 AND tbl = $3 AND version = 1
