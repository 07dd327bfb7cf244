#!/usr/bin/env python3
# SPDX-License-Identifier: AGPL-3.0-or-later
"""The peer of `daohu table`: every cell of a workbook, by openpyxl in its streaming mode, as CSV."""
import csv, sys

import openpyxl

book = openpyxl.load_workbook(sys.argv[1], read_only=True, data_only=True)
out = csv.writer(sys.stdout)
for sheet in book.worksheets:
    for row in sheet.iter_rows(values_only=True):
        out.writerow(row)
