"""Tests of upgrading roles that applied to all negotiations, and documents that a proposal made visible."""

import datetime
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from issues.access.roles import ANYBODY, reader_of
from issues.access.visibility import visible_documents, visible_provisions
from issues.models import Document, Negotiation, Proposal
from members.models import Delegation, Invitation

THEN = [
    ("auth", "0012_alter_user_first_name_max_length"),
    ("issues", "0009_find_proposals_of_documents"),
    ("members", "0003_access_tokens"),
]
DAY = datetime.date(2021, 1, 1)


@pytest.fixture(scope="module")
def upgraded(another_database: None) -> None:
    """Create a database of the previous release with two negotiations, and upgrade it."""
    MigrationExecutor(connection).migrate(THEN)
    apps = MigrationExecutor(connection).loader.project_state(THEN).apps
    made = {slug: _negotiation(apps, slug, default=slug == "jsi") for slug in ("fish", "jsi")}
    members = {code: _member(apps, code, number) for number, code in enumerate(("CAN", "JPN", "BRA"))}
    for code, slugs in {"CAN": ("jsi", "fish"), "JPN": ("fish",)}.items():
        for slug in slugs:
            apps.get_model("issues", "Participation").objects.create(
                negotiation=made[slug], member=members[code], joined=DAY, basis="test", source="test"
            )
    delegations = apps.get_model("members", "Delegation").objects
    for name, role, code in (
        ("ana", "analyst", None),
        ("sec", "secretariat", None),
        ("can", "delegate", "CAN"),
        ("jpn", "delegate", "JPN"),
        ("bra", "delegate", "BRA"),
    ):
        user = apps.get_model("auth", "User").objects.create(username=name)
        delegations.create(user=user, role=role, member=members.get(code), since=DAY)
    apps.get_model("members", "Invitation").objects.create(
        email="new@example.org", role="delegate", member=members["JPN"], since=DAY, digest="d" * 64,
        invited_at=_now(), expires_at=_now(),
    )  # fmt: skip
    _proposals(apps, made["jsi"])
    call_command("migrate", verbosity=0)


def _negotiation(apps: Any, slug: str, *, default: bool) -> Any:
    negotiations = apps.get_model("issues", "Negotiation").objects
    found = negotiations.create(slug=slug, name=slug, short_name=slug, is_default=default, source="test")
    section = apps.get_model("issues", "Section").objects.create(
        negotiation=found, code=slug, label=slug, position=1, title=slug, source="test"
    )
    for position, visibility in enumerate(("public", "participants"), start=1):
        apps.get_model("issues", "Provision").objects.create(
            negotiation=found, section=section, slug=f"{slug}-{visibility}", heading=slug, position=position,
            visibility=visibility, source="test",
        )  # fmt: skip
    return found


def _member(apps: Any, code: str, number: int) -> Any:
    return apps.get_model("members", "Member").objects.create(
        code=code, name=code, iso_alpha2=f"x{number}", iso_alpha3=f"xx{number}", region="asia",
        development_status="developing", wto_member_since=DAY, source="test",
    )  # fmt: skip


def _proposals(apps: Any, negotiation: Any) -> None:
    """Create a hidden proposal with its document, and a public proposal that names the same document."""
    proposals = apps.get_model("issues", "Proposal").objects
    hidden = proposals.create(negotiation=negotiation, slug="hidden", title="H", visibility="group", source="test")
    document = apps.get_model("issues", "Document").objects.create(
        negotiation=negotiation, slug="inf-1", symbol="INF/1", title="A title to be read by few", note="secret",
        genre="proposal", recorded_with=hidden, source="test",
    )  # fmt: skip
    proposals.filter(pk=hidden.pk).update(document=document)
    proposals.create(
        negotiation=negotiation, slug="open", title="O", visibility="public", document=document, source="test"
    )


def _now() -> datetime.datetime:
    return datetime.datetime(2021, 1, 1, tzinfo=datetime.UTC)


def test_each_role_is_assigned_to_the_negotiation_where_it_applied_before(upgraded: None) -> None:
    rows = Delegation.objects.values_list("user__username", "role", "negotiation__slug")
    assert sorted(rows) == [
        ("ana", "analyst", "fish"),
        ("ana", "analyst", "jsi"),
        ("bra", "delegate", "jsi"),
        ("can", "delegate", "fish"),
        ("can", "delegate", "jsi"),
        ("jpn", "delegate", "fish"),
        ("sec", "secretariat", "fish"),
        ("sec", "secretariat", "jsi"),
    ]
    assert Invitation.objects.get().negotiation == Negotiation.objects.get(slug="fish")


@pytest.mark.parametrize(
    ("name", "read"),
    [
        ("ana", {"jsi-participants", "fish-participants"}),
        ("sec", {"jsi-participants", "fish-participants"}),
        ("can", {"jsi-participants", "fish-participants"}),
        ("jpn", {"fish-participants"}),
        ("bra", set()),
    ],
)
def test_all_users_can_read_what_they_could_read_before(upgraded: None, name: str, read: set[str]) -> None:
    user = Delegation.objects.filter(user__username=name)[0].user
    assert set(visible_provisions(reader_of(user)).values_list("slug", flat=True)) == read | {
        "jsi-public",
        "fish-public",
    }


def test_a_document_opened_by_a_proposal_that_names_it_is_restricted_to_its_readers_again(upgraded: None) -> None:
    own = Proposal.objects.get(slug="open").document
    assert own is not None
    assert (own.symbol, own.title, own.note) == ("INF/1", "Text proposal", "")
    assert set(visible_documents(ANYBODY)) == {own}
    kept = Document.objects.get(slug="inf-1")
    assert (kept.note, kept.recorded_with) == ("secret", Proposal.objects.get(slug="hidden"))
    assert Proposal.objects.get(slug="hidden").document == kept
