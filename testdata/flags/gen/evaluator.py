"""PostHog's flag evaluation as its server does it, for one person about whom something
may be missing.

Whatever is missing becomes a choice. The evaluation is run once for every way to choose,
and a flag is decided if all of them agree. So the rules below are those for complete
data, and nothing in them is about uncertainty.
"""

import hashing
import operators
from operators import ABSENT
from values import Number, text

MAX_RUNS = 4096


class TooMany(Exception):
    """A flag has too many choices to try them all."""


class Choices:
    """Makes the same choices as before up to a point, and another one there."""

    def __init__(self):
        self.path = []  # [chosen index, number of options]
        self.depth = 0

    def choose(self, *options):
        if self.depth == len(self.path):
            self.path.append([0, len(options)])
        chosen = options[self.path[self.depth][0]]
        self.depth += 1
        return chosen

    def advance(self):
        """Turns to the next way to choose; False if there is none."""
        self.depth = 0
        while self.path:
            self.path[-1][0] += 1
            if self.path[-1][0] < self.path[-1][1]:
                return True
            self.path.pop()
        return False


class Unknown:
    """A bucketing ID that is not known."""


class Query:
    def __init__(self, distinct_id="", device_id="", person=None, groups=None, group_properties=None, now=None):
        self.distinct_id, self.device_id = distinct_id[:200], device_id
        self.person = {"distinct_id": distinct_id[:200], **(person or {})}
        self.groups = {t: k for t, k in (groups or {}).items() if k != ""}
        self.group_properties = {
            t: {"$group_key": k, **(group_properties or {}).get(t, {})} for t, k in self.groups.items()
        }
        self.now = now


