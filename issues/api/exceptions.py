"""Conversion of exceptions to problem details."""

from collections.abc import Iterator
from functools import singledispatch
from typing import Any

from django.conf import settings
from django.core.exceptions import BadRequest, ObjectDoesNotExist, RequestDataTooBig
from django.core.exceptions import PermissionDenied as DjangoPermissionDenied
from django.core.exceptions import ValidationError as DjangoValidationError
from django.http import Http404
from rest_framework import exceptions
from rest_framework.response import Response

from bracketed_text.advanced import Side
from issues.access.permissions import Refused
from issues.actions.errors import (
    Conflict,
    InvalidValue,
    KeyReused,
    NothingChanged,
    NotRecorded,
    OperationRefused,
    ProposalClosed,
    ProposalRevised,
    RequestClosed,
    RequestOutdated,
    TextRefused,
    WordsRefused,
)
from issues.api.errors import KINDS, Problem, error_entry, problem_document
from issues.text.operations import InvalidOperation
from issues.wording import diagnostic_hint, diagnostic_message, listed


def exception_response(error: Exception, context: dict[str, Any]) -> Response | None:
    """Return the response to an exception raised by a view.

    Return None for an unexpected exception, which `handler500` handles.
    """
    problem = error if isinstance(error, Problem) else problem_of(error)
    if problem is None:
        return None
    response = Response(problem_document(problem, context["request"]), status=KINDS[problem.code].status)
    response.is_problem = True  # type: ignore[attr-defined]  # tells the view to set the media type
    if challenge := getattr(error, "auth_header", None):
        response["WWW-Authenticate"] = challenge
    if wait := getattr(error, "wait", None):
        response["Retry-After"] = str(int(wait))
    return response


@singledispatch
def problem_of(error: Exception) -> Problem | None:
    """Return the problem that an exception represents, or None if the exception indicates a defect."""
    return None


@problem_of.register
def _(error: Conflict) -> Problem:
    current = error.current
    places = [
        {"start": span.start, "end": span.end, "base": span.base, "yours": span.mine, "theirs": span.theirs}
        for span in error.places
    ]
    shown = {"revision": current.number, "made_on": current.made_on, "text": current.text}
    more: dict[str, Any] = {"current": shown, "places": places}
    if error.merged is not None:
        sides = {"yours": Side.MINE, "theirs": Side.THEIRS}
        more["merged"] = {name: error.merged.text([side] * len(places)) for name, side in sides.items()}
    return Problem("conflict", str(error), more=more)


@problem_of.register
def _(error: TextRefused) -> Problem:
    diagnostics = error.problems if error.tree is not None else []
    flaw = error.flaw
    location = {"place": {"offset": flaw.offset, "line": flaw.line, "column": flaw.column}} if flaw else {}
    errors = [diagnostic_entry(error.tree, diagnostic) for diagnostic in diagnostics]
    return Problem("text_refused", str(error), errors or [error_entry("text", error, **location)])


def diagnostic_entry(tree: Any, diagnostic: Any) -> dict[str, Any]:
    """Return the entry of `errors` for a diagnostic, with its position in the text and a way to fix it."""
    line, column = tree.line_and_column(diagnostic.start)
    location = {"offset": diagnostic.start, "end": diagnostic.end, "line": line, "column": column}
    return error_entry(
        "text",
        diagnostic_message(diagnostic),
        code=diagnostic.code.value,
        place=location,
        way_out=diagnostic_hint(diagnostic),
    )


@problem_of.register
def operation_problem(error: OperationRefused, field: str = "operation") -> Problem:
    """Return the problem for an operation that cannot be applied.

    `field` is the field of the body that contained the operation.
    """
    return Problem("operation_refused", str(error), [error_entry(field, error, place={"offset": error.offset})])


@problem_of.register
def _(error: NothingChanged) -> Problem:
    return Problem("nothing_changed", str(error))


@problem_of.register
def words_problem(error: WordsRefused, field: str = "operation") -> Problem:
    """Return the problem for an operation whose words are not allowed in any text.

    `field` is the field of the body that contained the operation.
    """
    return Problem("operation_refused", str(error), [error_entry(f"{field}.words", error)])


@problem_of.register
def _(error: InvalidValue) -> Problem:
    return Problem("invalid", str(error), [error_entry(error.field, error)])


