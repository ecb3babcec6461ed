"""Tests that the log records earlier values of rows edited or deleted in the admin, with user, time and field."""

import json
from html.parser import HTMLParser
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.db import models
from django.test import Client, RequestFactory

from issues.models import Document, Facilitator, Meeting, Proposal, Provision, ReportedPosition, SmallGroup
from members.admin.history import ValueHistoryMixin
from members.models import Delegation, Member
from tests.admin.rows import address, errors
from tests.admin.test_tables import confirmed, exported, rewritten, sent
from tests.factories import DelegationFactory, MemberFactory, NegotiationFactory, UserFactory

pytestmark = pytest.mark.django_db

PEOPLE = get_user_model()
LATER = "Other than before"
WITHOUT_WORDS = {"until": "2031-05-04", "text": "Kanada"}
NOT_FREE = models.SlugField | models.URLField


class _Form(HTMLParser):
    """A parser that collects the data that a browser would send for the form of a row."""

    def __init__(self) -> None:
        super().__init__()
        self.sent: dict[str, Any] = {}
        self.inside = False
        self.name, self.several, self.text = "", False, False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        self.inside |= tag == "form" and found.get("id", "").endswith("_form")
        if not self.inside:
            return
        name = found.get("name", "")
        if tag == "input" and found.get("type") not in ("submit", "file"):
            if found.get("type") not in ("checkbox", "radio") or "checked" in found:
                self.sent[name] = found.get("value", "on" if found.get("type") == "checkbox" else "")
        elif tag == "select":
            self.name, self.several = name, "multiple" in found
            self.sent.setdefault(name, [] if self.several else "")
        elif tag == "option" and "selected" in found and self.name:
            if self.several:
                self.sent[self.name].append(found.get("value", ""))
            else:
                self.sent[self.name] = found.get("value", "")
        elif tag == "textarea":
            self.name, self.text = name, True
            self.sent[name] = ""

    def handle_endtag(self, tag: str) -> None:
        self.text = False
        self.inside &= tag != "form"

    def handle_data(self, data: str) -> None:
        if self.text:
            self.sent[self.name] += data.removeprefix("\n") if not self.sent[self.name] else data


@pytest.fixture(autouse=True)
def seen(provision: Provision) -> None:
    """Set the `verification` of documents, which both the form and imported tables require."""
    Document.objects.update(verification="seen")


def form_of(desk: Client, row: models.Model) -> dict[str, Any]:
    """Return the data that a browser would send for the unchanged page of `row`."""
    answer = desk.get(address(type(row), "change", row.pk))
    assert answer.status_code == 200, row
    form = _Form()
    form.feed(answer.content.decode())
    return form.sent


def edited(desk: Client, row: models.Model, **values: Any) -> LogEntry:
    """Change a row in the admin, and return the log entry for the change."""
    answer = desk.post(address(type(row), "change", row.pk), {**form_of(desk, row), **values})
    assert answer.status_code == 302, errors(answer)
    return LogEntry.objects.filter(object_id=row.pk, content_type__model=row._meta.model_name).latest("pk")


def values_in(entry: LogEntry) -> dict[str, Any]:
    """Return the values of the entry's own row that a log entry contains."""
    (item,) = [item for item in json.loads(entry.change_message) if "name" not in next(iter(item.values()))]
    return dict(next(iter(item.values()))["values"])


def history(desk: Client, row: models.Model) -> str:
    return desk.get(address(type(row), "history", row.pk)).content.decode()


def editable() -> list[Any]:
    """Return the models whose rows can be edited in the admin."""
    request = RequestFactory().get("/")
    request.user = PEOPLE(is_staff=True, is_superuser=True, is_active=True)
    return sorted(
        (
            model
            for model, registered in admin.site._registry.items()
            if registered.has_change_permission(request) and model is not Group  # the site does not use Django's groups
        ),
        key=lambda model: model.__name__,
    )


def written_field(model: Any, sent: dict[str, Any]) -> str:
    """Return the name of a free-text field in the form of a model, or "" if the form has none."""
    for field in sorted(model._meta.fields, key=lambda field: not isinstance(field, models.TextField)):
        free = isinstance(field, models.TextField | models.CharField) and not field.choices and not field.unique
        if free and field.name in sent and not isinstance(field, NOT_FREE):
            return str(field.name)
    return ""


