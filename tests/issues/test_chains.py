"""Tests that any alteration of chained rows that bypasses the guards is reported and that no false report occurs."""

import datetime
import importlib
from io import StringIO
from typing import Any

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import connection, models, transaction

from issues.actions import changes, proposals, status_reports
from issues.actions.edits import TextChange
from issues.models import (
    Change,
    Document,
    Meeting,
    Negotiation,
    Proposal,
    ProposalStep,
    Provision,
    Revision,
    SmallGroup,
    StatusReport,
)
from issues.models.append_only import TABLES
from issues.models.chain import SEALING, Chained
from issues.models.schemes import NOT_COVERED, covered_columns
from issues.sync.catch_up import catch_up_everywhere
from members.models import Member
from tests.factories import (
    DelegationFactory,
    MemberFactory,
    NegotiationFactory,
    ParticipationFactory,
    ProposalFactory,
    SmallGroupFactory,
    SubIssueFactory,
    UserFactory,
    provision_with,
)
from tests.guards import guards_lifted

pytestmark = pytest.mark.django_db

DAY = datetime.date(2021, 2, 5)
CHAINED: list[Any] = [Revision, ProposalStep, StatusReport]
# The row to alter. It is neither the first nor the last in its chain, and all its relations are set.
ALTERED = {Revision: 2, ProposalStep: 5, StatusReport: 2}


@pytest.fixture(autouse=True)
def _record() -> None:
    """Create a provision, a proposal and a small group with histories in which every column is filled at least once."""
    for code in ("BRA", "CAN"):
        ParticipationFactory(member=MemberFactory(code=code))
    place = SubIssueFactory(code="S.9.a")
    text = provision_with("Each Member shall [BRA: promptly] act.", slug="article", sub_issue=place)
    here: dict[str, Any] = {"negotiation": NegotiationFactory(), "source": "test"}
    document = Document.objects.create(slug="paper", title="Paper", genre="proposal", symbol="INF/1", **here)
    meeting = Meeting.objects.create(slug="round", kind="plenary", title="Round", starts=DAY, **here)
    _log(text, "Each Member shall [BRA: promptly] act [CAN: in writing].", document=document, meeting=meeting)
    _log(text, "Each Member shall [BRA: promptly] act.")
    SmallGroupFactory(slug="another")
    _propose(place, text, provision_with("Something else.", slug="other", sub_issue=place))
    provision_with("A text to which a revision could be moved.", slug="third")
    for number, status in enumerate(("compiled", "parked until", "clean text"), start=1):
        _state(status, datetime.date(2021, 2, number))
    catch_up_everywhere()


def secretariat() -> Any:
    """Return another user of the secretariat in each call, to whom a row can be attributed by hand."""
    return DelegationFactory(role="secretariat", member=None).user


def _log(text: Provision, words: str, **more: Any) -> None:
    """Log a change by the secretariat with all optional fields of a revision."""
    current = text.revisions.latest("number")
    revision = Revision(
        provision=text,
        number=current.number + 1,
        text=words,
        made_on=DAY,
        recorded_by=secretariat(),
        on_behalf_of=Member.objects.get(code="CAN"),
        reason="Said so",
        source="Minutes",
        proposal=ProposalFactory(slug=f"origin-{current.number}"),
        corrects=current,
        idempotency_key=f"key {current.number}",
        **more,
    )
    revision.seal(current)
    revision.save(force_insert=True)
    call_command("rebuild_index", stdout=StringIO())


