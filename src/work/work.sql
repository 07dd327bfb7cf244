-- SPDX-License-Identifier: AGPL-3.0-or-later
-- Meetings, tasks, policies, requests, duties, the day sheet.

-- name: meeting_list
SELECT {meeting m},
	(SELECT count(*) FROM attendance x WHERE x.county = $1 AND x.meeting = m.no),
	(SELECT count(*) FROM attendance x WHERE x.county = $1 AND x.meeting = m.no
		AND x.presence IN ('present', 'substitute')),
	(SELECT count(*) FROM decision d WHERE d.county = $1 AND d.meeting = m.no),
	count(*) FILTER (WHERE t.state <> 'cancelled'),
	count(*) FILTER (WHERE t.state IN ('proven', 'checked')),
	count(*) FILTER (WHERE t.state = 'closed'),
	count(*) FILTER (WHERE t.due < $2
		AND t.state IN ('issued', 'acknowledged', 'under_way', 'returned'))
FROM meeting m
LEFT JOIN decision d ON d.county = $1 AND d.meeting = m.no
LEFT JOIN task t ON t.county = $1 AND t.decision = d.no AND t.parent IS NULL
WHERE m.county = $1 AND (m.date < $3 OR (m.date = $3 AND m.no < $4))
GROUP BY m.county, m.no ORDER BY m.date DESC, m.no DESC LIMIT $5

-- name: attendance_of_meeting
SELECT {attendance x} FROM attendance x WHERE x.county = $1 AND x.meeting = $2 ORDER BY x.line NULLS FIRST, x.no

-- name: decisions_of_meeting
SELECT {decision d},
	count(*) FILTER (WHERE t.state <> 'cancelled'),
	count(*) FILTER (WHERE t.state IN ('proven', 'checked')),
	count(*) FILTER (WHERE t.state = 'closed'),
	count(*) FILTER (WHERE t.due < $3
		AND t.state IN ('issued', 'acknowledged', 'under_way', 'returned'))
FROM decision d
LEFT JOIN task t ON t.county = $1 AND t.decision = d.no AND t.parent IS NULL
WHERE d.county = $1 AND d.meeting = $2
GROUP BY d.county, d.no ORDER BY d.line NULLS FIRST, d.no

-- name: decision_last_line
SELECT max(d.line) FROM decision d WHERE d.county = $1 AND d.meeting = $2

-- name: task_list
SELECT {task t}, a.name, i.name, d.text, d.meeting,
	(SELECT count(*) FROM task c WHERE c.county = $1 AND c.parent = t.no),
	(SELECT count(*) FROM task c WHERE c.county = $1 AND c.parent = t.no
		AND c.state NOT IN ('closed', 'cancelled'))
FROM task t
LEFT JOIN account a ON a.county = $1 AND a.no = t.account
LEFT JOIN account i ON i.county = $1 AND i.no = t.issued_by
LEFT JOIN decision d ON d.county = $1 AND d.no = t.decision
WHERE t.county = $1 AND (t.due, t.no) > ($15, $16)
	AND ($2 = 1 OR t.account = $3 OR t.issued_by = $3 OR t.unit = $4
		OR t.area {any $5})
	AND (t.state = $6 OR $6 IS NULL
		OR ($6 = 'open' AND t.state NOT IN ('closed', 'cancelled')))
	AND (t.unit = $7 OR $7 IS NULL) AND (t.area = $8 OR $8 IS NULL)
	AND (t.decision = $9 OR $9 IS NULL) AND (d.meeting = $10 OR $10 IS NULL)
	AND (t.parent = $11 OR $11 IS NULL OR ($11 = -1 AND t.parent IS NULL))
	AND ($12 = 0 OR t.account = $3 OR (t.account IS NULL
		AND (t.unit = $4 OR t.area {any $5})))
	AND ($13 = 0 OR (t.due < $14
		AND t.state IN ('issued', 'acknowledged', 'under_way', 'returned')))
	AND ($18 = 0 OR (t.issued <= $14 AND t.due < $14 AND (t.closed IS NULL OR t.closed > $14)
		AND (t.cancelled IS NULL OR t.cancelled > $14) AND (t.proven IS NULL OR t.proven > $14)))
ORDER BY t.due, t.no LIMIT $17

-- name: task_one
SELECT {task t}, a.name, i.name, d.text, d.meeting,
	(SELECT count(*) FROM task c WHERE c.county = $1 AND c.parent = t.no),
	(SELECT count(*) FROM task c WHERE c.county = $1 AND c.parent = t.no
		AND c.state NOT IN ('closed', 'cancelled'))
