"""What names tell of values: counts, and what identifies people."""

import re
from functools import lru_cache

_IDENTIFIERS = {
    "bsn", "ssn", "mrn", "nhs number", "patient id", "patient number", "patient name", "patient",
    "subject id", "person id", "participant id", "medical record number", "email", "e mail",
    "mail", "phone", "phone number", "telephone", "mobile", "first name", "last name", "surname",
    "full name", "family name", "date of birth", "birth date", "dob", "address", "street",
    "postcode", "postal code", "zip", "zip code", "iban", "passport",
}  # fmt: skip
"""Names of values that identify people wherever they stand."""

_MAYBE = {"id", "identifier", "uid", "uuid", "guid", "pid", "key", "name", "number", "no", "nr"}
"""Words in names of columns that identify rows if most values are distinct."""

_COUNTS = {
    "n", "count", "counts", "cnt", "freq", "frequency", "frequencies", "nobs", "n obs", "nrow",
    "nrows", "rows", "size", "sizes", "cases", "events", "deaths", "controls", "patients",
    "subjects", "participants", "observations", "records", "samples", "individuals", "persons",
    "people", "total n", "sample size",
}  # fmt: skip
_COUNTS_BELOW = {"count", "counts", "cnt", "freq", "frequency", "frequencies", "value counts"}
"""Names of tables of counts: what is in them are counts whatever its own name."""

_COUNTED = {
    "row", "rows", "patient", "patients", "subject", "subjects", "participants", "person",
    "persons", "people", "individuals", "case", "cases", "event", "events", "death", "deaths",
    "control", "controls", "obs", "observations", "record", "records", "sample", "samples",
    "missing", "na", "male", "female", "men", "women", "at risk",
}  # fmt: skip
_LIMITS = {"min", "max", "minimum", "maximum", "least", "most", "top"}
"""First words of names of settings, not of counts."""

_HOW_MANY = re.compile(r"(?:n|nr|num|number|no|count|size)(?: of)? (.+)")


@lru_cache(maxsize=4096)
def spoken(name: str) -> str:
    """A name as words in small letters: `patientId` and `patient_id` are `patient id`."""
    parted = re.sub(r"(?<=[a-z\d])(?=[A-Z])", " ", name)
    return " ".join(re.findall(r"[a-z\d]+", parted.lower()))


@lru_cache(maxsize=4096)
def is_identifier(name: str) -> bool:
    """Whether a name says that its values identify people."""
    words = spoken(name)
    return words in _IDENTIFIERS or words.replace("id", " id").strip() in _IDENTIFIERS


def may_be_identifier(name: str) -> bool:
    """Whether a column of that name identifies rows, if its values are distinct."""
    return bool(_MAYBE & set(spoken(name).split()))


@lru_cache(maxsize=4096)
def is_count(keys: tuple[str, ...]) -> bool:
    """Whether a number is a count by its name, or by the names of what it is in."""
    if not keys:
        return False
    names = [spoken(key) for key in keys]
    own = names[-1]
    if own.split()[:1] and own.split()[0] in _LIMITS:
        return False
    if own in _COUNTS or own.split()[-1:] in (["count"], ["counts"], ["n"]):
        return True
    how_many = _HOW_MANY.fullmatch(own)
    if how_many and how_many[1] in _COUNTED:
        return True
    return any(name in _COUNTS_BELOW for name in names[:-1])
