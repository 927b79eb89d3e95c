"""Reads CEL expressions, a JSON list of strings, from standard input, and says which of them cel-python cannot parse.

A parser that is not the one Casebook uses: what both accept is CEL and not a liberty of either. Macros and functions are
not looked at, only the grammar, so that what Kubernetes adds to CEL is no hindrance.
"""

import json
import sys

import celpy

environment = celpy.Environment()
refused = []
for expression in json.load(sys.stdin):
    try:
        environment.compile(expression)
    except celpy.CELParseError as error:
        refused.append({"expression": expression, "error": str(error)})
json.dump(refused, sys.stdout)
