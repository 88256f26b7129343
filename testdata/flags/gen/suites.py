"""The suites about whole flags: random documents and queries."""

import itertools
import math
import random

import hashing

NOW = "2026-05-04T12:00:00Z"


class Draw(random.Random):
    def maybe(self, probability):
        return self.random() < probability


# --- hashing ---

CHARACTERS = "abcXYZ019 -_.:/+" + "éü日本語ΣЖ" + "é" + "😀👩‍🚀"


def word(draw, longest):
    return "".join(draw.choice(CHARACTERS) for _ in range(draw.randint(1, longest)))


def rollouts():
    """Yields keys, IDs, percentages and whether the ID is in: on both sides of its hash."""
    draw = Draw(1)
    for i in range(1500):
        key, identifier = word(draw, 40), word(draw, 60 if i % 20 else 400)
        h = hashing.bucket(key, identifier[:200])
        exact = 100 * h
        close = [exact]
        for _ in range(2):
            close = [math.nextafter(close[0], 0)] + close + [math.nextafter(close[-1], 101)]
        percentages = close + [0.1, 33.33, 50, 99.99999999999999, 100, 250, -5, None]
        answers = "".join("FT"[p is None or p == 100 or h <= p / 100] for p in percentages)
        yield {
            "key": key,
            "distinct_id": identifier,
            "digits": hashing.digits(key, identifier[:200]),
            "percentages": percentages,
            "answers": answers,
        }


SPLITS = [[50, 50], [33.4, 33.3, 33.3], [14.28] * 7, [1] * 100, [33, 33, 33], [40, 40, 21], [100], [0, 0, 0], [0, 100], [0.1, 99.9]]
SPLITS += [[60, 60, 60], [12.5] * 8, [33.333333, 33.333333, 33.333334], [10, 0, 90]]


def variants():
    """Yields splits, and who gets what. Half of the IDs are the closest to a boundary."""
    draw = Draw(2)
    for i, split in enumerate(SPLITS):
        key = "%s-%d" % (word(draw, 12), i)
        listed = [{"key": "v%d" % j, "rollout_percentage": p} for j, p in enumerate(split)]
        bounds = list(itertools.accumulate(p / 100 for p in split))
        pool = ["user-%d" % n for n in range(20000)]
        by_distance = sorted(pool, key=lambda u: min(abs(hashing.bucket(key, u, "variant") - b) for b in bounds))
        ids = by_distance[:700] + draw.sample(pool, 700)
        yield {
            "key": key,
            "variants": listed,
            "distinct_ids": ids,
            "answers": ",".join(hashing.pick(key, u, listed) or "" for u in ids),
        }


def chunks():
    """Yields keys and the digest of what very many IDs get of a thousand variants."""
    draw = Draw(3)
    listed = [{"key": "%d" % n, "rollout_percentage": 0.1} for n in range(1000)]
    high, bounds = 0.0, []
    for v in listed:
        high += v["rollout_percentage"] / 100
        bounds.append(high)
    for i in range(100):
        key, prefix, suffix = word(draw, 30), word(draw, 20), word(draw, 20)
        found = []
        for n in range(1000):
            h = hashing.bucket(key, prefix + str(n * 2654435761 % 2**32) + suffix, "variant")
            found.append(next((str(j) for j, b in enumerate(bounds) if h < b), ""))
        yield {"key": key, "prefix": prefix, "suffix": suffix, "sha256": hashing.sha256(",".join(found))}


# --- documents ---

PEOPLE = {
    "plan": ["pro", "Pro", "free", "enterprise", None],
    "seats": [1, 9, 10, 250, "12", "many"],
    "email": ["ada@acme.example", "Bob@Navy.example", "eve@acme.example"],
    "admin": [True, False, "true"],
    "version": ["1.2.3", "v2.0", "0.9.1"],
    "joined": ["2026-01-01T00:00:00Z", "2026-04-30T12:00:00Z", "2019-07-07T07:07:07+02:00"],
}
FILTERS = [
    ("plan", "exact", ["pro", "enterprise"]),
    ("plan", "exact", "free"),
    ("plan", "is_not", "free"),
    ("plan", "is_set", "is_set"),
    ("plan", "is_not_set", "is_not_set"),
    ("seats", "gt", "9"),
    ("seats", "lte", 10),
    ("email", "icontains", "@ACME"),
    ("email", "not_icontains", "navy"),
    ("email", "regex", "^[a-z]+@"),
    ("email", "ends_with", ".example"),
    ("admin", "exact", ["true"]),
    ("admin", "is_not", "false"),
    ("version", "semver_gte", "1.0.0"),
    ("version", "semver_caret", "1.2"),
    ("joined", "is_date_after", "-30d"),
    ("joined", "is_date_before", "2020-01-01T00:00:00Z"),
]


