"""Tests that each field in which people write names its readers before anything is typed."""

import html
import re
from typing import Any

import pytest

from issues.access import readership, rules
from issues.access.readership import readers_of_proposal, readers_of_request, readers_of_text
from issues.access.rules import Action, Relation, Role
from issues.models import Provision
from issues.models.choices import Visibility
from tests.factories import ProposalFactory, SmallGroupFactory, provision_with
from tests.pages.forms import form_with
from tests.pages.writing import typed_in, writing_pages

pytestmark = pytest.mark.django_db

# Fields in which people type values other than words.
NO_WORDS = {
    "author_code": "the code of a member",
    "code": "the code of a member",
    "colour_code": "the code of a member",
}
OWN_PAGES = ("/accounts/",)  # the name that users give to their own tokens


def label_of(page: Any, field: dict[str, str]) -> str:
    """Return the text of a field's label."""
    found = re.search(rf'<label[^>]* for="{field["id"]}"[^>]*>(.*?)</label>', page, re.S)
    return " ".join(re.sub(r"<[^>]+>", "", html.unescape(found.group(1))).split()) if found else ""


def test_every_text_field_states_who_will_be_able_to_read_the_text() -> None:
    tried = 0
    for url, form, page in writing_pages().forms():
        if url.startswith(OWN_PAGES):
            continue
        said = page.content.decode()
        for name in typed_in(form):
            if name not in NO_WORDS:
                assert "visible to " in label_of(said, form.written[name]), (url, form.attributes, name)
                tried += 1
    assert tried > 35


@pytest.fixture
def article() -> Provision:
    """Return a provision on which the small group “Spam” works."""
    found = provision_with("Each Member shall [BRA: promptly] act.", slug="article")
    SmallGroupFactory(name="Spam", negotiation=found.negotiation).sub_issues.add(found.sub_issue)
    return found


@pytest.mark.parametrize(
    ("visibility", "said"),
    [
        (Visibility.PUBLIC, "visible to everybody"),
        (Visibility.PARTICIPANTS, "visible to delegations, analysts, facilitators and the secretariat"),
        (Visibility.GROUP, "visible to delegations and facilitators of Spam and the secretariat"),
    ],
)
def test_the_described_readers_of_a_text_depend_on_its_visibility(
    visibility: str, said: str, article: Provision
) -> None:
    article.visibility = visibility
    assert readers_of_text(article) == said


def test_a_text_without_a_group_can_be_read_only_by_the_secretariat(article: Provision) -> None:
    article.sub_issue.small_groups.all().delete()  # type: ignore[union-attr]
    article.visibility = Visibility.GROUP
    assert readers_of_text(article) == "visible to the secretariat"


def test_a_proposal_can_be_read_by_its_proponents_whatever_its_visibility(article: Provision) -> None:
    proposal = ProposalFactory(negotiation=article.negotiation, visibility=Visibility.GROUP)
    proposal.sub_issues.add(article.sub_issue)
    said = readers_of_proposal(proposal)
    assert said == "visible to delegations and facilitators of Spam, the secretariat and its proponents"
    proposal.visibility = Visibility.PUBLIC
    assert readers_of_proposal(proposal) == "visible to everybody"


def test_the_description_of_readers_mentions_the_reason_of_an_accepted_request(article: Provision) -> None:
    assert readers_of_request(article) == (
        "visible to the requesting delegation, facilitators of Spam and the secretariat; "
        "once the request is accepted, the reason is visible to everybody"
    )


def test_the_description_of_readers_is_derived_from_the_table_of_rules(
    article: Provision, monkeypatch: pytest.MonkeyPatch
) -> None:
    article.visibility = Visibility.PARTICIPANTS
    less = {role: held for role, held in rules.RULES[Action.READ_PARTICIPANTS].items() if role is not Role.ANALYST}
    monkeypatch.setitem(readership.RULES, Action.READ_PARTICIPANTS, {**less, Role.DELEGATE: Relation.PLACE})
    assert readers_of_text(article) == "visible to delegations of Spam, facilitators and the secretariat"


def test_the_form_for_a_reason_names_the_readers_of_the_text() -> None:
    pages = writing_pages()
    Provision.objects.filter(slug="article").update(visibility=Visibility.GROUP)
    client = pages.pages[3][0]
    page = client.get("/provisions/article/log/")
    field = form_with(page, "reason").written["reason"]
    assert "visible to delegations and facilitators of" in label_of(page.content.decode(), field)
