-- SPDX-License-Identifier: AGPL-3.0-or-later
-- name: life_list
SELECT {finding f}, h.hh_no, h.head_name, p.name FROM finding f
LEFT JOIN household h ON h.county = $1 AND h.no = f.household
LEFT JOIN person p ON p.county = $1 AND p.no = f.person
WHERE f.county = $1 AND {scope f.village f.household} AND f.no > $2 AND (f.state = $3 OR $3 IS NULL) AND (f.rule = $4 OR $4 IS NULL)
ORDER BY f.no

-- name: life_list_area
SELECT {finding f}, h.hh_no, h.head_name, p.name FROM finding f
LEFT JOIN household h ON h.county = $1 AND h.no = f.household
LEFT JOIN person p ON p.county = $1 AND p.no = f.person
WHERE f.county = $1 AND {scope f.village f.household} AND f.no > $2 AND (f.state = $3 OR $3 IS NULL) AND (f.rule = $4 OR $4 IS NULL)
	AND f.village >= $5 AND f.village < $6
ORDER BY f.no

-- name: life_list_assignee
SELECT {finding f}, h.hh_no, h.head_name, p.name FROM finding f
LEFT JOIN household h ON h.county = $1 AND h.no = f.household
LEFT JOIN person p ON p.county = $1 AND p.no = f.person
WHERE f.county = $1 AND {scope f.village f.household} AND f.assignee = $5 AND f.no > $2 AND (f.state = $3 OR $3 IS NULL)
	AND (f.rule = $4 OR $4 IS NULL)
ORDER BY f.no

-- name: life_list_household
SELECT {finding f}, h.hh_no, h.head_name, p.name FROM finding f
LEFT JOIN household h ON h.county = $1 AND h.no = f.household
LEFT JOIN person p ON p.county = $1 AND p.no = f.person
WHERE f.county = $1 AND {scope f.village f.household} AND f.household = $5 AND f.no > $2 AND (f.state = $3 OR $3 IS NULL)
	AND (f.rule = $4 OR $4 IS NULL)
ORDER BY f.no

-- name: life_get
SELECT {finding f}, h.hh_no, h.head_name, p.name FROM finding f
LEFT JOIN household h ON h.county = $1 AND h.no = f.household
LEFT JOIN person p ON p.county = $1 AND p.no = f.person
WHERE f.county = $1 AND {scope f.village f.household} AND f.no = $2

-- name: life_counts
SELECT f.village, f.rule, f.source, f.state, f.answer, count(*),
	sum(CASE WHEN f.due < $2 AND f.state NOT IN ('fixed', 'answered', 'closed') THEN 1 ELSE 0 END)
FROM finding f WHERE f.county = $1 AND {scope f.village f.household}
GROUP BY f.village, f.rule, f.source, f.state, f.answer
ORDER BY f.village NULLS FIRST, f.rule NULLS FIRST, f.source NULLS FIRST, f.state NULLS FIRST,
	f.answer NULLS FIRST
