"""Functions that fold the names of members and groupings for searches and select names in the reader's language."""

import unicodedata

from django.db.models import F, Value
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce, NullIf
from django.utils.translation import get_language


def fold(name: str) -> str:
    """Return `name` without case, diacritics and repeated spaces, so that "Cote d’Ivoire" finds "Côte d'Ivoire"."""
    decomposed = unicodedata.normalize("NFKD", name.replace("’", "'")).casefold()
    return " ".join("".join(character for character in decomposed if not unicodedata.combining(character)).split())


def local_name(prefix: str = "") -> Combinable:
    """Return the expression for a member's name in the active language. `prefix` is the lookup path to the member."""
    field = f"{prefix}name_{get_language()}"
    if field not in (f"{prefix}name_fr", f"{prefix}name_es"):
        return F(f"{prefix}name")
    return Coalesce(NullIf(field, Value("")), f"{prefix}name")
