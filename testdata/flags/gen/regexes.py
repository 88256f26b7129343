"""Regular expressions that mean the same to Rust, JavaScript, RE2 and Python.

Of others only those are judged here whose answer the server's syntax makes certain, or
of which an evaluator with RE2 can only be unsure."""

import re
import unicodedata

# A pattern of the subset that every dialect reads alike.
ATOM = r"(?:[A-Za-z0-9 _@#%&=,:;'\"<>~!/`-]|[^\x00-\x7f]|\\x[0-9A-Fa-f]{2}|\\[dDwWsS]|\\[.*+?()|\[\]{}^$\\/-]|\.|\[\^?[A-Za-z0-9_@.,\"-]+\]|\(\?:|\(|\)|\||\^|\$)"
QUANTIFIER = r"(?:[*+?]\??|\{[0-9]{1,2}(?:,[0-9]{0,2})?\}\??)?"
SUBSET = re.compile("(?:" + ATOM + QUANTIFIER + ")*", re.A)


# Patterns that RE2 and the server read alike, and what they find; None if they do not for
# this text. An SDK need not know that.
EXTRAS = {
    "(?i)PRO": lambda s: "pro" in s.lower() if s.isascii() else None,
    r"\p{L}": lambda s: any(unicodedata.category(c)[0] == "L" for c in s),
    "(?P<n>pro)": lambda s: "pro" in s,
    "[[:alpha:]]": lambda s: any(c.isascii() and c.isalpha() for c in s),
}


def portable(pattern):
    """Reports whether a pattern is certain to be read alike."""
    if not SUBSET.fullmatch(pattern):
        return False
    if re.search(r"(?<!\\)(?:[\^$|][*+?{]|\((?!\?:)[*+?{]|\(\?:[*+?{])|--|&&|~~", pattern):
        return False
    try:
        re.compile(translate(pattern), re.A)
    except re.error:
        return False
    return True


def translate(pattern):
    """Returns the pattern for Python, whose $ also matches before a last line feed."""
    out, i, inside = [], 0, False
    while i < len(pattern):
        c = pattern[i]
        if c == "\\":
            out.append(pattern[i : i + 2])
            i += 2
            continue
        inside = c == "[" or inside and c != "]"
        out.append(r"\Z" if c == "$" and not inside else c)
        i += 1
    return "".join(out)


def invalid(pattern):
    """Reports whether a pattern is certain to be invalid in every dialect."""
    bare = re.sub(r"\\.", "", pattern)
    if pattern.endswith("\\") and (len(pattern) - len(pattern.rstrip("\\"))) % 2:
        return True
    if "[" in bare or "(?" in bare.replace("(?:", ""):
        return bare == "["
    return bare.count("(") != bare.count(")")


def search(pattern, s, negated):
    if invalid(pattern):
        return "F"
    if pattern in EXTRAS:
        found = EXTRAS[pattern](s)
        if found is None:
            return "I"
        return "t" if found != negated else "f"
    if not portable(pattern):
        return "I"
    classes = re.search(r"\\[dDwWsS]", pattern)
    if classes and not (s.isascii() and pattern.isascii()):
        return "I"
    if classes and "\x0b" in s:  # a space, but not to RE2
        return "I"
    found = re.search(translate(pattern), s, re.A) is not None
    return "T" if found != negated else "F"