def _propose(place: Any, *texts: Provision) -> None:
    canada, brazil = Member.objects.get(code="CAN"), Member.objects.get(code="BRA")
    entry = proposals.Entry(secretariat(), canada, idempotency_key="tabled", note="As handed in")
    proposal = proposals.table(
        NegotiationFactory(), proposals.Draft("Faster", "Words.", [place], visibility="public"), entry
    )
    Proposal.objects.filter(pk=proposal.pk).update(slug="faster")
    proposals.revise(proposal, "Better words.", proposals.Entry(secretariat(), canada), base=1)
    proposals.invite(proposal, brazil, proposals.Entry(secretariat(), canada))
    proposals.respond(
        proposal, proposals.Entry(secretariat(), brazil, note="Gladly", idempotency_key="yes"), confirm=True
    )
    placing = proposals.Placement(words="Better words")
    for text in texts:
        merged = proposals.Entry(secretariat(), None, note="Merged", idempotency_key=f"merged {text}")
        proposals.merge_into(proposal, text, placing, merged, base=text.revisions.latest("number").number)


def _state(status: str, day: datetime.date) -> None:
    group = SmallGroup.objects.filter(slug="circle").first() or SmallGroupFactory(slug="circle")
    status_reports.state(
        small_group=group,
        status=status,
        stated_on=day,
        stated_by="Chair",
        source="Plenary",
        until="summer",
        note="Said so",
        actor=secretariat(),
    )


def verified() -> str:
    out = StringIO()
    call_command("verify_record", stdout=out, no_color=True)
    return out.getvalue()


def problems() -> list[str]:
    """Return the problems reported by `verify_record`, or an empty list."""
    try:
        verified()
    except CommandError as wrong:
        return str(wrong).splitlines()
    return []


def row_of(model: Any, number: int = 0) -> Any:
    """Return the row to alter, selected by its place in its chain."""
    rows = model.objects.order_by(model.CHAIN, model.ORDER)
    if model is Revision:
        rows = rows.filter(provision__slug="article")
    return list(rows)[(number or ALTERED[model]) - 1]


def by_hand(row: Any, **values: Any) -> None:
    """Alter a row in SQL, bypassing the guards, as someone with direct access to the database could."""
    table = row._meta.db_table
    with guards_lifted(), connection.cursor() as cursor:
        for column, value in values.items():
            cursor.execute(f"UPDATE {table} SET {column} = %s WHERE id = %s", [value, row.pk])


def another(field: Any, value: Any) -> Any:
    """Return another value that the column could contain."""
    if field.is_relation:
        related = field.related_model._base_manager
        return related.exclude(pk=value).order_by("-pk").values_list("pk", flat=True).first()
    if field.choices:
        return next(choice for choice, _ in field.choices if choice not in (value, "parked until", "merged"))
    kinds: list[tuple[type, Any]] = [
        (models.DateTimeField, lambda: value + datetime.timedelta(microseconds=1)),
        (models.DateField, lambda: value + datetime.timedelta(days=1)),
        (models.BooleanField, lambda: not value),
        (models.IntegerField, lambda: (value or 0) + 10),
        (models.JSONField, lambda: '{"other": 1}'),
        (models.TextField, lambda: f"{value}."),
        (models.CharField, lambda: f"{value[:10]}."),
    ]
    return next(make() for kind, make in kinds if isinstance(field, kind))


def test_an_untouched_record_is_verified() -> None:
    assert "Proposal steps: 6; stated statuses: 3; chains and hashes agree." in verified()


@pytest.mark.parametrize(("model", "scheme"), [(Revision, 1), (Revision, 2), (ProposalStep, 2), (StatusReport, 2)])
def test_verification_names_each_altered_column_with_its_row(model: Any, scheme: int) -> None:
    if scheme == 1:
        as_recorded_by_the_first_scheme()
    assert problems() == []
    said: dict[str, list[str]] = {}
    for field in model._meta.concrete_fields:
        if field.attname != "id":
            # The database itself prevents the act of a merging step from being changed.
            row = row_of(model, 4 if field.attname == "act" else ALTERED[model])
            said[field.attname] = [line.replace(called(row), "ROW") for line in what_is_said(row, field)]
    # A row with a changed number or chain is missing from its original place.
    for column in ("number", "provision_id", "proposal_id") if model is not StatusReport else ():
        if column in said and column != ("proposal_id" if model is Revision else ""):
            assert any("is missing from the record" in line for line in said.pop(column)), column
    assert "ROW: its columns match the record, so its hash or the previous row was altered." in said.pop("digest")
    assert any(line.startswith("ROW: ") for line in said.pop("seals"))
    named = {column: [line for line in lines if line.startswith("ROW: altered in ")] for column, lines in said.items()}
    if model is StatusReport:
        [line] = [line for line in said.pop("small_group_id") if line.endswith("altered in small group.")]
        assert line.startswith("small group another, stated status ")
        del named["small_group_id"]
    assert named == {column: [f"ROW: altered in {in_words(column)}."] for column in said}


