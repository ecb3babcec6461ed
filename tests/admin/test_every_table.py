"""Tests that the admin opens every table, protects the record, and rejects all users except the secretariat."""

from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth import get_user_model
from django.db import connection
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from issues.models import Document, Meeting, Negotiation, Proposal, Provision, Revision, StatusReport
from members.models import Delegation, Member
from tests.admin.rows import TABLES, TEXT, a_row_of_each, address, errors, inline
from tests.factories import DelegationFactory, NegotiationFactory, SmallGroupFactory, UserFactory

pytestmark = pytest.mark.django_db

PEOPLE = get_user_model()
# Models with so few rows that a plain choice is faster than a search.
SHORT = {Negotiation}
# Five lenses do not need a filter.
WITHOUT_FILTER = {"Lens"}


@pytest.mark.parametrize("model", [*TABLES, PEOPLE], ids=lambda model: model.__name__)
def test_every_table_is_in_the_admin_and_all_its_pages_open(desk: Client, provision: Provision, model: Any) -> None:
    registered = admin.site._registry[model]
    row = model.objects.first()
    assert row is not None, "a_row_of_each() misses this table"
    assert desk.get(address(model, "changelist")).status_code == 200
    assert desk.get(address(model, "changelist"), {"q": "CAN é"}).status_code == 200
    assert desk.get(address(model, "change", row.pk)).status_code == 200
    assert desk.get(address(model, "history", row.pk)).status_code == 200
    request = desk.get(reverse("admin:index")).wsgi_request
    for page, allowed, args in (
        ("add", registered.has_add_permission(request), []),
        ("delete", registered.has_delete_permission(request, row), [row.pk]),
    ):
        assert desk.get(address(model, page, *args)).status_code == (200 if allowed else 403)


@pytest.mark.parametrize("model", TABLES, ids=lambda model: model.__name__)
def test_every_table_can_be_searched_filtered_and_edited_without_long_choices(model: Any) -> None:
    registered = admin.site._registry[model]
    assert registered.search_fields
    assert registered.list_filter or model.__name__ in WITHOUT_FILTER
    assert registered.list_display != ("__str__",)
    assert registered.list_per_page == 50
    for link in _long_choices(model):
        assert link in registered.autocomplete_fields, link


def _long_choices(model: Any) -> list[str]:
    """Return the names of the fields in the model's form that offer a choice among many rows."""
    registered = admin.site._registry[model]
    request = RequestFactory().get("/")
    request.user = UserFactory(is_staff=True, is_superuser=True)
    if not registered.has_add_permission(request):
        return []
    fields = registered.get_form(request).base_fields
    return [name for name, field in fields.items() if hasattr(field, "queryset") and field.queryset.model not in SHORT]


def _queries(desk: Client, place: str) -> int:
    """Return the number of queries for a page that is opened a second time, when Django's own caches are filled."""
    desk.get(place)
    with CaptureQueriesContext(connection) as asked:
        assert desk.get(place).status_code == 200
    return len(asked)


@pytest.mark.parametrize("model", [*TABLES, PEOPLE], ids=lambda model: model.__name__)
def test_the_number_of_queries_of_a_list_does_not_grow_with_the_rows(
    desk: Client, provision: Provision, model: Any
) -> None:
    place = address(model, "changelist")
    few = _queries(desk, place)
    for _ in range(3):
        a_row_of_each()
    assert _queries(desk, place) == few


def test_the_number_of_queries_of_a_provision_does_not_grow_with_its_revisions(
    desk: Client, provision: Provision
) -> None:
    place = address(Provision, "change", provision.pk)
    few = _queries(desk, place)
    for number in range(1, 4):
        desk.post(
            address(Revision, "add"),
            {
                "provision": provision.pk,
                "text": TEXT.format(code="CAN") + f" {number}",
                "base_revision": number,
                "made_on": "2021-02-05",
                "on_behalf_of": Member.objects.get().pk,
            },
        )
    assert provision.revisions.count() == 4
    assert _queries(desk, place) == few


@pytest.mark.parametrize("name", ["Measure", "Variant", "Position"])
def test_data_derived_from_texts_are_read_only_even_for_a_superuser(provision: Provision, name: str) -> None:
    model = next(table for table in TABLES if table.__name__ == name)
    row = model.objects.first()
    client = Client()
    client.force_login(UserFactory(is_staff=True, is_superuser=True))
    assert client.get(address(model, "add")).status_code == 403
    assert client.post(address(model, "change", row.pk), {"stance": "oppose"}).status_code == 403
    assert client.post(address(model, "delete", row.pk), {"post": "yes"}).status_code == 403
    assert model.objects.filter(pk=row.pk).exists()


@pytest.mark.parametrize("role", ["delegate", "analyst", None])
def test_other_users_cannot_open_the_admin_even_with_the_staff_flag(role: str | None) -> None:
    user = UserFactory(is_staff=True)
    if role:
        DelegationFactory(user=user, role=role)
    client = Client()
    client.force_login(user)
    assert client.get(reverse("admin:index")).status_code == 302
    for model in TABLES:
        assert client.get(address(model, "changelist")).status_code == 302


def test_a_secretariat_user_whose_role_has_ended_cannot_open_the_admin(desk: Client) -> None:
    Delegation.objects.update(since="2020-01-01", until="2020-12-31")
    assert desk.get(reverse("admin:index")).status_code == 302