def person_filter(draw, typed=True):
    key, op, value = draw.choice(FILTERS)
    p = {"key": key, "operator": op, "value": value}
    if not typed:
        return p
    if draw.maybe(0.05):
        p["negation"] = True  # means nothing in a condition
    return {**p, "type": "person"}


def percentage(draw):
    return draw.choice([0, 10, 25, 33.3, 50, 75, 99.9, 100, 100, None])


def condition(draw, most=3):
    c = {"properties": [person_filter(draw) for _ in range(draw.randint(0, most))], "rollout_percentage": percentage(draw)}
    if draw.maybe(0.05):
        c["properties"] = c["properties"] or None
    return c


def split(draw):
    return {"variants": [{"key": k, "rollout_percentage": p} for k, p in zip("abc", draw.choice([[50, 50], [34, 33, 33], [20, 30, 40], [100]]))]}


def flag(key, **filters):
    return {"id": sum(map(ord, key)), "key": key, "active": True, "filters": filters}


def query(draw, n, known=0.7):
    person = {k: draw.choice(v) for k, v in PEOPLE.items() if draw.maybe(known)}
    unset = [k for k in PEOPLE if k not in person and draw.maybe(0.15)]
    q = {"distinct_id": "user-%d" % n, "person": person}
    return {**q, "unset": unset} if unset else q


def document(flags, **more):
    return {"flags": flags, "group_type_mapping": {"0": "company", "1": "project"}, "cohorts": {}, **more}


def conditions():
    draw = Draw(10)
    for number in range(5):
        flags = []
        for i in range(50):
            filters = {"groups": [condition(draw) for _ in range(draw.randint(1, 5))]}
            if draw.maybe(0.5):
                filters["multivariate"] = split(draw)
            for c in filters["groups"]:
                if draw.maybe(0.25):
                    c["variant"] = draw.choice(["a", "b", "nobody", "", None, "A"])
            if draw.maybe(0.25):
                filters["early_exit"] = draw.maybe(0.8)
            if draw.maybe(0.15):
                filters["holdout"] = {"id": i + 1, "exclusion_percentage": draw.choice([10, 50, 100, 0, 12.5, 150])}
            f = flag("flag-%d-%d" % (number, i), **filters)
            f["active"] = not draw.maybe(0.05)
            flags.append(f)
        known = [0.95, 0.85, 0.75, 0.6, 0.4][number]
        yield "conditions", document(flags), [query(draw, n, known) for n in range(200)]


def nothing():
    """Flags in which everything is null or empty."""
    flags = [flag("plain", groups=[{}]), flag("nulls", groups=[{"properties": None, "rollout_percentage": None, "variant": None}])]
    flags += [flag("no-groups", groups=None), flag("empty", groups=[]), flag("unnamed")]
    flags.append({**flag("no-filters"), "filters": None})
    flags.append(flag("null-variants", groups=[{}], multivariate={"variants": None}))
    flags.append(flag("no-variants", groups=[{"variant": "a"}], multivariate={"variants": []}))
    flags.append(flag("null-multivariate", groups=[{"variant": "a"}], multivariate=None, payloads=None, holdout=None))
    flags.append({**flag("off", groups=[{}]), "active": False, "ensure_experience_continuity": True})
    yield "conditions", {**document(flags), "cohorts": None}, [{"distinct_id": "u"}, {"distinct_id": "u", "person": {"plan": None}}]


