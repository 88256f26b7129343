"""The hash that puts an ID somewhere from 0 to 1."""

import hashlib


def digits(key, identifier, salt=""):
    return hashlib.sha1((key + "." + identifier + salt).encode()).hexdigest()[:15]


def bucket(key, identifier, salt=""):
    return int(digits(key, identifier, salt), 16) / 2.0**60


def holdout_bucket(identifier):
    return int(hashlib.sha1(("holdout-" + identifier).encode()).hexdigest()[:15], 16) / 2.0**60


def in_rollout(key, identifier, percentage):
    return percentage is None or percentage == 100 or bucket(key, identifier) <= percentage / 100


def pick(key, identifier, variants):
    """Returns the key of the variant, None if the ID is beyond them all."""
    h, high = bucket(key, identifier, "variant"), 0.0
    for v in variants:
        high += v["rollout_percentage"] / 100
        if h < high:
            return v["key"]
    return None


def sha256(s):
    return hashlib.sha256(s.encode()).hexdigest()
