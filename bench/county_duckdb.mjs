// SPDX-License-Identifier: AGPL-3.0-or-later
// The peer of `daohu check` over a county: the same rules as SQL, rows joined to people by the exact number.
//   NODE_PATH=…/node_modules node county_duckdb.mjs load DIR DB      from the CSV files of county_out
//                            node county_duckdb.mjs check DB FINDINGS.csv
// (npm package @duckdb/node-api).  The day is that of the made-up town, 2018-01-14.
import { createRequire } from "node:module";
const { DuckDBInstance } = createRequire(import.meta.url)("@duckdb/node-api");
const [what, from, to] = process.argv.slice(2);

const day = "date '2018-01-14'";
const ints = ["no", "household", "person", "year", "line", "ledger", "recorded_from", "recorded_to", "entry_year",
	"plan_exit_year", "declared_members", "stated_per_capita", "members", "wage", "business", "business_cost", "property",
	"transfer", "t_family", "t_dibao", "t_tekun", "t_pension", "t_eco", "t_other", "stated_net", "amount", "plan_amount",
	"paid", "work_months"];
const bools = ["unsafe_house", "water_safe", "relocated", "id_lossy", "insured_resident", "insured_employee", "soldier"];
const dates = ["birth", "valid_from", "valid_to", "date", "due", "paid_date"];
const register = ["household", "household_state", "household_year", "person", "membership", "person_year", "income", "duty",
	"measure", "visit", "contract"];
const ledgers = ["population", "insurance", "dibao", "disability", "house", "student", "vehicle", "business", "property",
	"payroll", "employment"];

// A date known to its month or year is its last day, or the first where something begins.
const typed = (columns) => columns.map((c) => (ints.includes(c) ? `cast("${c}" as bigint) as "${c}"`
	: bools.includes(c) ? `cast("${c}" as integer) = 1 as "${c}"`
	: c === "valid_from" ? `coalesce(try_cast(valid_from as date), try_cast(valid_from || '-01' as date), try_cast(valid_from || '-01-01' as date)) as valid_from`
	: dates.includes(c) ? `coalesce(try_cast("${c}" as date), last_day(try_cast("${c}" || '-01' as date)), try_cast("${c}" || '-12-31' as date)) as "${c}"`
	: `"${c}"`)).join(", ");

async function load(c) {
	for (const t of [...register, "ledger", ...ledgers.map((l) => `l_${l}`)]) {
		const csv = `read_csv('${from}/${t}.csv', header = true, all_varchar = true, nullstr = '')`;
		const names = (await (await c.runAndReadAll(`describe select * from ${csv}`)).getRows()).map((r) => r[0]);
		const columns = t.startsWith("l_") ? names.map((n) => (n === "ledger_no" ? `cast("${n}" as bigint) as "${n}"` : `"${n}"`)).join(", ")
			: typed(names);
		await c.run(`create table ${t} as select ${columns} from ${csv}`);
	}
	await c.run("checkpoint");
}

// A number in order, its birth and sex.
const weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
const sum = weights.map((w, i) => `cast(substr(n, ${i + 1}, 1) as integer) * ${w}`).join(" + ");
const holds = (t) => `${t}.recorded_to is null and (${t}.valid_from is null or ${t}.valid_from <= ${day})
	and (${t}.valid_to is null or ${t}.valid_to > ${day})`;

// One row a person or household, by the best year.
const newest = (t, key) => `(select * from ${t} where year <= 2018 qualify row_number() over (partition by ${key} order by year desc) = 1)`;