def test_a_revision_can_be_neither_changed_nor_deleted(desk: Client, provision: Provision) -> None:
    revision = provision.revisions.get()
    desk.post(address(Revision, "change", revision.pk), {"text": "other"})
    assert desk.post(address(Revision, "delete", revision.pk), {"post": "yes"}).status_code == 403
    chosen = {"action": "delete_selected", "_selected_action": [revision.pk], "post": "yes"}
    desk.post(address(Revision, "changelist"), chosen)
    revision.refresh_from_db()
    assert revision.text == TEXT.format(code="CAN")


def test_a_new_status_records_its_author_and_cannot_be_changed(desk: Client, provision: Provision) -> None:
    group = SmallGroupFactory()
    row = {
        "small_group": group.pk,
        "status": "clean text",
        "stated_on": "2021-02-05",
        "stated_by": "Facilitator",
        "source": "Plenary",
    }
    assert desk.post(address(StatusReport, "add"), row).status_code == 302
    report = group.status_reports.get()
    assert report.recorded_by is not None
    assert desk.post(address(StatusReport, "delete", report.pk), {"post": "yes"}).status_code == 403


def test_a_referenced_row_cannot_be_deleted_and_the_page_gives_the_reason(desk: Client, provision: Provision) -> None:
    answer = desk.post(address(Provision, "delete", provision.pk), {"post": "yes"})
    assert answer.status_code == 200
    assert "Cannot delete provision" in answer.content.decode()
    assert Provision.objects.filter(pk=provision.pk).exists()


def test_binary_data_in_a_short_field_is_an_error_of_that_field(desk: Client, provision: Provision) -> None:
    answer = desk.post(address(Member, "change", Member.objects.get(code="CAN").pk), {"name": "Can\x00da"})
    assert answer.status_code == 200
    assert "U+0000 NULL is not allowed here" in answer.content.decode()


def test_the_secretariat_cannot_make_itself_a_superuser(desk: Client) -> None:
    boss = UserFactory(is_staff=True, is_superuser=True)
    assert (
        "is_superuser"
        not in desk.get(reverse("admin:auth_user_change", args=[UserFactory().pk])).context["adminform"].form.fields
    )
    assert desk.post(reverse("admin:auth_user_password_change", args=[boss.pk]), {}).status_code == 403


def test_the_secretariat_cannot_delete_a_superuser_from_the_list(desk: Client) -> None:
    boss = UserFactory(is_staff=True, is_superuser=True)
    chosen = {"action": "delete_selected", "_selected_action": [boss.pk], "post": "yes"}
    desk.post(reverse("admin:auth_user_changelist"), chosen)
    assert PEOPLE.objects.filter(pk=boss.pk).exists()


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"status": "parked until"}, "Enter the date or event until which work is parked."),
        ({"stated_on": "2999-01-01"}, "This date is in the future"),
    ],
)
def test_an_implausible_status_is_refused_at_its_field(desk: Client, values: Any, said: str) -> None:
    group = SmallGroupFactory()
    row = {"status": "clean text", "stated_on": "2021-02-05", "stated_by": "Chair", "source": "Plenary", **values}
    assert said in errors(desk.post(address(StatusReport, "add"), {"small_group": group.pk, **row}))[0]
    sent = {"negotiation": group.negotiation_id, "slug": group.slug, "name": group.name, "position": group.position}
    sent |= {"source": "test", **inline("facilitators"), **inline("status_reports", row)}
    assert said in errors(desk.post(address(type(group), "change", group.pk), sent))[0]
    assert not group.status_reports.exists()


def test_a_status_added_on_the_page_of_its_group_records_its_author(desk: Client) -> None:
    group = SmallGroupFactory()
    row = {"status": "clean text", "stated_on": "2021-02-05", "stated_by": "Chair", "source": "Plenary"}
    sent = {"negotiation": group.negotiation_id, "slug": group.slug, "name": group.name, "position": group.position}
    sent |= {"source": "test", **inline("facilitators"), **inline("status_reports", row)}
    assert desk.post(address(type(group), "change", group.pk), sent).status_code == 302
    report = group.status_reports.get()
    assert report.recorded_by is not None
    assert "field-recorded_by" in desk.get(address(StatusReport, "change", report.pk)).content.decode()


def test_the_page_of_a_negotiation_links_to_its_participants(desk: Client, provision: Provision) -> None:
    page = desk.get(address(Negotiation, "change", provision.negotiation_id)).content.decode()
    place = f"/admin/issues/participation/?negotiation__id__exact={provision.negotiation_id}"
    assert f'<a href="{place}">1 on record</a>' in page
    assert "1 participation" in desk.get(place).content.decode()


@pytest.mark.parametrize("model", [Document, Meeting, Proposal, Provision], ids=lambda model: model.__name__)
def test_a_new_row_defaults_to_the_sites_default_negotiation(desk: Client, model: Any) -> None:
    negotiation = NegotiationFactory()
    page = desk.get(address(model, "add")).content.decode()
    assert f'<option value="{negotiation.pk}" selected>' in page


def test_a_url_with_an_unknown_row_still_opens_the_form(desk: Client) -> None:
    from issues.models import Participation

    assert desk.get(address(Participation, "add"), {"member": "abc"}).status_code == 200
    assert desk.get(address(Participation, "add"), {"member": "²"}).status_code == 200
