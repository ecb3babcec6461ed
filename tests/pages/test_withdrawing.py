"""Tests that a proponent can withdraw its proposal although others have taken positions on it."""

import pytest
from django.test import Client

from issues.models import Position, Provision, Revision, Variant
from tests.factories import provision_with
from tests.pages.test_bracket_actions import current, delegate, panel_of, press, press_again, touch
from tests.people import api_client_of, take_part
from tests.people import delegate as delegate_of

pytestmark = pytest.mark.django_db

OPPOSED = "Each Member shall [CAN propose; JPN oppose; BRA reserve: promptly] act."
SUPPORTED = "Each Member shall [CAN propose; JPN support; BRA oppose: promptly] act."
AT = OPPOSED.index("[")


def provision(text: str) -> Provision:
    take_part("BRA", "CAN", "JPN")
    return provision_with(text, slug="article")


@pytest.fixture
def canada(db: None) -> Client:
    """Return a client of a delegate of Canada, which proposes words that others oppose."""
    provision(OPPOSED)
    return delegate("CAN")


def test_a_proposal_opposed_by_others_is_withdrawn_after_the_page_has_named_them(canada: Client) -> None:
    shown = touch(canada, at=AT)
    assert "Withdraw the proposal" in shown
    assert "Withdraw the position" not in shown
    question = press(canada, act="drop", at=AT)
    assert Revision.objects.count() == 1
    assert "Japan" in panel_of(question)
    assert "Brazil" in panel_of(question)
    assert press_again(canada, act="drop", at=AT).status_code == 302
    assert current() == "Each Member shall act."
    assert Variant.objects.get().outcome == "dropped"
    assert not Position.objects.filter(until_revision=None).exists()


@pytest.mark.parametrize("sent", [{"act": "withdraw"}, {"act": "take", "stance": "flexible"}])
def test_words_cannot_remain_without_their_only_proponent_and_the_refusal_gives_advice(
    canada: Client, sent: dict[str, str]
) -> None:
    refused = press(canada, at=AT, **sent)
    assert "Only Canada proposes these words" in panel_of(refused)
    assert "Withdraw the proposal" in panel_of(refused)
    assert Revision.objects.count() == 1


def test_other_members_cannot_withdraw_the_proposal(canada: Client) -> None:
    assert press(delegate("JPN"), act="drop", at=AT, **{"for": "JPN"}).status_code == 422
    assert current() == OPPOSED


def test_deleting_the_only_proponents_position_through_the_api_withdraws_the_proposal(canada: Client) -> None:
    client = api_client_of(delegate_of("CAN"))
    url = f"/api/v1/variants/{Variant.objects.get().pk}/positions/CAN/"
    assert [client.delete(url).json()["number"] for _ in range(2)] == [2, 2]
    assert current() == "Each Member shall act."


@pytest.mark.parametrize(
    ("sent", "becomes"),
    [
        ({"act": "withdraw"}, "Each Member shall [JPN support; BRA oppose: promptly] act."),
        ({"act": "take", "stance": "oppose"}, "Each Member shall [JPN support; BRA, CAN oppose: promptly] act."),
        (
            {"act": "take", "stance": "flexible"},
            "Each Member shall [JPN support; BRA oppose; CAN flexible: promptly] act.",
        ),
    ],
)
@pytest.mark.django_db
def test_a_proponent_leaves_its_words_to_their_supporters(sent: dict[str, str], becomes: str) -> None:
    provision(SUPPORTED)
    client = delegate("CAN")
    assert "Withdraw the position" in touch(client, at=AT)
    assert press(client, at=AT, **sent).status_code == 302
    assert current() == becomes