const prepare = [
	"create temp table covered as select h.no as household, l.layout from household h join (select distinct layout, unnest(string_split(covers, ',')) as area from ledger where partial = '0') l on l.area = '*' or starts_with(h.village, l.area) group by 1, 2",
	`create temp table h as select h.no, h.hh_no, h.village, h.head_name, s.code as status, s.year as exit_year, a.code as attr,
	    y.cause_main, y.declared_members, y.stated_per_capita, y.unsafe_house, y.house_grade, y.water_safe
	  from household h
	  left join household_state s on s.household = h.no and s.kind = 'status' and ${holds("s")}
	  left join household_state a on a.household = h.no and a.kind = 'attr' and ${holds("a")}
	  left join ${newest("household_year", "household")} y on y.household = h.no`,
	`create temp table p as with m as (select p.no, m.household, m.relation, p.name, p.sex, p.birth, upper(p.id_text) as n,
	      coalesce(p.id_lossy, false) as lossy from membership m join person p on p.no = m.person where ${holds("m")}),
	    w as (select *, not lossy and regexp_full_match(n, '[0-9]{17}[0-9X]') as whole from m),
	    k as (select *, case when whole then substr('10X98765432', (${sum}) % 11 + 1, 1) = substr(n, 18, 1) end as sum_ok,
	      case when whole then try_strptime(substr(n, 7, 8), '%Y%m%d')::date end as id_birth from w)
	  select k.*, sum_ok and id_birth is not null as id_ok,
	      case when sum_ok and id_birth is not null then id_birth else birth end as true_birth,
	      case when substr(n, 17, 1) in ('1', '3', '5', '7', '9') then 'male' else 'female' end as id_sex,
	      y.student, y.health, y.labor, y.work_months, y.insured_employee, y.soldier,
	      date_sub('year', case when sum_ok and id_birth is not null then id_birth else birth end, ${day}) as age
	    from k left join ${newest("person_year", "person")} y on y.person = k.no`,
	`create temp table c as select household, count(*) as members, count(*) filter (relation = 'head') as heads,
	    count(*) filter (relation is null) as unknown from p group by 1`,
	`create temp table i as with x as (select *, case when coalesce(t_family, t_dibao, t_tekun, t_pension, t_eco, t_other) is null then transfer
	      else coalesce(t_family, 0) + coalesce(t_dibao, 0) + coalesce(t_tekun, 0) + coalesce(t_pension, 0) + coalesce(t_eco, 0) + coalesce(t_other, 0) end as given
	      from income where year <= 2018 qualify row_number() over (partition by household order by year desc, ledger desc) = 1),
	    n as (select *, case when coalesce(wage, business, property, given) is not null then coalesce(wage, 0) + coalesce(business, 0)
	      - coalesce(business_cost, 0) + coalesce(property, 0) + coalesce(given, 0) end as net from x),
	    d as (select n.*, coalesce(n.members,
	      case when h.declared_members > 0 and not (c.members <> h.declared_members and abs(round(net / c.members) - n.stated_per_capita) <= 100
	          and abs(round(net / h.declared_members) - n.stated_per_capita) > 100) then h.declared_members else c.members end) as people
	      from n join h on h.no = n.household left join c on c.household = n.household)
	  select *, case when net is null then stated_per_capita else cast(round(net / people) as bigint) end as per_capita,
	      case when year in (0, 2016, 2017) then 295200 when year = 2018 then 299500 when year = 2015 then 285500 end as line from d`,
	// the rows of the offices, whose they are
	...ledgers.map((l) => {
		// the first 18 of a disability card are a number too
		const no = l === "disability" ? "coalesce(nullif(upper(x.id_no), ''), left(upper(x.card_no), 18))" : "upper(x.id_no)";
		return `create temp table r_${l} as select p.no as person, p.household, p.name as register_name, x.* from l_${l} x join p on p.n = ${no} and p.whole`;
	}),
];

// Does a column hold anything in the village?
const filled = (t, column) => `h.village in (select k.village from ${t} z join h k on k.no = ${t === "h" ? "z.no" : "z.household"} where z.${column} is not null)`;
const cover = (l, key = "p.household") => `exists (select 1 from covered v where v.household = ${key} and v.layout = '${l}')`;
const listed = (l, when = "true") => `exists (select 1 from r_${l} x where x.person = p.no and ${when})`;
const theirs = (l, when = "true") => `exists (select 1 from r_${l} x where x.household = h.no and ${when})`;
const has = (v) => `list_contains(string_split(p.health, ','), '${v}')`;
const person = (when) => `select h.hh_no, p.n, p.name, '' as subject from p join h on h.no = p.household where ${when}`;
const house = (when) => `select h.hh_no, '' as n, h.head_name as name, '' as subject from h left join c on c.household = h.no left join i on i.household = h.no where ${when}`;
const gone = "(x.cancel_reason is null or x.cancel_reason like '%死%' or x.cancel_reason like '%亡%' or x.cancel_reason like '%故%')";
const exited = "h.status in ('exited', 'exited_no_policy')";