def test_every_table_edited_in_the_admin_keeps_earlier_values() -> None:
    found = editable()
    assert {Document, Meeting, ReportedPosition, Proposal, Provision, SmallGroup, Member, Delegation} <= set(found)
    assert [model for model in found if not isinstance(admin.site._registry[model], ValueHistoryMixin)] == []


@pytest.mark.parametrize(
    "model", [model for model in editable() if model is not PEOPLE], ids=lambda model: model.__name__
)
def test_an_edit_keeps_the_earlier_value_which_the_history_of_the_row_shows(
    desk: Client, provision: Provision, model: Any
) -> None:
    row = model.objects.first()
    sent_back = form_of(desk, row)
    name = written_field(model, sent_back)
    if name:
        change: dict[str, Any] = {name: LATER}
    else:
        name, value = next((name, value) for name, value in WITHOUT_WORDS.items() if name in sent_back)
        change = {name: value}
    before = getattr(row, name)
    entry = edited(desk, row, **change)
    row.refresh_from_db()
    kept = values_in(entry)[name]
    assert kept == [before if isinstance(before, str | None) else str(before), change[name]], model
    assert entry.user.delegations.get().role == "secretariat"
    page = history(desk, row)
    assert f"<ins>{change[name]}</ins>" in page
    assert f"<del>{before or '(empty)'}</del>" in page
    assert entry.user.get_username() in page


def test_referenced_rows_and_every_edit_remain_in_the_history(desk: Client, provision: Provision) -> None:
    meeting, japan = Meeting.objects.get(), UserFactory()
    first = Document.objects.get()
    second = Document.objects.create(
        negotiation=meeting.negotiation, slug="second", title="Second", genre="proposal", source="test"
    )
    assert values_in(edited(desk, meeting, documents=[second.pk]))["documents"] == [
        [[first.pk, str(first)]],
        [[second.pk, str(second)]],
    ]
    edited(desk, meeting, title="Fifth plenary", starts="2021-02-05")
    edited(desk, meeting, title="Sixth plenary")
    page = history(desk, meeting)
    for said in ("<del>2021-01-29</del>", "<del>Plenary</del>", "<del>Fifth plenary</del>", "<ins>Sixth plenary</ins>"):
        assert said in page
    assert japan.get_username() not in page


def test_unchanged_fields_are_not_logged(desk: Client, provision: Provision) -> None:
    position = ReportedPosition.objects.get()
    entry = edited(desk, position, statement="Said otherwise")
    assert values_in(entry) == {"statement": ["Said so", "Said otherwise"]}
    assert entry.get_change_message() == "Changed Statement."


def test_the_history_records_values_that_another_user_changed_while_the_form_was_open(
    desk: Client, provision: Provision, monkeypatch: pytest.MonkeyPatch
) -> None:
    position = ReportedPosition.objects.get()
    registered = admin.site._registry[ReportedPosition]

    def meanwhile(request: Any, form: Any, change: bool) -> Any:
        ReportedPosition.objects.update(statement="Said meanwhile", topic="Data flows")
        return form.save(commit=False)

    monkeypatch.setattr(registered, "save_form", meanwhile)
    entry = edited(desk, position, statement="Said otherwise")
    assert values_in(entry) == {
        "statement": ["Said meanwhile", "Said otherwise"],
        "topic": ["Data flows", "Data"],
    }


def test_an_inline_row_appears_in_both_histories(desk: Client, provision: Provision) -> None:
    facilitator = Facilitator.objects.get()
    group, before = facilitator.small_group, facilitator.name
    edited(desk, group, **{"facilitators-0-name": "Ana Silva"})
    for row in (group, facilitator):
        assert f"<del>{before}</del> → <ins>Ana Silva</ins>" in history(desk, row)
    edited(desk, group, **{"facilitators-0-DELETE": "on"})
    assert not Facilitator.objects.exists()
    assert "<del>Ana Silva</del> → <ins>(empty)</ins>" in history(desk, group)


