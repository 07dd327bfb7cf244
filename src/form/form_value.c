/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* form_value: what the town knows under each field's name. */
#include "form/form_i.h"

#include "base/banned.h"

/* --- sorted by household --------------------------------------------------------------- */

static int32_t of_person(const void *t, size_t i)
{
	return ((const struct town *)t)->persons[i].household;
}
static int32_t of_income(const void *t, size_t i)
{
	return ((const struct town *)t)->incomes[i].household;
}
static int32_t of_duty(const void *t, size_t i)
{
	return ((const struct town *)t)->duties[i].household;
}
static int32_t of_measure(const void *t, size_t i)
{
	return ((const struct town *)t)->measures[i].household;
}
static int32_t of_visit(const void *t, size_t i)
{
	return ((const struct town *)t)->visits[i].household;
}
static int32_t of_contract(const void *t, size_t i)
{
	return ((const struct town *)t)->contracts[i].household;
}
static int32_t of_finding(const void *result, size_t i)
{
	const struct finding *f = &((const struct check_result *)result)->findings[i];
	return f->answer ? TOWN_NONE : f->household;
}

void form_town_init(struct form_town *ft, const struct report *r, struct arena *a)
{
	const struct town *t = r->result->town;
	size_t n = t->n_households;
	*ft = (struct form_town){
		.r = r,
		.t = t,
		.persons = print_group(n, t->n_persons, of_person, t, a),
		.incomes = print_group(n, t->n_incomes, of_income, t, a),
		.duties = print_group(n, t->n_duties, of_duty, t, a),
		.measures = print_group(n, t->n_measures, of_measure, t, a),
		.visits = print_group(n, t->n_visits, of_visit, t, a),
		.contracts = print_group(n, t->n_contracts, of_contract, t, a),
		.findings = print_group(n, r->result->n, of_finding, r->result, a),
	};
}

int32_t form_head(const struct form_town *ft, int32_t h)
{
	for (uint32_t i = ft->persons.at[h]; i < ft->persons.at[h + 1]; i++)
		if (ft->r->result->facts.person[ft->persons.item[i]].head)
			return ft->persons.item[i];
	return TOWN_NONE;
}

/* --- makers of values --------------------------------------------------------------------- */

static struct form_value none(void)
{
	return (struct form_value){.kind = FORM_NOTHING};
}

static struct form_value text(const char *s)
{
	return s && *s ? (struct form_value){.kind = FORM_TEXT, .text = s} : none();
}

static struct form_value text_s(struct arena *a, struct str s)
{
	return s.n ? text(str_dup(a, s)) : none();
}

static struct form_value number(int64_t v, int scale)
{
	return v == TOWN_MISSING ? none()
	                         : (struct form_value){.kind = FORM_NUMBER, .v = v, .scale = scale};
}

static struct form_value money(fen_t v)
{
	return v == TOWN_MISSING ? none() : (struct form_value){.kind = FORM_MONEY, .v = v};
}

static struct form_value day(date_t d)
{
	return d ? (struct form_value){.kind = FORM_DATE, .date = d} : none();
}

static struct form_value coded(const struct form_town *ft, const char *list, int16_t v)
{
	return text(report_code(ft->r, list, v));
}

static struct form_value tri(const struct form_town *ft, uint8_t v)
{
	return text(print_tri(v, ft->r->lang));
}

static struct form_value year(int64_t v)
{
	return v == TOWN_MISSING || v <= 0 ? none() : number(v, 0);
}

/* Items of a set; health is withheld by those who call. */
static struct form_value set_of(const struct form_town *ft, const char *list, uint64_t mask,
                                struct arena *a)
{
	const struct pack_list *l = pack_list(ft->r->result->pack, list);
	struct buf b;
	buf_init(&b, 4000);
	for (size_t i = 0; l && i < l->n && i < 64; i++) {
		if (!(mask >> i & 1))
			continue;
		buf_adds(&b, b.n ? "、" : "");
		buf_adds(&b, l->codes[i].label.in[ft->r->lang]);
	}
	struct form_value v = text_s(a, buf_str(&b));
	buf_release(&b);
	return v;
}