const rules = {
	id_checksum: person("p.whole and not p.sum_ok"),
	id_lost_precision: person("p.lossy"),
	id_birth_mismatch: person("p.id_ok and p.birth <> p.id_birth"),
	id_sex_mismatch: person("p.id_ok and p.sex in ('male', 'female') and p.sex <> p.id_sex"),
	person_in_two_households: person("p.whole and p.n in (select n from p where whole group by n having count(distinct household) > 1)"),
	no_head: house(`c.members > 0 and c.heads = 0 and c.unknown = 0 and ${filled("p", "relation")}`),
	two_heads: house("c.heads > 1"),
	relation_sex_mismatch: person(`p.sex in ('male', 'female') and p.sex <> (select any_value(r.sex) from relation_sex r where r.code = p.relation)`),
	member_count_mismatch: house("c.members > 0 and h.declared_members <> c.members"),
	cause_missing: house(`h.cause_main is null and ${filled("h", "cause_main")}`),
	cause_school_no_student: house("h.cause_main = 'school' and c.members > 0 and not exists (select 1 from p where p.household = h.no and coalesce(p.student, 'unknown') not in ('none', 'preschool', 'dropout'))"),
	cause_labor_two_workers: house("h.cause_main = 'labor' and (select count(*) from p where p.household = h.no and p.labor in ('ordinary', 'skilled')) >= 2"),
	school_age_not_in_school: person(`p.age between 7 and 14 and (p.student in ('none', 'dropout', 'preschool') or p.student is null) and ${cover("student")} and not ${listed("student")} and ${filled("p", "student")}`),
	student_unrecorded: person(`(p.student in ('none', 'dropout') or p.student is null) and ${listed("student")} and ${filled("p", "student")}`),
	disability_unrecorded: person(`not ${has("disabled")} and ${listed("disability", "(x.state is null or x.state <> 'cancelled')")}`),
	disability_not_on_list: person(`${has("disabled")} and ${cover("disability")} and not ${listed("disability")}`),
	healthy_without_labor: person(`p.age between 16 and 59 and ${has("healthy")} and p.student in ('none', 'dropout') and p.labor in ('lost', 'none')`),
	income_missing: house(`${cover("income", "h.no")} and i.household is null`),
	income_arithmetic: house("abs(i.stated_per_capita - i.per_capita) > 100"),
	dibao_income_missing: house(`${theirs("dibao", "x.kind in ('dibao', 'tekun') and (x.state is null or x.state <> 'stopped')")} and (coalesce(i.t_dibao, 0) + coalesce(i.t_tekun, 0) = 0 or i.given = 0) and i.household is not null`),
	ordinary_with_dibao_income: house("h.attr = 'ordinary' and (i.t_dibao > 0 or i.t_tekun > 0)"),
	tekun_with_worker: house("h.attr = 'tekun' and exists (select 1 from p where p.household = h.no and p.age between 16 and 59 and p.labor in ('ordinary', 'skilled'))"),
	business_without_cost: house("i.business > 0 and i.business_cost = 0"),
	exited_below_line: house(`${exited} and i.per_capita < i.line and (h.exit_year is null or h.exit_year <= case when i.year = 0 then 2017 else i.year end)`),
	above_line_not_exited: house("h.status in ('listed', 'returned') and i.per_capita > i.line"),
	exited_with_unsafe_house: house(`${exited} and (h.unsafe_house or h.house_grade in ('c', 'd'))`),
	dangerous_house_unrecorded: house(`not h.unsafe_house and ${theirs("house", "x.grade in ('c', 'd') and (x.rebuilt is null or x.rebuilt = '0')")}`),
	dead_still_listed: person(listed("population", `(x.state = 'dead' or (x.state = 'cancelled' and ${gone}))`)),
	moved_out_still_listed: person(`${listed("population", `(x.state = 'moved' or (x.state = 'cancelled' and x.cancel_reason is not null and not ${gone}))`)} and not ${listed("population", "x.state in ('normal', 'dead')")}`),
	not_in_population_register: person(`p.id_ok and ${cover("population")} and not ${listed("population")}`),
	name_mismatch: person(`p.id_ok and ${listed("population", "x.name <> p.name")}`),
	not_insured: person(`${cover("insurance")} and not ${listed("insurance", "(x.state is null or x.state = 'active')")} and not coalesce(p.insured_employee, false) and not coalesce(p.soldier, false) and (p.true_birth is null or date_diff('day', p.true_birth, ${day}) > 28)`),
	dibao_attr_not_on_list: house(`h.attr = 'dibao' and ${cover("dibao", "h.no")} and not ${theirs("dibao", "(x.kind in ('dibao', 'tekun', 'urban') or x.kind is null)")}`),
	on_dibao_list_attr_ordinary: house(`h.attr = 'ordinary' and ${theirs("dibao", "(x.kind in ('dibao', 'tekun') or x.kind is null) and (x.state is null or x.state <> 'stopped')")}`),
	owns_car: person(listed("vehicle", "x.kind = 'car' and (x.use is null or x.use <> 'farm') and (x.state is null or x.state <> 'gone')")),
	owns_company: person(listed("business", "x.kind in ('company', 'joint_stock', 'sole', 'partnership') and (x.role is null or x.role in ('legal', 'investor', 'shareholder')) and (x.state is null or x.state <> 'gone')")),
	owns_city_house: person(listed("property", "(x.use = 'flat' or (x.use is null and (x.location like '%小区%' or x.location like '%栋%' or x.location like '%单元%')))")),
	fiscal_payroll: person(listed("payroll", "(x.kind is null or x.kind in ('civil', 'institution', 'worker', 'soe', 'retired'))")),
	omission_candidate: `select '' as hh_no, d.id_no as n, any_value(d.name) as name, '' as subject from l_disability d
	  where d.disability_grade in ('g1', 'g2') and (d.state is null or d.state <> 'cancelled')
	    and d.id_no in (select id_no from l_dibao x where (x.kind in ('dibao', 'tekun') or x.kind is null) and (x.state is null or x.state <> 'stopped'))
	    and d.id_no in (select id_no from l_house x where x.grade = 'd' and (x.rebuilt is null or x.rebuilt = '0'))
	    and d.id_no not in (select n from p where n is not null)
	    and d.id_no not in (select id_no from l_population x where x.id_no is not null and x.state <> 'normal') group by 2`,
	no_helper: house(`${cover("duty", "h.no")} and not exists (select 1 from duty d where d.household = h.no and ${holds("d")}) and (h.status is null or h.status <> 'ordinary')`),
	helper_overloaded: `select '' as hh_no, '' as n, helper as name, coalesce(phone, unit) as subject from duty d where ${holds("d")} and helper is not null
	  group by helper, coalesce(phone, unit) having count(distinct household) > 10`,
	no_visit_90_days: house(`${cover("visit", "h.no")} and coalesce(date_diff('day', (select max(v.date) from visit v where v.household = h.no and v.date <= ${day}), ${day}) > 90, true) and (h.status is null or h.status <> 'ordinary')`),
	measure_without_delivery: `select h.hh_no, '' as n, h.head_name as name, m.category_text || m.content as subject from measure m join h on h.no = m.household
	  where (m.date is null or m.amount is null) and (m.content is not null or m.category_text is not null) and ${filled("measure", "date")}`,
	contract_unpaid: `select h.hh_no, '' as n, h.head_name as name, coalesce(k.company, k.coop) || k.due as subject from contract k join h on h.no = k.household
	  where date_diff('day', k.due, ${day}) > 0 and (k.paid is null or k.paid < k.amount) and ${filled("contract", "amount")} and ${filled("contract", "paid")}`,
};

