"""Detection of invalid characters that were stored before input was validated. Pages show them as U+FFFD."""

from collections.abc import Iterable, Iterator
from typing import Any

from django.apps import apps
from django.contrib.auth import get_user_model
from django.db.models import CharField, Field, JSONField, Model, TextField

from issues.models import (
    Change,
    ChangeCounter,
    Measure,
    Position,
    ProposalStep,
    Provision,
    Revision,
    StagedProvision,
    StatusReport,
    Variant,
)
from members.plain_text import REPLACEMENT, describe, replaced_characters, sanitize, strings_in

# These tables are computed from texts or copied from other rows. Problems are reported where the data originate.
DERIVED = (Change, Measure, Position, ChangeCounter, Variant)
# The fields that identify a row to users if its model has no slug or code.
IDENTIFYING_FIELDS: dict[type[Model], tuple[str, ...]] = {
    Revision: ("provision__slug", "number"),
    ProposalStep: ("proposal__slug", "number"),
    StatusReport: ("small_group__slug", "pk"),
    StagedProvision: ("staged__pk", "position"),
}
LABELS: dict[type[Model], str] = {
    Revision: "{0}, revision {1}",
    ProposalStep: "proposal {0}, step {1}",
    StatusReport: "status {1} of {0}",
}
CHUNK_SIZE = 200


def invalid_characters(provisions: Iterable[Provision] | None = None) -> Iterator[str]:
    """Yield a sentence for each stored value that contains an invalid character.

    The sentence states the row, the character and its position. If `provisions` is given, only the revisions of these
    provisions are examined. Otherwise, all tables are examined.
    """
    if provisions is not None:
        yield from _in_rows(Revision, Revision._base_manager.filter(provision__in=list(provisions)))
        return
    kept = [*apps.get_app_config("issues").get_models(), *apps.get_app_config("members").get_models()]
    # Revisions come first, because users read them.
    for model in sorted([*kept, get_user_model()], key=lambda model: (model is not Revision, model._meta.label)):
        if model not in DERIVED:
            yield from _in_rows(model, model._base_manager.all())


def _in_rows(model: type[Model], rows: Any) -> Iterator[str]:
    columns = [field for field in model._meta.concrete_fields if isinstance(field, CharField | TextField | JSONField)]
    if not columns:
        return
    identifying = IDENTIFYING_FIELDS.get(model) or tuple(
        [name for name in ("slug", "code", "username") if _has(model, name)][:1] or ["pk"]
    )
    names = [field.attname for field in columns]
    values = rows.order_by("pk").values_list(*identifying, *names).iterator(chunk_size=CHUNK_SIZE)
    for row in values:
        for field, value in zip(columns, row[len(identifying) :], strict=True):
            if problem := _problem(field, value):
                column = "" if (model, field.name) == (Revision, "text") else f", {field.verbose_name}"
                yield f"{_label(model, row[: len(identifying)])}{column}: {problem}"


def _has(model: type[Model], name: str) -> bool:
    return any(field.name == name for field in model._meta.concrete_fields)


def _label(model: type[Model], values: tuple[Any, ...]) -> str:
    template = LABELS.get(model) or f"{model._meta.verbose_name} {' '.join('{}' for _ in values)}"
    return template.format(*values)


def _problem(field: "Field[Any, Any]", value: Any) -> str:
    """Return a description of the invalid characters in a value, or an empty string if there are none."""
    for text in strings_in(value):
        if sanitize(text) == text:
            continue
        invalid = list(replaced_characters(text))
        position = "" if isinstance(field, JSONField) else f" at line {invalid[0].line}, column {invalid[0].column}"
        more = f" (and {len(invalid) - 1} more)" if len(invalid) > 1 else ""
        pronoun = "they are" if more else "it is"
        return f"contains {describe(invalid[0].character)}{position}{more}; {pronoun} exported as {REPLACEMENT}"
    return ""
