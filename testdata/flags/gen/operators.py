"""Property operators by the rules of PostHog's server, for one filter and one property.

match returns what is certain: "T", "F", or "I" when it depends on something that local
evaluation cannot know. "t" and "f" mean that the server answers so, but that an
evaluator may also be unsure: SDKs are.
"""

import calendar
import re
from datetime import datetime, timedelta, timezone

import regexes
from values import Number, Style, ascii_lower, text

ABSENT, UNSET = object(), object()
MISSING = object()  # a filter without a value


def flip(answer):
    return {"T": "F", "F": "T", "t": "f", "f": "t"}.get(answer, answer)


def certain(b):
    return "T" if b else "F"


def likely(b):
    return "t" if b else "f"


# --- exact ---


def bool_like(v):
    if isinstance(v, list):
        return all(bool_like(e) for e in v)
    return v is True or v is False or isinstance(v, str) and v.lower() in ("true", "false")


def truthy(v):
    if isinstance(v, list):
        return all(truthy(e) for e in v)
    return v is True or isinstance(v, str) and v.lower() == "true"


def same_text(a, b):
    return text(a).lower() == text(b).lower()


def exact(f, v, version):
    if f == [] or version != 2 and bool_like(f):
        return certain(truthy(f) == truthy(v))
    if isinstance(f, list):
        return certain(any(same_text(e, v) for e in f))
    return certain(same_text(f, v))


# --- text ---

TEXT = {
    "icontains": lambda needle, s: needle in s,
    "starts_with": lambda needle, s: s.startswith(needle),
    "ends_with": lambda needle, s: s.endswith(needle),
}


def textual(op, f, v):
    return certain(TEXT[op](ascii_lower(text(f)), ascii_lower(text(v))))


def multi(f, v):
    needles = f if isinstance(f, list) else [f]
    return certain(any(textual("icontains", e, v) == "T" for e in needles))


# --- numbers ---

RUST_FLOAT = re.compile(r"[+-]?(inf|infinity|nan|[0-9]+(\.[0-9]*)?(e[+-]?[0-9]+)?|\.[0-9]+(e[+-]?[0-9]+)?)", re.I | re.A)


def number(v):
    if isinstance(v, Number):
        return v.value()
    if isinstance(v, str) and RUST_FLOAT.fullmatch(v):
        return float(v)
    return None


COMPARE = {
    "gt": lambda a, b: a > b,
    "gte": lambda a, b: a >= b,
    "lt": lambda a, b: a < b,
    "lte": lambda a, b: a <= b,
}


def compare(op, f, v):
    a, b = number(v), number(f)
    return certain(a is not None and b is not None and COMPARE[op](a, b))


def bounds(f):
    if not isinstance(f, list) or len(f) != 2:
        return None
    lo, hi = number(f[0]), number(f[1])
    if lo is None or hi is None or not lo <= hi:
        return None
    return lo, hi


def between(f, v, negated):
    b = bounds(f)
    if b is None:
        return "F"
    n = number(v)
    if n is None:
        return "I" if negated else "F"  # the server's builds differ
    if n != n:
        return "F"
    return certain((b[0] <= n <= b[1]) != negated)


# --- dates ---

RELATIVE = re.compile(r"-?([0-9]+)([hdwmy])", re.A)
ZONED = re.compile(r"(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(\.\d{1,9})?(Z|[+-]\d\d:\d\d)", re.A)
NAIVE = re.compile(r"(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(\.\d{1,9})?)?)?", re.A)
EARLIEST, LATEST = timedelta(hours=14), timedelta(hours=12)  # how far a zone's midnight is from UTC's
SHIFT = timedelta(hours=1)  # of a clock, once or twice a year


def months_before(t, n):
    """Steps back month by month; the day is cut to each month's length."""
    year, month, day = t.year, t.month, t.day
    for _ in range(n):
        year, month = (year, month - 1) if month > 1 else (year - 1, 12)
        if year < 1:
            return None
        day = min(day, calendar.monthrange(year, month)[1])
    return t.replace(year=year, month=month, day=day)


def years_before(t, n):
    """Steps back year by year, so that February 29 becomes 28 and stays it."""
    if t.year - n < 1:
        return None
    day = 28 if n > 0 and t.month == 2 and t.day == 29 else t.day
    return t.replace(year=t.year - n, day=day)


