"""Tests that names in the admin are found regardless of spelling and that indistinguishable names are rejected."""

from typing import Any

import pytest
from django.test import Client

from issues.models import Document, Participation, Proposal, ReportedPosition
from members.models import Alias, Delegation, Grouping, GroupingMembership, Member, fold
from tests.admin.rows import a_row_of_each, address, errors, inline, member_form
from tests.factories import DelegationFactory, GroupingFactory, MemberFactory, UserFactory

pytestmark = pytest.mark.django_db

HOLDING_MEMBERS = [Member, Participation, GroupingMembership, Delegation, Document, Proposal, ReportedPosition]


@pytest.fixture
def ivory_coast() -> Member:
    """Return a member whose name contains diacritics, together with rows that refer to it and rows that do not."""
    a_row_of_each(code="CAN", name="Canada")
    a_row_of_each(code="CIV", name="Côte d'Ivoire")
    member = Member.objects.get(code="CIV")
    for text in ("Côte d’Ivoire", "Ivory Coast"):
        Alias.objects.create(text=text, folded=fold(text), member=member)
    return member


@pytest.mark.parametrize("typed", ["COTE D'IV", "CÔTE D’IV", "ivory", "côte"])
@pytest.mark.parametrize("model", HOLDING_MEMBERS, ids=lambda model: model.__name__)
def test_a_row_is_found_once_by_any_name_of_its_member(
    desk: Client, ivory_coast: Member, model: Any, typed: str
) -> None:
    found = desk.get(address(model, "changelist"), {"q": typed}).context["cl"].result_list
    assert len(found) == 1


def test_a_new_member_is_found_before_it_has_aliases(desk: Client) -> None:
    member = MemberFactory(code="XYZ", name="Xyzland")
    member.aliases.all().delete()
    found = desk.get(address(Member, "changelist"), {"q": "xyzl"}).context["cl"].result_list
    assert list(found) == [member]


def test_the_search_for_a_member_field_includes_aliases(desk: Client, ivory_coast: Member) -> None:
    asked = {"app_label": "issues", "model_name": "participation", "field_name": "member", "term": "IVORY"}
    assert desk.get("/admin/autocomplete/", asked).json()["results"][0]["text"] == "Côte d'Ivoire"


def test_an_alias_is_stored_in_the_form_that_searches_compare(desk: Client) -> None:
    member = MemberFactory()
    answer = desk.post(address(Alias, "add"), {"text": "Ŷland", "member": member.pk})
    assert answer.status_code == 302
    assert Alias.objects.get(text="Ŷland").folded == "yland"


@pytest.mark.parametrize("typed", ["CÔTE D'IVOIRE", "cote  d’ivoire"])
def test_an_ambiguous_name_is_refused_and_its_current_owner_is_named(
    desk: Client, ivory_coast: Member, typed: str
) -> None:
    canada = Member.objects.get(code="CAN")
    said = "Searches cannot distinguish this name from “Côte d’Ivoire”, which is a name of Côte d'Ivoire."
    assert errors(desk.post(address(Alias, "add"), {"text": typed, "member": canada.pk})) == [said]
    page = address(Member, "change", canada.pk)
    assert errors(desk.post(page, member_form(canada, aliases=[{"text": typed}]))) == [said]
    assert not canada.aliases.filter(text=typed).exists()


@pytest.mark.parametrize("typed", ["\u0301", "ﷺ" * 50])
def test_a_name_without_letters_or_of_excessive_length_is_refused(desk: Client, typed: str) -> None:
    answer = desk.post(address(Alias, "add"), {"text": typed, "member": MemberFactory().pk})
    assert "A name must contain letters" in errors(answer)[0]


def test_two_indistinguishable_names_in_the_same_form_are_refused(desk: Client) -> None:
    member = MemberFactory()
    sent = member_form(member, aliases=[{"text": "Éire"}, {"text": "eire"}])
    answer = desk.post(address(Member, "change", member.pk), sent)
    assert errors(answer) == ["Searches cannot distinguish this name from another name in the list."]
    assert not Alias.objects.filter(folded="eire").exists()


def test_an_undated_membership_cannot_be_stored_twice(desk: Client) -> None:
    member = MemberFactory()
    grouping = GroupingFactory()
    row = {"grouping": grouping.pk, "source": "test", "since_precision": "day", "until_precision": "day"}
    twice = desk.post(address(Member, "change", member.pk), member_form(member, memberships=[row, row]))
    assert errors(twice) == ["This membership, with the same start date, is already in the list."]
    once = desk.post(address(Member, "change", member.pk), member_form(member, memberships=[row]))
    assert once.status_code == 302
    # This form was opened before the first one was sent and therefore lacks the new row.
    later = desk.post(address(Member, "change", member.pk), member_form(member, memberships=[row]))
    assert errors(later) == ["This membership, with the same start date, is already in the list."]
    assert GroupingMembership.objects.filter(member=member).count() == 1


def test_a_role_cannot_be_assigned_twice_from_the_same_date(desk: Client) -> None:
    user = UserFactory()
    first = DelegationFactory(user=user, role="analyst", member=None)
    row = {"role": "analyst", "negotiation": first.negotiation.pk, "since": first.since.isoformat()}
    sent = {"username": user.username, "is_active": "on", "date_joined_0": "2021-01-01", "date_joined_1": "10:00"}
    rows = inline("delegations", {"id": first.pk, **row}, row, stored=1)
    answer = desk.post(address(type(user), "change", user.pk), sent | rows)
    assert errors(answer) == ["This role, for the same member and with the same start date, is already in the list."]
    assert user.delegations.count() == 1


def test_a_removed_row_can_be_added_again(desk: Client) -> None:
    member = MemberFactory()
    membership = GroupingMembership.objects.create(grouping=GroupingFactory(), member=member, source="test")
    row = {"grouping": membership.grouping_id, "source": "anew", "since_precision": "day", "until_precision": "day"}
    sent = member_form(member) | inline("memberships", {"id": membership.pk, "DELETE": "on", **row}, row, stored=1)
    assert desk.post(address(Member, "change", member.pk), sent).status_code == 302
    assert GroupingMembership.objects.get(member=member).source == "anew"


def test_a_grouping_is_found_by_an_alias(desk: Client) -> None:
    grouping = GroupingFactory()
    Alias.objects.create(text="Groupe africain", folded="groupe africain", grouping=grouping)
    GroupingFactory()
    assert list(desk.get(address(Grouping, "changelist"), {"q": "AFRICAÍN"}).context["cl"].result_list) == [grouping]
