// SPDX-License-Identifier: AGPL-3.0-or-later
// The peer of `daohu link`: what a careful analyst does in DuckDB, with normalised keys.
//   NODE_PATH=…/node_modules node link_duckdb.mjs A.csv B.csv PAIRS.csv     (npm package @duckdb/node-api)
import { createRequire } from "node:module";
const { DuckDBInstance } = createRequire(import.meta.url)("@duckdb/node-api");
const [a, b, out] = process.argv.slice(2);

// half-width, no blanks, capital X; days as eight digits; phones as digits; 15 digits to 17
const table = (name, file, place) => `create table ${name} as
  with t as (select id, sex, regexp_replace(coalesce(name, ''), '[（(].*$|[ 　]', '', 'g') as name,
      regexp_replace(coalesce(birth, ''), '[^0-9]', '', 'g') as birth,
      upper(regexp_replace(translate(coalesce(id_no, ''), '０１２３４５６７８９', '0123456789'), '[^0-9Xx]', '', 'g')) as no,
      regexp_replace(coalesce(phone, ''), '[^0-9]', '', 'g') as phone,
      regexp_extract(${place}, '([^县镇乡]*?)村', 1) as village
    from read_csv('${file}', all_varchar = true))
  select *, case when length(no) = 15 then left(no, 6) || '19' || substr(no, 7) when length(no) >= 17 then left(no, 17) end as no17
  from t`;

const sql = [
	table("a", a, "village"),
	table("b", b, "address"),
	`create table p as
	  select a.id as id_a, b.id as id_b, 8 + (a.name = b.name)::int * 2 + (a.birth = b.birth)::int as score
	    from a join b on a.no17 = b.no17 where left(a.name, 1) = left(b.name, 1) or a.birth = b.birth
	  union all select a.id, b.id, 7 from a join b on a.name = b.name and a.birth = b.birth and a.sex = b.sex
	    where a.name <> '' and a.birth <> ''
	  union all select a.id, b.id, 6 from a join b on a.phone = b.phone and a.birth = b.birth
	    where a.phone <> '' and a.birth <> ''
	  union all select a.id, b.id, 5 from a join b on a.phone = b.phone and a.name = b.name
	    where a.phone <> '' and a.name <> ''
	  union all select a.id, b.id, 4 from a join b on a.name = b.name and a.village = b.village
	      and left(a.birth, 4) = left(b.birth, 4) where a.name <> '' and a.village <> ''`,
	`copy (select id_a, id_b from (select *, row_number() over (partition by id_b order by score desc, id_a) as k from p)
	  where k = 1) to '${out}' (header)`,
];

const db = await DuckDBInstance.create(":memory:", { threads: "2" });
const c = await db.connect();
for (const text of sql) await c.run(text);