def called(row: Any) -> str:
    """Return the name that `verify_record` uses for a row."""
    if isinstance(row, Revision):
        return f"{row.provision.slug}, revision {row.number}"
    if isinstance(row, ProposalStep):
        return f"proposal {row.proposal.slug}, step {row.number}"
    return f"small group {row.small_group.slug}, stated status {row.pk}"


def in_words(column: str) -> str:
    return column.removesuffix("_id").replace("_", " ")


def what_is_said(row: Any, field: Any) -> list[str]:
    """Return the problems that `verify_record` reports after one column has been altered.

    The alteration is rolled back.
    """
    with transaction.atomic():
        by_hand(row, **{field.attname: another(field, getattr(row, field.attname))})
        lines = problems()
        transaction.set_rollback(True)
    assert lines, field
    return lines


def as_recorded_by_the_first_scheme() -> None:
    """Change the revisions to the state that the first release recorded, and seal them as the migration does."""
    with guards_lifted():
        previous: dict[int, str] = {}
        for row in Revision.objects.order_by("provision", "number"):
            row.digest_scheme, row.recorded_names, row.seals = 1, None, None
            row.digest = previous[row.provision_id] = row.expected_digest(previous.get(row.provision_id, ""))
            values = {name: getattr(row, name) for name in SEALING}
            Revision.objects.filter(pk=row.pk).update(**values)
    seal()


def seal() -> None:
    importlib.import_module("issues.migrations.0016_seal_the_record").seal(apps, None)


def test_every_column_is_covered_by_the_hash_or_listed_as_exempt() -> None:
    assert set(CHAINED) == set(Chained.__subclasses__())
    for model in CHAINED:
        named = {field.attname for field in model._meta.concrete_fields}
        assert set(covered_columns(model)) | set(NOT_COVERED) == named
        assert not set(covered_columns(model)) & set(NOT_COVERED)
        assert model._meta.db_table in TABLES
    assert set(NOT_COVERED) == {"id", *SEALING}


RENAMED: list[tuple[Any, str]] = [
    (Member, "code"),
    (Negotiation, "slug"),
    (Provision, "slug"),
    (Proposal, "slug"),
    (Document, "slug"),
    (Meeting, "slug"),
    (SmallGroup, "slug"),
]


@pytest.mark.parametrize("scheme", [1, 2])
def test_later_renamings_do_not_alter_hashes(scheme: int) -> None:
    if scheme == 1:
        as_recorded_by_the_first_scheme()
    for model, column in RENAMED:
        for row in model.objects.all():
            model.objects.filter(pk=row.pk).update(**{column: f"n{getattr(row, column)}"[:10]})
        call_command("rebuild_index", stdout=StringIO())
        assert problems() == [], model


def test_revisions_with_members_or_texts_renamed_before_the_upgrade_are_verified() -> None:
    as_recorded_by_the_first_scheme()
    with guards_lifted():
        Revision.objects.update(recorded_names=None, seals=None)
    Member.objects.filter(code="CAN").update(code="CDN")
    Negotiation.objects.update(slug="ecommerce")
    Provision.objects.filter(slug="article").update(slug="renamed")
    Document.objects.filter(slug="paper").update(slug="note")
    seal()
    call_command("rebuild_index", stdout=StringIO())
    assert problems() == []
    revision = Revision.objects.get(provision__slug="renamed", number=2)
    assert revision.recorded_names["on_behalf_of"] == ["CAN"]
    assert revision.recorded_names["document"] == ["jsi", "paper"]
    assert revision.recorded_names["provision"] == ["jsi", "article"]


