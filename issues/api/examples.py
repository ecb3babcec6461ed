"""An example of each operation, shown in the schema and run by the tests against the fixtures.

`make schema` writes the responses to `responses.json`. The tests compare them with the current responses.
"""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

# A placeholder in parameters for the id of the resource that the previous step created.
CREATED_KEY = "…"


@dataclass(frozen=True)
class Step:
    """A request that must be sent before an example."""

    path: str
    body: dict[str, Any]


@dataclass(frozen=True)
class Example:
    """The parameters and body of a request, and the steps that must precede it.

    `role` is the role whose token the request needs, or "" if it needs no token.
    """

    parameters: dict[str, Any] = field(default_factory=dict)
    body: dict[str, Any] | None = None
    role: str = ""
    before: tuple[Step, ...] = ()

    def url(self, path: str) -> str:
        """Return the URL: the path with its parameters filled in, and the query string."""
        inside = {name: value for name, value in self.parameters.items() if f"{{{name}}}" in path}
        query = {name: value for name, value in self.parameters.items() if name not in inside and "-" not in name}
        asked = f"?{urlencode(query, doseq=True)}" if query else ""
        return path.format(**inside) + asked

    def headers(self) -> dict[str, str]:
        """Return the parameters that are sent as headers."""
        return {name: value for name, value in self.parameters.items() if "-" in name}

    def curl(self, method: str, path: str) -> str:
        """Return the example as a curl command."""
        parts = ["curl -s"]
        if self.role:
            parts.append('-H "Authorization: Bearer $TOKEN"')
        parts += [f"-H '{name}: {value}'" for name, value in self.headers().items()]
        if method != "get":
            parts.append(f"-X {method.upper()}")
        if self.body is not None:
            sent = json.dumps(self.body, ensure_ascii=False).replace("'", "'\\''")
            parts.append(f"-H 'Content-Type: application/json' -d '{sent}'")
        return " ".join([*parts, f"'$SITE{self.url(path)}'".replace("'$SITE", '"$SITE"\'')])


IDEMPOTENCY_KEY = {"Idempotency-Key": "7f3c2a"}
# The examples are recorded on the last day of the facts, so that they do not change with the date of a test.
DAY = {"made_on": "2021-02-28"}
ON_BEHALF = {"on_behalf_of": "CAN", **DAY}
NEW_PROPOSAL = {
    "title": "Review of digital products",
    "text": "Members shall review this Article [CAN: every two years].",
    "sub_issues": ["B.1.a"],
    **ON_BEHALF,
}
NEW_PROPOSAL_SLUG = "review-of-digital-products-can"
TABLE_STEP = Step("/proposals/", NEW_PROPOSAL)
INVITE_STEP = Step(f"/proposals/{NEW_PROPOSAL_SLUG}/invite/", {"invited": "JPN", **ON_BEHALF})
CONFIRM_STEP = Step(f"/proposals/{NEW_PROPOSAL_SLUG}/confirm/", {"on_behalf_of": "JPN", **DAY})
NEW_REQUEST = {
    "provision": "customs-duties",
    "base_revision": 6,
    "operation": {"act": "lift", "at": 141},
    "on_behalf_of": "CAN",
    "reason": "Nobody has defended it since December.",
}
REQUEST_STEP = Step("/requests/", NEW_REQUEST)


def _proposal_example(verb: str, body: dict[str, Any] | None = None, *before: Step) -> tuple[str, Example]:
    """Return the example of an action on the proposal that `TABLE_STEP` creates."""
    return f"{verb}_proposal", Example(
        {"slug": NEW_PROPOSAL_SLUG, **IDEMPOTENCY_KEY}, body or ON_BEHALF, "secretariat", (TABLE_STEP, *before)
    )


