"""Tests that delegates cannot change others' text, or the relations of others' brackets, in any way."""

from typing import Any

import pytest

from issues.access.permissions import Refused
from issues.actions import changes
from issues.actions.edits import TextChange
from issues.models import Provision, Revision
from issues.models.choices import Act, Stance
from issues.text.operations import Operation
from members.models import Member
from tests.factories import DelegationFactory, MemberFactory, ParticipationFactory, log_change, provision_with

pytestmark = pytest.mark.django_db

TEXT = "Each Member [CAN: always] / may act [BRA: by post] [CHN: by wire]."
MAY = TEXT.index("may act")


@pytest.fixture
def provision() -> Provision:
    for code in ("BRA", "CAN", "CHN", "JPN"):
        ParticipationFactory(member=MemberFactory(code=code))
    return provision_with(TEXT, slug="article")


@pytest.fixture
def japan(provision: Provision) -> Any:
    return DelegationFactory(member=Member.objects.get(code="JPN"), role="delegate")


REFUSED = {
    "990,000 blanks in base text": {"edit": TEXT.replace("may act", "may" + " " * 990_000 + "act")},
    "990,000 blanks in another's words": {"edit": TEXT.replace("by post", "by" + " " * 990_000 + "post")},
    "a line break in another's words": {"edit": TEXT.replace("by post", "by\npost")},
    "a blank taken away": {"edit": TEXT.replace("] [CHN", "][CHN")},
    "base text made an alternative": {"edit": TEXT.replace("may act", "[JPN oppose: may act]")},
    "base text made an alternative by an operation": {
        "edit": Operation(Act.ENCLOSE, MAY, MAY + len("may act"), stance=Stance.OPPOSE)
    },
    "a bracket of a run put in another": {
        "edit": Operation(Act.ENCLOSE, TEXT.index("[CHN"), TEXT.index("."), stance=Stance.OPPOSE)
    },
    "a bracket in nobody's name": {"edit": TEXT.replace("Each", "[Each]")},
}


@pytest.mark.parametrize("what", REFUSED.values(), ids=REFUSED)
def test_a_change_to_the_text_of_others_is_refused_and_nothing_is_stored(
    provision: Provision, japan: Any, what: dict[str, Any]
) -> None:
    with pytest.raises(Refused) as refused:
        log_change(provision=provision, base_revision=1, actor=japan.user, on_behalf_of=japan.member, **what)
    assert refused.value.place is not None
    assert Revision.objects.count() == 1


def test_a_delegate_can_oppose_words_between_other_members_brackets(provision: Provision, japan: Any) -> None:
    operation = Operation(Act.ENCLOSE, TEXT.index("act"), TEXT.index("act") + 3, stance=Stance.OPPOSE)
    revision = changes.log(
        TextChange(provision, base_revision=1, edit=operation, on_behalf_of=japan.member), actor=japan.user
    )
    assert "/ may [JPN oppose: act] [BRA" in revision.text
