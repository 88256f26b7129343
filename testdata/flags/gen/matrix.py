"""The suites about single properties: every operator with many filters and properties."""

import itertools
import json
import random

import operators

NOW = "2026-01-31T12:00:00Z"



def texts(s):
    """Returns the JSON texts in s, as they are spelled; "missing" stands for none."""
    found, at, scan = [], 0, json.JSONDecoder().raw_decode
    while at < len(s := s.rstrip()):
        if s[at].isspace():
            at += 1
            continue
        end = at + len("missing") if s.startswith("missing", at) else scan(s, at)[1]
        found.append(s[at:end])
        at = end
    return found


PROPERTIES = texts(r"""
true false null 0 1 5 5.0 -3 10 0.1 1e3 1e20 9007199254740993 18446744073709551615 18446744073709551616 -0 0.00001
"" "pro" "Pro" "PRO" "enterprise" "true" "TRUE" "false" "False" "null" "0" "5" "5.0" "05" "10" " 5" "1_000" "0x10" "1e3" ".5" "5."
"+5" "inf" "-Infinity" "NaN" "4abc" "abc" "abd" "banana" "ada@Acme.example" "a<b>&c" "\"q\"" "line\nbreak" "tab\t"
"ä" "Ä" "Äbc" "ß" "SS" "ss" "K" "İ" "i̇" "ΑΣ" "ας" "ασ" "é" "é" "日本" "😀"
[] ["pro"] ["Pro","free"] ["true"] [true] ["true","false"] [5] [5.0] [[]] [[],true] {} {"b":1,"a":2} {"a":"ä","b":[null,1.50]} [1e20]
"{\"a\":2,\"b\":1}" "[\"pro\"]" "[5]"
""")

FILTERS = texts(r"""
null true false 0 5 5.0 10 -3 1e3 9007199254740993 18446744073709551616
"" "pro" "Pro" "true" "True" "false" "FALSE" "null" "5" "5.0" "9" "10" "abc" "4" " 5 " "1e3" "inf" "nan" "1_000" "acme" "@ACME" "<B>" "ä" "Ä" "ß"
"K" "i̇" "ας" "ΑΣ" "é" "\n" "o" "\"" "日"
[] ["pro"] ["pro","enterprise"] ["PRO","5"] [5] ["5.0"] ["true","false"] ["true"] [true] [false] [null] [["pro"]] [[]] {} {"a":2,"b":1} {"b":1,"a":2} missing
""")

RANGES = texts(r"""
null [1,10] ["1","10"] [5,5] [10,1] [0.5,1e3] ["-inf","inf"] ["nan",5] [1] [1,2,3] ["a",5] [null,5] "1,10" 5 {} [] ["0","5.0"] [-3,0] missing
""")

PATTERNS = texts(r"""
"pro" "^pro$" "^Pro" "" "." "^.$" "^[a-z]+$" "\\d" "^\\d+$" "\\w" "^\\w+$" "\\s" "\\S" "[0-9]" "a|b" "(pro|free)" "(?:pro)+" "o{1,2}" "a.*e"
"^\\d+\\.\\d+$" "@acme\\.example$" "@Acme\\.example$" "^$" "(" ")" "[" "a)" "pro\\" "(?=p)pro" "(?!x)pro" "(?<=p)ro" "(p)\\1" "(?>p)ro" "p++" "(?i)PRO" "\\bpro\\b" "[[:alpha:]]" "[a&&b]"
"\\Qpro\\E" "\\p{L}" "o{1001}" "a{,2}" "^*" "(?P<n>pro)" "ä" "5" 5 5.0 true ["pro"] null "null" "true" "<b>" "\\x41" "line.break" "line\\sbreak" "[^a]" "\\D" missing
""")

DATE_FILTERS = texts(r"""
"-1d" "1d" "-3h" "-2w" "-1m" "-1y" "-0d" "-9999d" "-10000d" "1D" "-3h " "-5x" "3" "2026-01-31" "2026-01-31T12:00:00Z" "2026-01-31T12:00:00.5Z"
"2026-01-31T14:00:00+02:00" "2026-01-31T12:00:00" "2026-01-31 12:00" "2024-06-01" "2024-02-30" "2024-13-01" "garbage" "" 1700000000 null true [] missing
""")

DATES = texts(r"""
"2026-01-31T12:00:00Z" "2026-01-31T11:59:59.999Z" "2026-01-30T12:00:00Z" "2026-01-30T11:00:00Z" "2026-01-01T00:00:00Z" "2025-12-31T12:00:00Z" "2025-01-31T12:00:00Z"
"2026-01-31T13:00:00+01:00" "2026-01-31T12:00:00.5Z" "1990-05-05T00:00:00-08:00" "2030-01-01T00:00:00Z" "2026-01-31" "2026-01-30" "2026-01-29" "2026-02-02" "1999-12-31" "2040-01-01"
"2026-01-31T12:00:00" "2024-05-31T23:00:00" 1769860800 1769860800.5 1700000000 0 -1 "1700000000" "2024" "1700000000.5" "-1d" "-400d" "garbage" "" true false null [] {} "2024-02-30" "2026-01-31T25:00:00Z"
""")

