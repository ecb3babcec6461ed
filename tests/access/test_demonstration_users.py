"""What a demonstration user enters is invented, so it is refused in real texts and proposals, on each way in."""

import datetime
from typing import Any

import pytest
from django.contrib.auth.models import AbstractBaseUser

from issues.access.merging import provisions_to_merge_into
from issues.access.permissions import Refused, may_log, may_restructure
from issues.access.roles import reader_of
from issues.actions import proposals, requests
from issues.actions.proposals import Draft, Entry, Placement
from issues.interchange import log_import, staging
from issues.interchange.composition import compose, default_choices
from issues.interchange.new_negotiation import Source, load_negotiation
from issues.interchange.readers import read_pasted
from issues.interchange.review import accept_without_problems
from issues.interchange.stored_files import ReceivedFile
from issues.models import Proposal, Provision
from issues.models.choices import Act
from issues.text.member_names import load_register
from issues.text.operations import Operation
from issues.web.proposals import offer_of
from members.demonstration import DOMAIN
from tests.factories import DelegationFactory, ProposalFactory, SubIssueFactory, UserFactory, log_change, provision_with
from tests.people import client_of, member, take_part

pytestmark = pytest.mark.django_db

TEXT = "Each Member [BRA: shall] act."
TEXT_OPPOSED = "Each Member [BRA propose; CAN oppose: shall] act."


@pytest.fixture(autouse=True)
def participants() -> None:
    take_part("BRA", "CAN")


@pytest.fixture
def invented_delegate() -> Any:
    user = UserFactory(email=f"canada{DOMAIN}")
    return DelegationFactory(user=user, member=member("CAN")).user


@pytest.fixture
def invented_secretariat() -> Any:
    user = UserFactory(email=f"secretariat{DOMAIN}")
    return DelegationFactory(user=user, role="secretariat", member=None).user


def secretariat() -> Any:
    return DelegationFactory(role="secretariat", member=None).user


def delegate(code: str) -> Any:
    return DelegationFactory(member=member(code)).user


def oppose(provision: Provision, actor: AbstractBaseUser) -> Any:
    change = {"base_revision": 1, "edit": TEXT_OPPOSED, "on_behalf_of": member("CAN")}
    return log_change(actor=actor, provision=provision, **change)


@pytest.mark.parametrize("person", ["invented_delegate", "invented_secretariat"])
def test_a_change_to_a_real_text_is_refused(person: str, request: pytest.FixtureRequest) -> None:
    provision, user = provision_with(TEXT), request.getfixturevalue(person)
    with pytest.raises(Refused, match="no real text"):
        oppose(provision, user)
    assert provision.revisions.count() == 1
    assert not may_log(reader_of(user), provision)
    assert not may_restructure(reader_of(user), provision)


def test_a_demonstration_text_and_the_texts_of_others_are_open(invented_delegate: Any) -> None:
    assert oppose(provision_with(TEXT, demonstration=True), invented_delegate).number == 2
    assert oppose(provision_with(TEXT), delegate("CAN")).number == 2
    assert oppose(provision_with(TEXT), secretariat()).number == 2


def test_pages_and_the_api_refuse_a_change_and_offer_none(invented_delegate: Any) -> None:
    real, invented = provision_with(TEXT), provision_with(TEXT, demonstration=True)
    client = client_of(invented_delegate)
    assert client.get(f"/provisions/{invented.slug}/log/").status_code == 200
    refused = client.get(f"/provisions/{real.slug}/log/")
    assert refused.status_code == 403
    assert "You are a demonstration user" in refused.content.decode()
    sent = {"base_revision": 1, "text": TEXT_OPPOSED, "on_behalf_of": "CAN"}
    path = f"/api/v1/provisions/{real.slug}/revisions/"
    answered = client.post(path, sent, content_type="application/json", headers={"Idempotency-Key": "first"})
    assert answered.status_code == 403
    assert "You are a demonstration user" in answered.json()["detail"]
    bracket = f"?revision=1&at={TEXT.index('[')}"
    assert "<button" in client.get(f"/provisions/{invented.slug}/{bracket}").content.decode().partition('id="panel"')[2]
    panel = client.get(f"/provisions/{real.slug}/{bracket}").content.decode().partition('id="panel"')[2]
    assert "shall" in panel
    assert 'method="post"' not in panel.partition("</aside>")[0]


def test_a_request_on_a_real_text_is_refused(invented_delegate: Any) -> None:
    provision, lift = provision_with(TEXT), Operation(Act.LIFT, TEXT.index("["))
    values = {"provision": provision, "base_revision": 1, "operation": lift, "on_behalf_of": member("CAN")}
    with pytest.raises(Refused, match="no real text"):
        requests.ask(actor=invented_delegate, **values)
    request = requests.ask(actor=delegate("CAN"), **values)
    for act in (requests.take_back, requests.decline):
        with pytest.raises(Refused):
            act(request=request, actor=invented_delegate, **({"answer": "No."} if act is requests.decline else {}))


