"""Tests that the register of names remains cached until a name changes."""

from typing import Any

import pytest
from django.db import connection, transaction

from issues.text.member_names import load_register
from members.models import Alias, GroupingMembership, Member
from tests.factories import GroupingFactory, MemberFactory

pytestmark = pytest.mark.django_db


def test_the_register_is_cached_until_a_name_changes(django_assert_num_queries: Any) -> None:
    MemberFactory(code="CAN", name="Canada")
    register = load_register()
    with django_assert_num_queries(1):
        assert load_register() is register


def test_every_change_to_a_name_takes_effect_immediately() -> None:
    canada = MemberFactory(code="CAN", name="Canada")
    assert load_register().find("Canada") is not None
    Member.objects.filter(pk=canada.pk).update(name="Kanata")
    assert load_register().find("Canada") is None
    Alias.objects.bulk_create([Alias(text="Canada", folded="canada", member=canada)])
    assert load_register().find("Canada") is not None
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM members_alias WHERE text = 'Canada'")
    assert load_register().find("Canada") is None


def test_a_grouping_has_its_current_members() -> None:
    canada = MemberFactory(code="CAN")
    grouping = GroupingFactory(members=[canada])
    assert load_register().members_of(grouping.code) == {"CAN"}
    GroupingMembership.objects.all().delete()
    assert load_register().members_of(grouping.code) == set()


def test_names_that_were_rolled_back_are_not_cached() -> None:
    for name in ("Neverland", "Nowhere"):
        with transaction.atomic():
            MemberFactory(code="NEV", name=name)
            assert load_register().find(name) is not None
            transaction.set_rollback(True)
        assert load_register().find(name) is None
