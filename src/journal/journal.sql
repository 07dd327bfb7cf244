-- SPDX-License-Identifier: AGPL-3.0-or-later
-- name: journal_last
SELECT e.no, e.at_ms, n.hash FROM entry e
	LEFT JOIN node n ON n.county = $1 AND n.level = 0 AND n.idx = e.no - 1
WHERE e.county = $1 ORDER BY e.no DESC LIMIT 1

-- name: journal_entry_add
INSERT INTO entry (county, no, at_ms, kind, actor, os_user, event_date, reason, command,
	source_file, source_hash, pack_version, pack_hash, changes, root)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)

-- name: journal_entries
SELECT no, at_ms, kind, actor, os_user, event_date, reason, command, source_file, source_hash,
	pack_version, pack_hash, changes, root
FROM entry WHERE county = $1 AND no >= $2 ORDER BY no

-- name: journal_change_add
INSERT INTO change (county, entry, seq, tbl, rec, version, op, digest, delta)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)

-- The same for new records of one table, sixteen at a time.
-- name: journal_change_add_16
INSERT INTO change (county, entry, seq, tbl, rec, version, op, digest) VALUES
	($1, $2, $4, $3, $5, 1, 'I', $6),
	($1, $2, $7, $3, $8, 1, 'I', $9),
	($1, $2, $10, $3, $11, 1, 'I', $12),
	($1, $2, $13, $3, $14, 1, 'I', $15),
	($1, $2, $16, $3, $17, 1, 'I', $18),
	($1, $2, $19, $3, $20, 1, 'I', $21),
	($1, $2, $22, $3, $23, 1, 'I', $24),
	($1, $2, $25, $3, $26, 1, 'I', $27),
	($1, $2, $28, $3, $29, 1, 'I', $30),
	($1, $2, $31, $3, $32, 1, 'I', $33),
	($1, $2, $34, $3, $35, 1, 'I', $36),
	($1, $2, $37, $3, $38, 1, 'I', $39),
	($1, $2, $40, $3, $41, 1, 'I', $42),
	($1, $2, $43, $3, $44, 1, 'I', $45),
	($1, $2, $46, $3, $47, 1, 'I', $48),
	($1, $2, $49, $3, $50, 1, 'I', $51)

-- name: journal_changes
SELECT entry, seq, tbl, rec, version, op, digest FROM change
WHERE county = $1 AND entry >= $2 ORDER BY entry, seq

-- name: journal_record_changes
SELECT rec, version, op, digest, delta, entry FROM change
WHERE county = $1 AND tbl = $2 ORDER BY rec, version DESC

-- name: journal_history
SELECT c.version, c.entry, e.at_ms, c.op, e.actor, e.reason, e.command, e.source_file, c.delta
FROM change c JOIN entry e ON e.county = $1 AND e.no = c.entry
WHERE c.county = $1 AND c.tbl = $2 AND c.rec = $3 ORDER BY c.version DESC

-- name: journal_change_tables
SELECT DISTINCT tbl FROM change WHERE county = $1 ORDER BY tbl

-- name: journal_erased
SELECT rec, entry FROM change WHERE county = $1 AND tbl = 1 ORDER BY rec

-- name: journal_purge
UPDATE change SET delta = NULL WHERE county = $1 AND tbl = $2 AND rec = $3

-- name: journal_node_add
INSERT INTO node (county, level, idx, hash) VALUES ($1, $2, $3, $4)

-- name: journal_node
SELECT hash FROM node WHERE county = $1 AND level = $2 AND idx = $3

-- name: journal_leaves
SELECT idx, hash FROM node WHERE county = $1 AND level = 0 AND idx >= $2 ORDER BY idx

-- name: journal_checkpoint_add
INSERT INTO checkpoint (county, size, at_ms, note) VALUES ($1, $2, $3, $4)

-- name: journal_checkpoint_last
SELECT note FROM checkpoint WHERE county = $1 ORDER BY size DESC LIMIT 1

-- name: journal_signed
SELECT max(size) FROM checkpoint WHERE county = $1

-- name: journal_checkpoints
SELECT size, note FROM checkpoint WHERE county = $1 ORDER BY size

-- name: journal_person_key_add
INSERT INTO person_key (county, person, wrapped) VALUES ($1, $2, $3)

-- name: journal_person_key_add_16
INSERT INTO person_key (county, person, wrapped) VALUES
	($1, $2, $3),
	($1, $4, $5),
	($1, $6, $7),
	($1, $8, $9),
	($1, $10, $11),
	($1, $12, $13),
	($1, $14, $15),
	($1, $16, $17),
	($1, $18, $19),
	($1, $20, $21),
	($1, $22, $23),
	($1, $24, $25),
	($1, $26, $27),
	($1, $28, $29),
	($1, $30, $31),
	($1, $32, $33)

-- name: journal_person_key_top
SELECT max(person) FROM person_key WHERE county = $1

-- name: journal_person_keys
SELECT person, wrapped FROM person_key WHERE county = $1 AND person >= $2 ORDER BY person LIMIT $3

-- name: journal_person_key_destroy
UPDATE person_key SET wrapped = NULL WHERE county = $1 AND person = $2

-- name: journal_tombstones
SELECT rec, version, delta FROM change
WHERE county = $1 AND tbl = $2 AND op = 'D' AND delta IS NOT NULL ORDER BY rec, version

-- name: journal_entry_changes
SELECT tbl, rec, version, op, digest FROM change WHERE county = $1 AND entry = $2 ORDER BY seq

-- name: journal_last_change
SELECT version, entry, seq, op, digest FROM change
WHERE county = $1 AND tbl = $2 AND rec = $3 ORDER BY version DESC LIMIT 1

-- name: journal_entry_count
SELECT count(*) FROM change WHERE county = $1 AND entry = $2

-- name: journal_key_states
SELECT person, CASE WHEN wrapped IS NULL THEN 1 ELSE 0 END FROM person_key
WHERE county = $1 ORDER BY person

-- name: journal_tombstone
SELECT op, delta FROM change WHERE county = $1 AND tbl = $2 AND rec = $3 ORDER BY version DESC LIMIT 1

-- name: journal_changes_since
SELECT c.tbl, c.rec, c.version, c.op, c.delta, e.no, e.at_ms, e.event_date, e.actor, e.reason,
	e.command, e.source_file
FROM entry e JOIN change c ON c.county = $1 AND c.entry = e.no
WHERE e.county = $1 AND e.at_ms >= $2 AND (e.command <> $3 OR e.command IS NULL OR $3 IS NULL)
	AND c.op IN ('I', 'U')
ORDER BY e.no, c.seq
