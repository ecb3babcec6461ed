"""Tests that the admin of one negotiation neither shows, offers nor accepts rows of another negotiation."""

from typing import Any

import pytest
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.contrib.auth import get_user_model
from django.test import Client, RequestFactory
from django.urls import reverse

from issues.models import Document, Meeting, Negotiation, Provision, SubIssue
from members.admin_access import negotiation_lookup
from members.models import AccessToken, Alias, Delegation, Grouping, GroupingMembership, Member
from tests.admin.rows import TABLES, address, inline
from tests.admin.test_tables import sent
from tests.factories import (
    DelegationFactory,
    FacilitatorFactory,
    MemberFactory,
    NegotiationFactory,
    SmallGroupFactory,
    UserFactory,
)
from tests.people import client_of

pytestmark = pytest.mark.django_db

# Models that all negotiations share and models that belong to a person, which are tested separately.
SHARED = {Member, Grouping, GroupingMembership, Alias}
PERSONAL = {AccessToken}
LENSES = {"Lens"}


@pytest.fixture
def fish(provision: Provision) -> Negotiation:
    """Return a second negotiation, to which no row of `provision` belongs."""
    found: Negotiation = NegotiationFactory(slug="fish", name="Fisheries", short_name="Fish")
    return found


@pytest.fixture
def other_desk(fish: Negotiation) -> Client:
    """Return a client logged in as the secretariat of the other negotiation."""
    delegation = DelegationFactory(
        role="secretariat", member=None, negotiation=fish, user=UserFactory(is_staff=True, username="fisher")
    )
    return client_of(delegation.user)


def test_every_table_belongs_to_a_negotiation_or_is_listed_as_shared() -> None:
    without = {model for model in TABLES if not negotiation_lookup(model)}
    assert {model for model in without if model.__name__ not in LENSES} == SHARED | PERSONAL


@pytest.mark.parametrize("model", [model for model in TABLES if negotiation_lookup(model)], ids=lambda m: m.__name__)
def test_rows_of_another_negotiation_do_not_appear_in_lists_pages_or_choices(other_desk: Client, model: Any) -> None:
    own = {f"{negotiation_lookup(model)}__slug".removeprefix("pk__"): "fish"}
    rows = model.objects.exclude(**own)
    row = rows.first()
    assert row is not None
    page = other_desk.get(address(model, "changelist"))
    assert page.status_code == 200
    assert page.context["cl"].queryset.count() == model.objects.filter(**own).count()
    for name in ("change", "history", "delete"):
        assert other_desk.get(address(model, name, row.pk)).status_code in (302, 403), name


def test_no_admin_form_offers_or_accepts_a_row_of_another_negotiation(other_desk: Client) -> None:
    request = RequestFactory().get("/")
    request.user = get_user_model().objects.get(username="fisher")
    looked_at = 0
    for model, registered in admin.site._registry.items():
        for holder in (registered, *registered.get_inline_instances(request)):
            for field in (*holder.model._meta.fields, *holder.model._meta.many_to_many):
                related = field.related_model
                if not isinstance(related, type) or not negotiation_lookup(related):
                    continue
                form_field = holder.formfield_for_dbfield(field, request)
                if form_field is None:
                    continue
                looked_at += 1
                foreign = [row for row in form_field.queryset if row not in _administered(related)]
                assert not foreign, (model.__name__, field.name)
    assert looked_at > 40


def _administered(model: Any) -> set[Any]:
    path = negotiation_lookup(model)
    return set(model.objects.filter(**{"slug" if path == "pk" else f"{path}__slug": "fish"}))


@pytest.mark.parametrize(("name", "found"), [("desk", True), ("other_desk", False)])
def test_the_search_in_a_relation_field_finds_only_rows_of_the_users_negotiation(
    request: pytest.FixtureRequest, provision: Provision, name: str, found: bool
) -> None:
    client: Client = request.getfixturevalue(name)
    asked = {"app_label": "issues", "model_name": "proposal", "field_name": "document", "term": "Note"}
    assert bool(client.get(reverse("admin:autocomplete"), asked).json()["results"]) is found


def test_the_text_of_another_negotiation_cannot_be_opened_for_a_change(
    other_desk: Client, provision: Provision
) -> None:
    page = other_desk.get(address(provision.revisions.model, "add"), {"provision": provision.pk})
    assert "promptly" not in page.content.decode()