class Evaluator:
    def __init__(self, document):
        self.flags = {f["key"]: f for f in document["flags"]}
        self.types = document.get("group_type_mapping") or {}
        self.cohorts = document.get("cohorts") or {}
        self.version = document.get("property_matching_version", 1)
        self.version = int(self.version.spelling) if isinstance(self.version, Number) else self.version

    def outcomes(self, key, query):
        """Returns every value that a flag may have."""
        self.query, self.choices, found = query, Choices(), set()
        for _ in range(MAX_RUNS):
            self.active = []
            found.add(self.flag(key))
            if not self.choices.advance():
                return found
        raise TooMany(key)

    def value(self, key, query):
        """Returns a flag's value, "I" as a tuple if it is undecided."""
        found = self.outcomes(key, query)
        return found.pop() if len(found) == 1 else ("I",)

    def choose(self, *options):
        return self.choices.choose(*options)

    def maybe(self, answer):
        return {"T": True, "F": False}.get(answer) if answer in "TF" else self.choose(True, False)

    # --- a flag ---

    def flag(self, key):
        self.active.append(key)
        v = self.walk(self.flags[key])
        self.active.pop()
        return v

    def walk(self, f):
        if not f["active"]:
            return False
        filters = f.get("filters") or {}
        if filters.get("feature_enrollment") is True:
            enrolled = self.query.person.get("$feature_enrollment/" + f["key"], ABSENT)
            if enrolled is ABSENT:
                enrolled = self.choose(True, False, operators.UNSET)
            if enrolled is not operators.UNSET:
                return enrolled is True or enrolled == "true"
        identifier = self.identifier(f, filters, plain(filters.get("aggregation_group_type_index")))
        if (held := self.holdout(filters, identifier)) is not None:
            return held
        for c in filters.get("groups") or []:
            met, identifier = self.condition(f, filters, c)
            if not met:
                continue
            if self.rollout(f, identifier, plain(c.get("rollout_percentage"))):
                return self.variant(f, filters, c, identifier)
            if filters.get("early_exit") is True:
                return False
        return False

    def holdout(self, filters, identifier):
        h = filters.get("holdout")
        if not h or h.get("id") is None:
            return None
        percentage = min(100, max(0, plain(h["exclusion_percentage"])))
        if percentage == 100:
            inside = True
        elif identifier is Unknown:
            inside = percentage > 0 and self.choose(True, False)
        else:
            inside = hashing.holdout_bucket(identifier) <= percentage / 100
        return "holdout-%d" % plain(h["id"]) if inside else None

    def identifier(self, f, filters, group):
        """Returns what is hashed, None if the query is not about such a group."""
        if group is not None:
            kind = self.types.get(str(group))
            if kind is None:
                return Unknown
            return self.query.groups.get(kind, Unknown)
        if f.get("ensure_experience_continuity") is True:
            return Unknown  # the server may remember an earlier ID
        if f.get("bucketing_identifier") == "device_id":
            return self.query.device_id or Unknown
        return self.query.distinct_id

    # --- a condition ---

    def condition(self, f, filters, c):
        """Tells whether a condition's properties match, and what to hash if so."""
        inherited = plain(filters.get("aggregation_group_type_index"))
        group = plain(c["aggregation_group_type_index"]) if "aggregation_group_type_index" in c else inherited
        if group is not None:
            kind = self.types.get(str(group))
            if kind is None and "aggregation_group_type_index" in c:
                return False, None
            if kind is None and not self.choose(True, False):
                return False, None
            if kind is not None and kind not in self.query.groups:
                return False, None
        met = all(self.choose(True, False) if negated_cohort(p) else self.filter(p, group) for p in c.get("properties") or [])
        return met, self.identifier(f, filters, group)

    def rollout(self, f, identifier, percentage):
        if percentage is None or percentage >= 100:
            return True
        if identifier is Unknown:
            return percentage > 0 and self.choose(True, False)
        return hashing.in_rollout(f["key"], identifier, percentage)

    def variant(self, f, filters, c, identifier):
        variants = [
            {"key": v["key"], "rollout_percentage": plain(v["rollout_percentage"])}
            for v in (filters.get("multivariate") or {}).get("variants") or []
        ]
        keys = [v["key"] for v in variants]
        if c.get("variant") and c["variant"] in keys:
            return c["variant"]
        if not keys:
            return True
        if identifier is Unknown:
            return self.choose(*self.reachable(variants))
        return hashing.pick(f["key"], identifier, variants) or True

    def reachable(self, variants):
        found, high = [], 0.0
        for v in variants:
            low, high = high, high + v["rollout_percentage"] / 100
            if high > low and low < 1:
                found.append(v["key"])
        return found + [True] if high < 1 else found

    # --- a filter ---

    def filter(self, p, group=None):
        """Tells whether a filter matches; group is that of its condition."""
        kind = p.get("type")
        if kind == "cohort":
            return self.cohort_filter(p)
        if kind == "flag":
            return self.dependency(p)
        where = self.query.person
        if kind == "group" or kind is None and group is not None:
            index = plain(p.get("group_type_index"))
            name = self.types.get(str(group if index is None else index))
            where = self.query.group_properties.get(name, {})
        elif kind not in (None, "person"):
            return self.choose(True, False)
        v = where.get(key_of(p), ABSENT)
        answer = operators.match(p.get("operator"), p.get("value", operators.MISSING), v, self.query.now, self.version)
        return self.maybe(answer)

    def dependency(self, p):
        expected = p.get("value")
        if p.get("operator") != "flag_evaluates_to" or not p.get("key") or not isinstance(expected, (bool, str)):
            return False
        chain = p.get("dependency_chain")
        if not chain or any(k not in self.flags for k in chain) or p["key"] not in self.flags:
            return self.choose(True, False)
        if p["key"] in self.active:  # a cycle
            return self.choose(True, False)
        actual = self.flag(p["key"])
        if expected is True or expected is False:
            return (actual is not False) == expected
        return actual == expected

    # --- cohorts ---

    def cohort_filter(self, p):
        identifier = text(p["value"])
        group = self.cohorts.get(identifier)
        if group is None or malformed(group) or p.get("operator") not in (None, "in", "not_in"):
            return self.choose(True, False)
        if self.reaches(identifier, identifier, set()):
            return self.choose(True, False)
        return self.group(group) != (p.get("operator") == "not_in")

    def group(self, g):
        if g == {}:
            return True
        answers = (self.group(v) if is_group(v) else self.leaf(v) for v in g["values"])
        return any(answers) if g["type"] == "OR" else all(answers)

    def reaches(self, start, goal, seen):
        """Reports whether a cohort contains another, at any depth."""
        for p in leaves(self.cohorts.get(start) or {}):
            inner = text(p["value"]) if p.get("type") == "cohort" else None
            if inner == goal:
                return True
            if inner is not None and inner not in seen:
                seen.add(inner)
                if self.reaches(inner, goal, seen):
                    return True
        return False

    def leaf(self, p):
        return self.filter(p) != (p.get("negation") is True)


def is_group(v):
    return v == {} or "values" in v


def malformed(g):
    """Reports whether a group is one that nobody understands, or holds one."""
    if g == {}:
        return False
    if g.get("type") not in ("AND", "OR", "property") or not isinstance(g.get("values"), list):
        return True
    return any(malformed(v) for v in g["values"] if is_group(v))


def leaves(g):
    values = g.get("values")
    for v in values if isinstance(values, list) else []:
        if is_group(v):
            yield from leaves(v)
        else:
            yield v


def negated_cohort(p):
    """Reports whether p has what the server only ignores in conditions if it is about no cohort."""
    return p.get("type") == "cohort" and p.get("negation") is True


def key_of(p):
    return p["key"].spelling if isinstance(p["key"], Number) else p["key"]


def plain(v):
    if not isinstance(v, Number):
        return v
    f = v.value()
    return int(f) if f.is_integer() else f
