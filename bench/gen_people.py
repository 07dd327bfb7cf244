#!/usr/bin/env python3
# SPDX-License-Identifier: AGPL-3.0-or-later
"""Two tables of made-up people to link: gen_people.py A.csv B.csv GOLD.csv [NA [NB [SEED]]]

A register (name, sex, birth, id_no, town, village, phone) and an office's list (name, sex, birth, id_no,
address, phone) of ten times as many, nine tenths of the register in it, with the slips that such lists
have: homophones, lost characters, digits off or exchanged, old numbers, missing ones, days off.
Numbers have the unassigned prefix 341299, phones begin with 100.
"""
import csv, random, sys

SURNAMES = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩邓冯曹彭曾肖田董潘袁蔡蒋余于杜叶程魏苏吕丁任卢姚沈钟姜崔谭陆范汪廖石金韦贾夏付方邹熊白孟秦邱侯江尹薛闫段雷龙黎史陶贺顾毛郝龚邵万钱严赖覃洪武莫孔"
GIVEN = "伟芳娜秀英敏静丽强磊军洋勇艳杰娟涛明超兰霞平刚桂文辉力建国华红玉梅春生海金福荣志永凤德成林清云龙云飞家宝琴珍香莲秋月雪慧佳欣怡子涵浩宇轩诗梦瑶俊豪天佑思远"
SOUNDS = ["伟卫维", "芳方", "丽力莉", "明名铭", "静敬", "英颖", "玉余", "志智", "建健", "华花", "红宏洪", "平萍", "云芸"]
SOUND = {c: s for s in SOUNDS for c in s}
WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


def check(d):
    return "10X98765432"[sum(int(c) * w for c, w in zip(d, WEIGHTS)) % 11]


def person(r, n):
    y, m, d = r.randint(1930, 2016), r.randint(1, 12), r.randint(1, 28)
    male = r.random() < 0.51
    body = f"341299{y}{m:02d}{d:02d}{r.randint(0, 49):02d}{r.randrange(5) * 2 + male}"
    name = r.choice(SURNAMES[:20] if r.random() < 0.6 else SURNAMES) + "".join(
        r.choice(GIVEN) for _ in range(2 if r.random() < 0.85 else 1))
    town = r.randrange(30)
    return {"name": name, "sex": "男" if male else "女", "birth": f"{y}-{m:02d}-{d:02d}", "id": body + check(body),
            "town": town, "village": r.randrange(12), "phone": f"100{r.randrange(10**8):08d}"}


def slip_name(r, s):
    k = r.randrange(1, len(s))
    if r.random() < 0.6 and s[k] in SOUND:
        return s[:k] + r.choice(SOUND[s[k]]) + s[k + 1:]
    return s[:k] + s[k + 1:] if len(s) > 2 and r.random() < 0.4 else s[:k] + r.choice(GIVEN) + s[k + 1:]


def slip_id(r, s):
    x = r.random()
    if x < 0.4:
        k = r.randrange(6, 17)
        return s[:k] + str((int(s[k]) + r.randint(1, 9)) % 10) + s[k + 1:]
    if x < 0.6:
        k = r.randrange(6, 16)
        return s[:k] + s[k + 1] + s[k] + s[k + 2:]
    return "" if x < 0.85 or s[6:8] != "19" else s[:6] + s[8:17]


def town_name(i):
    return GIVEN[i] + GIVEN[i + 30] + "镇"


def village_name(p):
    return GIVEN[(p["town"] * 7 + p["village"]) % 60] + GIVEN[(p["village"] * 5 + p["town"]) % 59] + "村"


def main():
    na = int(sys.argv[4]) if len(sys.argv) > 4 else 100000
    nb = int(sys.argv[5]) if len(sys.argv) > 5 else na * 10
    r = random.Random(int(sys.argv[6]) if len(sys.argv) > 6 else 1)
    b_rows, gold = [], []
    with open(sys.argv[1], "w", encoding="utf-8", newline="") as f:
        out = csv.writer(f, lineterminator="\n")
        out.writerow(("id", "name", "sex", "birth", "id_no", "town", "village", "phone"))
        for i in range(na):
            p = person(r, i)
            out.writerow((f"A{i}", p["name"], p["sex"], p["birth"], slip_id(r, p["id"]) if r.random() < 0.05 else p["id"],
                          town_name(p["town"]), village_name(p), p["phone"] if r.random() < 0.75 else ""))
            if r.random() < 0.9:
                b_rows.append((i, p))
    while len(b_rows) < nb:
        b_rows.append((None, person(r, 0)))
    r.shuffle(b_rows)
    with open(sys.argv[2], "w", encoding="utf-8", newline="") as f:
        out = csv.writer(f, lineterminator="\n")
        out.writerow(("id", "name", "sex", "birth", "id_no", "address", "phone"))
        for j, (i, p) in enumerate(b_rows):
            if i is not None:
                gold.append((f"A{i}", f"B{j}"))
            out.writerow((f"B{j}", slip_name(r, p["name"]) if r.random() < 0.05 else p["name"], p["sex"],
                          p["birth"].replace("-", "") if r.random() < 0.2 else p["birth"],
                          slip_id(r, p["id"]) if r.random() < 0.03 else p["id"],
                          "颍上县" + town_name(p["town"]) + village_name(p) + f"{r.randrange(1, 20)}组",
                          p["phone"] if r.random() < 0.6 else ""))
    with open(sys.argv[3], "w", encoding="utf-8", newline="") as f:
        out = csv.writer(f, lineterminator="\n")
        out.writerow(("id_a", "id_b"))
        out.writerows(gold)


if __name__ == "__main__":
    main()
