"""Tests that neither pages nor tables of the admin change the identifiers of rows on record."""

from typing import Any

import pytest
from django.contrib import admin
from django.test import Client, RequestFactory

from issues.models import Document, Meeting, Negotiation, Proposal, Provision, SmallGroup, SubIssue
from issues.text.verification import CHAINS, provisions_to_verify, verify, verify_chains
from members.admin.mixins import identifiers_of
from members.models import Member
from tests.admin.rows import address
from tests.admin.test_history import PEOPLE, editable, errors, form_of, values_in
from tests.admin.test_tables import confirmed, exported, rewritten, sent

pytestmark = pytest.mark.django_db

NAMED = [model for model in editable() if identifiers_of(model)]


def test_every_model_with_an_identifier_is_covered() -> None:
    assert {Member, Negotiation, Provision, Proposal, Document, Meeting, SmallGroup, SubIssue} <= set(NAMED)


@pytest.mark.parametrize("model", NAMED, ids=lambda model: model.__name__)
def test_a_recorded_identifier_cannot_be_changed_on_its_page(desk: Client, provision: Provision, model: Any) -> None:
    Document.objects.update(verification="seen")
    row = model.objects.first()
    names = {name: getattr(row, name) for name in identifiers_of(model)}
    sent_back = form_of(desk, row) | {name: "zebra" for name, value in names.items() if value}
    answer = desk.post(address(model, "change", row.pk), sent_back)
    assert answer.status_code == 302, errors(answer)
    row.refresh_from_db()
    assert {name: getattr(row, name) for name in names} == names
    assert not any(found for _, found in verify(provisions_to_verify()))
    assert not any(found for chain in CHAINS for _, found in verify_chains(chain))


@pytest.mark.parametrize("model", [model for model in editable() if model is not PEOPLE], ids=lambda m: m.__name__)
def test_a_recorded_identifier_cannot_be_changed_in_an_inline(desk: Client, provision: Provision, model: Any) -> None:
    """Check every form on the page, including the forms for inline rows."""
    request = RequestFactory().get("/")
    request.user = PEOPLE(is_staff=True, is_superuser=True, is_active=True)
    registered, row = admin.site._registry[model], model.objects.first()
    for formset_class, _inline in registered.get_formsets_with_inlines(request, row):
        for form in formset_class(instance=row).initial_forms:
            for name in identifiers_of(type(form.instance)):
                if name in form.fields and getattr(form.instance, name):
                    assert form.fields[name].disabled, (model, name)


def test_a_missing_name_can_be_added_and_is_recorded(desk: Client, provision: Provision) -> None:
    grouping = next(row for model in NAMED if model.__name__ == "Grouping" for row in model.objects.all())
    type(grouping).objects.update(code="")
    answer = desk.post(address(type(grouping), "change", grouping.pk), form_of(desk, grouping) | {"code": "ACP"})
    assert answer.status_code == 302, errors(answer)
    grouping.refresh_from_db()
    assert grouping.code == "ACP"
    entry = admin.models.LogEntry.objects.latest("pk")
    assert values_in(entry) == {"code": ["", "ACP"]}


@pytest.mark.parametrize(("what", "column"), [("members", "code"), ("meetings", "slug"), ("documents", "slug")])
def test_a_different_name_in_a_table_creates_a_different_row(
    desk: Client, provision: Provision, what: str, column: str
) -> None:
    Document.objects.update(verification="seen")
    model: Any = {"members": Member, "meetings": Meeting, "documents": Document}[what]
    row = model.objects.get()
    more = {"names": "Zembla", "name": "Zembla", "iso_alpha2": "ZZ", "iso_alpha3": "ZZZ"} if what == "members" else {}
    preview = sent(desk, what, rewritten(exported(desk, what), **{column: "zz", **more}))
    assert preview.context.get("problems", []) == []
    said = confirmed(desk, what, preview)
    assert "1 new, 0 updated" in said
    before = getattr(row, column)
    row.refresh_from_db()
    assert getattr(row, column) == before
    assert model.objects.count() == 2
