#!/usr/bin/env python3
# SPDX-License-Identifier: AGPL-3.0-or-later
"""The peer of `daohu import` + `daohu check`: what a good clerk would write in Python.

  baseline.py TOWN FINDINGS.csv

Knows the sample town's 17 files by heart (names, columns, encodings), reads them with openpyxl
(read_only), xlrd and csv into dictionaries, and writes the same findings.  It stores nothing,
journals nothing, explains nothing and reads no other town.
"""
import collections, csv, datetime, os, re, sys, unicodedata

import openpyxl, xlrd

TODAY, LINE = datetime.date(2018, 1, 14), 2952
WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
NOT_ID = re.compile(r"[^0-9X]")


def check_digit(digits):
    return "10X98765432"[sum(int(d) * w for d, w in zip(digits, WEIGHTS)) % 11]


def clean_id(v):
    """18 characters where they can be told; None for an empty or a float's remains."""
    if v is None or isinstance(v, float):
        return None
    s = NOT_ID.sub("", unicodedata.normalize("NFKC", str(v)).upper())
    if len(s) == 15:
        s = s[:6] + "19" + s[6:]
        s += check_digit(s)
    return s or None


def id_valid(s):
    return len(s) == 18 and s[:17].isdigit() and check_digit(s[:17]) == s[17]


def clean_name(v):
    return re.sub(r"\s", "", unicodedata.normalize("NFKC", str(v or "")))


def to_date(v):
    if isinstance(v, datetime.datetime):
        return v.date()
    if isinstance(v, datetime.date):
        return v
    parts = re.findall(r"\d+", str(v or ""))
    if len(parts) == 1 and len(parts[0]) == 8:
        parts = [parts[0][:4], parts[0][4:6], parts[0][6:]]
    if len(parts) < 3:
        return None
    try:
        return datetime.date(*map(int, parts[:3]))
    except ValueError:
        return None


def sheet_rows(path, skip):
    book = openpyxl.load_workbook(path, read_only=True, data_only=True)
    for sheet in book.worksheets:
        if sheet.sheet_state == "visible":
            yield from sheet.iter_rows(min_row=skip + 1, values_only=True)


def csv_rows(path, encoding, skip):
    with open(path, encoding=encoding, newline="") as f:
        rows = csv.reader(f)
        for _ in range(skip):
            next(rows)
        yield from rows


class People:
    """Finds a register's member by number, else by name, village and a similar number."""

    def __init__(self, members):
        self.by_id = collections.defaultdict(list)
        self.by_name = collections.defaultdict(list)
        for m in members:
            if m["id"]:
                self.by_id[m["id"]].append(m)
            self.by_name[m["name"]].append(m)

    def find(self, name, number, place):
        number, name = clean_id(number), clean_name(name)
        if number and number in self.by_id:
            return self.by_id[number]
        if number and id_valid(number):
            return [m for m in self.by_name.get(name, ()) if not m["id"] or not id_valid(m["id"])
                    if similar(m["id"] or m["lossy"], number)]
        found = [m for m in self.by_name.get(name, ()) if not place or m["village"] in place]
        if number:
            return [m for m in found if similar(m["id"] or m["lossy"], number)]
        return found if len(found) == 1 else []