FROM task t
LEFT JOIN account a ON a.county = $1 AND a.no = t.account
LEFT JOIN account i ON i.county = $1 AND i.no = t.issued_by
LEFT JOIN decision d ON d.county = $1 AND d.no = t.decision
WHERE t.county = $1 AND t.no = $2

-- name: events_of_task
SELECT {task_event v} FROM task_event v WHERE v.county = $1 AND v.task = $2 ORDER BY v.no

-- name: task_children
SELECT {task t} FROM task t WHERE t.county = $1 AND t.parent = $2 ORDER BY t.no

-- name: task_open_children
SELECT count(*) FROM task t WHERE t.county = $1 AND t.parent = $2
	AND t.state NOT IN ('closed', 'cancelled')

-- name: task_files
SELECT count(*) FROM attachment x WHERE x.county = $1 AND x.tbl = 'task' AND x.rec = $2

-- name: account_is_active
SELECT count(*) FROM account a WHERE a.county = $1 AND a.no = $2 AND coalesce(a.disabled, 0) = 0

-- name: policy_list
SELECT {policy p},
	(SELECT min(q.no) FROM policy q WHERE q.county = $1 AND q.replaces = p.no
		AND coalesce(q.withdrawn, 0) = 0),
	(SELECT count(*) FROM account a WHERE a.county = $1 AND coalesce(a.disabled, 0) = 0
		AND (p.readers IS NULL OR {word a.role p.readers})),
	(SELECT count(*) FROM policy_read r
		JOIN account a ON a.county = $1 AND a.no = r.account
		WHERE r.county = $1 AND r.policy = p.no AND coalesce(a.disabled, 0) = 0
		AND (p.readers IS NULL OR {word a.role p.readers})),
	(SELECT r.at FROM policy_read r WHERE r.county = $1 AND r.policy = p.no AND r.account = $2)
FROM policy p
WHERE p.county = $1 AND (p.issued < $3 OR (p.issued = $3 AND p.no < $4))
ORDER BY p.issued DESC, p.no DESC LIMIT $5

-- name: policy_one
SELECT {policy p},
	(SELECT min(q.no) FROM policy q WHERE q.county = $1 AND q.replaces = p.no
		AND coalesce(q.withdrawn, 0) = 0),
	(SELECT count(*) FROM account a WHERE a.county = $1 AND coalesce(a.disabled, 0) = 0
		AND (p.readers IS NULL OR {word a.role p.readers})),
	(SELECT count(*) FROM policy_read r
		JOIN account a ON a.county = $1 AND a.no = r.account
		WHERE r.county = $1 AND r.policy = p.no AND coalesce(a.disabled, 0) = 0
		AND (p.readers IS NULL OR {word a.role p.readers})),
	(SELECT r.at FROM policy_read r WHERE r.county = $1 AND r.policy = p.no AND r.account = $2)
FROM policy p
WHERE p.county = $1 AND p.no = $3

-- name: policy_readers
SELECT a.login, a.name, a.role, a.unit, r.at
FROM policy p
JOIN account a ON a.county = $1 AND coalesce(a.disabled, 0) = 0
	AND (p.readers IS NULL OR {word a.role p.readers})
LEFT JOIN policy_read r ON r.county = $1 AND r.policy = p.no AND r.account = a.no
WHERE p.county = $1 AND p.no = $2
ORDER BY r.at IS NOT NULL, r.at, a.login

-- name: policy_unread
SELECT count(*) FROM policy p JOIN account a ON a.county = $1 AND a.no = $2
WHERE p.county = $1 AND coalesce(p.withdrawn, 0) = 0
	AND (p.valid_to IS NULL OR p.valid_to >= $3)
	AND (p.readers IS NULL OR {word a.role p.readers})
	AND NOT EXISTS (SELECT 1 FROM policy_read r WHERE r.county = $1 AND r.policy = p.no
		AND r.account = a.no)
	AND NOT EXISTS (SELECT 1 FROM policy q WHERE q.county = $1 AND q.replaces = p.no
		AND coalesce(q.withdrawn, 0) = 0)

-- name: request_list
SELECT {ledger_request r} FROM ledger_request r
WHERE r.county = $1 AND (r.due, r.no) > ($10, $11)
	AND ($2 = 1 OR r.account = $3 OR r.unit = $4)
	AND (r.state = $5 OR $5 IS NULL) AND (r.unit = $6 OR $6 IS NULL)
	AND (r.layout = $7 OR $7 IS NULL)
	AND ($8 = 0 OR (r.state = 'open' AND r.due < $9))
