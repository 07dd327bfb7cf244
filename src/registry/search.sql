-- SPDX-License-Identifier: AGPL-3.0-or-later
-- Every list: household, hh_no, village, group_name, head_name, members, status, attr,
-- person, word; [$4, $5) are the villages

-- name: search_list
SELECT h.household, h.hh_no, h.village, h.group_name, h.head_name, h.members, h.status, h.attr,
	0, NULL
FROM search_house h
WHERE h.county = $1 AND (h.village, h.household) > ($2, $3) AND h.village >= $4 AND h.village < $5
	AND (h.attr = $7 OR $7 IS NULL) AND (h.status = $6 OR $6 IS NULL)
ORDER BY h.village, h.household LIMIT $8

-- name: search_list_status
SELECT h.household, h.hh_no, h.village, h.group_name, h.head_name, h.members, h.status, h.attr,
	0, NULL
FROM search_house h
WHERE h.county = $1 AND h.status = $6 AND (h.village, h.household) > ($2, $3)
	AND h.village >= $4 AND h.village < $5 AND (h.attr = $7 OR $7 IS NULL)
ORDER BY h.village, h.household LIMIT $8

-- name: search_list_attr
SELECT h.household, h.hh_no, h.village, h.group_name, h.head_name, h.members, h.status, h.attr,
	0, NULL
FROM search_house h
WHERE h.county = $1 AND h.attr = $7 AND (h.village, h.household) > ($2, $3)
	AND h.village >= $4 AND h.village < $5 AND (h.status = $6 OR $6 IS NULL)
ORDER BY h.village, h.household LIMIT $8

-- name: search_hh_no
SELECT h.household, h.hh_no, h.village, h.group_name, h.head_name, h.members, h.status, h.attr,
	0, h.hh_no
FROM search_house h
WHERE h.county = $1 AND h.hh_no >= $9 AND h.hh_no < $10 AND (h.hh_no, h.household) > ($2, $3)
	AND h.village >= $4 AND h.village < $5
	AND (h.status = $6 OR $6 IS NULL) AND (h.attr = $7 OR $7 IS NULL)
ORDER BY h.hh_no, h.household LIMIT $8

-- name: search_word
SELECT h.household, h.hh_no, h.village, h.group_name, h.head_name, h.members, h.status, h.attr,
	k.person, k.word
FROM search_key k JOIN search_house h ON h.county = $1 AND h.household = k.household
WHERE k.county = $1 AND k.word >= $9 AND k.word < $10
	AND (k.word, k.household, k.person) > ($2, $3, $11)
	AND k.village >= $4 AND k.village < $5
	AND (h.status = $6 OR $6 IS NULL) AND (h.attr = $7 OR $7 IS NULL)
	AND NOT EXISTS (SELECT 1 FROM search_key o WHERE o.county = $1
		AND o.household = k.household AND o.word >= $9 AND o.word < $10
		AND (o.word, o.person) < (k.word, k.person))
ORDER BY k.word, k.household, k.person LIMIT $8

-- name: search_word_village
SELECT h.household, h.hh_no, h.village, h.group_name, h.head_name, h.members, h.status, h.attr,
	k.person, k.word
FROM search_key k JOIN search_house h ON h.county = $1 AND h.household = k.household
WHERE k.county = $1 AND k.village = $4 AND k.word >= $9 AND k.word < $10
	AND (k.word, k.household, k.person) > ($2, $3, $11)
	AND (h.status = $6 OR $6 IS NULL) AND (h.attr = $7 OR $7 IS NULL)
	AND NOT EXISTS (SELECT 1 FROM search_key o WHERE o.county = $1
		AND o.household = k.household AND o.word >= $9 AND o.word < $10
		AND (o.word, o.person) < (k.word, k.person))
ORDER BY k.word, k.household, k.person LIMIT $8

-- name: search_id
SELECT DISTINCT h.household, h.hh_no, h.village, h.group_name, h.head_name, h.members, h.status,
	h.attr,
	p.no, NULL
FROM person p JOIN membership m ON m.county = $1 AND m.person = p.no
JOIN search_house h ON h.county = $1 AND h.household = m.household
WHERE p.county = $1 AND p.id_key = $2 AND m.recorded_to IS NULL
ORDER BY h.household LIMIT 100

-- name: search_findings
SELECT count(*) FROM finding f WHERE f.county = $1 AND f.household = $2
	AND f.state NOT IN ('fixed', 'answered', 'closed')

-- name: search_helper
SELECT d.helper FROM duty d WHERE d.county = $1 AND d.household = $2 AND d.recorded_to IS NULL
	AND (d.valid_to IS NULL OR d.valid_to >= $3)
ORDER BY d.valid_from DESC, d.no DESC LIMIT 1

-- name: search_name
SELECT p.name FROM person p WHERE p.county = $1 AND p.no = $2

-- What keeps the two tables up to date.

-- name: search_at
SELECT entry FROM search_at WHERE county = $1

-- name: search_at_set
INSERT INTO search_at (county, entry) VALUES ($1, $2)
ON CONFLICT (county) DO UPDATE SET entry = $2

-- name: search_last_entry
SELECT max(entry) FROM change WHERE county = $1

-- name: search_behind
SELECT count(*) FROM (SELECT 1 FROM change WHERE county = $1 AND entry > $2
	AND +tbl IN (1, 30, 31, 33, 34) LIMIT $3) c

-- name: search_known
SELECT count(*) FROM search_house WHERE county = $1

-- name: search_touched
SELECT c.rec FROM change c WHERE c.county = $1 AND c.entry > $2 AND +c.tbl = 30
UNION
SELECT m.household FROM change c JOIN membership m ON m.county = $1 AND m.no = c.rec
WHERE c.county = $1 AND c.entry > $2 AND +c.tbl = 34
UNION
SELECT m.household FROM change c JOIN membership m ON m.county = $1 AND m.person = c.rec
WHERE c.county = $1 AND c.entry > $2 AND +c.tbl IN (1, 33)
UNION
SELECT s.household FROM change c JOIN household_state s ON s.county = $1 AND s.no = c.rec
WHERE c.county = $1 AND c.entry > $2 AND +c.tbl = 31

-- name: search_house_read
SELECT no, hh_no, village, group_name, head_name FROM household
WHERE county = $1 AND no >= $2 AND no <= $3 ORDER BY no

-- name: search_states
SELECT household, kind, code FROM household_state
WHERE county = $1 AND household >= $2 AND household <= $3 AND recorded_to IS NULL
	AND valid_to IS NULL
ORDER BY household, valid_from, no

-- name: search_members
SELECT m.household, p.no, p.name FROM membership m
JOIN person p ON p.county = $1 AND p.no = m.person
WHERE m.county = $1 AND m.household >= $2 AND m.household <= $3 AND m.recorded_to IS NULL
	AND m.valid_to IS NULL
ORDER BY m.household, p.no

-- name: search_house_drop
DELETE FROM search_house WHERE county = $1 AND household >= $2 AND household <= $3

-- name: search_key_drop
DELETE FROM search_key WHERE county = $1 AND household >= $2 AND household <= $3

-- name: search_house_add
INSERT INTO search_house (county, household, village, hh_no, group_name, head_name, members,
	status, attr)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)

-- name: search_key_add
INSERT INTO search_key (county, household, person, kind, word, village)
VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (county, household, person, kind) DO NOTHING
