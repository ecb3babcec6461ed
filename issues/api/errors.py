"""Errors as problem details (RFC 9457): what went wrong, where, and the way out, under codes that do not change."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import singledispatch
from typing import Any, NamedTuple

from django.conf import settings
from django.core.exceptions import BadRequest, ObjectDoesNotExist, RequestDataTooBig
from django.core.exceptions import PermissionDenied as DjangoPermissionDenied
from django.core.exceptions import ValidationError as DjangoValidationError
from django.http import Http404, JsonResponse
from django.urls import reverse
from rest_framework import exceptions
from rest_framework.response import Response

from bracketed_text.advanced import Side, listed
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
from issues.text.operations import InvalidOperation
from members.plain_text import legible

MEDIA_TYPE = "application/problem+json"


class Kind(NamedTuple):
    """A kind of problem: its HTTP status, what it is called, and what to do about it."""

    status: int
    title: str
    way_out: str


KINDS = {
    "invalid": Kind(400, "A value cannot be used", "Each entry of `errors` names the value and says what it may be."),
    "unknown_parameter": Kind(
        400, "A parameter or field is unknown", "Each entry of `errors` lists what is known here; nothing is ignored."
    ),
    "malformed": Kind(400, "The request cannot be read", "Send a JSON object, in UTF-8, as application/json."),
    "text_refused": Kind(
        400,
        "The text cannot be logged as it stands",
        "Each entry of `errors` has the place in the text and the way out.",
    ),
    "operation_refused": Kind(
        400, "The operation cannot be done on this text", "Count `at` in the text of `base_revision`; see `errors`."
    ),
    "nothing_changed": Kind(400, "The text stands already", "There is nothing to log."),
    "authentication_required": Kind(401, "Nobody is signed in", "Send `Authorization: Bearer <token>`."),
    "bad_token": Kind(
        401,
        "The token opens nothing",
        "It was mistyped, revoked or has expired: make another on the page of your account.",
    ),
    "not_yours": Kind(
        403, "This is not yours to do", "`detail` says whose it is and what you may do; `errors` has the place."
    ),
    "insufficient_scope": Kind(403, "The token may only read", "Make one with the scope `write`."),
    "second_factor_required": Kind(
        403, "A second factor is required", "Sign in with it; a token made before it was used has to be made again."
    ),
    "forbidden": Kind(403, "This is not allowed", "Sessions send the CSRF token of the site; tokens need none."),
    "not_found": Kind(404, "There is no such thing", "Or it is not for you to read: both look the same."),
    "method_not_allowed": Kind(405, "This address does not take this method", "`Allow` lists those it takes."),
    "not_acceptable": Kind(406, "This is not written in what you accept", "Accept application/json."),
    "conflict": Kind(
        409,
        "Somebody else changed the same place",
        "`places` hold both sides. `merged.yours` and `merged.theirs` are both changes put together, with your side or "
        "theirs at those places: log what should stand on `current.revision`.",
    ),
    "overtaken": Kind(409, "Somebody else revised the proposal", "Read `current`, and revise that on `current.base`."),
    "state_moved_on": Kind(
        409, "The state has moved on", "Fetch the manifest again, or take everything.jsonl, which is of one state."
    ),
    "closed": Kind(409, "It takes no such step any more", "`detail` says what became of it."),
    "key_reused": Kind(
        409,
        "The key stands for another entry",
        "`differs` says in what: send another entry under a new key, the same one only to repeat it to the letter.",
    ),
    "request_moved_on": Kind(
        409,
        "Accepting the request would do something else now",
        "Read `now`, and accept it with `revision`: `now.revision`.",
    ),
    "start_again": Kind(
        410,
        "The cursor leads nowhere any more",
        "Forget what you keep, and start again from the bulk download, or without a cursor.",
    ),
    "length_required": Kind(411, "The body has no length", "Send it in one piece, with `Content-Length`."),
    "too_large": Kind(413, "The body is too large", "`detail` says how large it may be: send less at once."),
    "unsupported_media_type": Kind(415, "The body is not in a format that is read here", "Send application/json."),
    "throttled": Kind(429, "Too many requests", "Wait for the seconds in `Retry-After`; 304 is free."),
    "error": Kind(500, "Something is broken here", "Try again later; the site's log has the details."),
    "unavailable": Kind(
        503,
        "The database does not answer",
        "Wait for the seconds in `Retry-After`, and send the same again, with the same `Idempotency-Key`.",
    ),
}


@dataclass
class Problem(Exception):
    """A problem to answer with. `errors` are entries by field, `more` further members of the document."""

    code: str
    detail: str
    errors: list[dict[str, Any]] = field(default_factory=list)
    more: dict[str, Any] = field(default_factory=dict)


def problem_document(problem: Problem, request: Any) -> dict[str, Any]:
    """Return the problem as RFC 9457 writes it."""
    kind = KINDS[problem.code]
    return {
        # Without what the request asked for beside: it names the kind, and is compared.
        "type": request.build_absolute_uri(reverse("api:problem-detail", args=[problem.code])),
        "title": kind.title,
        "status": kind.status,
        "detail": problem.detail,
        "instance": request.get_full_path(),
        "code": problem.code,
        "way_out": kind.way_out,
        "errors": problem.errors,
        **problem.more,
    }


def exception_response(error: Exception, context: dict[str, Any]) -> Response | None:
    """Return the answer to an exception of a view, None for what no view expects: `handler500` answers that."""
    problem = error if isinstance(error, Problem) else problem_of(error)
    if problem is None:
        return None
    response = Response(problem_document(problem, context["request"]), status=KINDS[problem.code].status)
    response.is_problem = True  # type: ignore[attr-defined]  # so that the view names the media type
    if challenge := getattr(error, "auth_header", None):
        response["WWW-Authenticate"] = challenge
    if wait := getattr(error, "wait", None):
        response["Retry-After"] = str(int(wait))
    return response


def problem_response(problem: Problem, request: Any) -> JsonResponse:
    """Return the answer of somebody who stands before the views, such as middleware."""
    return JsonResponse(
        legible(problem_document(problem, request)), status=KINDS[problem.code].status, content_type=MEDIA_TYPE
    )


def error_entry(name: str, message: Any, **more: Any) -> dict[str, Any]:
    """Return an entry of `errors`: at which field, what, and where known the place and the way out."""
    return {"field": name, "message": str(message), **more}


@singledispatch
def problem_of(error: Exception) -> Problem | None:
    """Return the problem that an exception tells, None for one that is a defect."""
    return None


@problem_of.register
def _(error: Conflict) -> Problem:
    current = error.current
    places = [
        {"start": span.start, "end": span.end, "base": span.base, "yours": span.mine, "theirs": span.theirs}
        for span in error.places
    ]
    stands = {"revision": current.number, "made_on": current.made_on, "text": current.text}
    more: dict[str, Any] = {"current": stands, "places": places}
    if error.merged is not None:
        sides = {"yours": Side.MINE, "theirs": Side.THEIRS}
        more["merged"] = {name: error.merged.text([side] * len(places)) for name, side in sides.items()}
    return Problem("conflict", str(error), more=more)


def _message_without_page_copy(error: Exception) -> str:
    """Return what a domain error says, without what it promises of a page's form."""
    message, promise, _ = str(error).partition(" Your text is kept below")
    return message if promise else str(error)