ORDER BY r.due, r.no LIMIT $12

-- name: request_open
SELECT {ledger_request r} FROM ledger_request r WHERE r.county = $1 AND r.state = 'open'
ORDER BY r.no

-- Duties.  In force on day $2: recorded and not superseded, begun, not ended.

-- name: household_exists
SELECT count(*) FROM household h WHERE h.county = $1 AND h.no = $2
	AND {scope h.village h.no}

-- name: duty_of_household
SELECT {duty d} FROM duty d WHERE d.county = $1 AND d.household = $2 AND d.recorded_to IS NULL
	AND d.helper IS NOT NULL ORDER BY d.no

-- name: duty_list
SELECT h.no, h.hh_no, h.village, h.group_name, h.head_name, d.no, d.helper, d.unit, d.valid_from,
	d.valid_to, d.ledger IS NULL,
	(SELECT count(DISTINCT length(o.helper) || ' ' || o.helper || coalesce(o.unit, '')) FROM duty o
		WHERE o.county = $1 AND o.household = d.household AND o.recorded_to IS NULL
		AND o.helper IS NOT NULL AND (o.valid_from IS NULL OR o.valid_from <= $2)
		AND (o.valid_to IS NULL OR o.valid_to > $2)
		AND (o.helper <> d.helper OR coalesce(o.unit, '') <> coalesce(d.unit, ''))),
	(SELECT count(DISTINCT o.household) FROM duty o
		WHERE o.county = $1 AND o.helper = d.helper
		AND coalesce(o.unit, '') = coalesce(d.unit, '') AND o.recorded_to IS NULL
		AND (o.valid_from IS NULL OR o.valid_from <= $2)
		AND (o.valid_to IS NULL OR o.valid_to > $2))
FROM household h
JOIN duty d ON d.county = $1 AND d.household = h.no
WHERE h.county = $1 AND {scope h.village h.no}
	AND (h.no, d.no) > ($4, $8) AND d.recorded_to IS NULL AND d.helper IS NOT NULL
	AND (d.valid_from IS NULL OR d.valid_from <= $2) AND (d.valid_to IS NULL OR d.valid_to > $2)
	AND (h.village = $3 OR $3 IS NULL) AND (d.helper = $6 OR $6 IS NULL)
	AND (d.unit = $7 OR $7 IS NULL)
ORDER BY h.no, d.no LIMIT $5

-- name: duty_unassigned
SELECT h.no, h.hh_no, h.village, h.group_name, h.head_name, NULL, NULL, NULL, NULL, NULL, 0, 0, 0
FROM household h
WHERE h.county = $1 AND {scope h.village h.no}
	AND h.no > $4 AND (h.village = $3 OR $3 IS NULL)
	AND NOT EXISTS (SELECT 1 FROM duty d WHERE d.county = $1 AND d.household = h.no
		AND d.recorded_to IS NULL AND d.helper IS NOT NULL
		AND (d.valid_from IS NULL OR d.valid_from <= $2)
		AND (d.valid_to IS NULL OR d.valid_to > $2))
	AND NOT EXISTS (SELECT 1 FROM household_state s WHERE s.county = $1
		AND s.household = h.no AND s.kind = 'status' AND s.code = 'ordinary'
		AND s.recorded_to IS NULL AND (s.valid_from IS NULL OR s.valid_from <= $2)
		AND (s.valid_to IS NULL OR s.valid_to > $2))
ORDER BY h.no LIMIT $5

-- name: duty_overlapping
SELECT h.no, h.hh_no, h.village, h.group_name, h.head_name, d.no, d.helper, d.unit, d.valid_from,
	d.valid_to, d.ledger IS NULL, 1, 0
FROM household h
JOIN duty d ON d.county = $1 AND d.household = h.no
WHERE h.county = $1 AND {scope h.village h.no}
	AND (h.no, d.no) > ($4, $8) AND d.recorded_to IS NULL AND d.helper IS NOT NULL
	AND (d.valid_from IS NULL OR d.valid_from <= $2) AND (d.valid_to IS NULL OR d.valid_to > $2)
	AND (h.village = $3 OR $3 IS NULL) AND (d.helper = $6 OR $6 IS NULL)
	AND (d.unit = $7 OR $7 IS NULL)
	AND EXISTS (SELECT 1 FROM duty o WHERE o.county = $1 AND o.household = d.household
		AND o.recorded_to IS NULL AND o.helper IS NOT NULL
		AND (o.valid_from IS NULL OR o.valid_from <= $2)
		AND (o.valid_to IS NULL OR o.valid_to > $2)
		AND (o.helper <> d.helper OR coalesce(o.unit, '') <> coalesce(d.unit, '')))