def relative(s, now):
    """Returns the instants that s may mean, the one in UTC first, or None."""
    m = RELATIVE.fullmatch(s)
    if not m or int(m[1]) >= 10000:
        return None
    n, unit = int(m[1]), m[2]
    if unit == "h":
        t = now - timedelta(hours=n)
        return t, t, t
    if unit in "dw":
        t = now - timedelta(days=n * (7 if unit == "w" else 1))
        return t, t - SHIFT, t + SHIFT
    back = months_before if unit == "m" else years_before
    utc = back(now, n)
    candidates = []
    for minutes in range(-12 * 60, 14 * 60 + 1, 15):
        offset = timedelta(minutes=minutes)
        local = back(now + offset, n)
        if local is None:
            return None
        candidates.append(local - offset)
    return utc, min(candidates) - SHIFT, max(candidates) + SHIFT


def fields(m, start=1):
    year, month, day, hour, minute, second = (int(g or 0) for g in m.groups()[:6])
    t = datetime(year, month, day, hour, minute, second, tzinfo=timezone.utc)
    return t + timedelta(microseconds=round(float(m.group(7) or 0) * 1e6))


def absolute(s):
    """Returns the instants that s may mean, as relative does. None: it is no date."""
    try:
        if m := ZONED.fullmatch(s):
            t = fields(m)
            if m[8] != "Z":
                hours, minutes = int(m[8][1:3]), int(m[8][4:])
                if hours > 23 or minutes > 59:
                    return None
                offset = timedelta(hours=hours, minutes=minutes)
                t = t - offset if m[8][0] == "+" else t + offset
            return t, t, t
        if m := NAIVE.fullmatch(s):
            t = fields(m)
            return t, t - EARLIEST, t + LATEST
    except ValueError:
        pass
    return None


def is_naive(s):
    return isinstance(s, str) and NAIVE.fullmatch(s) is not None


def zones(op, f, v, now):
    """Answers if every zone gives the same answer, with the calendar of that zone."""
    answers = set()
    for minutes in range(-12 * 60, 14 * 60 + 1, 15):
        offset = timedelta(minutes=minutes)
        sides = []
        for side in (f, v):
            if isinstance(side, str) and relative(side, now):
                sides.append(relative(side, now + offset)[0] - offset)
            else:
                sides.append(date_of(side, now)[0] - (offset if is_naive(side) else timedelta(0)))
        answers.add({"is_date_before": sides[1] < sides[0], "is_date_after": sides[1] > sides[0], "is_date_exact": sides[1] == sides[0]}[op])
    return likely(answers.pop()) if len(answers) == 1 else "I"


EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)


def date_of(v, now):
    """Returns what a property may mean, "no" if it is no date for anybody, else None."""
    if isinstance(v, Number) or isinstance(v, str) and RUST_FLOAT.fullmatch(v):
        try:
            t = EPOCH + timedelta(microseconds=round(number(v) * 1e6))
        except (OverflowError, ValueError):
            return None
        return t, t, t
    if not isinstance(v, str):
        return "no"
    return relative(v, now) or absolute(v)


def date(op, f, v, now):
    if not isinstance(f, str):
        return "F"
    wanted = relative(f, now) or absolute(f)
    found = date_of(v, now)
    if found == "no":
        return "F"
    if wanted is None or found is None:
        return "I"
    before = found[2] < wanted[1]
    after = found[1] > wanted[2]
    same = found[1] == found[2] == wanted[1] == wanted[2]
    sure = before or after or same
    if not sure and not (found[1] <= wanted[2] and wanted[1] <= found[2]):
        raise AssertionError("a date is neither before nor after")
    if not sure:
        before, after = found[0] < wanted[0], found[0] > wanted[0]
    answer = {"is_date_before": before, "is_date_after": after, "is_date_exact": not before and not after}[op]
    if sure:
        rare = isinstance(v, str) and (RELATIVE.fullmatch(v) or RUST_FLOAT.fullmatch(v) and not re.fullmatch(r"-?[0-9.]+", v))
        rare = rare or "." in text(v) and abs(found[0] - wanted[0]) < timedelta(milliseconds=1)  # of a float
        return likely(answer) if rare else certain(answer)
    edge = found[2] == wanted[1] and op == "is_date_after" or found[1] == wanted[2] and op == "is_date_before"
    if edge:
        return "F"  # at most equal
    if is_naive(f) != is_naive(v):  # a zone decides
        return zones(op, f, v, now)
    return likely(answer)  # both in the same zone, or within a shift of its clock


