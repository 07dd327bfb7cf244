#!/usr/bin/env python3
# SPDX-License-Identifier: AGPL-3.0-or-later
"""A province's register of vehicles for a county of people: gen_department.py POPULATION.csv ROWS OUT.csv PEOPLE.csv

POPULATION.csv is county_out's l_population.csv.  PEOPLE.csv becomes those of it with a number, as
id,name,sex,birth,id_no.  One row of OUT.csv in ten is about one of them: of these one in fifty has two
neighbouring digits exchanged and one in fifty the name of the book before a marriage or a slip; the
others are about strangers.  All numbers begin with 341299.
"""
import csv
import random
import sys

WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
SURNAMES = '王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩冯邓曹'
GIVEN = '伟芳娜秀英敏静丽强磊军洋勇艳杰娟涛明超兰霞平刚桂文辉力斌华玉萍红建春生金鑫波云飞'
KINDS = ('小型轿车', '小型普通客车', '普通二轮摩托车', '轻型普通货车', '重型半挂牵引车', '三轮汽车')


def days():
    """First 14 digits of numbers, and what they add to the check sum."""
    for year in range(1935, 2001):
        for month in range(1, 13):
            for day in range(1, 29):
                head = f'341299{year}{month:02}{day:02}'
                yield head, f'{year}-{month:02}-{day:02}', sum(int(c) * w for c, w in zip(head, WEIGHTS))


def slip(number, r):
    i = r.randrange(6, 16)
    return number[:i] + number[i + 1] + number[i] + number[i + 2:]


def main():
    population, rows, out, people_out = sys.argv[1], int(sys.argv[2]), sys.argv[3], sys.argv[4]
    r = random.Random(7)
    people = []
    with open(population, encoding='utf-8', newline='') as f, open(people_out, 'w', encoding='utf-8') as to:
        to.write('id,name,sex,birth,id_no\n')
        for n, p in enumerate(csv.DictReader(f)):
            if p['id_no'] and p['name']:
                people.append((p['name'], p['id_no']))
                to.write(f"{n},{p['name']},{'男' if p['sex'] == 'male' else '女'},{p['birth']},{p['id_no']}\n")
    heads = list(days())
    tails = [(f'{n:03}', n // 100 * 8 + n // 10 % 10 * 4 + n % 10 * 2) for n in range(500, 1000)]
    names = [s + a + b for s in SURNAMES for a in GIVEN[:20] for b in ('', *GIVEN)]
    with open(out, 'w', encoding='utf-8') as to:
        to.write('序号,号牌号码,所有人,身份证明号码,车辆类型,初次登记日期,机动车状态\n')
        lines = []
        for i in range(rows):
            a = r.random()
            if a < 0.1:
                name, number = people[int(a * 10 * len(people))]
                if a * 1000 % 1 < 0.02:
                    number = slip(number, r)
                elif a * 1000 % 1 > 0.98:
                    name = name[0] + r.choice(GIVEN)
            else:
                head, _, s = heads[int(a * 7919 * len(heads)) % len(heads)]
                tail, t = tails[int(a * 104729 * 500) % 500]
                name, number = names[int(a * 15485863) % len(names)], head + tail + '10X98765432'[(s + t) % 11]
            lines.append(f'{i + 1},皖K{i % 99999:05},{name},{number},{KINDS[i % 6]},20{10 + i % 8}-0{1 + i % 9}-15,正常\n')
            if len(lines) == 100000:
                to.writelines(lines)
                lines.clear()
        to.writelines(lines)


main()
