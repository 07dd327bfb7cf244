-- SPDX-License-Identifier: AGPL-3.0-or-later
-- Every list: household, hh_no, village, group_name, head_name, members, status, attr,
-- person, word.  A page begins behind ($2, $3): where the page before ended,
-- or before all that are wanted.

-- name: search_list
SELECT h.household, h.hh_no, h.village, h.group_name, h.head_name, h.members, h.status, h.attr,
	0, NULL
FROM search_house h
WHERE h.county = $1 AND {scope h.village h.household $2 $4}
	AND (h.village, h.household) > ($2, $3) AND h.village < $4
	AND (h.attr = $6 OR $6 IS NULL) AND (h.status = $5 OR $5 IS NULL)
ORDER BY h.village, h.household LIMIT $7

-- name: search_list_status
SELECT h.household, h.hh_no, h.village, h.group_name, h.head_name, h.members, h.status, h.attr,
	0, NULL
FROM search_house h
WHERE h.county = $1 AND {scope h.village h.household $2 $4} AND h.status = $5
	AND (h.village, h.household) > ($2, $3) AND h.village < $4
	AND (h.attr = $6 OR $6 IS NULL)
ORDER BY h.village, h.household LIMIT $7

-- name: search_list_attr
SELECT h.household, h.hh_no, h.village, h.group_name, h.head_name, h.members, h.status, h.attr,
	0, NULL
FROM search_house h
WHERE h.county = $1 AND {scope h.village h.household $2 $4} AND h.attr = $6
	AND (h.village, h.household) > ($2, $3) AND h.village < $4
	AND (h.status = $5 OR $5 IS NULL)
ORDER BY h.village, h.household LIMIT $7

-- Words come out of their index in order, one after the other; the outer loop keeps that order
-- and stops at the limit.  A narrow scope has an index of its own, whose rows are sorted before
-- anything else is read; with a wide one (search_word_wide) that would be most of the table, and
-- those that may not be seen are passed over in the order of words instead.
-- name: search_word @sqlite
SELECT h.household, h.hh_no, h.village, h.group_name, h.head_name, h.members, h.status, h.attr,
	k.person, k.word
FROM (SELECT household, person, word FROM search_key
	WHERE county = $1 AND {scope village household}
		AND (word, household, person) > ($2, $3, $11) AND word < $10
		AND village >= $4 AND village < $5
		AND (status = $6 OR $6 IS NULL) AND (attr = $7 OR $7 IS NULL)
	ORDER BY word, household, person LIMIT 1000000000) k
CROSS JOIN search_house h ON h.county = $1 AND h.household = k.household
WHERE NOT EXISTS (SELECT 1 FROM search_key o WHERE o.county = $1 AND o.household = k.household
	AND (o.word || '') >= $9 AND (o.word || '') < $10
	AND ((o.word || '') < k.word OR (o.word = k.word AND o.person < k.person)))
LIMIT $8

-- name: search_word_wide @sqlite
SELECT h.household, h.hh_no, h.village, h.group_name, h.head_name, h.members, h.status, h.attr,
	k.person, k.word
FROM (SELECT household, person, word FROM search_key INDEXED BY search_key_word
	WHERE county = $1 AND {scope +village household}
		AND (word, household, person) > ($2, $3, $11) AND word < $10
		AND +village >= $4 AND +village < $5
		AND (status = $6 OR $6 IS NULL) AND (attr = $7 OR $7 IS NULL)
	ORDER BY word, household, person LIMIT 1000000000) k
CROSS JOIN search_house h ON h.county = $1 AND h.household = k.household
WHERE NOT EXISTS (SELECT 1 FROM search_key o WHERE o.county = $1 AND o.household = k.household
	AND (o.word || '') >= $9 AND (o.word || '') < $10
	AND ((o.word || '') < k.word OR (o.word = k.word AND o.person < k.person)))
LIMIT $8

-- name: search_word_village @sqlite
SELECT h.household, h.hh_no, h.village, h.group_name, h.head_name, h.members, h.status, h.attr,
	k.person, k.word
FROM (SELECT household, person, word FROM search_key
	WHERE county = $1 AND {scope village household} AND village = $4
		AND (word, household, person) > ($2, $3, $11) AND word < $10
		AND (status = $6 OR $6 IS NULL) AND (attr = $7 OR $7 IS NULL)
	ORDER BY word, household, person LIMIT 1000000000) k