/* --- income ---------------------------------------------------------------------------------- */

static int32_t income_of(const struct form_town *ft, int32_t h, int wanted)
{
	const struct facts *f = &ft->r->result->facts;
	if (!wanted)
		return f->household[h].income;
	for (uint32_t i = ft->incomes.at[h]; i < ft->incomes.at[h + 1]; i++)
		if (f->income[ft->incomes.item[i]].year == wanted)
			return ft->incomes.item[i];
	return TOWN_NONE;
}

static struct form_value income_value(const struct form_town *ft, int32_t h, enum form_field field,
                                      int wanted)
{
	int32_t no = income_of(ft, h, wanted);
	if (no < 0)
		return field == FORM_per_capita && !wanted ? money(ft->t->households[h].stated_per_capita)
		                                           : none();
	const struct town_income *in = &ft->t->incomes[no];
	const struct fact_income *fact = &ft->r->result->facts.income[no];
	switch (field) {
	case FORM_year: return year(fact->year);
	case FORM_wage: return money(in->wage);
	case FORM_business: return money(in->business);
	case FORM_business_cost: return money(in->business_cost);
	case FORM_business_net:
		return in->business == TOWN_MISSING ? none()
		       : money(in->business - (in->business_cost == TOWN_MISSING ? 0 : in->business_cost));
	case FORM_property: return money(in->property);
	case FORM_transfer: return money(fact->transfer);
	case FORM_t_family: return money(in->t_family);
	case FORM_t_dibao: return money(in->t_dibao);
	case FORM_t_tekun: return money(in->t_tekun);
	case FORM_t_pension: return money(in->t_pension);
	case FORM_t_eco: return money(in->t_eco);
	case FORM_t_other: return money(in->t_other);
	case FORM_net: return money(fact->net);
	default: return money(fact->per_capita);
	}
}

/* --- lists in a cell ---------------------------------------------------------------------------- */

static struct form_value duty_value(const struct form_town *ft, int32_t h, enum form_field field,
                                    struct arena *a)
{
	struct buf b;
	buf_init(&b, 4000);
	for (uint32_t i = ft->duties.at[h]; i < ft->duties.at[h + 1]; i++) {
		const struct town_duty *d = &ft->t->duties[ft->duties.item[i]];
		const char *s = field == FORM_helper ? str_dup(a, d->helper)
		                : field == FORM_helper_unit ? str_dup(a, d->unit)
		                                            : print_phone(ft->r, a, d->phone);
		if (!s || !*s)
			continue;
		buf_adds(&b, b.n ? "、" : "");
		buf_adds(&b, s);
	}
	struct form_value v = text_s(a, buf_str(&b));
	buf_release(&b);
	return v;
}

static struct form_value measures_text(const struct form_town *ft, int32_t h, struct arena *a)
{
	bool zh = ft->r->lang == LANG_ZH;
	struct buf b;
	buf_init(&b, 16000);
	for (uint32_t i = ft->measures.at[h]; i < ft->measures.at[h + 1]; i++) {
		const struct town_measure *m = &ft->t->measures[ft->measures.item[i]];
		const char *kind = report_code(ft->r, "measure", m->category);
		buf_adds(&b, b.n ? (zh ? "；" : "; ") : "");
		buf_adds(&b, *kind ? kind : str_dup(a, m->category_text));
		if (m->content.n)
			buf_addf(&b, zh ? "：" STR_FMT : ": " STR_FMT, STR_ARG(m->content));
		if (m->amount != TOWN_MISSING)
			buf_addf(&b, zh ? "（%s元）" : " (%s yuan)", print_money(a, m->amount));
	}
	struct form_value v = text_s(a, buf_str(&b));
	buf_release(&b);
	return v;
}

