"""Functions that fold the names of members and groupings for searches and select names in the reader's language.

A name in English is stored in a field such as `name` or `title`. Its translations are stored in fields with the same
name and the suffixes `_fr` and `_es`. An empty translation is replaced by the English name.
"""

import unicodedata
from typing import Any

from django.db.models import F, Value
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce, NullIf
from django.utils.translation import get_language

# The languages other than English in which names are stored.
TRANSLATED = ("fr", "es")


def fold(name: str) -> str:
    """Return `name` without case, diacritics and repeated spaces, so that "Cote d’Ivoire" finds "Côte d'Ivoire"."""
    decomposed = unicodedata.normalize("NFKD", name.replace("’", "'")).casefold()
    return " ".join("".join(character for character in decomposed if not unicodedata.combining(character)).split())


def in_all_languages(field: str) -> tuple[str, ...]:
    """Return the names of the fields that store a name, such as `name`, `name_fr` and `name_es`."""
    return (field, *(f"{field}_{language}" for language in TRANSLATED))


def local_name(prefix: str = "", field: str = "name") -> Combinable:
    """Return the expression for a name in the active language. `prefix` is the lookup path to the row."""
    english, local = f"{prefix}{field}", f"{prefix}{field}_{get_language()}"
    if get_language() not in TRANSLATED:
        return F(english)
    return Coalesce(NullIf(local, Value("")), english)


def local_language(row: Any, field: str = "name") -> str:
    """Return the language of `local_value`: the active language, or English if the row has no translation."""
    language = get_language()
    return language if language in TRANSLATED and getattr(row, f"{field}_{language}") else "en"


def field_language(field: str) -> str:
    """Return the language of the names that `field` stores."""
    return next((language for language in TRANSLATED if field.endswith(f"_{language}")), "en")


def local_field(row: Any, field: str = "name") -> str:
    """Return the name of the field that stores `local_value`."""
    language = local_language(row, field)
    return field if language == "en" else f"{field}_{language}"


def local_value(row: Any, field: str = "name") -> str:
    """Return the name of a row in the active language, or else in English."""
    value: str = getattr(row, local_field(row, field))
    return value