// What a relation says of the sex.
const relations = [
	...["son", "son_in_law", "grandson", "grandson_d", "father", "father_in_law_w", "father_in_law_h", "grandfather", "grandfather_m", "great_grandson", "nephew", "uncle"].map((r) => [r, "male"]),
	...["daughter", "daughter_in_law", "granddaughter", "granddaughter_d", "mother", "mother_in_law_w", "mother_in_law_h", "grandmother", "grandmother_m", "great_granddaughter", "niece", "sister_in_law"].map((r) => [r, "female"]),
];

async function check(c) {
	await c.run(`create temp table relation_sex as select * from (values ${relations.map(([r, s]) => `('${r}', '${s}')`).join(", ")}) t(code, sex)`);
	for (const text of prepare)
		await c.run(text);
	await c.run("create temp table finding (rule varchar, household_no varchar, person_id varchar, name varchar, subject varchar)");
	for (const [id, text] of Object.entries(rules)) {
		const at = performance.now();
		await c.run(`insert into finding select distinct '${id}', * from (${text})`);
		if (process.env.BENCH_VERBOSE)
			console.error(id, Math.round(performance.now() - at), "ms");
	}
	await c.run(`copy (select * from finding order by all) to '${to}' (header)`);
}

const db = await DuckDBInstance.create(what === "load" ? to : from, { threads: "2", ...(what === "check" ? { access_mode: "READ_ONLY" } : {}) });
await (what === "load" ? load : check)(await db.connect());