def similar(a, b):
    """One digit off, two neighbours swapped, or the same fifteen first digits."""
    if not a or not b:
        return False
    if a.endswith("L"):  # a float: fifteen digits are left of it
        return a[:14] == b[:14]
    if len(a) == len(b):
        off = [i for i in range(len(a)) if a[i] != b[i]]
        return len(off) <= 1 or (len(off) == 2 and off[1] == off[0] + 1 and
                                 a[off[0]] == b[off[1]] and a[off[1]] == b[off[0]])
    return a[:14] == b[:14]


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    town = sys.argv[1]
    path = lambda name: os.path.join(town, name)
    findings = []

    def add(rule, house, person="", subject=""):
        findings.append((rule, house, person or "", subject))

    # --- the roster
    houses, members = {}, []
    for r in sheet_rows(path("贫困户花名册.xlsx"), 3):
        if not r[6] or not r[8]:
            continue
        lossy = isinstance(r[11], (float, int))
        m = {"house": str(r[6]), "village": r[4], "name": clean_name(r[8]), "sex": r[9],
             "birth": to_date(r[10]), "id": None if lossy else clean_id(r[11]),
             "lossy": str(int(r[11])) + "L" if lossy else None, "relation": r[12], "student": r[14],
             "health": r[15] or ""}
        members.append(m)
        h = houses.setdefault(m["house"], {"members": [], "declared": r[7], "status": r[19],
                                           "attr": r[20], "unsafe": r[22], "cause": None})
        h["cause"] = h["cause"] or r[21]
        h["members"].append(m)
        if lossy:
            add("id_lost_precision", m["house"])
        elif m["id"] and not id_valid(m["id"]):
            add("id_checksum", m["house"], m["id"])
        elif m["id"]:
            if m["birth"] and m["birth"].strftime("%Y%m%d") != m["id"][6:14]:
                add("id_birth_mismatch", m["house"], m["id"])
            if ("男" if int(m["id"][16]) % 2 else "女") != m["sex"]:
                add("id_sex_mismatch", m["house"], m["id"])
    people = People(members)
    for number, same in people.by_id.items():
        if len({m["house"] for m in same}) > 1:
            for m in same:
                add("person_in_two_households", m["house"], number)
    for no, h in houses.items():
        heads = sum(m["relation"] == "户主" for m in h["members"])
        if heads != 1:
            add("two_heads" if heads else "no_head", no)
        if h["declared"] != len(h["members"]):
            add("member_count_mismatch", no)
        if not h["cause"]:
            add("cause_missing", no)
        if h["status"] != "未脱贫" and h["unsafe"] == "是":
            add("exited_with_unsafe_house", no)

    # --- incomes
    incomes = {}
    for r in sheet_rows(path("2017年收入台账.xlsx"), 3):
        no = str(r[0] or "")
        if no not in houses:
            continue
        items = [float(x or 0) for x in r[2:15]]
        net = items[1] + items[2] - items[3] + sum(items[4:11])
        pc = net / items[0]
        incomes[no] = items
        if abs(net / items[0] - items[12]) > 1:
            add("income_arithmetic", no)
        if houses[no]["status"] == "未脱贫" and pc > LINE:
            add("above_line_not_exited", no)
        if houses[no]["status"] != "未脱贫" and pc < LINE:
            add("exited_below_line", no)
    for no in houses:
        if no not in incomes:
            add("income_missing", no)

    # --- police, school, insurance
    listed, known = set(), set()
    for r in csv_rows(path("公安户籍人口.csv"), "gb18030", 1):
        for m in people.find(r[0], r[1], r[5]):
            if id(m) not in known:
                known.add(id(m))
                if r[6] != "正常":
                    add("dead_still_listed", m["house"], clean_id(r[1]))
                if m["id"] == clean_id(r[1]) and m["name"] != clean_name(r[0]):
                    add("name_mismatch", m["house"], m["id"])
    for m in members:
        if id(m) not in known and m["id"] and id_valid(m["id"]):
            add("not_in_population_register", m["house"], m["id"])
    for r in csv_rows(path("城乡居民医保参保.csv"), "gb18030", 2):
        for m in people.find(r[1], r[2], r[4]):
            listed.add(id(m))
    for m in members:
        if id(m) not in listed:
            add("not_insured", m["house"], m["id"])
    pupils = set()
    for r in sheet_rows(path("在校学生.xlsx"), 2):
        for m in people.find(r[2], r[3], r[5] or ""):
            pupils.add(id(m))
            if m["student"] == "非在校":
                add("student_unrecorded", m["house"], m["id"])
    for m in members:
        born = m["id"][6:14] if m["id"] and id_valid(m["id"]) else m["birth"].strftime("%Y%m%d")
        age = (20180114 - int(born)) // 10000
        if 7 <= age <= 14 and m["student"] == "非在校" and id(m) not in pupils:
            add("school_age_not_in_school", m["house"], m["id"])

    # --- what they own
    cars = xlrd.open_workbook(path("车辆登记.xls")).sheet_by_index(0)
    for i in range(1, cars.nrows):
        r = cars.row_values(i)
        if "轿车" in r[1] or "客车" in r[1]:
            for m in people.find(r[3], r[4], r[5]):
                add("owns_car", m["house"], m["id"])
    for r in sheet_rows(path("工商登记.xlsx"), 1):
        if r[1] and "公司" in r[1]:
            for m in people.find(r[2], r[3], r[6]):
                add("owns_company", m["house"], m["id"])
    for r in csv_rows(path("不动产登记.csv"), "utf-8-sig", 1):
        if r[4] == "成套住宅":
            for m in people.find(r[0], r[1], ""):
                add("owns_city_house", m["house"], m["id"])
    for r in sheet_rows(path("财政供养人员.xlsx"), 1):
        for m in people.find(r[0], r[1], ""):
            add("fiscal_payroll", m["house"], m["id"])

    # --- allowances, cards, houses
    allowance, outside = set(), []
    for r in sheet_rows(path("民政低保五保名册.xlsx"), 2):
        found = people.find(r[0], r[1], r[2])
        allowance.update(m["house"] for m in found)
        if not found:
            outside.append((clean_id(r[1]), clean_name(r[0]), "allowance"))
    for no, h in houses.items():
        if no in allowance and h["attr"] == "一般贫困户":
            add("on_dibao_list_attr_ordinary", no)
        if no not in allowance and h["attr"] != "一般贫困户":
            add("dibao_attr_not_on_list", no)
        if no in allowance and no in incomes and incomes[no][6] + incomes[no][7] == 0:
            add("dibao_income_missing", no)
    for r in csv_rows(path("残联持证人员.csv"), "utf-8-sig", 1):
        found = people.find(r[0], r[1], r[5])
        for m in found:
            if "残疾" not in m["health"]:
                add("disability_unrecorded", m["house"], m["id"])
        if not found and r[4] in ("一级", "二级"):
            outside.append((clean_id(r[1]), clean_name(r[0]), "card"))
    for r in sheet_rows(path("危房鉴定.xlsx"), 2):
        if not r[3] or r[5] == "是":
            continue
        found = people.find(r[0], r[1], r[2])
        for m in found:
            if houses[m["house"]]["unsafe"] == "否":
                add("dangerous_house_unrecorded", m["house"])
        if not found and r[3].startswith("D"):
            outside.append((clean_id(r[1]), clean_name(r[0]), "house"))
    marks, named = collections.defaultdict(set), collections.defaultdict(set)
    for number, name, mark in outside:
        if number and id_valid(number):
            marks[number].add(mark)
            named[name].add(number)
    for number, name, mark in outside:  # numbers left out or miswritten: by name
        if not number or not id_valid(number):
            for other in named[name]:
                if not number or similar(other, number):
                    marks[other].add(mark)
    for number, of in marks.items():
        if len(of) == 3:
            add("omission_candidate", "", number)

    # --- duties
    helped, load = set(), collections.Counter()
    for r in sheet_rows(path("帮扶责任人结对表.xlsx"), 2):
        if str(r[0]) in houses and r[2]:
            helped.add(str(r[0]))
            load[r[2], r[4]] += 1
    for no in houses:
        if no not in helped:
            add("no_helper", no)
    for (name, _), n in load.items():
        if n > 10:
            add("helper_overloaded", "", subject=name)
    last = {}
    for r in sheet_rows(path("走访记录.xlsx"), 2):
        day = to_date(r[0])
        if day:
            last[str(r[1])] = max(last.get(str(r[1]), day), day)
    for no in houses:
        if no not in last or (TODAY - last[no]).days > 90:
            add("no_visit_90_days", no)
    house = None
    for r in sheet_rows(path("帮扶措施台账.xlsx"), 2):
        house = str(r[0]) if r[0] else house
        if house in houses and r[2] and (r[4] is None or r[5] is None):
            add("measure_without_delivery", house)
    for r in sheet_rows(path("产业合同.xlsx"), 2):
        if to_date(r[7]) and to_date(r[7]) < TODAY and (r[8] or 0) < r[6]:
            add("contract_unpaid", str(r[3]))

    with open(sys.argv[2], "w", encoding="utf-8", newline="") as f:
        out = csv.writer(f)
        out.writerow(("rule", "household_no", "person_id", "subject"))
        out.writerows(sorted(set(findings)))


main()