@pytest.mark.parametrize("act", ["revise", "leave", "withdraw", "respond", "invite", "merge_into"])
def test_a_step_of_a_real_proposal_is_refused(act: str, invented_secretariat: Any) -> None:
    proposal: Proposal = ProposalFactory(text="Each Member shall act.", proponents=[member("BRA")])
    provision = provision_with(TEXT, demonstration=True)
    entry = Entry(actor=invented_secretariat, on_behalf_of=member("BRA"))
    ways: dict[str, Any] = {
        "revise": lambda: proposals.revise(proposal, "Each Member may act.", entry, base=0),
        "leave": lambda: proposals.leave(proposal, entry),
        "withdraw": lambda: proposals.withdraw(proposal, entry),
        "respond": lambda: proposals.respond(proposal, entry, confirm=True),
        "invite": lambda: proposals.invite(proposal, member("CAN"), entry),
        "merge_into": lambda: proposals.merge_into(proposal, provision, Placement(words=proposal.text), entry, base=1),
    }
    with pytest.raises(Refused, match="no real proposal"):
        ways[act]()
    assert not proposal.steps.exists()
    offer = offer_of(reader_of(invented_secretariat), proposal)
    permitted = [offer.may_revise, offer.may_leave, offer.may_withdraw, offer.may_merge, *offer.asked, *offer.own]
    assert not any(permitted)
    assert offer_of(reader_of(secretariat()), proposal).may_merge


def test_an_invented_proposal_is_merged_only_into_invented_texts_and_replaces_no_real_one(
    invented_delegate: Any,
) -> None:
    place = SubIssueFactory()
    real, invented = (provision_with(TEXT, sub_issue=place, demonstration=marked) for marked in (False, True))
    draft = Draft("Invented words", "Each Member shall act.", [place], visibility="public")
    entry = Entry(actor=invented_delegate, on_behalf_of=member("CAN"))
    proposal = proposals.table(real.negotiation, draft, entry)
    assert proposal.demonstration
    assert list(provisions_to_merge_into(reader_of(secretariat()), proposal)) == [invented]
    merging = Entry(actor=secretariat(), on_behalf_of=member("CAN"))
    with pytest.raises(Refused, match="invented"):
        proposals.merge_into(proposal, real, Placement(words=proposal.text), merging, base=1)
    older = ProposalFactory(text="Words.", proponents=[member("CAN")])
    newer = Draft("Other words", "Each Member may act.", [place], supersedes=older)
    with pytest.raises(Refused, match="no real proposal"):
        proposals.table(real.negotiation, newer, entry)


@pytest.mark.parametrize(("email", "marked"), [(f"office{DOMAIN}", True), ("office@example.org", False)])
def test_a_text_imported_by_a_demonstration_user_is_marked(email: str, marked: bool) -> None:
    negotiation = provision_with(TEXT).negotiation
    user = DelegationFactory(user=UserFactory(email=email), role="secretariat", member=None).user
    _import(negotiation, user)
    assert [provision.demonstration for provision in Provision.objects.order_by("pk")] == [False, marked]


@pytest.mark.parametrize(("email", "marked"), [(f"office{DOMAIN}", True), ("office@example.org", False)])
def test_a_negotiation_loaded_by_a_demonstration_user_is_marked(email: str, marked: bool) -> None:
    user = UserFactory(email=email, is_superuser=True)
    draft = read_pasted("Article 1: Duties\n\nEach Member [shall] act.\n")
    composed = compose(draft, default_choices(draft, load_register()))
    source = Source(datetime.date(2021, 1, 1), "A source")
    loaded = load_negotiation(slug="other", name="Other", composed=composed, source=source, actor=user)
    assert {provision.demonstration for provision in loaded.provisions.all()} == {marked}


def _import(negotiation: Any, user: Any) -> None:
    words = f"Article {user.pk}: {user.username}\n\n" + f"Paragraph on {user.username} and its work. " * user.pk + "\n"
    origin = staging.Origin("text.txt", datetime.date(2021, 1, 1), "A source", ReceivedFile("text.txt", words.encode()))
    staged = staging.stage(read_pasted(words), origin, negotiation=negotiation, actor=user)
    staging.divide(staged, read_pasted(words), default_choices(read_pasted(words), load_register()))
    staging.compare(staged)
    accept_without_problems(staged)
    log_import.log(staged, user)
