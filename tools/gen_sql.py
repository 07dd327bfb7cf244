#!/usr/bin/env python3
# SPDX-License-Identifier: AGPL-3.0-or-later
"""Embeds the statements of src/*/*.sql and the migrations.

usage: gen_sql.py SOURCE_ROOT OUT.h OUT.c
       gen_sql.py --self-test

Writes an output only when it differs, so nothing is rebuilt for nothing.
A block starts with `-- name: x`, or `-- name: x @pg` / `@sqlite` where the
engines differ; `-- name: x @pg as y` says that x is there the same text as y, and
has none of its own.  Several rows of one INSERT are OR FAIL in SQLite: what went in
before a row that fails stays, which the end of the transaction takes back; without
it every page the statement changes would be copied, to take back just that.
Refused: unknown engines and names, double names, `SELECT *`, and what only one engine
understands.
"""
import pathlib
import re
import sys
import tempfile

ENGINES = ("sqlite", "pg")
NAME = re.compile(r"^-- name: ([a-z][a-z0-9_]*)(?: @(\w+)(?: as ([a-z][a-z0-9_]*))?)?\s*$")
BANNED = (
    (re.compile(r"\bselect\s+\*", re.I), "SELECT * (name the columns)"),
    (re.compile(r"\bautoincrement\b", re.I), "AUTOINCREMENT"),
    (re.compile(r"\bnow\s*\(|\bdatetime\s*\(", re.I), "the clock (bind the time)"),
    (re.compile(r"\brandom\s*\(", re.I), "random()"),
    (re.compile(r"\binsert\s+or\b|\breplace\s+into\b", re.I), "INSERT OR (use ON CONFLICT)"),
    (re.compile(r"\bcreate\s+trigger\b", re.I), "triggers"),
)


class Like:
    """A statement whose text is another's."""

    def __init__(self, path, line, name):
        self.path, self.line, self.name = path, line, name


def fail(path, line, why):
    sys.exit(f"{path}:{line}: {why}")


def c_string(text):
    out = []
    for line in text.split("\n"):
        line = line.replace("\\", "\\\\").replace('"', '\\"')
        out.append(f'"{line}\\n"')
    out[-1] = out[-1][:-3] + '"'
    return "\n\t".join(out)


def tidy(lines):
    kept = [l.split(" -- ")[0].rstrip() for l in lines if not l.lstrip().startswith("--")]
    return "\n".join(l for l in kept if l.strip()).strip().rstrip(";").rstrip()


def check(path, line, text):
    for pattern, why in BANNED:
        if pattern.search(text):
            fail(path, line, f"not allowed here: {why}")


def read_blocks(path, blocks):
    name = engine = like = None
    lines, start = [], 0

    def close():
        if name is None:
            return
        text = tidy(lines)
        if like and text:
            fail(path, start, f"{name}: a text of its own beside `as {like}`")
        if not text and not like:
            fail(path, start, f"{name}: empty")
        if ";" in text:
            fail(path, start, f"{name}: more than one statement")
        check(path, start, text)
        texts = blocks.setdefault(name, {})
        if (engine or "both") in texts:
            fail(path, start, f"{name}: there already")
        texts[engine or "both"] = Like(path, start, like) if like else text

    for number, line in enumerate(path.read_text(encoding="utf-8").split("\n"), 1):
        head = NAME.match(line)
        if head:
            close()
            name, engine, like = head.groups()
            lines, start = [], number
            if engine and engine not in ENGINES:
                fail(path, number, f"unknown engine {engine}")
        elif line.startswith("-- name"):
            fail(path, number, "malformed name")
        elif name is None and line.strip() and not line.startswith("--"):
            fail(path, number, "a statement without a name")
        else:
            lines.append(line)
    close()


# How a migration for SQLite reads for PostgreSQL: types, and what only SQLite needs to know.
TYPES = (("INTEGER", "bigint"), ("TEXT", 'text COLLATE "C"'), ("BLOB", "bytea"))
SQLITE_ONLY = re.compile(r"^(ANALYZE|(INSERT INTO|DELETE FROM) sqlite_stat1)\b")


def as_pg(statement):
    for sqlite, pg in TYPES:
        statement = re.sub(rf"\b{sqlite}\b", pg, statement)
    return re.sub(r"\) (WITHOUT ROWID, )?STRICT$", ")", statement)


def check_twins(found):
    """Both engines get the same tables, columns and indexes, in the same order."""
    texts = {(n, e): (name, parts) for n, name, e, parts in found}
    for number, engine in sorted(texts):
        if engine != "sqlite":
            continue
        name, parts = texts[number, engine]
        wanted = [as_pg(p) for p in parts if not SQLITE_ONLY.match(p)]
        for want, have in zip(wanted, texts[number, "pg"][1] + [""] * len(wanted)):
            if want != have:
                sys.exit(f"migrations/{number:04d}_{name}.pg.sql: should be\n{want}\nand is\n{have}")
        if len(wanted) != len(texts[number, "pg"][1]):
            sys.exit(f"migrations/{number:04d}_{name}.pg.sql: more than for SQLite")


def migrations(root):
    found = []
    for path in sorted((root / "migrations").glob("*.sql")):
        m = re.match(r"^(\d{4})_([a-z0-9_]+)\.(\w+)\.sql$", path.name)
        if not m or m.group(3) not in ENGINES:
            fail(path, 1, "the name must be NNNN_name.{sqlite,pg}.sql")
        text = path.read_text(encoding="utf-8")
        check(path, 1, text)
        body = "\n".join(l for l in text.split("\n") if not l.lstrip().startswith("--"))
        parts = [s.strip() for s in re.split(r";[ \t]*(?:\n|$)", body) if s.strip()]
        if any(";" in s for s in parts):
            fail(path, 1, "';' must end its line")
        found.append((int(m.group(1)), m.group(2), m.group(3), parts))
    names = {e: [(n, name) for n, name, of, _ in found if of == e] for e in ENGINES}
    for engine in ENGINES:
        numbers = [n for n, _ in names[engine]]
        if len(set(numbers)) != len(numbers):
            sys.exit(f"migrations: a number is used twice for {engine}")
        if names[engine] != names[ENGINES[0]]:
            sys.exit(f"migrations: those of {engine} are not those of {ENGINES[0]}")
    check_twins(found)
    return found