def group_query(draw, n):
    q = query(draw, n, 0.6)
    q["groups"] = {t: draw.choice(["acme", "initech", "42", "ünïcode", ""]) for t in ("company", "project") if draw.maybe(0.65)}
    q["group_properties"] = {t: {k: draw.choice(v) for k, v in PEOPLE.items() if draw.maybe(0.6)} for t in q["groups"] if draw.maybe(0.8)}
    if draw.maybe(0.1):
        q["group_properties"]["project"] = {"plan": "pro"}  # perhaps of a group that is not passed
    return q


def groups():
    draw = Draw(11)
    absent = object()
    for number in range(4):
        flags = []
        for i, (whole, single) in enumerate(itertools.product([absent, None, 0, 1, 9], [absent, None, 0, 1, 9])):
            if whole == 9 and single == 9:
                continue
            found = []
            for _ in range(draw.randint(1, 3)):
                c = condition(draw, 1)
                for _ in range(draw.randint(0, 2)):
                    aggregated = whole if single is absent else single
                    kinds = ["person", "group 0", "group 1"]
                    if aggregated in (0, 1):
                        kinds += ["group", "key"]
                    p = person_filter(draw, typed=False)
                    kind = draw.choice(kinds)
                    if kind == "key":
                        p = {"key": "$group_key", "operator": "exact", "value": ["acme", "42"]}
                    p["type"] = kind.split()[0].replace("key", "group")
                    if " " in kind:
                        p["group_type_index"] = int(kind[-1])
                    c["properties"] = (c["properties"] or []) + [p]
                if single is not absent and draw.maybe(0.8):
                    c["aggregation_group_type_index"] = single
                found.append(c)
            filters = {"groups": found}
            if whole is not absent:
                filters["aggregation_group_type_index"] = whole
            if draw.maybe(0.4):
                filters["multivariate"] = split(draw)
            if draw.maybe(0.2):
                filters["early_exit"] = True
            flags.append(flag("group-%d-%d" % (number, i), **filters))
        yield "groups", document(flags), [group_query(draw, n) for n in range(60)]


def dependencies():
    draw = Draw(12)
    for number in range(20):
        flags, chains, values = [], {}, {}
        names = ["dep-%d-%d" % (number, i) for i in range(draw.randint(3, 12))]
        for i, name in enumerate(names):
            filters = {"groups": [condition(draw, 1) for _ in range(draw.randint(1, 2))]}
            if draw.maybe(0.4):
                filters["multivariate"] = split(draw)
            if draw.maybe(0.1):
                filters["aggregation_group_type_index"] = 0
            chain = []
            for c in filters["groups"]:
                if i > 0 and draw.maybe(0.7):
                    on = draw.choice(names[:i])
                    values[on] = draw.choice([True, True, False, "a", "b", "A", "true", None, 5, ["a"]])
                    p = {"key": on, "type": "flag", "operator": "flag_evaluates_to", "value": values[on]}
                    p["dependency_chain"] = chains[on] + [on]
                    spoil(draw, p, name)
                    c["properties"] = (c["properties"] or []) + [p]
                    chain += [k for k in p.get("dependency_chain") or [] if k not in chain]
            chains[name] = chain
            f = flag(name, **filters)
            f["active"] = not draw.maybe(0.1)
            flags.append(f)
        queries = [group_query(draw, n) for n in range(30)]
        yield "dependencies", document(flags), queries


def spoil(draw, p, name):
    """Now and then makes a dependency one that nobody can resolve."""
    chance = draw.random()
    if chance < 0.04:
        del p["dependency_chain"]
    elif chance < 0.08:
        p["dependency_chain"] = []
    elif chance < 0.12:
        p["key"] = "gone"
        p["dependency_chain"] = ["gone"]
    elif chance < 0.16:
        p["operator"] = "exact"
    elif chance < 0.2:
        p["dependency_chain"] = ["gone"] + p["dependency_chain"]


def cycles():
    """Flags that depend on each other, on themselves, and on those."""

    def on(key, value=True):
        return {"key": key, "type": "flag", "operator": "flag_evaluates_to", "value": value, "dependency_chain": [key]}

    flags = [
        flag("a", groups=[{"properties": [on("b")]}]),
        flag("b", groups=[{"properties": [on("a")]}]),
        flag("self", groups=[{"properties": [on("self", False)]}]),
        flag("outside", groups=[{"properties": [on("a")]}]),
        flag("outside-none", groups=[{"properties": [on("a")], "rollout_percentage": 0}]),
        flag("either", groups=[{"properties": [on("self")]}, {"properties": []}]),
        flag("sound", groups=[{"properties": [on("off", False)]}]),
        {**flag("off", groups=[{"properties": [on("a")]}]), "active": False},
    ]
    yield "cycles", document(flags), [{"distinct_id": "u"}]


