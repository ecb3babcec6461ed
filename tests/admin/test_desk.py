"""The secretariat's desk: every table opens, a text changes through the same door as everywhere, nobody else enters."""

from typing import Any

import pytest
from django.apps import apps
from django.contrib import admin
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from issues.models import Lens, Provision, Revision, StatusReport
from members.models import Member
from tests.factories import (
    DelegationFactory,
    FacilitatorFactory,
    GroupingFactory,
    MemberFactory,
    ParticipationFactory,
    SmallGroupFactory,
    StatusReportFactory,
    UserFactory,
    provision_with,
)

pytestmark = pytest.mark.django_db

TEXT = "Each Member shall [CAN: promptly] act."
OURS = [*apps.get_app_config("issues").get_models(), *apps.get_app_config("members").get_models()]
TABLES = [model for model in OURS if not model._meta.auto_created]


@pytest.fixture
def desk() -> Client:
    """A browser of the secretariat."""
    user = DelegationFactory(role="secretariat", member=None, user=UserFactory(is_staff=True)).user
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def provision() -> Provision:
    """A provision that Canada has bracketed, with something in every other table."""
    canada = MemberFactory(code="CAN", name="Canada")
    GroupingFactory(members=[canada])
    ParticipationFactory(member=canada)
    StatusReportFactory(small_group=FacilitatorFactory().small_group)
    Lens.objects.create(slug="msme", name="MSMEs", source="test")
    return provision_with(TEXT)


def address(model: Any, page: str, *args: Any) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=args)


@pytest.mark.parametrize("model", TABLES, ids=lambda model: model.__name__)
def test_every_table_is_in_the_admin_with_search_and_opens(desk: Client, provision: Provision, model: Any) -> None:
    registered = admin.site._registry[model]
    assert registered.search_fields
    assert registered.list_display != ("__str__",)
    assert desk.get(address(model, "changelist"), {"q": "CAN"}).status_code == 200
    if registered.has_add_permission(_request(desk)):
        assert desk.get(address(model, "add")).status_code == 200
    row = model.objects.first()
    if row is not None:
        assert desk.get(address(model, "change", row.pk)).status_code == 200


def _request(desk: Client) -> Any:
    return desk.get(reverse("admin:index")).wsgi_request


@pytest.mark.parametrize("model", TABLES, ids=lambda model: model.__name__)
def test_a_list_asks_no_more_queries_for_more_rows(desk: Client, provision: Provision, model: Any) -> None:
    desk.get(address(model, "changelist"))
    with CaptureQueriesContext(connection) as few:
        desk.get(address(model, "changelist"))
    for _ in range(3):
        provision_with(TEXT)
        member = MemberFactory()
        GroupingFactory(members=[member])
        ParticipationFactory(member=member)
        StatusReportFactory(small_group=FacilitatorFactory().small_group)
        DelegationFactory()
    with CaptureQueriesContext(connection) as many:
        desk.get(address(model, "changelist"))
    assert len(many) == len(few)


@pytest.mark.parametrize("role", ["delegate", "analyst", None])
def test_nobody_else_enters_even_when_marked_as_staff(role: str | None) -> None:
    user = UserFactory(is_staff=True)
    if role:
        DelegationFactory(user=user, role=role)
    client = Client()
    client.force_login(user)
    assert client.get(reverse("admin:index")).status_code == 302
    for model in TABLES:
        assert client.get(address(model, "changelist")).status_code == 302


def test_a_secretariat_whose_period_is_over_does_not_enter(desk: Client) -> None:
    from members.models import Delegation

    Delegation.objects.update(since="2020-01-01", until="2020-12-31")
    assert desk.get(reverse("admin:index")).status_code == 302


def test_a_member_is_found_by_any_of_its_names(desk: Client) -> None:
    MemberFactory(code="CIV", name="Côte d'Ivoire")
    from members.models import Alias, fold

    Alias.objects.create(text="Côte d’Ivoire", folded=fold("Côte d’Ivoire"), member=Member.objects.get(code="CIV"))
    page = desk.get(address(Member, "changelist"), {"q": "COTE D'IV"})
    assert b"1 member" in page.content


def log(desk: Client, provision: Provision, text: str, **values: Any) -> Any:
    form = {"provision": provision.pk, "text": text, "base_revision": 1, "made_on": "2021-02-05", "reason": "Plenary"}
    return desk.post(address(Revision, "add"), {**form, **values})


