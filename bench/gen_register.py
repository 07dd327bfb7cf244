#!/usr/bin/env python3
# SPDX-License-Identifier: AGPL-3.0-or-later
"""The roster of a made-up county: gen_register.py AREAS.csv COUNTY OUT_DIR [PEOPLE [SEED]]

Writes OUT_DIR/roster.csv and OUT_DIR/areas.csv, in which no two villages have one name.  People are spread
over the villages in households of one to seven.  Numbers have the unassigned prefix 341299.
"""
import csv
import pathlib
import random
import sys

from gen_people import person

HEAD = ('行政村', '村民组', '户编号', '人口', '成员姓名', '称谓', '身份证号码', '性别', '出生年月', '身体状况', '是否在校', '劳动力', '户属性',
        '贫困原因', '是否脱贫', '脱贫时间', '有无危房', '饮水安全', '人均收入')
RELATIONS = ('本人', '妻子', '儿子', '女儿', '父亲', '母亲', '孙子')
SIZES = (1, 2, 2, 3, 3, 3, 4, 4, 5, 7)


def household(r, code, village, n, rows):
    size = r.choice(SIZES)
    surname = None
    out = r.random() < 0.7
    common = (r.choice(('一般', '一般', '低保', '五保')), r.choice(('因病', '因残', '缺劳力', '缺技术', '因学')),
              '已脱贫' if out else '未脱贫', '2016' if out else '', '无', '是', r.randint(2000, 9000))
    for i in range(size):
        p = person(r, 0)
        if i in (0, 2, 3, 6) and surname:
            p['name'] = surname + p['name'][1:]
        surname = surname or p['name'][0]
        rows.writerow((village, f'{n % 20 + 1}组', f'{code}{n:04d}', size, p['name'], RELATIONS[i], p['id'], p['sex'],
                       p['birth'].replace('-', '.'), '健康', '否', '普通', *common))
    return size


def main():
    areas, county, out = sys.argv[1], sys.argv[2], pathlib.Path(sys.argv[3])
    people = int(sys.argv[4]) if len(sys.argv) > 4 else 1200000
    r = random.Random(int(sys.argv[5]) if len(sys.argv) > 5 else 1)
    with open(areas, encoding='utf-8', newline='') as f:
        table = list(csv.DictReader(f))
    names = {row['code']: row['name'] for row in table}
    out.mkdir(parents=True, exist_ok=True)
    for row in table:
        if len(row['code']) == 12:
            row['name'] = names[row['parent']][:-1] + row['name']
    with open(out / 'areas.csv', 'w', encoding='utf-8', newline='') as f:
        w = csv.DictWriter(f, table[0].keys(), lineterminator='\n')
        w.writeheader()
        w.writerows(table)
    villages = [(r['code'], r['name']) for r in table if len(r['code']) == 12 and r['code'].startswith(county)]
    done = 0
    with open(out / 'roster.csv', 'w', encoding='utf-8', newline='') as f:
        rows = csv.writer(f, lineterminator='\n')
        rows.writerow((f'{names[county]}贫困户花名册',))
        rows.writerow(HEAD)
        for k, village in enumerate(villages):
            n = 0
            while done < people / len(villages) * (k + 1):
                n += 1
                done += household(r, *village, n, rows)


main()
