"""All pages on which people write, each with a user who may write, for tests that apply to all their fields."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.test import Client

from issues.actions import proposals, requests
from issues.interchange import staging
from issues.interchange.readers import read_pasted
from issues.models import Provision
from issues.text.operations import Operation
from members.models import Member
from tests.factories import (
    DelegationFactory,
    FacilitatorFactory,
    MemberFactory,
    ParticipationFactory,
    SmallGroupFactory,
    UserFactory,
    provision_with,
)
from tests.pages.forms import Form, forms_of

# Templates with writable fields that none of these pages shows, each with the reason.
ELSEWHERE = {
    "_kept_words.html": "gives back what was typed elsewhere",
    "issues/_clashes.html": "its own fields are carried along, not written in",
    "issues/provision.html": "words are looked for in the text, and not stored",
    "issues/variants.html": "a search",
    "issues/documents.html": "a search",
}
HERE = {"headers": {"sec-fetch-site": "same-origin"}}


@dataclass
class WritingPages:
    """The pages, each with the client of a user who may write on it."""

    pages: list[tuple[Client, str]]

    def forms(self) -> list[tuple[str, Form, Any]]:
        """Return each form in which people write, with the URL and the response of its page."""
        found = []
        for client, url in self.pages:
            page = client.get(url)
            assert page.status_code == 200, (url, page.status_code)
            for form in forms_of(page):
                if form.attributes.get("method") == "post" and typed_in(form):
                    found.append((url, form, page))
        return found


def typed_in(form: Form) -> list[str]:
    """Return the names of the writable fields of a form."""
    return [name for name in form.written if "readonly" not in form.written[name]]


def signed_in(user: Any) -> Client:
    client = Client(**HERE)  # type: ignore[arg-type]
    client.force_login(user)
    return client


def writing_pages() -> WritingPages:
    """Create a small world in which each form is available to at least one user."""
    members = {code: MemberFactory(code=code, name=name) for code, name in (("CAN", "Canada"), ("BRA", "Brazil"))}
    article: Provision = provision_with("Each Member shall [BRA: promptly] / [CAN: duly] act.", slug="article")
    for member in members.values():
        ParticipationFactory(member=member, negotiation=article.negotiation)
    group = SmallGroupFactory(slug="spam", negotiation=article.negotiation)
    group.sub_issues.add(article.sub_issue)
    desk = UserFactory(username="desk")
    DelegationFactory(user=desk, role="secretariat", member=None)
    FacilitatorFactory(small_group=group, user=desk)
    delegate = DelegationFactory(role="delegate", member=members["CAN"]).user
    brazil = DelegationFactory(role="delegate", member=members["BRA"]).user
    proposal = _proposal(article, delegate, members["CAN"], members["BRA"])
    at = article.revisions.get().text.index("[")
    requests.ask(
        provision=article,
        base_revision=1,
        operation=Operation(act="drop", at=at),
        actor=delegate,
        on_behalf_of=members["CAN"],
        reason="Not needed",
    )
    staged = staging.stage(
        read_pasted("Article 1: Spam\n\nEach Party [CAN: shall] act [now.\n"),
        staging.Origin("Rev.9", article.revisions.get().made_on, "test"),
        negotiation=article.negotiation,
        actor=desk,
    )
    place = f"/provisions/article/?revision=1&at={at}"
    outside = "/provisions/article/?revision=1&start=0&end=4"
    hers, his, office = signed_in(delegate), signed_in(brazil), signed_in(desk)
    return WritingPages(
        [
            (hers, "/provisions/article/log/"),
            (hers, place),
            (hers, outside),
            (office, f"{place}&for=CAN"),
            (hers, "/proposals/new/"),
            (hers, f"/proposals/{proposal.slug}/"),
            (his, f"/proposals/{proposal.slug}/"),
            (hers, f"/proposals/{proposal.slug}/revise/"),
            (office, f"/proposals/{proposal.slug}/merge/?provision=article"),
            (office, "/small-groups/spam/state/"),
            (office, "/requests/"),
            (office, "/imports/"),
            (office, f"/imports/{staged.key}/?show=all"),
            (hers, "/webhooks/"),
            (office, "/accounts/tokens/"),
        ]
    )


def _proposal(article: Provision, actor: Any, member: Member, invited: Member) -> Any:
    assert article.sub_issue is not None
    draft = proposals.Draft(
        title="Unsolicited messages", text="Nobody sends any.", sub_issues=[article.sub_issue], co_sponsors=[invited]
    )
    entry = proposals.Entry(actor, member, article.revisions.get().made_on, "", "")
    return proposals.table(article.negotiation, draft, entry)


def templates_written_in() -> set[str]:
    """Return the names of the tracker's own templates whose markup contains a writable field."""
    root = Path(settings.BASE_DIR) / "templates"
    marks = ("<textarea", '<input name="reason"', '<input name="answer"', "form.note", "form.text", "field=form.")
    return {
        str(path.relative_to(root))
        for path in (*(root / "issues").glob("*.html"), *root.glob("_*.html"))
        if any(mark in path.read_text() for mark in marks)
    }
