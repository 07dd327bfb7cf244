#!/usr/bin/env python3
# SPDX-License-Identifier: AGPL-3.0-or-later
"""The shapes of answers for the pages, from the interface as the program describes it.

usage: gen_types.py OPENAPI.json >web/office/src/api/schema.ts
"""
import json
import sys

KINDS = {"string": "string", "integer": "number", "number": "number", "boolean": "boolean"}


def kind(s):
    if "$ref" in s:
        return "S['" + s["$ref"].rsplit("/", 1)[1] + "']"
    of = s.get("type")
    if of == "array":
        inner = kind(s["items"])
        return (f"({inner})" if "|" in inner else inner) + "[]"
    if isinstance(of, list):
        return " | ".join("null" if x == "null" else KINDS[x] for x in of)
    return KINDS.get(of, "unknown")


def main():
    with open(sys.argv[1], encoding="utf-8") as f:
        schemas = json.load(f)["components"]["schemas"]
    print("// SPDX-License-Identifier: AGPL-3.0-or-later")
    print("// Printed from the interface by tools/gen_types.py; tests/check-docs compares.  Do not edit.")
    print("export interface S {")
    for name in sorted(schemas):
        if schemas[name].get("type") != "object":
            continue
        wanted = schemas[name].get("required", [])
        members = [n + ("" if n in wanted else "?") + ": " + kind(s)
                   for n, s in schemas[name]["properties"].items()]
        print(f"  {name}: {{ " + "; ".join(members) + " }")
    print("}")


main()
