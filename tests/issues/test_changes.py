"""Tests of the data stored for logged changes, the reasons for refusal, and the absence of partial writes."""

import datetime
from typing import Any

import pytest
from django.utils import timezone

from issues.access.permissions import Refused
from issues.actions.errors import Conflict, NothingChanged, TextRefused, UnknownRevision
from issues.models import Measure, Position, Provision, Revision, Variant
from issues.text import index
from tests import people
from tests.factories import (
    DelegationFactory,
    FacilitatorFactory,
    MemberFactory,
    SmallGroupFactory,
    UserFactory,
    log_change,
    provision_with,
)

pytestmark = pytest.mark.django_db

TEXT = "Each Member shall [BRA: promptly] act."


@pytest.fixture
def provision() -> Provision:
    """Return a provision with a bracket by Brazil. Canada and Brazil are members."""
    MemberFactory(code="CAN", name="Canada")
    MemberFactory(code="BRA", name="Brazil")
    return provision_with(TEXT)


def log(provision: Provision, user: Any, text: str, **values: Any) -> Revision:
    values.setdefault("base_revision", provision.revisions.count())
    if "on_behalf_of" not in values:
        delegation = user.delegations.exclude(member=None).first()
        values["on_behalf_of"] = delegation.member if delegation else None
    return log_change(provision=provision, edit=text, actor=user, **values)


def test_a_delegate_logs_a_proposal_and_the_index_is_updated(provision: Provision, canada: Any) -> None:
    revision = log(provision, canada, TEXT.replace("act", "[CAN: always] act"), reason="Tabled in the room")
    assert revision.number == 2
    assert (revision.recorded_by, revision.on_behalf_of.code) == (canada, "CAN")
    assert revision.measure.open_brackets == 2
    variant = Variant.objects.get(provision=provision, opened_in=revision)
    assert variant.text == "always"
    assert [(position.holder.code, position.stance) for position in variant.positions.all()] == [("CAN", "propose")]


def test_revisions_are_chained_by_hashes(provision: Provision, canada: Any) -> None:
    first = provision.revisions.get(number=1)
    second = log(provision, canada, TEXT.replace("act", "[CAN: always] act"))
    second.refresh_from_db()
    assert first.digest == first.expected_digest("")
    assert second.digest == second.expected_digest(first.digest)


def test_a_withdrawn_position_has_a_start_and_an_end(provision: Provision, canada: Any) -> None:
    log(provision, canada, TEXT.replace("[BRA:", "[BRA propose; CAN oppose:"), made_on=datetime.date(2021, 2, 1))
    log(provision, canada, TEXT, made_on=datetime.date(2021, 2, 5))
    position = Position.objects.get(member__code="CAN")
    assert (position.stance, position.since, position.until) == (
        "oppose",
        datetime.date(2021, 2, 1),
        datetime.date(2021, 2, 5),
    )
    assert position.variant.closed_in is None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "empty"),
        ("  \n ", "empty"),
        (TEXT + " [CAN: again", "Line 1, column 40"),
        (TEXT + " again]", "does not close a bracket"),
        (TEXT + " [XYZ propose: again]", "Unknown member or grouping “XYZ”"),
        (TEXT + " [CAN/XQZ: again]", "Unknown member or grouping “XQZ”"),
        (TEXT + "\x00", "control character"),
        (TEXT + "\x1b[31m", "control character"),
        (TEXT + "\u202eereht", "writing direction"),
        (TEXT + "\ud800", "half of a character"),
        ("word " * 400_000, "longer than"),
    ],
)
def test_an_invalid_text_is_refused_with_the_place_of_the_error_and_nothing_is_stored(
    provision: Provision, canada: Any, text: str, said: str
) -> None:
    with pytest.raises(TextRefused, match=said):
        log(provision, canada, text)
    assert provision.revisions.count() == 1


