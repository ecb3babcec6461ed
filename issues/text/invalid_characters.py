"""What is stored since before there was a door, and leaves as U+FFFD: found in every column, and named by its place."""

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
from members.plain_text import REPLACEMENT, describe, strings_in, unwritable, written_out

# Computed from the texts, or told of other rows: what is wrong there is wrong where it comes from.
DERIVED = (Change, Measure, Position, ChangeCounter, Variant)
# By what a row is known to people, where it is not its own slug or code.
KNOWN_BY: dict[type[Model], tuple[str, ...]] = {
    Revision: ("provision__slug", "number"),
    ProposalStep: ("proposal__slug", "number"),
    StatusReport: ("small_group__slug", "pk"),
    StagedProvision: ("staged__pk", "position"),
}
CALLED: dict[type[Model], str] = {
    Revision: "{0}, revision {1}",
    ProposalStep: "proposal {0}, step {1}",
    StatusReport: "status {1} of {0}",
}
AT_ONCE = 200


def stored_flaws(provisions: Iterable[Provision] | None = None) -> Iterator[str]:
    """Yield a sentence for each value that is not written out as it is stored: which row, which character, and where.

    Of `provisions`, those of their revisions; without, of everything that the site keeps.
    """
    if provisions is not None:
        yield from _of(Revision, Revision._base_manager.filter(provision__in=list(provisions)))
        return
    kept = [*apps.get_app_config("issues").get_models(), *apps.get_app_config("members").get_models()]
    # The texts first: they are what people read.
    for model in sorted([*kept, get_user_model()], key=lambda model: (model is not Revision, model._meta.label)):
        if model not in DERIVED:
            yield from _of(model, model._base_manager.all())


def _of(model: type[Model], rows: Any) -> Iterator[str]:
    columns = [field for field in model._meta.concrete_fields if isinstance(field, CharField | TextField | JSONField)]
    if not columns:
        return
    known_by = KNOWN_BY.get(model) or tuple(
        [name for name in ("slug", "code", "username") if _has(model, name)][:1] or ["pk"]
    )
    names = [field.attname for field in columns]
    values = rows.order_by("pk").values_list(*known_by, *names).iterator(chunk_size=AT_ONCE)
    for row in values:
        for field, value in zip(columns, row[len(known_by) :], strict=True):
            if said := _said(field, value):
                column = "" if (model, field.name) == (Revision, "text") else f", {field.verbose_name}"
                yield f"{_called(model, row[: len(known_by)])}{column}: {said}"


def _has(model: type[Model], name: str) -> bool:
    return any(field.name == name for field in model._meta.concrete_fields)


def _called(model: type[Model], known_by: tuple[Any, ...]) -> str:
    form = CALLED.get(model) or f"{model._meta.verbose_name} {' '.join('{}' for _ in known_by)}"
    return form.format(*known_by)


def _said(field: "Field[Any, Any]", value: Any) -> str:
    """Return what is wrong with a value, "" where nothing is."""
    for text in strings_in(value):
        if written_out(text) == text:
            continue
        found = list(unwritable(text))
        place = "" if isinstance(field, JSONField) else f" at line {found[0].line}, column {found[0].column}"
        more = f" (and {len(found) - 1} more)" if len(found) > 1 else ""
        pronoun = "they are" if more else "it is"
        return f"holds {describe(found[0].character)}{place}{more}; {pronoun} written out as {REPLACEMENT}"
    return ""