CROSS JOIN search_house h ON h.county = $1 AND h.household = k.household
WHERE NOT EXISTS (SELECT 1 FROM search_key o WHERE o.county = $1 AND o.household = k.household
	AND (o.word || '') >= $9 AND (o.word || '') < $10
	AND ((o.word || '') < k.word OR (o.word = k.word AND o.person < k.person)))
LIMIT $8

-- name: search_word @pg
SELECT h.household, h.hh_no, h.village, h.group_name, h.head_name, h.members, h.status, h.attr,
	k.person, k.word
FROM search_key k
JOIN search_house h ON h.county = $1 AND h.household = k.household
WHERE k.county = $1 AND {scope k.village k.household}
	AND (k.word, k.household, k.person) > ($2, $3, $11) AND k.word < $10
	AND k.village >= $4 AND k.village < $5 AND (k.status = $6 OR $6 IS NULL)
	AND (k.attr = $7 OR $7 IS NULL)
	AND NOT EXISTS (SELECT 1 FROM search_key o WHERE o.county = $1 AND o.household = k.household
		AND o.word >= $9 AND o.word < $10
		AND (o.word < k.word OR (o.word = k.word AND o.person < k.person)))
ORDER BY k.word, k.household, k.person LIMIT $8

-- PostgreSQL sees which list of the scope is bound and plans by it: the same text.
-- name: search_word_wide @pg as search_word

-- name: search_word_village @pg
SELECT h.household, h.hh_no, h.village, h.group_name, h.head_name, h.members, h.status, h.attr,
	k.person, k.word
FROM search_key k
JOIN search_house h ON h.county = $1 AND h.household = k.household
WHERE k.county = $1 AND {scope k.village k.household} AND k.village = $4
	AND (k.word, k.household, k.person) > ($2, $3, $11) AND k.word < $10 AND (k.status = $6 OR $6 IS NULL)
	AND (k.attr = $7 OR $7 IS NULL)
	AND NOT EXISTS (SELECT 1 FROM search_key o WHERE o.county = $1 AND o.household = k.household
		AND o.word >= $9 AND o.word < $10
		AND (o.word < k.word OR (o.word = k.word AND o.person < k.person)))
ORDER BY k.word, k.household, k.person LIMIT $8

-- name: search_id
SELECT DISTINCT h.household, h.hh_no, h.village, h.group_name, h.head_name, h.members, h.status,
	h.attr,
	p.no, NULL
FROM person p JOIN membership m ON m.county = $1 AND m.person = p.no
JOIN search_house h ON h.county = $1 AND h.household = m.household
WHERE p.county = $1 AND p.id_key = $2 AND m.recorded_to IS NULL
	AND {scope h.village h.household}
ORDER BY h.household LIMIT 100

-- name: search_findings
SELECT count(*) FROM finding f WHERE f.county = $1 AND f.household = $2
	AND f.state NOT IN ('fixed', 'answered', 'closed')

-- name: search_helper
SELECT d.helper FROM duty d WHERE d.county = $1 AND d.household = $2 AND d.recorded_to IS NULL
	AND (d.valid_to IS NULL OR d.valid_to >= $3)
ORDER BY d.valid_from DESC NULLS LAST, d.no DESC LIMIT 1

-- name: search_name
SELECT p.name FROM person p WHERE p.county = $1 AND p.no = $2

-- What keeps the two tables up to date.

-- name: search_at
SELECT entry FROM search_at WHERE county = $1

-- name: search_at_set
INSERT INTO search_at (county, entry) VALUES ($1, $2)
ON CONFLICT (county) DO UPDATE SET entry = $2 WHERE search_at.entry < $2

-- name: search_last_entry
SELECT max(entry) FROM change WHERE county = $1

-- name: search_entry_before
SELECT max(entry) FROM change WHERE county = $1 AND entry < $2

-- name: search_last_household
SELECT max(no) FROM household WHERE county = $1

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
ORDER BY 1

-- name: search_house_read
SELECT no, hh_no, village, group_name, head_name FROM household
WHERE county = $1 AND no >= $2 AND no <= $3 ORDER BY no

-- name: search_states
SELECT household, kind, code FROM household_state
WHERE county = $1 AND household >= $2 AND household <= $3 AND recorded_to IS NULL
	AND valid_to IS NULL
ORDER BY household, valid_from NULLS FIRST, no

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
INSERT INTO search_key (county, household, person, kind, word, village, status, attr)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
ON CONFLICT (county, household, person, kind) DO NOTHING