def test_an_upgrade_does_not_conceal_a_previously_altered_revision() -> None:
    as_recorded_by_the_first_scheme()
    with guards_lifted():
        Revision.objects.update(recorded_names=None, seals=None)
        Revision.objects.filter(provision__slug="article", number=2).update(reason="Another one")
    seal()
    assert "article, revision 2: the hash does not match, so the row was altered after it was recorded." in problems()


@pytest.mark.parametrize("model", CHAINED)
def test_rows_written_by_the_previous_release_during_an_upgrade_are_hashed_by_the_next_writer(model: Any) -> None:
    last = (
        model.objects.order_by(model.ORDER).filter(**{model.CHAIN: getattr(row_of(model), f"{model.CHAIN}_id")}).last()
    )
    copied = model.objects.filter(pk=last.pk).values().get()
    del copied["id"]
    copied |= {"idempotency_key": ""} if "idempotency_key" in copied else {}
    if "number" in copied:
        copied["number"] += 1
    if model is Revision:
        row = Revision(**copied | {"digest_scheme": 1, "recorded_names": None, "seals": None})
        copied |= {"digest_scheme": 1, "digest": row.expected_digest(last.digest)}
    else:
        copied |= {"digest_scheme": 1, "digest": ""}
    model.objects.bulk_create([model(**copied | {"recorded_names": None, "seals": None})])
    call_command("rebuild_index", stdout=StringIO())
    assert "Rows without a digest: 1. To compute the digests, run manage.py seal_record." in verified()
    if model is Revision:
        text = last.provision
        current = text.revisions.latest("number")
        changes.log(TextChange(text, base_revision=current.number, edit=f"{current.text} So."), actor=secretariat())
    elif model is StatusReport:
        _state("stabilised", DAY)
    else:
        call_command("seal_record", stdout=StringIO())
    assert problems() == []


def test_a_missing_row_is_detected_even_if_it_was_the_last_one() -> None:
    with guards_lifted():
        StatusReport.objects.filter(status="clean text").delete()
    [heading, said] = problems()
    assert heading == "The record failed verification:"
    assert said.startswith("stated status circle/")
    assert said.endswith("it is listed in the change feed but missing from the record.")


def test_a_row_missing_from_the_middle_is_detected_by_the_next_row() -> None:
    with guards_lifted():
        Change.objects.all().delete()
        StatusReport.objects.filter(status="parked until").delete()
        ProposalStep.objects.filter(number=3).delete()
    said = problems()
    assert "proposal faster, step 3 is missing from the record." in said
    last = called(StatusReport.objects.order_by("pk").last())
    assert f"{last}: the hash does not match, so the row was altered after it was recorded." in said


def test_the_hash_of_the_record_changes_with_every_kind_of_entry() -> None:
    seen = {verified().splitlines()[-1]}
    text = Provision.objects.get(slug="article")
    current = text.revisions.latest("number")
    acts: list[Any] = [
        lambda: changes.log(TextChange(text, base_revision=current.number, edit="So."), actor=secretariat()),
        lambda: _state("stabilised", DAY),
        lambda: proposals.invite(
            Proposal.objects.get(slug="origin-1"),
            Member.objects.get(code="BRA"),
            proposals.Entry(secretariat(), Member.objects.get(code="CAN")),
        ),
    ]
    Proposal.objects.get(slug="origin-1").proponents.add(Member.objects.get(code="CAN"))
    for number, act in enumerate(acts, start=2):
        act()
        seen.add(verified().splitlines()[-1])
        assert len(seen) == number


def test_the_author_of_an_entry_can_change_their_user_name() -> None:
    for user in UserFactory._meta.model.objects.all():
        user.username = f"x{user.username}"
        user.save()
    assert problems() == []
