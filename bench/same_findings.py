#!/usr/bin/env python3
# SPDX-License-Identifier: AGPL-3.0-or-later
"""Findings of two programs rule by rule: same_findings.py OURS.csv PEER.csv"""
import csv
import sys
from collections import Counter


def findings(path):
    got = {}
    with open(path, encoding='utf-8-sig', newline='') as f:
        for r in csv.DictReader(f):
            key = (r['household_no'], r['name'] or r['subject'])
            got.setdefault(r['rule'], Counter())[key] += 1
    return got


def main():
    ours, peer = findings(sys.argv[1]), findings(sys.argv[2])
    total = [0, 0, 0]
    for rule in sorted(set(ours) | set(peer)):
        a, b = ours.get(rule, Counter()), peer.get(rule, Counter())
        n, m, both = a.total(), b.total(), (a & b).total()
        total = [total[0] + n, total[1] + m, total[2] + both]
        if n != m or both != n:
            print(f'        {rule:28} ours {n:6}  peer {m:6}  the same {both:6}')
    print(f'        {len(ours)} rules with findings, {len(peer)} of the peer; findings: ours {total[0]}, peer {total[1]}, '
          f'the same {total[2]}')


main()