def cohort(draw, depth, count):
    if depth == 0 or draw.maybe(0.1):
        return {"type": draw.choice(["AND", "OR"]), "values": [cohort_leaf(draw, count) for _ in range(draw.randint(1, 3))]}
    values = []
    for _ in range(draw.randint(1, 3)):
        values.append(cohort(draw, depth - 1, count) if draw.maybe(0.5) else cohort_leaf(draw, count))
    if draw.maybe(0.04):
        values.append({})
    if draw.maybe(0.03):
        values.append({"type": "XOR", "values": [cohort_leaf(draw, count)]})
    return {"type": draw.choice(["AND", "AND", "OR", "OR", "property"]), "values": values}


def cohort_leaf(draw, count):
    chance = draw.random()
    if chance < 0.12 and count:
        p = {"key": "id", "type": "cohort", "operator": draw.choice(["in", "not_in", None]), "value": draw.randint(1, count)}
    elif chance < 0.15:
        p = {"key": "id", "type": "cohort", "operator": "in", "value": 999}
    elif chance < 0.19:
        p = {"key": "$pageview", "type": "behavioral", "value": "performed_event"}
    elif chance < 0.24:
        p = {"key": "base", "type": "flag", "operator": "flag_evaluates_to", "value": draw.maybe(0.5), "dependency_chain": ["base"]}
    else:
        p = person_filter(draw)
    if draw.maybe(0.2):
        p["negation"] = True
    return p


def cohorts():
    draw = Draw(13)
    for number in range(12):
        known = {str(i + 1): cohort(draw, draw.randint(0, 3), i) for i in range(8)}
        flags = [flag("base", groups=[{"rollout_percentage": 50}])]
        for i in range(24):
            c = condition(draw, 1)
            identifier = draw.choice(list(range(1, 9)) + [999])
            p = {"key": "id", "type": "cohort", "value": draw.choice([identifier, str(identifier)])}
            p["operator"] = draw.choice(["in", "in", "not_in", None])
            if draw.maybe(0.1):
                p["negation"] = True
            c["properties"] = (c["properties"] or []) + [p]
            filters = {"groups": [c]}
            if draw.maybe(0.1):
                filters["aggregation_group_type_index"] = 0
            flags.append(flag("cohort-%d-%d" % (number, i), **filters))
        yield "cohorts", document(flags, cohorts=known), [group_query(draw, n) for n in range(40)]


def loops():
    """Cohorts that contain themselves, and shapes that are rare."""

    def inside(value, op="in"):
        return {"key": "id", "type": "cohort", "operator": op, "value": value}

    known = {
        "1": {"type": "AND", "values": [inside(2)]},
        "2": {"type": "OR", "values": [inside(1), {"key": "plan", "type": "person", "operator": "exact", "value": "pro"}]},
        "3": {},
        "4": {"type": "AND", "values": []},
        "5": {"type": "AND", "values": {"key": "plan"}},
        "6": {"type": "AND", "values": [inside(999), {"key": "plan", "type": "person", "operator": "exact", "value": "pro"}]},
        "7": {"type": "OR", "values": [inside(999, "not_in"), {"key": "plan", "type": "person", "operator": "exact", "value": "pro"}]},
    }
    flags = [flag("in-%s" % i, groups=[{"properties": [inside(int(i))]}]) for i in known]
    flags += [flag("not-in-%s" % i, groups=[{"properties": [inside(i, "not_in")]}]) for i in known]
    flags.append(flag("list", groups=[{"properties": [inside([3])]}]))
    people = [{"plan": "pro"}, {"plan": "free"}, {}]
    yield "cycles", document(flags, cohorts=known), [{"distinct_id": "u", "person": p} for p in people]