static struct form_value contracts_text(const struct form_town *ft, int32_t h, struct arena *a)
{
	struct buf b;
	buf_init(&b, 16000);
	for (uint32_t i = ft->contracts.at[h]; i < ft->contracts.at[h + 1]; i++) {
		const struct town_contract *c = &ft->t->contracts[ft->contracts.item[i]];
		buf_addf(&b, "%s" STR_FMT "%s" STR_FMT " " STR_FMT, b.n ? "；" : "", STR_ARG(c->company),
		         c->company.n && c->coop.n ? "、" : "", STR_ARG(c->coop), STR_ARG(c->industry));
	}
	struct form_value v = text_s(a, str_trim(buf_str(&b)));
	buf_release(&b);
	return v;
}

static struct form_value questions_of(const struct form_town *ft, int32_t h, struct arena *a)
{
	struct buf b;
	buf_init(&b, 16000);
	for (uint32_t i = ft->findings.at[h]; i < ft->findings.at[h + 1]; i++) {
		const struct finding *f = &ft->r->result->findings[ft->findings.item[i]];
		buf_addf(&b, "%s%u. %s", b.n ? "\n" : "", i - ft->findings.at[h] + 1,
		         f->rule->title.in[ft->r->lang]);
	}
	struct form_value v = text_s(a, buf_str(&b));
	buf_release(&b);
	return v;
}

/* Sums add what is known; of nothing known the sum is unknown. */
static struct form_value amount_of(const struct form_town *ft, int32_t h, enum form_field field)
{
	const struct print_group *g = field == FORM_measure_amount ? &ft->measures : &ft->contracts;
	fen_t sum = TOWN_MISSING;
	for (uint32_t i = g->at[h]; i < g->at[h + 1]; i++) {
		fen_t v = field == FORM_measure_amount ? ft->t->measures[g->item[i]].amount
		                                       : ft->t->contracts[g->item[i]].amount;
		if (v != TOWN_MISSING)
			sum = (sum == TOWN_MISSING ? 0 : sum) + v;
	}
	return money(sum);
}

/* --- people ---------------------------------------------------------------------------------------- */

static struct form_value id_of(const struct form_town *ft, int32_t person, struct arena *a)
{
	if (person < 0)
		return none();
	const struct town_person *p = &ft->t->persons[person];
	if (!ft->r->reason)
		return text_s(a, ft->r->result->facts.person[person].id_shown);
	return text_s(a, p->id18.n ? p->id18 : p->id_raw);
}

static struct form_value person_value(const struct form_town *ft, int32_t person,
                                      enum form_field field, struct arena *a)
{
	if (person < 0)
		return none();
	const struct town_person *p = &ft->t->persons[person];
	const struct fact_person *fact = &ft->r->result->facts.person[person];
	bool full = ft->r->reason != NULL;
	int age = date_age(fact->true_birth, ft->t->as_of);
	switch (field) {
	case FORM_name: return text_s(a, p->name);
	case FORM_id_no: return id_of(ft, person, a);
	case FORM_sex: return coded(ft, "sex", p->sex);
	case FORM_birth: return day(p->birth ? p->birth : full ? fact->id_birth : 0);
	case FORM_age: return age < 0 ? none() : number(age, 0);
	case FORM_relation: return coded(ft, "relation", p->relation);
	case FORM_ethnic: return coded(ft, "ethnic", p->ethnic);
	case FORM_edu: return coded(ft, "edu", p->edu);
	case FORM_student: return coded(ft, "student", p->student);
	case FORM_school: return text_s(a, p->school);
	case FORM_dropout_reason: return text_s(a, p->dropout_reason);
	case FORM_health: return full ? set_of(ft, "health", p->health, a) : none();
	case FORM_disability_type: return full ? coded(ft, "disability_type", p->disability_type) : none();
	case FORM_disability_grade: return full ? number(p->disability_grade, 0) : none();
	case FORM_disability_card: return full ? text_s(a, p->disability_card) : none();
	case FORM_labor: return coded(ft, "labor", p->labor);
	case FORM_work_place: return coded(ft, "work_place", p->work_place);
	case FORM_work_months: return number(p->work_months, 0);
	case FORM_public_post: return coded(ft, "public_post", p->public_post);
	case FORM_insured_resident: return tri(ft, p->insured_resident);
	case FORM_insured_employee: return tri(ft, p->insured_employee);
	case FORM_insured_major: return tri(ft, p->insured_major);
	case FORM_dibao: return tri(ft, p->dibao);
	case FORM_soldier: return tri(ft, p->soldier);
	default: return none();
	}
}

