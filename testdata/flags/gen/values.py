"""JSON values as PostHog's server sees them: numbers keep their spelling, and text is
what serde_json would write."""

import json
import re
import struct


class Number:
    """A JSON number as it was written."""

    def __init__(self, spelling):
        self.spelling = spelling

    def value(self):
        Style.used |= self.rough()
        return float(self.spelling)

    def rough(self):
        """Reports whether a parser may round the number otherwise in the last place."""
        if re.fullmatch(r"-?[0-9]+", self.spelling) and -(2**63) <= int(self.spelling) < 2**64:
            return False
        mantissa, _, exponent = self.spelling.lower().partition("e")
        digits = len(mantissa.partition(".")[2])
        return int(re.sub("[-.]", "", mantissa)) > 2**53 or abs(int(exponent or 0) - digits) > 22


def parse(text):
    return json.loads(text, parse_int=Number, parse_float=Number)


class Style:
    """How serde_json writes exponents, which has changed. used says that this mattered, or
    that it may have rounded a number with many digits."""

    plus = ""
    used = False


def number_text(spelling):
    """Returns the text of a number as serde_json writes it."""
    if re.fullmatch(r"-?[0-9]+", spelling) and spelling != "-0":
        n = int(spelling)
        if -(2**63) <= n < 2**64:
            return str(n)
    f = Number(spelling).value()
    if f == 0:
        return "-0.0" if struct.pack(">d", f)[0] else "0.0"
    digits, exponent = re.fullmatch(r"([0-9.]+)e([+-][0-9]+)", "%.17e" % abs(f)).groups()
    for precision in range(17):  # the fewest digits that give f again
        short = "%.*e" % (precision, abs(f))
        if float(short) == abs(f):
            digits, exponent = short.split("e")
            break
    digits, exponent = digits.replace(".", "").rstrip("0") or "0", int(exponent)
    sign = "-" if f < 0 else ""
    point = exponent + 1
    if not -5 < point <= 16:
        Style.used = True
        fraction = "." + digits[1:] if len(digits) > 1 else ""
        return sign + digits[0] + fraction + "e" + (Style.plus if exponent > 0 else "") + str(exponent)
    if point <= 0:
        return sign + "0." + "0" * -point + digits
    if len(digits) <= point:
        return sign + digits + "0" * (point - len(digits)) + ".0"
    return sign + digits[:point] + "." + digits[point:]


def quote(s):
    return json.dumps(s, ensure_ascii=False)


def compact(v):
    """Returns JSON without spaces and with sorted keys."""
    if v is None:
        return "null"
    if v is True or v is False:
        return "true" if v else "false"
    if isinstance(v, Number):
        return number_text(v.spelling)
    if isinstance(v, str):
        return quote(v)
    if isinstance(v, list):
        return "[" + ",".join(compact(e) for e in v) + "]"
    return "{" + ",".join(quote(k) + ":" + compact(v[k]) for k in sorted(v)) + "}"


def text(v):
    return v if isinstance(v, str) else compact(v)


def ascii_lower(s):
    return "".join(chr(ord(c) + 32) if "A" <= c <= "Z" else c for c in s)
