"""Writes the golden vectors, and checks them against posthog-node if there is one:

python3 generate.py [--node DIRECTORY/node_modules/posthog-node] OUTPUT
"""

import argparse
import gzip
import json
import os
import subprocess
import sys

import disagreements
import evaluator
import matrix
import operators
import suites
import values


def compact(v):
    return json.dumps(v, ensure_ascii=False, separators=(",", ":"))


def raw(members):
    """Returns an object whose values are JSON texts."""
    return "{" + ",".join(compact(k) + ":" + v for k, v in members.items() if v is not None) + "}"


class Node:
    """posthog-node, or nobody."""

    def __init__(self, directory):
        self.directory = directory

    def answer(self, tasks):
        if not self.directory:
            return [None] * len(tasks)
        oracle = os.path.join(os.path.dirname(os.path.abspath(__file__)), "node_oracle.js")
        done = subprocess.run(
            ["node", oracle, self.directory],
            input="".join(t + "\n" for t in tasks),
            stdout=subprocess.PIPE,
            env={**os.environ, "TZ": "UTC"},
            encoding="utf-8",
            check=True,
        )
        return [json.loads(line) for line in done.stdout.splitlines()]


def properties(node):
    """Yields the lines of the suites about single properties, by suite."""
    sets = matrix.sets()
    for name, texts in sets.items():
        yield "properties", raw({"set": compact(name), "properties": "[" + ",".join(texts) + "]"})
    rows = list(matrix.rows())
    tasks = []
    for _, op, f, name, now, version in rows:
        present = "[" + ",".join("[" + p + "]" for p in sets[name]) + ",[]]"
        task = {"operator": compact(op), "filter": None if f == "missing" else f, "properties": present}
        tasks.append(raw({**task, "now": compact(now), "version": str(version)}))
    for row, answers in zip(rows, node.answer(tasks)):
        yield row[0], property_line(row, sets[row[3]], answers)


def property_line(row, texts, node):
    """Returns a line whose answers are for the set's properties, one that is absent, and one that is unset."""
    suite, op, f, name, now, version = row
    wanted = operators.MISSING if f == "missing" else values.parse(f)
    at = operators.absolute(now)[0]
    found = [values.parse(p) for p in texts] + [operators.ABSENT, operators.UNSET]
    answers = "".join(operators.match(op, wanted, v, at, version) for v in found)
    why = disagreements.of_properties(op, f, texts, answers, node)
    line = {"suite": compact(suite), "operator": compact(op), "filter": None if f == "missing" else f}
    line |= {"set": compact(name), "now": compact(now), "version": "2" if version == 2 else None, "answers": compact(answers)}
    if why:
        line |= {"node": compact(node), "why": compact(why)}
    return raw(line)


def documents(node):
    """Yields the lines of the suites about whole flags, by suite."""
    found = list(suites.documents())
    tasks = []
    for suite, d, queries in found:
        flags = [] if suite == "cycles" else d["flags"]  # posthog-node never returns from them
        tasks.append(compact({"document": {**d, "flags": flags}, "queries": queries, "now": suites.NOW}))
    for (suite, d, queries), theirs in zip(found, node.answer(tasks)):
        ours = evaluate(d, queries)
        line = {"now": suites.NOW, "document": d, "queries": queries}
        line["answers"] = {key: ",".join(answers) for key, answers in ours.items()}
        if theirs and (differences := disagreements.of_flags(d, queries, ours, theirs)):
            line["differences"] = differences
        yield suite, compact(line)


def evaluate(document, queries):
    """Returns each flag's answers."""
    # Through JSON, so that numbers have a spelling.
    e = evaluator.Evaluator(values.parse(compact(document)))
    people = []
    for q in values.parse(compact(queries)):
        unset = {name: operators.UNSET for name in q.pop("unset", [])}
        people.append(evaluator.Query(**{**q, "person": q.get("person", {}) | unset}, now=operators.absolute(suites.NOW)[0]))
    return {f["key"]: [answer(e.value(f["key"], q)) for q in people] for f in document["flags"]}


def answer(v):
    if v == ("I",):
        return "I"
    return "=" + v if isinstance(v, str) else "FT"[v]


def lines(node):
    """Yields all lines, by suite."""
    yield from properties(node)
    yield from documents(node)
    for suite in (suites.rollouts, suites.variants, suites.chunks, suites.payloads):
        yield from ((suite.__name__, compact(line)) for line in suite())


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--node")
    parser.add_argument("output")
    args = parser.parse_args()
    node = Node(args.node)
    files = {}
    for suite, line in lines(node):
        files.setdefault(suite, []).append(line)
    for suite, found in files.items():
        with open(os.path.join(args.output, suite + ".ndjson.gz"), "wb") as out:
            with gzip.GzipFile("", "wb", 9, out, 0) as packed:
                packed.write("".join(line + "\n" for line in found).encode())
        print("%s: %d lines" % (suite, len(found)), file=sys.stderr)


if __name__ == "__main__":
    main()