ORDER BY h.no, d.no LIMIT $5

-- name: duty_ended
SELECT h.no, h.hh_no, h.village, h.group_name, h.head_name, d.no, d.helper, d.unit, d.valid_from,
	d.valid_to, d.ledger IS NULL, 0, 0
FROM household h
JOIN duty d ON d.county = $1 AND d.household = h.no
WHERE h.county = $1 AND {scope h.village h.no}
	AND (h.no, d.no) > ($4, $8) AND d.recorded_to IS NULL AND d.helper IS NOT NULL
	AND d.valid_to <= $2
	AND (h.village = $3 OR $3 IS NULL) AND (d.helper = $6 OR $6 IS NULL)
	AND (d.unit = $7 OR $7 IS NULL)
	AND NOT EXISTS (SELECT 1 FROM duty o WHERE o.county = $1 AND o.household = d.household
		AND o.recorded_to IS NULL AND o.helper IS NOT NULL
		AND (o.valid_to IS NULL OR o.valid_to > $2))
ORDER BY h.no, d.no LIMIT $5

-- name: duty_helpers
SELECT d.helper, coalesce(d.unit, ''), count(DISTINCT d.household), count(DISTINCT h.village)
FROM duty d
JOIN household h ON h.county = $1 AND h.no = d.household
WHERE d.county = $1 AND {scope h.village h.no} AND d.recorded_to IS NULL AND d.helper IS NOT NULL
	AND (d.valid_from IS NULL OR d.valid_from <= $2) AND (d.valid_to IS NULL OR d.valid_to > $2)
GROUP BY d.helper, coalesce(d.unit, '')
ORDER BY 3 DESC, 1, 2

-- name: duty_villages
SELECT coalesce(x.village, ''), count(*), count(*) FILTER (WHERE x.helpers = 0 AND x.ordinary = 0),
	count(*) FILTER (WHERE x.helpers > 1),
	sum(x.helpers)
FROM (SELECT h.village AS village,
		(SELECT count(DISTINCT length(d.helper) || ' ' || d.helper || coalesce(d.unit, '')) FROM duty d
			WHERE d.county = $1 AND d.household = h.no AND d.recorded_to IS NULL
			AND d.helper IS NOT NULL AND (d.valid_from IS NULL OR d.valid_from <= $2)
			AND (d.valid_to IS NULL OR d.valid_to > $2)) AS helpers,
		(SELECT count(*) FROM household_state s WHERE s.county = $1
			AND s.household = h.no AND s.kind = 'status' AND s.code = 'ordinary'
			AND s.recorded_to IS NULL AND (s.valid_from IS NULL OR s.valid_from <= $2)
			AND (s.valid_to IS NULL OR s.valid_to > $2)) AS ordinary
	FROM household h WHERE h.county = $1 AND {scope h.village h.no}) x
GROUP BY coalesce(x.village, '') ORDER BY 1

-- name: village_duties
SELECT {village_duty v} FROM village_duty v
WHERE v.county = $1 AND v.recorded_to IS NULL AND (v.village = $2 OR $2 IS NULL)
	AND ($3 = 0 OR ((v.valid_from IS NULL OR v.valid_from <= $3)
		AND (v.valid_to IS NULL OR v.valid_to > $3)))
ORDER BY v.village NULLS FIRST, v.role NULLS FIRST, v.no

-- The day sheet.  $2 the day, $3 the first day of the period whose pace counts.

-- name: sheet_findings
SELECT coalesce(f.village, ''),
	count(*) FILTER (WHERE f.closed IS NULL OR f.closed > $2),
	count(*) FILTER (WHERE f.first_seen = $2),
	count(*) FILTER (WHERE f.closed = $2),
	count(*) FILTER (WHERE (f.closed IS NULL OR f.closed > $2) AND f.due < $2
		AND (f.answered IS NULL OR f.answered > $2 OR f.state IN ('returned', 'reopened'))),
	count(*) FILTER (WHERE f.closed >= $3 AND f.closed <= $2),
	count(*) FILTER (WHERE (f.closed IS NULL OR f.closed > $2) AND f.answered <= $2
		AND f.state NOT IN ('returned', 'reopened'))
FROM finding f
WHERE f.county = $1 AND f.first_seen <= $2 AND {scope f.village f.household}
GROUP BY coalesce(f.village, '') ORDER BY 1

