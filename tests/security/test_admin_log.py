"""Tests that the secretariat's actions in the admin are logged, can be read, and cannot be altered."""

from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth import get_user_model
from django.contrib.contenttypes.models import ContentType
from django.db import DatabaseError, transaction
from django.test import Client

from issues.models import Lens
from members.models import Member
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db


def an_entry() -> Any:
    """Create and return a log entry for an action in the admin."""
    user = UserFactory()
    of = ContentType.objects.get_for_model(Member)
    return LogEntry.objects.create(user=user, content_type=of, object_id="1", object_repr="Canada", action_flag=2)


def test_every_action_in_the_admin_is_logged(desk: Client) -> None:
    form = {"name": "Gender", "slug": "gender", "source": "test"}
    desk.post("/admin/issues/lens/add/", form)
    lens = Lens.objects.get()
    desk.post(f"/admin/issues/lens/{lens.pk}/change/", {**form, "name": "Women"})
    person = UserFactory(username="alice")
    passwords = dict.fromkeys(("password1", "password2"), "a-new-long-one-9")
    desk.post(f"/admin/auth/user/{person.pk}/password/", passwords)
    chosen = {"action": "reset_second_factors", "_selected_action": [person.pk]}
    desk.post("/admin/auth/user/", chosen)
    desk.post("/admin/issues/lens/", {"action": "delete_selected", "_selected_action": [lens.pk], "post": "yes"})
    assert not Lens.objects.exists()
    said = [(one.action_flag, str(one.object_repr)) for one in LogEntry.objects.order_by("pk")]
    assert said == [(1, "Gender"), (2, "Women"), (2, "alice"), (2, "alice"), (3, "Women")]
    listed = desk.get("/admin/admin/logentry/").content.decode()
    assert "Women" in listed
    assert "Second factors reset" in listed


def test_the_admin_log_cannot_be_altered(desk: Client) -> None:
    entry = an_entry()
    for change in (
        lambda: LogEntry.objects.update(change_message="Nothing happened."),
        lambda: LogEntry.objects.all().delete(),
        lambda: LogEntry.objects.filter(pk=entry.pk).update(user=UserFactory()),
    ):
        with pytest.raises(DatabaseError, match="is never"), transaction.atomic():
            change()
    assert desk.get(f"/admin/admin/logentry/{entry.pk}/change/").status_code == 200
    assert desk.post(f"/admin/admin/logentry/{entry.pk}/change/", {"change_message": "x"}).status_code == 403
    assert desk.post(f"/admin/admin/logentry/{entry.pk}/delete/", {"post": "yes"}).status_code == 403
    assert desk.get("/admin/admin/logentry/add/").status_code == 403
    assert LogEntry.objects.get() == entry


def test_a_user_named_in_the_admin_log_is_deactivated_instead_of_deleted(desk: Client) -> None:
    entry = an_entry()
    page = desk.get(f"/admin/auth/user/{entry.user.pk}/delete/").content.decode()
    assert "log entry" in page
    assert desk.post(f"/admin/auth/user/{entry.user.pk}/delete/", {"post": "yes"}).status_code == 403
    assert get_user_model().objects.filter(pk=entry.user.pk).exists()


def test_other_users_cannot_read_the_admin_log(client: Client) -> None:
    an_entry()
    client.force_login(UserFactory(is_staff=True))
    assert client.get("/admin/admin/logentry/").status_code in (302, 403)