# --- versions ---

PLAIN = re.compile(r"v?(0|[1-9]\d{0,8})(?:\.(0|[1-9]\d{0,8}))?(?:\.(0|[1-9]\d{0,8}))?", re.A)


def version(v):
    s = text(v)
    m = PLAIN.fullmatch(s)
    return tuple(int(g or 0) for g in m.groups()) if m else None


def ranges(op, f):
    """Returns the bounds that a filter gives, None if it is not one that all agree on."""
    if op == "semver_wildcard":
        m = re.fullmatch(r"(0|[1-9]\d{0,8})(?:\.(0|[1-9]\d{0,8}))?\.\*", f, re.A) if isinstance(f, str) else None
        if not m:
            return None
        major, minor = int(m[1]), m[2]
        if minor is None:
            return (major, 0, 0), (major + 1, 0, 0)
        return (major, int(minor), 0), (major, int(minor) + 1, 0)
    base = version(f)
    if base is None:
        return None
    major, minor, patch = base
    if op == "semver_tilde":
        return base, (major, minor + 1, 0)
    if major > 0:
        return base, (major + 1, 0, 0)
    return base, (0, minor + 1, 0) if minor > 0 else (0, 0, patch + 1)


VERSIONS = {
    "semver_eq": lambda a, b: a == b,
    "semver_neq": lambda a, b: a != b,
    "semver_gt": lambda a, b: a > b,
    "semver_gte": lambda a, b: a >= b,
    "semver_lt": lambda a, b: a < b,
    "semver_lte": lambda a, b: a <= b,
}


def semver(op, f, v):
    if v is None:
        return "F"
    found = version(v)
    if op in VERSIONS:
        wanted = version(f)
        if wanted is None or found is None:
            return unusual(op, f, v)
        return plain(f, v, VERSIONS[op](found, wanted))
    limits = ranges(op, f)
    if limits is None or found is None:
        return unusual(op, f, v)
    return plain(f, v, limits[0] <= found < limits[1])


def plain(f, v, answer):
    """Is certain only of strings: SDKs differ about numbers."""
    return certain(answer) if isinstance(f, str) and isinstance(v, str) else likely(answer)


# What the server's parser reads beside plain versions: zeros in front, a suffix.
FULL = re.compile(r"(\d{1,9})(?:\.(\d{1,9}))?(?:\.(\d{1,9}))?(?:-([0-9A-Za-z.-]+))?(?:\+([0-9A-Za-z.-]+))?", re.A)


def unusual(op, f, v):
    """Answers by the server's parser where an evaluator may be unsure."""
    found, wanted = full(v), full(f)
    if found is None or wanted is None and op != "semver_wildcard":
        return "f"  # not a version: no match for any operator
    if op == "semver_wildcard":
        limits = ranges(op, text(f).removeprefix("v")) or wildcard(f)
        if limits is None:  # perhaps a star after the patch: of no more than its minor version
            limits = ranges(op, re.sub(r"\.[0-9]+\.\*$", ".*", text(f)))
            return "I" if limits is None or limits[0] <= found[0][0] < limits[1] else "f"
    if op in VERSIONS:
        if found[0] == wanted[0] and found[1] != wanted[1]:
            return "I"  # the order of build metadata is the parser's own
        return likely(VERSIONS[op](found[0], wanted[0]))
    if op != "semver_wildcard":
        base = ".".join(map(str, wanted[0][0]))
        limits = wanted[0], ranges(op, base)[1]
    release, final, suffix = found[0]
    if not final and not (op != "semver_wildcard" and not wanted[0][1] and wanted[0][0] == release):
        return "f"  # a pre-release is in no range but that of its own version's pre-releases
    low = limits[0] if len(limits[0]) == 3 and isinstance(limits[0][0], tuple) else (limits[0], 1, ())
    return likely(low <= found[0] and release < limits[1])


