"""Problem details (RFC 9457), which state the error, its location, its solution and a stable code."""

from dataclasses import dataclass, field
from typing import Any, NamedTuple

from django.http import JsonResponse
from django.urls import reverse

from members.plain_text import sanitize_json

MEDIA_TYPE = "application/problem+json"


class Kind(NamedTuple):
    """A kind of problem, with its HTTP status, its title and its solution."""

    status: int
    title: str
    way_out: str


KINDS = {
    "invalid": Kind(400, "Invalid value", "Each entry of `errors` names a field and states which values it accepts."),
    "unknown_parameter": Kind(
        400,
        "Unknown parameter or field",
        "Each entry of `errors` lists the accepted names. Unknown names are never ignored.",
    ),
    "malformed": Kind(400, "Malformed request", "Send a JSON object in UTF-8, with the media type application/json."),
    "text_refused": Kind(
        400,
        "The text cannot be logged as it is",
        "Each entry of `errors` describes a problem, with its position in the text and a way to fix it.",
    ),
    "operation_refused": Kind(
        400,
        "The operation cannot be applied to this text",
        "Give `at` as an offset in the text of `base_revision`. `errors` states the reason for the refusal.",
    ),
    "nothing_changed": Kind(400, "The text is unchanged", "Send a text that differs from the current text."),
    "authentication_required": Kind(401, "Authentication required", "Send `Authorization: Bearer <token>`."),
    "bad_token": Kind(
        401,
        "Invalid token",
        "The token is mistyped, revoked or expired. Create a new one on your account page.",
    ),
    "not_yours": Kind(
        403,
        "You do not have this right",
        "`detail` states who has this right and what you may do. `errors` gives the position of the passage, if any.",
    ),
    "insufficient_scope": Kind(403, "The token is read-only", "Create a token with the scope `write`."),
    "second_factor_required": Kind(
        403,
        "A second factor is required",
        "Sign in with a second factor, and create a new token. Tokens created without one are not accepted.",
    ),
    "forbidden": Kind(
        403,
        "Forbidden",
        "A request with a session cookie must contain the CSRF token of the site. A request with an access token does "
        "not need one.",
    ),
    "not_found": Kind(
        404,
        "Not found",
        "Check the URL. The response is the same for a resource that does not exist and one that you may not read.",
    ),
    "method_not_allowed": Kind(405, "Method not allowed", "Use a method that is listed in the `Allow` header."),
    "not_acceptable": Kind(406, "Not acceptable", "Send the header `Accept: application/json`."),
    "conflict": Kind(
        409,
        "Conflicting changes",
        "`places` contains both sides of each conflict. `merged.yours` and `merged.theirs` combine the two changes, "
        "with your version or the other version of the conflicting places. Send the text that you want, with "
        "`base_revision` set to `current.revision`.",
    ),
    "overtaken": Kind(
        409,
        "The proposal was revised by someone else",
        "Revise the text in `current`, and set `base` to `current.base`.",
    ),
    "state_moved_on": Kind(
        409,
        "The state has changed",
        "Fetch the manifest again, or download everything.jsonl, which always contains a single state.",
    ),
    "closed": Kind(409, "No longer open", "`detail` states how the variant, proposal or request was closed."),
    "key_reused": Kind(
        409,
        "The idempotency key is already in use",
        "`differs` lists the differences. Use a new key for each entry, and reuse a key only to repeat a request.",
    ),
    "request_moved_on": Kind(
        409,
        "Accepting the request would now have a different effect",
        "Read the new effect in `now`. To accept the request, set `revision` to `now.revision`.",
    ),
    "start_again": Kind(
        410,
        "The cursor has expired",
        "Discard your copy, and start again from the bulk download or without a cursor.",
    ),
    "length_required": Kind(411, "Length required", "Send the body in one piece, with a `Content-Length` header."),
    "too_large": Kind(413, "The body is too large", "Send a smaller body. `detail` gives the maximum size."),
    "unsupported_media_type": Kind(415, "Unsupported media type", "Send the body as application/json."),
    "throttled": Kind(
        429,
        "Too many requests",
        "Wait for the number of seconds in `Retry-After`. Responses with status 304 do not count towards the limit.",
    ),
    "error": Kind(500, "Internal server error", "Try again later. The server log contains the details."),
    "unavailable": Kind(
        503,
        "The database is unavailable",
        "Wait for the number of seconds in `Retry-After`. Then send the same request again with the same "
        "`Idempotency-Key`.",
    ),
}


@dataclass
class Problem(Exception):
    """A problem to report to the client.

    `errors` holds entries by field, and `more` holds additional members of the problem document.
    """

    code: str
    detail: str
    errors: list[dict[str, Any]] = field(default_factory=list)
    more: dict[str, Any] = field(default_factory=dict)


def problem_document(problem: Problem, request: Any) -> dict[str, Any]:
    """Return the problem document (RFC 9457)."""
    kind = KINDS[problem.code]
    return {
        # An absolute URL without the request's query, because clients compare it to identify the kind of problem.
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


def problem_response(problem: Problem, request: Any) -> JsonResponse:
    """Return the response for a problem outside REST framework, for example in middleware."""
    return JsonResponse(
        sanitize_json(problem_document(problem, request)), status=KINDS[problem.code].status, content_type=MEDIA_TYPE
    )


def error_entry(name: str, message: Any, **more: Any) -> dict[str, Any]:
    """Return an entry of `errors` with the field, the message and, in `more`, members such as `place` and `way_out`."""
    return {"field": name, "message": str(message), **more}
