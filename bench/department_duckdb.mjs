// SPDX-License-Identifier: AGPL-3.0-or-later
// The peer of `daohu link` on a department's long list: read_csv and a join by the exact number.
//   NODE_PATH=…/node_modules node department_duckdb.mjs PEOPLE.csv LIST.csv PAIRS.csv   (npm package @duckdb/node-api)
import { createRequire } from "node:module";
const { DuckDBInstance } = createRequire(import.meta.url)("@duckdb/node-api");
const [people, list, out] = process.argv.slice(2);
const db = await DuckDBInstance.create(":memory:", { threads: "2" });
const c = await db.connect();
await c.run(`copy (select p.id as id_a, l."序号" as id_b from read_csv('${list}', all_varchar = true) l
  join read_csv('${people}', all_varchar = true) p on upper(trim(l."身份证明号码")) = upper(trim(p.id_no))) to '${out}' (header)`);