@pytest.mark.parametrize("by_list", [False, True], ids=["on its page", "in the list"])
def test_a_deletion_is_logged_with_all_values(desk: Client, provision: Provision, by_list: bool) -> None:
    position, group = ReportedPosition.objects.get(), SmallGroup.objects.get()
    group.status_reports.model.objects.none()
    if by_list:
        chosen = {"action": "delete_selected", "_selected_action": [position.pk], "post": "yes"}
        desk.post(address(ReportedPosition, "changelist"), chosen)
    else:
        desk.post(address(ReportedPosition, "delete", position.pk), {"post": "yes"})
    assert not ReportedPosition.objects.exists()
    entry = LogEntry.objects.get(action_flag=3)
    (item,) = json.loads(entry.change_message)
    assert item["deleted"]["values"]["statement"] == ["Said so", None]
    assert item["deleted"]["values"]["member"][0][1] == str(Member.objects.get())
    page = desk.get(f"/admin/admin/logentry/{entry.pk}/change/").content.decode()
    assert "<del>Said so</del> → <ins>(empty)</ins>" in page


def test_rows_deleted_with_another_row_are_logged(desk: Client, provision: Provision) -> None:
    member = MemberFactory(code="ZZZ", name="Zembla")
    desk.post(address(Member, "delete", member.pk), {"post": "yes"})
    assert not Member.objects.filter(code="ZZZ").exists()
    items = [item["deleted"] for item in json.loads(LogEntry.objects.get(action_flag=3).change_message)]
    kept = {
        (item["name"], name): item["values"][name][0]
        for item in items
        for name in ("name", "text")
        if name in item["values"]
    }
    assert kept == {("member", "name"): "Zembla", ("alias", "text"): "ZZZ"}


@pytest.mark.parametrize("what", ["meetings", "documents"])
def test_an_imported_table_keeps_earlier_values(desk: Client, provision: Provision, what: str) -> None:
    model = {"meetings": Meeting, "documents": Document}[what]
    row = model.objects.get()
    preview = sent(desk, what, rewritten(exported(desk, what), title=LATER))
    assert not LogEntry.objects.filter(action_flag=2).exists()
    assert "1 updated" in confirmed(desk, what, preview)
    assert values_in(LogEntry.objects.get(action_flag=2)) == {"title": [row.title, LATER]}
    assert f"<del>{row.title}</del> → <ins>{LATER}</ins>" in history(desk, row)


def test_an_imported_table_of_members_keeps_the_names_that_it_removes(desk: Client, provision: Provision) -> None:
    member = Member.objects.get()
    before = sorted(one.text for one in member.aliases.all())
    data = rewritten(exported(desk, "members"), names="CAN; Canada; Kanada", note=LATER)
    assert "1 updated" in confirmed(desk, "members", sent(desk, "members", data))
    assert values_in(LogEntry.objects.get(action_flag=2)) == {
        "note": ["", LATER],
        "names": [before, ["CAN", "Canada", "Kanada"]],
    }


def test_only_users_who_can_read_a_row_in_the_admin_can_read_its_history(desk: Client, provision: Provision) -> None:
    meeting = Meeting.objects.get()
    entry = edited(desk, meeting, title="Fifth plenary")
    fish = NegotiationFactory(slug="fish", name="Fisheries", short_name="Fish")
    other = DelegationFactory(role="secretariat", member=None, negotiation=fish, user=UserFactory(is_staff=True)).user
    delegate = DelegationFactory(role="delegate", member=Member.objects.get(), user=UserFactory(is_staff=True)).user
    for user in (other, delegate):
        client = Client()
        client.force_login(user)
        places = [
            address(Meeting, "history", meeting.pk),
            "/admin/admin/logentry/",
            f"/admin/admin/logentry/{entry.pk}/change/",
        ]
        for place in places:
            assert "plenary" not in client.get(place, follow=True).content.decode().lower(), place
    assert "Fifth plenary" in history(desk, meeting)


def test_only_changes_to_the_rights_of_an_account_are_logged(desk: Client, provision: Provision) -> None:
    person = UserFactory(username="alice", email="alice@example.org", first_name="Alice")
    entry = edited(desk, person, email="new@example.org", first_name="Alicia", is_staff="on")
    values = values_in(entry)
    assert values.pop("date_joined")[0].startswith("20")  # the form has no fractions of seconds
    assert values == {"is_staff": [False, True]}
    assert "alice@example.org" not in entry.change_message
    assert "Email address" in entry.get_change_message()
    desk.post(address(PEOPLE, "delete", person.pk), {"post": "yes"})
    assert not PEOPLE.objects.filter(pk=person.pk).exists()
    assert "@example.org" not in LogEntry.objects.get(action_flag=3).change_message