def test_a_text_is_changed_by_logging_a_change(desk: Client, provision: Provision) -> None:
    form = desk.get(address(Revision, "add"), {"provision": provision.pk})
    assert TEXT in form.content.decode()
    answer = log(desk, provision, TEXT.replace("[CAN: promptly]", "promptly").replace(" act", "\r\nact"))
    assert answer.status_code == 302
    revision = provision.revisions.get(number=2)
    assert revision.text == "Each Member shall promptly\nact."
    assert revision.digest == revision.expected_digest(provision.revisions.get(number=1).digest)
    assert revision.measure.open_brackets == 0
    assert provision.variants.get().outcome == "lifted"
    page = desk.get(address(Provision, "change", provision.pk)).content.decode()
    assert "Log a change of the text" in page


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (TEXT + " [", "Line 1, column 40: This “[” is never closed."),
        (TEXT + " [XYZ oppose: a]", "“XYZ” is nobody in the register"),
        (" ", "The text is empty."),
        (TEXT + "\x07", "control characters"),
        ("word " * 250_000, "longer than 1,000,000 characters"),
        (TEXT, "nothing to log"),
    ],
)
def test_a_text_that_cannot_stand_comes_back_with_its_place_and_nothing_is_stored(
    desk: Client, provision: Provision, text: str, said: str
) -> None:
    answer = log(desk, provision, text)
    assert answer.status_code == 200
    page = answer.content.decode()
    assert said in page
    assert text.replace("\x07", "") in page.replace("\x07", "")
    assert provision.revisions.count() == 1


def test_a_change_of_a_text_that_others_have_changed_meanwhile_is_told(desk: Client, provision: Provision) -> None:
    log(desk, provision, TEXT.replace("promptly", "soon"))
    answer = log(desk, provision, TEXT.replace("promptly", "later"))
    assert "Revision 2 was logged while you were writing" in answer.content.decode()
    assert provision.revisions.count() == 2


def test_a_new_provision_gets_its_first_text_through_the_same_form(desk: Client, provision: Provision) -> None:
    from tests.factories import ProvisionFactory

    fresh = ProvisionFactory()
    assert "No text yet" in desk.get(address(Provision, "change", fresh.pk)).content.decode()
    assert log(desk, fresh, "Each Member [CAN: acts].", base_revision=0).status_code == 302
    assert fresh.revisions.get().number == 1
    assert fresh.variants.count() == 1


def test_a_revision_can_be_neither_changed_nor_deleted(desk: Client, provision: Provision) -> None:
    revision = provision.revisions.get()
    desk.post(address(Revision, "change", revision.pk), {"text": "other"})
    assert desk.post(address(Revision, "delete", revision.pk), {"post": "yes"}).status_code == 403
    revision.refresh_from_db()
    assert revision.text == TEXT


def test_a_superuser_without_a_role_logs_nothing(provision: Provision) -> None:
    client = Client()
    client.force_login(UserFactory(is_staff=True, is_superuser=True))
    answer = log(client, provision, TEXT.replace("shall", "may"))
    assert "You can log changes only for the member that you act for" in answer.content.decode()
    assert provision.revisions.count() == 1


def test_a_status_is_added_with_who_recorded_it_and_then_stays(desk: Client, provision: Provision) -> None:
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


def test_what_others_rest_on_is_not_deleted_and_the_page_says_why(desk: Client, provision: Provision) -> None:
    answer = desk.post(address(Provision, "delete", provision.pk), {"post": "yes"})
    assert answer.status_code == 200
    assert "Cannot delete provision" in answer.content.decode()
    assert Provision.objects.filter(pk=provision.pk).exists()


def test_binary_in_a_short_field_is_an_error_at_that_field(desk: Client, provision: Provision) -> None:
    answer = desk.post(address(Member, "change", Member.objects.get(code="CAN").pk), {"code": "C\x00N", "name": "x"})
    assert answer.status_code == 200
    assert "Null characters are not allowed" in answer.content.decode()


def test_the_secretariat_cannot_make_itself_a_superuser(desk: Client) -> None:
    boss = UserFactory(is_staff=True, is_superuser=True)
    assert (
        "is_superuser"
        not in desk.get(reverse("admin:auth_user_change", args=[UserFactory().pk])).context["adminform"].form.fields
    )
    assert desk.post(reverse("admin:auth_user_password_change", args=[boss.pk]), {}).status_code == 403