def test_logging_an_unchanged_text_is_refused(provision: Provision, canada: Any) -> None:
    with pytest.raises(NothingChanged):
        log(provision, canada, TEXT)


def test_a_change_to_a_passage_that_others_have_changed_is_a_conflict_with_both_versions(
    provision: Provision, canada: Any
) -> None:
    log(provision, canada, TEXT.replace("act", "[CAN: always] act"))
    with pytest.raises(Conflict, match=r"you wrote “.*never.*”; that revision contains “.*always.*”") as conflict:
        log(provision, canada, TEXT.replace("act", "[CAN: never] act"), base_revision=1)
    assert conflict.value.current.number == 2
    (place,) = conflict.value.places
    assert "never" in place.mine
    assert "always" in place.theirs
    assert provision.revisions.count() == 2


def test_changes_in_different_places_are_combined_and_indexed(provision: Provision, canada: Any) -> None:
    log(provision, canada, TEXT.replace("act", "[CAN: always] act"))
    mine = TEXT.replace("[BRA: promptly]", "[BRA propose; CAN oppose: promptly]")
    revision = log(provision, canada, mine, base_revision=1)
    assert revision.number == 3
    assert revision.text == mine.replace("act", "[CAN: always] act")
    assert list(provision.variants.order_by("ordinal").values_list("text", "closed_in")) == [
        ("promptly", None),
        ("always", None),
    ]


def test_a_combined_change_is_authorised_against_the_current_text(provision: Provision, canada: Any) -> None:
    log(provision, canada, TEXT.replace("act", "[CAN: always] act"))
    with pytest.raises(Refused):
        log(provision, canada, TEXT.replace("shall", "may"), base_revision=1)
    assert provision.revisions.count() == 2


def test_a_change_of_a_revision_that_never_was_is_an_error_and_no_conflict(provision: Provision, canada: Any) -> None:
    with pytest.raises(UnknownRevision, match="has no revision 7"):
        log(provision, canada, TEXT.replace("act", "[CAN: always] act"), base_revision=7)


def test_a_retry_with_the_same_key_is_logged_once(provision: Provision, canada: Any) -> None:
    text = TEXT.replace("act", "[CAN: always] act")
    first = log(provision, canada, text, idempotency_key="k", base_revision=1)
    again = log(provision, canada, text, idempotency_key="k", base_revision=1)
    assert first == again
    assert provision.revisions.count() == 2


def test_a_delegate_cannot_change_text_of_others(provision: Provision, canada: Any) -> None:
    with pytest.raises(Refused, match="does not belong to CAN") as refused:
        log(provision, canada, TEXT.replace("shall", "may"))
    assert refused.value.place == TEXT.index("shall")
    assert str(refused.value) == (
        "You act for Canada, but this change affects text that does not belong to CAN. Instead, write “[CAN "
        "propose: …]” for words to add or “[CAN oppose: …]” around words to delete. Only facilitators and the "
        "secretariat can change the text itself."
    )
    with pytest.raises(Refused, match="This bracket belongs to Brazil, and you act for Canada"):
        log(provision, canada, TEXT.replace("promptly", "slowly"))
    assert provision.revisions.count() == 1


def test_a_delegate_cannot_act_for_another_member(provision: Provision, canada: Any) -> None:
    from members.models import Member

    with pytest.raises(Refused, match="only on behalf of a member that you act for"):
        log(provision, canada, TEXT.replace("[BRA:", "[BRA, CAN:"), on_behalf_of=Member.objects.get(code="BRA"))


def test_a_user_without_a_current_role_cannot_log_a_change(provision: Provision, canada: Any) -> None:
    with pytest.raises(Refused):
        log(provision, UserFactory(), TEXT + " [CAN: again]")
    canada.delegations.update(since=datetime.date(2020, 1, 1), until=datetime.date(2020, 12, 31))
    with pytest.raises(Refused):
        log(provision, canada, TEXT + " [CAN: again]")