def holdouts():
    draw = Draw(14)
    flags = []
    for i in range(40):
        filters = {"groups": [condition(draw, 1) for _ in range(draw.randint(0, 2))], "multivariate": split(draw)}
        filters["holdout"] = {"id": i + 1, "exclusion_percentage": draw.choice([0, 5, 12.5, 50, 90, 100, 250, -3])}
        if draw.maybe(0.15):
            filters["holdout"] = draw.choice([None, {"id": None, "exclusion_percentage": 100}])
        if draw.maybe(0.25):
            filters["aggregation_group_type_index"] = 0
        f = flag("holdout-%d" % i, **filters)
        if draw.maybe(0.2):
            f["bucketing_identifier"] = "device_id"
        f["active"] = not draw.maybe(0.05)
        flags.append(f)
    yield "holdouts", document(flags), [with_device(draw, group_query(draw, n)) for n in range(60)]


def with_device(draw, q):
    return {**q, "device_id": "device-" + q["distinct_id"]} if draw.maybe(0.6) else q


def enrollment():
    draw = Draw(15)
    flags = []
    for i in range(12):
        filters = {"groups": [condition(draw, 1)], "feature_enrollment": draw.choice([True, True, False, None])}
        if draw.maybe(0.3):
            filters["multivariate"] = split(draw)
        if draw.maybe(0.3):
            filters["holdout"] = {"id": 3, "exclusion_percentage": 60}
        if draw.maybe(0.2):
            filters["aggregation_group_type_index"] = 0
        f = flag("beta-%d" % i, **filters)
        f["active"] = not draw.maybe(0.1)
        flags.append(f)
    queries = []
    for n in range(60):
        q = group_query(draw, n)
        for f in flags:
            name = "$feature_enrollment/" + f["key"]
            if draw.maybe(0.6):
                q["person"][name] = draw.choice([True, False, "true", "false", "True", "yes", 1, None, [], ""])
            elif draw.maybe(0.5):
                q["unset"] = q.get("unset", []) + [name]
        queries.append(q)
    yield "enrollment", document(flags), queries


def buckets(suite, seed, **kind):
    """Flags whose hash may not be known here."""
    draw = Draw(seed)
    flags = []
    for i in range(40):
        filters = {"groups": [condition(draw, 1) for _ in range(draw.randint(1, 3))]}
        if draw.maybe(0.5):
            filters["multivariate"] = split(draw)
            for c in filters["groups"]:
                if draw.maybe(0.4):
                    c["variant"] = draw.choice(["a", "b", "x"])
        for c in filters["groups"]:
            if draw.maybe(0.15):
                c["aggregation_group_type_index"] = 0
        if draw.maybe(0.2):
            filters["early_exit"] = True
        f = {**flag("%s-%d" % (suite, i), **filters), **kind}
        f["active"] = not draw.maybe(0.1)
        flags.append(f)
    yield suite, document(flags), [with_device(draw, group_query(draw, n)) for n in range(60)]


def documents():
    """Yields a suite, a document and queries."""
    yield from conditions()
    yield from nothing()
    yield from groups()
    yield from dependencies()
    yield from cycles()
    yield from cohorts()
    yield from loops()
    yield from holdouts()
    yield from enrollment()
    yield from buckets("device", 16, bucketing_identifier="device_id")
    yield from buckets("bucketing", 18, bucketing_identifier="")
    yield from buckets("continuity", 17, ensure_experience_continuity=True)


def payloads():
    """Yields payloads as they are stored, and the JSON text of each value's."""
    stored = {"true": '{"n": 1, "s": "ü"}', "a": "5", "b": '"text"', "empty": "", "null": None, "list": [1, {"x": None}], "holdout-7": "[]", "false": "1"}
    texts = {"true": '{"n": 1, "s": "ü"}', "a": "5", "b": '"text"', "list": '[1,{"x":null}]', "holdout-7": "[]"}
    values = [True, False, "a", "b", "c", "empty", "null", "list", "holdout-7"]
    for filters in ({"payloads": stored}, {"payloads": None}, {}):
        f = flag("p", groups=[{}], **filters)
        found = [texts.get("true" if v is True else v) if filters.get("payloads") and v is not False else None for v in values]
        yield {"document": document([f]), "values": values, "payloads": found}