VERSION_PROPERTIES = texts(r"""
"1.2.3" "v1.2.3" "1.2.4" "1.2.2" "1.3.0" "2.0.0" "1.2" "1" "0.0.0" "0.0.1" "0.0.4" "0.3.0" "0.3.9" "0.4.0" "1.10.0" "1.9.0" "10.0.0" "1.2.3-beta" "1.2.3-beta.2" "1.2.3-beta.11"
"1.2.3+build" "01.2.3" "1.2.3.4" "1..3" "abc" "" ".1" "1." "V1.2.3" "1.2.x" "1,2" "-1.2.3" 1 1.2 2 true null [] "v2" "1.99.99" "3.0.0"
""")

VERSION_FILTERS = texts(r"""
"1.2.3" "v1.2.3" "1.2.4" "1.2" "1" "0" "0.0" "0.0.3" "0.3" "0.3.0" "1.10.0" "2.0.0" "1.2.3-beta" "1.2.3-beta.2" "1.2.3-alpha" "1.2.3-rc.1" "01.2.3" "1.2.3.4" "abc" "" 1 1.2 2 null [] true missing
""")
WILDCARDS = texts(r"""
"1.*" "1.2.*" "0.*" "0.0.*" "0.3.*" "10.*" "v1.*" "1.2.3" "1.2" "1" "abc" "" "1.x" null 1.2 missing
""")

TEXTUAL = [o for o in operators.OPERATORS if "contains" in o or "with" in o]


def rows():
    """Yields suite, operator, filter, the name of a set of properties, now and version."""
    for op in ["exact", "is_not", None, ""]:
        for f, version in itertools.product(FILTERS, (1, 2)):
            yield "property", op, f, "values", NOW, version
    for op in ["is_set", "is_not_set"]:
        for f in ['"is_set"', "null", "missing", "[]"]:
            yield "property", op, f, "values", NOW, 1
    for op in TEXTUAL + ["gt", "gte", "lt", "lte", "min", "max"]:
        for f in FILTERS:
            yield "property", op, f, "values", NOW, 1
    for op in ["between", "not_between"]:
        for f in RANGES:
            yield "property", op, f, "values", NOW, 1
    for op in ["EXACT", "in", "not_in", "flag_evaluates_to", "contains", "is_date_on"]:
        yield "property", op, '"pro"', "values", NOW, 1
    for op in ["regex", "not_regex"]:
        for f in PATTERNS:
            yield "regex", op, f, "values", NOW, 1
    for op in ["is_date_before", "is_date_after", "is_date_exact"]:
        for f in DATE_FILTERS:
            yield "dates", op, f, "dates", NOW, 1
    for op in list(operators.VERSIONS) + ["semver_tilde", "semver_caret"]:
        for f in VERSION_FILTERS:
            yield "semver", op, f, "versions", NOW, 1
    for f in WILDCARDS:
        yield "semver", "semver_wildcard", f, "versions", NOW, 1
    yield from clocks()
    yield from grammar()


CLOCKS = """
2026-03-31T12:00:00Z 2024-02-29T12:00:00Z 2025-02-28T23:30:00Z 2026-01-01T00:00:00Z 2025-12-31T23:59:59Z 2026-03-29T02:30:00Z 2026-10-25T01:30:00Z 2026-05-15T09:15:27Z
""".split()


def clocks():
    """Relative dates from days on which calendars are awkward."""
    for now, unit, n in itertools.product(CLOCKS, "hdwmy", (0, 1, 2, 11, 12, 13, 48, 1000)):
        yield "dates", "is_date_before" if n % 2 else "is_date_after", '"-%d%s"' % (n, unit), "around " + now, now, 1


def grammar():
    """Patterns of the portable subset."""
    draw = random.Random(4)
    atoms = list("abc01") + [".", r"\\d", r"\\w", r"\\s", "[a-c]", "[^a]", "[0-9]", r"\\."]
    for _ in range(160):
        parts = []
        for _ in range(draw.randint(1, 4)):
            atom = draw.choice(atoms)
            if draw.random() < 0.2:
                atom = "(?:" + atom + "|" + draw.choice(atoms) + ")"
            parts.append(atom + draw.choice(["", "", "+", "*", "?", "{2}", "{1,3}"]))
        pattern = draw.choice(["", "^"]) + "".join(parts) + draw.choice(["", "$"])
        yield "regex", draw.choice(["regex", "not_regex"]), '"%s"' % pattern, "letters", NOW, 1


def sets():
    """Returns the sets of properties by name, as JSON texts."""
    draw = random.Random(7)
    letters = ['"%s"' % "".join(draw.choice("abc01. ") for _ in range(draw.randint(0, 6))) for _ in range(28)]
    found = {
        "values": PROPERTIES,
        "dates": DATES,
        "versions": VERSION_PROPERTIES,
        "letters": letters + ['"a\\n"', '"ab\\n"', '"0\\n1"', '"äb"', '"a\\rb"', "null", "0", "1.5", "true", '["a"]'],
    }
    for now in CLOCKS:
        found["around " + now] = around(now)
    return found


def around(now):
    """Returns dates on both sides of those that clocks asks for, a second or days away."""
    t = operators.absolute(now)[0]
    found = set()
    for unit, n in itertools.product("hdwmy", (0, 1, 2, 12, 48)):
        at = operators.relative("%d%s" % (n, unit), t)
        for instant, seconds in ((at[0], -1), (at[0], 0), (at[0], 1), (at[1], -60), (at[2], 60)):
            found.add((instant + operators.timedelta(seconds=seconds)).strftime('"%Y-%m-%dT%H:%M:%SZ"'))
    return sorted(random.Random(3).sample(sorted(found), min(60, len(found))))