/* --- households ---------------------------------------------------------------------------------------- */

static struct form_value file_value(const struct form_town *ft, int32_t no, enum form_field field,
                                    struct arena *a)
{
	const struct town_household *h = &ft->t->households[no];
	switch (field) {
	case FORM_town: return text_s(a, ft->t->name);
	case FORM_village: return h->village >= 0 ? text_s(a, ft->t->villages[h->village].name) : none();
	case FORM_group: return text_s(a, h->group);
	case FORM_address: return text_s(a, h->address);
	case FORM_hh_no: return text_s(a, h->hh_no);
	case FORM_members: return number(ft->r->result->facts.household[no].members, 0);
	case FORM_head_name: return text_s(a, h->head_name);
	case FORM_head_id: return id_of(ft, form_head(ft, no), a);
	case FORM_phone: return text(print_phone(ft->r, a, h->phone));
	case FORM_bank: return text_s(a, h->bank);
	case FORM_bank_account: return ft->r->reason ? text_s(a, h->bank_account) : none();
	case FORM_attr: return coded(ft, "attr", h->attr);
	case FORM_status: return coded(ft, "status", h->status);
	case FORM_entry_year: return year(h->entry_year);
	case FORM_exit_year: return year(h->exit_year);
	case FORM_plan_exit_year: return year(h->plan_exit_year);
	case FORM_cause_main: return coded(ft, "cause", h->cause_main);
	case FORM_cause_others: return set_of(ft, "cause", h->cause_others, a);
	case FORM_unsafe_house: return tri(ft, h->unsafe_house);
	case FORM_house_safe:
		return tri(ft, h->unsafe_house == TRI_UNKNOWN ? TRI_UNKNOWN
		               : h->unsafe_house == TRI_YES   ? TRI_NO
		                                              : TRI_YES);
	case FORM_house_grade: return coded(ft, "house_grade", h->house_grade);
	case FORM_house_area: return number(h->house_area, 2);
	case FORM_arable: return number(h->arable, 2);
	case FORM_water_safe: return tri(ft, h->water_safe);
	case FORM_relocated: return tri(ft, h->relocated);
	default: return none();
	}
}

static struct form_value help_value(const struct form_town *ft, int32_t no, enum form_field field,
                                    struct arena *a)
{
	const struct fact_household *fact = &ft->r->result->facts.household[no];
	switch (field) {
	case FORM_helper:
	case FORM_helper_unit:
	case FORM_helper_phone: return duty_value(ft, no, field, a);
	case FORM_measures: return measures_text(ft, no, a);
	case FORM_measure_count: return number(ft->measures.at[no + 1] - ft->measures.at[no], 0);
	case FORM_measure_amount:
	case FORM_contract_amount: return amount_of(ft, no, field);
	case FORM_contracts: return contracts_text(ft, no, a);
	case FORM_visits: return number(ft->visits.at[no + 1] - ft->visits.at[no], 0);
	case FORM_last_visit: return day(fact->last_visit);
	case FORM_findings: return questions_of(ft, no, a);
	case FORM_finding_count: return number(ft->findings.at[no + 1] - ft->findings.at[no], 0);
	default: return none();
	}
}

struct form_value form_value(const struct form_town *ft, const struct form_row *row,
                             enum form_field field, int wanted, struct arena *a)
{
	if (field == FORM_seq)
		return number((int64_t)row->seq, 0);
	if (form_fields[field].level == FORM_MEMBER)
		return person_value(ft, row->person >= 0 ? row->person : row->head, field, a);
	if (field >= FORM_year && field <= FORM_per_capita)
		return income_value(ft, row->household, field, wanted);
	if (field >= FORM_helper)
		return help_value(ft, row->household, field, a);
	return file_value(ft, row->household, field, a);
}