def test_a_provision_that_the_user_cannot_see_cannot_be_changed(provision: Provision, canada: Any) -> None:
    Provision.objects.update(visibility="group")
    with pytest.raises(Provision.DoesNotExist):
        log(provision, canada, TEXT + " [CAN: again]")


def test_a_delegate_of_a_member_that_does_not_participate_cannot_log_a_change(provision: Provision) -> None:
    member = MemberFactory(code="IND", name="India")
    user = DelegationFactory(role="delegate", member=member, takes_part=False).user
    with pytest.raises(Refused, match="India does not participate in this negotiation"):
        log(provision, user, TEXT + " [IND: again]")


def test_a_facilitator_can_restructure_only_texts_of_their_own_group(provision: Provision) -> None:
    group = SmallGroupFactory()
    group.sub_issues.add(provision.sub_issue)
    facilitator = FacilitatorFactory(small_group=group, user=UserFactory()).user
    assert log(provision, facilitator, TEXT.replace("[BRA: promptly]", "promptly")).number == 2
    from members.models import Member

    with pytest.raises(Refused, match="only on behalf of a member that you act for"):
        log(provision, facilitator, TEXT, on_behalf_of=Member.objects.get(code="BRA"))
    stranger = FacilitatorFactory(small_group=SmallGroupFactory(), user=UserFactory()).user
    with pytest.raises(Refused):
        log(provision, stranger, TEXT)


def test_the_secretariat_can_log_any_change_on_behalf_of_any_member(provision: Provision) -> None:
    from members.models import Member

    secretariat = people.secretariat()
    revision = log(
        provision, secretariat, "Each Member acts.", on_behalf_of=Member.objects.get(code="BRA"), base_revision=1
    )
    assert (revision.recorded_by, revision.on_behalf_of.code) == (secretariat, "BRA")
    assert Variant.objects.get(provision=provision).outcome == "dropped"


def test_a_change_cannot_be_dated_in_the_future_or_before_the_first_text(provision: Provision, canada: Any) -> None:
    text = TEXT.replace("act", "[CAN: always] act")
    with pytest.raises(TextRefused, match="is in the future"):
        log(provision, canada, text, made_on=timezone.localdate() + datetime.timedelta(days=1))
    before = provision.revisions.get().made_on - datetime.timedelta(days=1)
    with pytest.raises(TextRefused, match="Enter that date or a later date"):
        log(provision, canada, text, made_on=before)


def test_the_incrementally_updated_index_equals_the_rebuilt_index(provision: Provision, canada: Any) -> None:
    log(provision, canada, TEXT.replace("act", "[CAN: always] act"))
    log(provision, canada, TEXT.replace("act", "[CAN: always] act").replace("[BRA:", "[BRA propose; CAN reserve:"))
    log(provision, canada, TEXT.replace("[BRA:", "[BRA propose; CAN reserve:"))
    before = snapshot(provision)
    index.rebuild([provision])
    assert snapshot(provision) == before


def snapshot(provision: Provision) -> list[Any]:
    """Return the index of a provision without primary keys."""
    measures = Measure.objects.filter(revision__provision=provision)
    variants = Variant.objects.filter(provision=provision)
    positions = Position.objects.filter(variant__provision=provision)
    return [
        sorted(measures.values_list("revision__number", "words", "open_brackets", "opposing")),
        sorted(
            variants.values_list("text", "ordinal", "kind", "opened_in__number", "closed_in__number", "outcome"),
            key=str,
        ),
        sorted(
            positions.values_list(
                "variant__text", "member__code", "stance", "since_revision__number", "until_revision__number"
            ),
            key=str,
        ),
    ]


def test_a_member_without_aliases_is_recognised_by_its_code_and_name(provision: Provision, canada: Any) -> None:
    from members.models import Alias

    Alias.objects.all().delete()
    log(provision, canada, TEXT.replace("[BRA:", "[BRA, Canada:"))
    assert Position.objects.filter(member__code="CAN", stance="propose").count() == 1
