"""Why the vectors may differ from posthog-node 5.70. The README says what each reason
means. A difference without a reason ends the generator."""

import re
import sys


def of_properties(op, f, texts, answers, node):
    """Returns the reasons for the differences of a row, None if there is none."""
    if node is None:
        return None
    why = set()
    for p, ours, theirs in zip(texts + ["absent"], answers, node):
        if ours.upper() == theirs:
            continue
        reason = of_property(op or "exact", f, p, ours, theirs)
        if reason is None:
            sys.exit("%s %s, property %s: %s, but posthog-node says %s" % (op, f, p, ours, theirs))
        why.add(reason)
    return ", ".join(sorted(why)) or None


def of_property(op, f, p, ours, theirs):
    if theirs == "I" and ours != "I":
        return "unsure"
    if f in ("null", "missing"):
        return "no value"
    if p == "null" and (ours == "I" or "multi" in op):
        return "null"
    if op in ("gt", "gte", "lt", "lte", "min", "max", "between", "not_between"):
        return "numbers"
    if op.startswith("semver"):
        return "versions"
    if op.startswith("is_date"):
        return "dates"
    if ours == "I" and op in ("regex", "not_regex"):
        return "patterns"
    if ours == "I" or any(re.search(r"[\[{]|[0-9]\.[0-9]|e20|[0-9]{16}|^-0$|^1e3$", t) for t in (f, p)):
        return "JSON text"
    return None


def of_flags(document, queries, ours, theirs):
    """Returns flag, query, posthog-node's answer and the reason, where both are sure of different answers."""
    found = []
    for f in document["flags"]:
        key = f["key"]
        for i, (a, b) in enumerate(zip(ours[key], theirs.get(key, []))):
            if a == b or b in "IE" or a == "I":
                continue
            reason = of_flag(f, queries[i])
            if reason is None:
                sys.exit("flag %s, query %s: %s, but posthog-node says %s" % (f, queries[i], a, b))
            found.append([key, i, b, reason])
    return found


def of_flag(f, q):
    filters = f["filters"]
    if q.get("unset"):
        return "unset"
    properties = [q.get("person", {})] + list(q.get("group_properties", {}).values())
    if any(p.get("seats") == "many" for p in properties):
        return "numbers"
    if filters.get("feature_enrollment"):
        return "enrollment"
    if any(g.get("aggregation_group_type_index") is not None for g in [filters] + filters["groups"]):
        return "groups"
    types = [p.get("type") for c in filters["groups"] for p in c.get("properties") or []]
    if "group" in types:
        return "groups"
    if "flag" in types:
        return "dependencies"
    if "cohort" in types:
        return "cohorts"
    return None
