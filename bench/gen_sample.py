#!/usr/bin/env python3
# SPDX-License-Identifier: AGPL-3.0-or-later
"""A sample to estimate from: gen_sample.py strata|stages ROWS OUT.csv

strata: 100 strata of 100 clusters; stages: 400 clusters, rows drawn within, with the numbers of
the population at both stages.
"""
import random, sys

kind, rows, out = sys.argv[1], int(sys.argv[2]), sys.argv[3]
random.seed(1)
with open(out, "w") as f:
    f.write("id,h,c,w,y,x,z,g,N1,N2\n")
    for i in range(rows):
        h, c = (i % 100, i % 100 * 100 + i // 100 % 100) if kind == "strata" else (0, i % 400)
        f.write(f"{i},{h},{c},{random.uniform(1, 9):.3f},{random.gauss(50 + h / 10, 10):.4f},"
                f"{random.gauss(30, 5):.3f},{int(random.random() < .1)},{'ABCD'[i % 4]},"
                f"{250 if kind == 'strata' else 800},{rows // 400 * 3}\n")