EXAMPLES: dict[str, Example] = {
    "root": Example(),
    "problems": Example(),
    "problem": Example({"code": "conflict"}),
    "status": Example({"as_of": "2020-12-07"}),
    "status_small_group": Example({"slug": "spam"}),
    "status_issue": Example({"code": "B.1", "fields": "code,stated,measured"}),
    "measures": Example({"small_group": "spam"}),
    "activity": Example({"member": "CAN"}),
    "search": Example({"q": "moratorium", "kind": "document", "page_size": 3}),
    "changes": Example({"page_size": 5}),
    "bulk": Example(),
    "bulk_file": Example({"name": "member", "extension": "jsonl"}),
    "sections_list": Example(),
    "sections_retrieve": Example({"code": "B"}),
    "issues_list": Example({"section": "C", "include": "sub_issues"}),
    "issues_retrieve": Example({"code": "C.1"}),
    "sub_issues_list": Example({"small_group": "spam"}),
    "sub_issues_retrieve": Example({"code": "B.1.a"}),
    "lenses_list": Example(),
    "lenses_retrieve": Example({"slug": "gender"}),
    "small_groups_list": Example({"fields": "slug,name,facilitators"}),
    "small_groups_retrieve": Example({"slug": "spam", "as_of": "2021-02-04"}),
    "status_reports_list": Example({"small_group": "spam"}),
    "status_reports_retrieve": Example({"id": 1}),
    "state_status": Example(
        {"slug": "spam", **IDEMPOTENCY_KEY},
        {
            "status": "stabilised",
            "stated_on": "2021-02-25",
            "stated_by": "Facilitator",
            "source": "Plenary of 25 February 2021",
        },
        "secretariat",
    ),
    "members_list": Example({"participant": True, "region": "africa", "as_of": "2020-12-31"}),
    "members_retrieve": Example({"code": "CAN"}),
    "groupings_list": Example({"member": "KEN"}),
    "groupings_retrieve": Example({"slug": "african-group"}),
    "documents_list": Example({"kind": "proposal", "page_size": 5}),
    "documents_retrieve": Example({"slug": "wt-l-274"}),
    "meetings_list": Example({"kind": "plenary", "include": "documents"}),
    "meetings_retrieve": Example({"slug": "2020-07-monthly-plenary"}),
    "timelines_list": Example({"issue": "B.3"}),
    "timelines_retrieve": Example({"slug": "moratorium"}),
    "expectations_list": Example({"small_group": "e-signatures"}),
    "expectations_retrieve": Example({"slug": "next-in-line"}),
    "reported_positions_list": Example({"member": "IDN", "issue": "B.3"}),
    "reported_positions_retrieve": Example({"id": 4}),
    "proposals_list": Example({"proponent": "CAN"}),
    "proposals_retrieve": Example({"slug": "gender-inclusive-language-in-the-preamble"}),
    "provisions_list": Example({"section": "B", "include": "text"}),
    "provisions_retrieve": Example({"slug": "customs-duties", "as_of": "2020-12-07"}),
    "provisions_revisions_list": Example({"slug": "customs-duties", "order": "newest", "include": "sentences"}),
    "provisions_revisions_retrieve": Example({"slug": "customs-duties", "number": 2}),
    "compare_revisions": Example({"slug": "customs-duties", "old": 1, "new": 2}),
    "variants_list": Example({"proponent": "EU", "section": "B", "order": "oldest"}),
    "variants_retrieve": Example({"id": 1}),
    "positions_list": Example({"member": "CAN", "stance": "oppose"}),
    "positions_retrieve": Example({"id": 1}),
    "agreement": Example({"member": "CAN", "least": 5}),
    "landing": Example({"member": ["USA", "CHN"]}),
    "landing_zone": Example({"small_group": "spam"}),
    "comparison": Example({"start": "2020-12-07", "end": "2021-02-28"}),
    "readings": Example({"mode": "members", "member": ["CAN"], "silence": "keep", "section": "B"}),
    "requests_list": Example({"state": "open"}, None, "delegate", (REQUEST_STEP,)),
    "requests_retrieve": Example({"id": CREATED_KEY}, None, "delegate", (REQUEST_STEP,)),
    "ask": Example(IDEMPOTENCY_KEY, NEW_REQUEST, "delegate"),
    "accept_request": Example(
        {"id": CREATED_KEY}, {"answer": "Agreed in the small group."}, "secretariat", (REQUEST_STEP,)
    ),
    "decline_request": Example(
        {"id": CREATED_KEY}, {"answer": "The small group meets on Monday."}, "secretariat", (REQUEST_STEP,)
    ),
    "take_back_request": Example({"id": CREATED_KEY}, {}, "delegate", (REQUEST_STEP,)),
    "log": Example(
        {"slug": "customs-duties", **IDEMPOTENCY_KEY},
        {
            "base_revision": 6,
            "operation": {"act": "propose", "at": 0, "words": "Recalling the Work Programme,"},
            "on_behalf_of": "CAN",
            "reason": "Tabled in the small group.",
        },
        "delegate",
    ),
    "check": Example(
        {"slug": "customs-duties"},
        {"base_revision": 6, "text": "A Member shall not impose customs duties.", **ON_BEHALF},
        "delegate",
    ),
    "take_position": Example({"id": 1, "code": "CAN"}, {"stance": "reserve", "reason": "To be checked"}, "delegate"),
    "withdraw_position": Example({"id": 1, "code": "CAN"}, None, "delegate"),
    "table_proposal": Example(IDEMPOTENCY_KEY, NEW_PROPOSAL, "delegate"),
    **dict(
        (
            _proposal_example(
                "revise", {"text": "Members shall review this Article [CAN: every year].", "base": 1, **ON_BEHALF}
            ),
            _proposal_example("invite", {"invited": "JPN", **ON_BEHALF}),
            _proposal_example("confirm", {"on_behalf_of": "JPN", **DAY}, INVITE_STEP),
            _proposal_example("decline", {"on_behalf_of": "JPN", **DAY}, INVITE_STEP),
            _proposal_example("leave", {"on_behalf_of": "JPN", **DAY}, INVITE_STEP, CONFIRM_STEP),
            _proposal_example("withdraw"),
            _proposal_example(
                "merge", {"provision": "digital-products", "base_revision": 2, "words": "It is reviewed.", **ON_BEHALF}
            ),
        )
    ),
}

RESPONSES_FILE = Path(__file__).with_name("responses.json")
# The status, media type and abridged body of the response to each operation.
RESPONSES: dict[str, dict[str, Any]] = json.loads(RESPONSES_FILE.read_text(encoding="utf-8"))