-- name: sheet_findings_by_unit
SELECT coalesce(f.assignee_unit, ''),
	count(*) FILTER (WHERE f.closed IS NULL OR f.closed > $2),
	count(*) FILTER (WHERE f.first_seen = $2),
	count(*) FILTER (WHERE f.closed = $2),
	count(*) FILTER (WHERE (f.closed IS NULL OR f.closed > $2) AND f.due < $2
		AND (f.answered IS NULL OR f.answered > $2 OR f.state IN ('returned', 'reopened'))),
	count(*) FILTER (WHERE f.closed >= $3 AND f.closed <= $2),
	count(*) FILTER (WHERE (f.closed IS NULL OR f.closed > $2) AND f.answered <= $2
		AND f.state NOT IN ('returned', 'reopened'))
FROM finding f
WHERE f.county = $1 AND f.first_seen <= $2 AND {scope f.village f.household}
	AND f.assignee_unit IS NOT NULL
GROUP BY coalesce(f.assignee_unit, '') ORDER BY 1

-- name: sheet_tasks
SELECT coalesce(CASE WHEN $4 = 1 THEN t.unit ELSE t.area END, ''),
	count(*) FILTER (WHERE (t.closed IS NULL OR t.closed > $2)
		AND (t.cancelled IS NULL OR t.cancelled > $2)),
	count(*) FILTER (WHERE t.issued = $2),
	count(*) FILTER (WHERE t.closed = $2),
	count(*) FILTER (WHERE (t.closed IS NULL OR t.closed > $2)
		AND (t.cancelled IS NULL OR t.cancelled > $2)
		AND (t.proven IS NULL OR t.proven > $2) AND t.due < $2),
	count(*) FILTER (WHERE t.closed >= $3 AND t.closed <= $2),
	count(*) FILTER (WHERE (t.closed IS NULL OR t.closed > $2)
		AND (t.cancelled IS NULL OR t.cancelled > $2) AND t.proven <= $2)
FROM task t
WHERE t.county = $1 AND t.issued <= $2
GROUP BY 1 ORDER BY 1

-- name: sheet_requests
SELECT r.unit,
	count(*) FILTER (WHERE (r.returned IS NULL OR r.returned > $2) AND r.state <> 'cancelled'),
	count(*) FILTER (WHERE r.requested = $2),
	count(*) FILTER (WHERE r.returned = $2),
	count(*) FILTER (WHERE (r.returned IS NULL OR r.returned > $2) AND r.state <> 'cancelled'
		AND r.due < $2),
	count(*) FILTER (WHERE r.returned >= $3 AND r.returned <= $2),
	0
FROM ledger_request r
WHERE r.county = $1 AND r.requested <= $2
GROUP BY r.unit ORDER BY r.unit NULLS FIRST

-- name: today_tasks
SELECT count(*) FILTER (WHERE t.state NOT IN ('closed', 'cancelled')),
	count(*) FILTER (WHERE t.state = 'issued'),
	count(*) FILTER (WHERE t.state = 'returned'),
	count(*) FILTER (WHERE t.due < $2
		AND t.state IN ('issued', 'acknowledged', 'under_way', 'returned'))
FROM task t
WHERE t.county = $1
	AND (t.account = $3 OR (t.account IS NULL
		AND (t.unit = $4 OR t.area {any $5})))

-- name: today_to_check
SELECT count(*), count(*) FILTER (WHERE t.due < $4) FROM task t
WHERE t.county = $1 AND t.state IN ('proven', 'checked')
	AND ($2 = 1 OR t.issued_by = $3) AND coalesce(t.proven_by, 0) <> $3

-- name: today_requests
SELECT count(*), count(*) FILTER (WHERE r.due < $5) FROM ledger_request r
WHERE r.county = $1 AND r.state = 'open' AND ($2 = 1 OR r.account = $3 OR r.unit = $4)

-- name: today_findings
SELECT count(*), count(*) FILTER (WHERE f.state IN ('returned', 'reopened')),
	count(*) FILTER (WHERE f.due < $3)
FROM finding f
WHERE f.county = $1 AND f.assignee = $2 AND {scope f.village f.household}
	AND f.state IN ('assigned', 'checked', 'returned', 'reopened')

-- name: today_to_review
SELECT count(*) FROM finding f
WHERE f.county = $1 AND f.state = 'answered'
	AND coalesce(f.answered_login, '') <> $2 AND coalesce(f.assignee, '') <> $2
	AND {scope f.village f.household}