@problem_of.register
def _(error: TextRefused) -> Problem:
    diagnostics = error.problems if error.tree is not None else []
    flaw = error.flaw
    location = {"place": {"offset": flaw.offset, "line": flaw.line, "column": flaw.column}} if flaw else {}
    errors = [diagnostic_entry(error.tree, diagnostic) for diagnostic in diagnostics]
    return Problem("text_refused", str(error), errors or [error_entry("text", error, **location)])


def diagnostic_entry(tree: Any, diagnostic: Any) -> dict[str, Any]:
    """Return an entry of `errors` for a diagnostic: its place in the text, and the way out."""
    line, column = tree.place(diagnostic.start)
    location = {"offset": diagnostic.start, "end": diagnostic.end, "line": line, "column": column}
    return error_entry("text", diagnostic.message, code=diagnostic.code.value, place=location, way_out=diagnostic.hint)


@problem_of.register
def operation_problem(error: OperationRefused, field: str = "operation") -> Problem:
    """Return the problem of an operation that cannot be done, which was sent in `field`."""
    return Problem("operation_refused", str(error), [error_entry(field, error, place={"offset": error.place})])


@problem_of.register
def _(error: NothingChanged) -> Problem:
    return Problem("nothing_changed", str(error))


@problem_of.register
def words_problem(error: WordsRefused, field: str = "operation") -> Problem:
    """Return the problem of words that can go into no text, of an operation that was sent in `field`."""
    return Problem("operation_refused", str(error), [error_entry(f"{field}.words", error)])


@problem_of.register
def _(error: InvalidValue) -> Problem:
    return Problem("invalid", str(error), [error_entry(error.field, error)])


@problem_of.register
def _(error: ProposalRevised) -> Problem:
    stands = {"base": error.base, "text": getattr(error, "current", "")}
    return Problem("overtaken", _message_without_page_copy(error), more={"current": stands})


@problem_of.register
def _(error: RequestOutdated) -> Problem:
    preview = error.preview
    now = {"revision": preview.number, "differs": preview.differs, "says": preview.says}
    return Problem("request_moved_on", str(error), more={"now": now})


@problem_of.register(ProposalClosed)
@problem_of.register(RequestClosed)
def _(error: NotRecorded) -> Problem:
    return Problem("closed", str(error))


@problem_of.register
def _(error: KeyReused) -> Problem:
    differs = listed([DIFFERENCES[part] for part in error.differs])
    detail = f"The Idempotency-Key “{error.key}” stands for another entry of yours, with another {differs}."
    return Problem("key_reused", detail, more={"key": error.key, "differs": list(error.differs)})


# In what two entries can differ, by the parts of a mark.
DIFFERENCES = {
    "act": "kind of act",
    "subject": "text, proposal or other subject",
    "on_behalf_of": "member in whose name it is",
    "base": "revision or step that it was written on",
    "content": "content",
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
    return Problem("not_found", "There is no such thing here, or it is not for you to read.")


@problem_of.register
def _(error: RequestDataTooBig) -> Problem:
    return Problem("too_large", f"A body may have {settings.DATA_UPLOAD_MAX_MEMORY_SIZE:,} bytes.")


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
    """Yield an entry for each message, nested fields with dots between."""
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
    return Problem("forbidden", str(error) or "This is not allowed.")


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