ROWS = re.compile(r"^INSERT INTO (?=[^;]*\bVALUES\s*\(.*\),\s*\()", re.S)


def for_engine(text, engine):
    if engine != "sqlite" or "ON CONFLICT" in text:
        return text
    return ROWS.sub("INSERT OR FAIL INTO ", text)


def other_text(blocks, engine, like):
    texts = blocks.get(like.name, {})
    text = texts.get(engine, texts.get("both"))
    if not isinstance(text, str):
        fail(like.path, like.line, f"as {like.name}: there is no such text for {engine}")
    return text


def write(path, text):
    path = pathlib.Path(path)
    if not path.exists() or path.read_text(encoding="utf-8") != text:
        path.write_text(text, encoding="utf-8")


def statements(paths):
    """The text of each statement, by engine."""
    blocks = {}
    for path in paths:
        read_blocks(path, blocks)
    for name, texts in blocks.items():
        for engine in ENGINES:
            if engine not in texts and "both" in texts:
                texts[engine] = texts["both"]
        for engine in ENGINES:
            if engine not in texts:
                sys.exit(f"statement {name}: no text for {engine}")
        for engine, text in texts.items():
            if isinstance(text, Like):
                texts[engine] = other_text(blocks, engine, text)
    return {name: {e: for_engine(t, e) for e, t in texts.items()} for name, texts in blocks.items()}


TWO = "-- name: a @sqlite\nSELECT 1\n-- name: a @pg\nSELECT 2\n-- name: b @sqlite\nSELECT 3\n"
ROW = "-- name: b\nINSERT INTO t (x, y) VALUES (trim($1), $2)"
CASES = (  # a file, an engine, and what its statement b is there, or why it is refused
    (TWO + "-- name: b @pg as a\n", "pg", "SELECT 2"),
    (TWO + "-- name: b @pg as a\n-- a word about it\n\n", "pg", "SELECT 2"),
    (TWO + "-- name: c\nSELECT 4\n-- name: b @pg as c\n", "pg", "SELECT 4"),
    (TWO + "-- name: b @pg as a\nSELECT 5\n", "pg", "a text of its own"),
    (TWO + "-- name: b @pg as d\n", "pg", "there is no such text"),
    (TWO + "-- name: b @pg as b\n", "pg", "there is no such text"),
    (TWO + "-- name: b @pg\n", "pg", "empty"),
    (TWO, "pg", "no text for pg"),
    (ROW, "sqlite", "INSERT INTO"),
    (ROW + ",\n\t($3, $4)\n", "sqlite", "INSERT OR FAIL INTO t"),
    (ROW + ",\n\t($3, $4)\n", "pg", "INSERT INTO t"),
    (ROW + ",\n\t($3, $4) ON CONFLICT DO NOTHING\n", "sqlite", "INSERT INTO t"),
)


def self_test():
    failed = 0
    with tempfile.TemporaryDirectory() as folder:
        for text, engine, want in CASES:
            path = pathlib.Path(folder) / "x.sql"
            path.write_text(text, encoding="utf-8")
            try:
                got = statements([path])["b"][engine]
            except SystemExit as e:
                got = str(e.code)
            if want not in got:
                failed += 1
                print(f"gen_sql.py --self-test: {text!r}: wanted {want!r}, got {got!r}")
    print(f"{len(CASES) - failed} passed, {failed} failed")
    return failed > 0


def main():
    if sys.argv[1:] == ["--self-test"]:
        sys.exit(self_test())
    root, out_h, out_c = pathlib.Path(sys.argv[1]), sys.argv[2], sys.argv[3]
    blocks = statements(sorted((root / "src").glob("*/*.sql")))
    names = sorted(blocks)
    note = "/* SPDX-License-Identifier: AGPL-3.0-or-later */\n/* Made by tools/gen_sql.py. */\n"
    write(out_h, note + "#ifndef DAOHU_DB_STMT_IDS_H\n#define DAOHU_DB_STMT_IDS_H\n\n"
          "enum stmt_id {\n" + "".join(f"\tSTMT_{n},\n" for n in names) +
          "\tSTMT_MAX\n};\n\n#endif\n")
    c = [note, '#include "db/sql.h"\n\n',
         "const struct db_stmt_text db__stmts[STMT_MAX + 1] = {\n"]
    for n in names:
        c.append(f"\t[STMT_{n}] = {{\"{n}\", {{\n")
        for e in ENGINES:
            if e in blocks[n]:
                c.append(f"\t[DB_{e.upper()}] = {c_string(blocks[n][e])},\n")
        scoped = any("{scope " in t for t in blocks[n].values())
        c.append(f"\t}}, {'true' if scoped else 'false'}}},\n")
    c.append("};\n\nconst struct db_migration db__migrations[] = {\n")
    for number, name, engine, parts in migrations(root):
        for part in parts:
            c.append(f"\t{{{number}, \"{name}\", DB_{engine.upper()},\n\t{c_string(part)}}},\n")
    c.append("\t{0, NULL, DB_SQLITE, NULL},\n};\n")
    write(out_c, "".join(c))


if __name__ == "__main__":
    main()