@problem_of.register
def _(error: ProposalRevised) -> Problem:
    current = {"base": error.base, "text": getattr(error, "current", "")}
    return Problem("overtaken", f"The text was revised in step {error.base}.", more={"current": current})


@problem_of.register
def _(error: RequestOutdated) -> Problem:
    preview = error.preview
    now = {"revision": preview.number, "differs": preview.differs, "says": preview.sentences}
    return Problem("request_moved_on", str(error), more={"now": now})


@problem_of.register(ProposalClosed)
@problem_of.register(RequestClosed)
def _(error: NotRecorded) -> Problem:
    return Problem("closed", str(error))


@problem_of.register
def _(error: KeyReused) -> Problem:
    differs = listed([DIFFERENCES[part] for part in error.differs])
    detail = f"You have already used the Idempotency-Key “{error.key}” for another entry, which differs in {differs}."
    return Problem("key_reused", detail, more={"key": error.key, "differs": list(error.differs)})


# Labels of the parts in which two entries with the same key may differ.
DIFFERENCES = {
    "act": "the kind of action",
    "subject": "the text, proposal or other subject",
    "on_behalf_of": "the member on whose behalf it is made",
    "base": "the revision or step on which it is based",
    "content": "its content",
}


@problem_of.register
def _(error: Refused) -> Problem:
    errors = [] if error.place is None else [error_entry("text", error.rule, place={"offset": error.place})]
    return Problem("not_yours", error.rule, errors)


@problem_of.register
def _(error: InvalidOperation) -> Problem:
    return Problem("invalid", str(error), [error_entry("operation", error)])


@problem_of.register
def _(error: DjangoValidationError) -> Problem:
    by_field = error.message_dict if hasattr(error, "error_dict") else {"": error.messages}
    return _invalid_problem([error_entry(name, text) for name, messages in by_field.items() for text in messages])


@problem_of.register(Http404)
@problem_of.register(exceptions.NotFound)
@problem_of.register(ObjectDoesNotExist)
def _(error: Exception) -> Problem:
    return Problem("not_found", "The resource does not exist, or you may not read it.")


@problem_of.register
def _(error: RequestDataTooBig) -> Problem:
    return Problem("too_large", f"The maximum size of a body is {settings.DATA_UPLOAD_MAX_MEMORY_SIZE:,} bytes.")


@problem_of.register
def _(error: BadRequest) -> Problem:
    return Problem("malformed", str(error))


@problem_of.register
def _(error: exceptions.ValidationError) -> Problem:
    return _invalid_problem(list(_flattened(error.detail)))


def _invalid_problem(errors: list[dict[str, Any]]) -> Problem:
    detail = " ".join(
        f"{entry['field']}: {entry['message']}" if entry["field"] else entry["message"] for entry in errors[:3]
    )
    return Problem("invalid", detail, errors)


def _flattened(detail: Any, name: str = "") -> Iterator[dict[str, Any]]:
    """Yield an entry for each message, with the names of nested fields joined by dots."""
    if isinstance(detail, dict):
        for key, inner in detail.items():
            own = "" if key == "non_field_errors" else str(key)
            yield from _flattened(inner, ".".join(part for part in (name, own) if part))
    elif isinstance(detail, list | tuple):
        for inner in detail:
            yield from _flattened(inner, name)
    else:
        yield error_entry(name, detail)


@problem_of.register
def _(error: exceptions.ParseError) -> Problem:
    return Problem("malformed", str(error.detail))


@problem_of.register(exceptions.PermissionDenied)
@problem_of.register(DjangoPermissionDenied)
def _(error: Exception) -> Problem:
    return Problem("forbidden", str(error) or "This action is not allowed.")


_CODES: dict[type[exceptions.APIException], str] = {
    exceptions.NotAuthenticated: "authentication_required",
    exceptions.AuthenticationFailed: "bad_token",
    exceptions.MethodNotAllowed: "method_not_allowed",
    exceptions.NotAcceptable: "not_acceptable",
    exceptions.UnsupportedMediaType: "unsupported_media_type",
    exceptions.Throttled: "throttled",
}


@problem_of.register
def _(error: exceptions.APIException) -> Problem:
    return Problem(_CODES.get(type(error), "invalid"), str(error.detail))