def full(v):
    """Returns a version's precedence and its build metadata."""
    m = FULL.fullmatch(text(v).removeprefix("v").strip())
    if not m or m[4] and any(not p or p.isdigit() and p != "0" and p[0] == "0" for p in m[4].split(".")):
        return None
    return precedence(m), m[5]


def wildcard(f):
    """Returns the bounds of a pattern without a star, which is a caret's without padding."""
    m = PLAIN.fullmatch(text(f))
    if not m:
        return None
    parts = [int(g) for g in m.groups() if g is not None]
    base = tuple(parts + [0] * (3 - len(parts)))
    if parts[0] > 0 or len(parts) == 1:
        return base, (parts[0] + 1, 0, 0)
    if parts[1] > 0 or len(parts) == 2:
        return base, (0, parts[1] + 1, 0)
    return base, (0, 0, parts[2] + 1)


def precedence(m):
    release = tuple(int(g or 0) for g in m.groups()[:3])
    if not m[4]:
        return release, 1, ()
    parts = [(0, int(p), "") if p.isdigit() else (1, 0, p) for p in m[4].split(".")]
    return release, 0, tuple(parts)


# --- all ---

ALIASES = {"min": "gte", "max": "lte", None: "exact", "": "exact"}
NEGATED = {
    "is_not": "exact",
    "not_icontains": "icontains",
    "not_starts_with": "starts_with",
    "not_ends_with": "ends_with",
    "not_icontains_multi": "icontains_multi",
}
OPERATORS = (
    ["exact", "is_not", "is_set", "is_not_set", "icontains", "not_icontains", "starts_with", "not_starts_with"]
    + ["ends_with", "not_ends_with", "icontains_multi", "not_icontains_multi", "regex", "not_regex"]
    + ["gt", "gte", "lt", "lte", "min", "max", "between", "not_between"]
    + ["is_date_before", "is_date_after", "is_date_exact"]
    + list(VERSIONS)
    + ["semver_tilde", "semver_caret", "semver_wildcard"]
)


def match(op, f, v, now, version=1):
    """Tells whether a property v matches."""
    Style.used, Style.plus = False, ""
    answer = rule(op, f, v, now, version)
    if not Style.used:
        return answer
    Style.plus = "+"
    return answer.lower().replace("i", "I") if rule(op, f, v, now, version) == answer else "I"


def rule(op, f, v, now, version):
    op = ALIASES.get(op, op)
    if op not in OPERATORS:
        return "I"
    if op in ("is_set", "is_not_set"):
        return "I" if v is ABSENT else certain((v is UNSET) == (op == "is_not_set"))
    if f is MISSING or f is None:
        return "F"
    if v is UNSET or v is ABSENT:
        return missing(op, f, v)
    if op in NEGATED:
        return flip(rule(NEGATED[op], f, v, now, version))
    if op == "exact":
        return exact(f, v, version)
    if op in TEXT:
        return textual(op, f, v)
    if op == "icontains_multi":
        return multi(f, v)
    if op in ("regex", "not_regex"):
        return regexes.search(text(f), text(v), op == "not_regex")
    if op in COMPARE:
        return compare(op, f, v)
    if op in ("between", "not_between"):
        return between(f, v, op == "not_between")
    if op.startswith("is_date"):
        return date(op, f, v, now)
    return semver(op, f, v)


def missing(op, f, v):
    """Answers for a property that the person does not have (UNSET), or that is not known."""
    never = (  # whatever the property is
        op in COMPARE and (number(f) is None or number(f) != number(f))
        or (op, number(f)) in (("gt", float("inf")), ("lt", float("-inf")))
        or op == "between" and bounds(f) is None
        or op.startswith("is_date") and not isinstance(f, str)
        or op in ("regex", "not_regex") and regexes.invalid(text(f))
    )
    if never:
        return "F"
    if f == [] and op in ("icontains_multi", "not_icontains_multi"):
        return certain(op == "not_icontains_multi")
    if op == "not_between" and bounds(f) is None:
        return "I"  # it is not said which the server looks at first
    if v is ABSENT:
        impossible = op.startswith("semver") and not FULL.fullmatch(text(f).removeprefix("v").strip())
        return "f" if impossible and op != "semver_wildcard" else "I"
    if op == "not_regex":
        return "T" if regexes.portable(text(f)) else "t"
    return certain(op in NEGATED or op == "not_between")