def test_a_row_cannot_be_moved_to_another_negotiation(other_desk: Client, fish: Negotiation) -> None:
    jsi = Negotiation.objects.get(slug="jsi")
    form = {"negotiation": jsi.pk, "slug": "new", "title": "New", "genre": "report", "dated_precision": "day"}
    refused = other_desk.post(address(Document, "add"), {**form, "verification": "test", "source": "test"})
    assert "not one of the available choices" in refused.content.decode()
    assert (
        other_desk.post(
            address(Document, "add"), {**form, "negotiation": fish.pk, "verification": "test", "source": "test"}
        ).status_code
        == 302
    )
    assert Document.objects.get(slug="new").negotiation == fish


def test_a_table_with_rows_of_another_negotiation_is_refused(other_desk: Client) -> None:
    table = "negotiation,slug,symbol,symbol_verified,title,genre,dated,dated_precision,submitted_by,submitted_by_text,"
    table += "access,url,verification,note,source\njsi,new,,no,New,report,,day,,,,,test,,test\n"
    page = sent(other_desk, "documents", table.encode()).content.decode()
    assert "“jsi” is administered by another secretariat: ask that secretariat." in page
    assert not Document.objects.filter(slug="new").exists()


def test_a_role_cannot_be_assigned_in_a_negotiation_that_others_administer(other_desk: Client) -> None:
    jsi, user = Negotiation.objects.get(slug="jsi"), UserFactory()
    form = {"user": user.pk, "role": "secretariat", "since": "2021-01-01", "negotiation": jsi.pk}
    refused = other_desk.post(address(Delegation, "add"), form)
    assert "not one of the available choices" in refused.content.decode()
    own = {"username": user.username, "is_active": "on", "date_joined_0": "2021-01-01", "date_joined_1": "10:00"}
    rows = inline("delegations", {"role": "secretariat", "since": "2021-01-01", "negotiation": jsi.pk})
    assert other_desk.post(address(type(user), "change", user.pk), own | rows).status_code == 200
    assert not user.delegations.exists()


@pytest.mark.parametrize("role", ["secretariat", "facilitator", "one that is over", "none"])
def test_an_account_with_a_role_in_another_negotiation_cannot_be_taken_over(other_desk: Client, role: str) -> None:
    target = UserFactory(email="before@example.org")
    if role == "facilitator":
        FacilitatorFactory(user=target, small_group=SmallGroupFactory(slug="elsewhere"))
    elif role == "secretariat":
        DelegationFactory(user=target, role=role, member=None)
    elif role == "one that is over":
        DelegationFactory(user=target, member=MemberFactory(), until="2020-12-31")
    form = {
        "username": target.username,
        "email": "after@example.org",
        "is_active": "on",
        "date_joined_0": "2021-01-01",
        "date_joined_1": "10:00",
        **inline("delegations"),
    }
    answer = other_desk.post(address(type(target), "change", target.pk), form)
    target.refresh_from_db()
    assert (answer.status_code, target.email) == (
        (302, "after@example.org") if role == "none" else (403, "before@example.org")
    )


def test_the_admin_log_hides_rows_that_others_administer(
    other_desk: Client, desk: Client, provision: Provision
) -> None:
    somebody = UserFactory()
    LogEntry.objects.create(user=somebody, action_flag=2, object_repr="A hidden heading", change_message="[]")
    assert "A hidden heading" not in other_desk.get(address(LogEntry, "changelist")).content.decode()
    assert "A hidden heading" not in desk.get(address(LogEntry, "changelist")).content.decode()
    Delegation.objects.filter(negotiation__slug="fish").delete()
    Negotiation.objects.filter(slug="fish").delete()
    assert "A hidden heading" in desk.get(address(LogEntry, "changelist")).content.decode()


def test_the_creator_of_a_negotiation_becomes_its_first_secretariat_user(desk: Client) -> None:
    form = {"slug": "cotton", "name": "Cotton", "short_name": "Cotton", "source": "test"}
    assert desk.post(address(Negotiation, "add"), form).status_code == 302
    assert desk.get(address(Negotiation, "changelist")).context["cl"].queryset.count() == 2
    assert Delegation.objects.filter(negotiation__slug="cotton", role="secretariat").count() == 1


def test_a_meeting_does_not_name_meetings_and_sub_issues_of_other_negotiations(
    other_desk: Client, fish: Negotiation
) -> None:
    foreign = SubIssue.objects.exclude(negotiation=fish).first()
    assert foreign is not None
    form = {
        "negotiation": fish.pk,
        "slug": "new",
        "kind": "plenary",
        "title": "New",
        "starts": "2021-01-01",
        "starts_precision": "day",
        "sub_issues": [foreign.pk],
        "source": "test",
    }
    assert "not one of the available choices" in other_desk.post(address(Meeting, "add"), form).content.decode()
