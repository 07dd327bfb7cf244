#!/usr/bin/env python3
# SPDX-License-Identifier: AGPL-3.0-or-later
"""Precision, recall and F1 of linked pairs: score_pairs.py GOLD.csv PAIRS.csv"""
import csv, sys

with open(sys.argv[1], encoding="utf-8") as f:
    gold = {tuple(r[:2]) for r in list(csv.reader(f))[1:]}
with open(sys.argv[2], encoding="utf-8") as f:
    got = {(r["id_a"], r["id_b"]) for r in csv.DictReader(f) if r.get("band", "match") == "match"}
right = len(got & gold)
p, r = right / max(1, len(got)), right / max(1, len(gold))
print(f"{len(got)} pairs, precision {p:.4f}, recall {r:.4f}, F1 {2 * p * r / max(1e-12, p + r):.4f}")
