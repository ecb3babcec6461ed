"""Proposals tabled by members, and the steps of their history."""

import datetime
from collections.abc import Iterable

from django.conf import settings
from django.db import models
from django.db.models import Case, Exists, F, OuterRef, Prefetch, Q, Subquery, Value, When
from django.db.models.functions import Coalesce
from django.utils import timezone

from issues.models.chain import Chained
from issues.models.choices import ProposalAct, ProposalState, Visibility
from issues.models.confirmations import Confirmations, Standing, confirmations, standing_of
from issues.models.known import on_record
from issues.models.negotiation import Negotiation, happened_by
from issues.models.outline import Issue, Lens, SubIssue
from issues.models.record import Document
from issues.models.small_groups import SmallGroup, worked_on_by
from issues.models.text_columns import WholeTextField
from members.choices import Precision
from members.dates import PartialDate, partial_date
from members.models import Grouping, Member
from members.text_fields import LineField, ProseField, SlugField


class ProposalQuerySet(models.QuerySet["Proposal"]):
    def get_by_natural_key(self, negotiation: str, slug: str) -> "Proposal":
        return self.get(negotiation__slug=negotiation, slug=slug)

    def of_group(self, group: SmallGroup) -> "ProposalQuerySet":
        """Return the proposals on the issues and sub-issues on which `group` works."""
        works_there = worked_on_by(SmallGroup.objects.filter(pk=group.pk), "sub_issues", "issues")
        # A subquery is used instead of joins, so that a proposal with two sub-issues is returned only once.
        return self.filter(pk__in=Proposal.objects.filter(works_there).values("pk"))

    def tabled_by(self, day: datetime.date | None = None) -> "ProposalQuerySet":
        """Return the proposals tabled on or before `day` or on an unknown date. Each has its state on `day`.

        If `day` is None, return all proposals. A proposal without steps has its current state, because the dates on
        which its state changed are unknown.
        """
        if day is None:
            return self.all()
        steps = ProposalStep.objects.filter(proposal=OuterRef("pk"))
        known = steps.filter(on_record(day))
        decisive = known.filter(made_on__lte=day).decisive().order_by("-number")
        earliest = Case(When(Exists(steps), then=Value(ProposalState.TABLED.value)), default=F("state"))
        tabled = self.filter(Q(tabled=None) | happened_by("tabled", day)).filter(Exists(known) | ~Exists(steps))
        return tabled.annotate(state_then=Coalesce(Subquery(decisive.values("act")[:1]), earliest))

    def known_on(self, negotiation: Negotiation, as_of: datetime.date | None) -> "ProposalQuerySet":
        """Return the proposals tabled by the end of the day shown (`Negotiation.day`) or on an unknown date.

        Each has its state on `as_of` or, if that is None, its current state.
        """
        if as_of is not None:
            return self.tabled_by(as_of)
        return self.filter(Q(tabled=None) | happened_by("tabled", negotiation.day(None)))

    def with_standing(self) -> "ProposalQuerySet":
        """Prefetch the data that the property `standing` needs: the proponents, and the steps without their texts."""
        # The steps are not prefetched as `steps`, because later uses of that relation would then lack their texts.
        steps = Prefetch("steps", ProposalStep.objects.without_texts(), to_attr="steps_read")
        return self.prefetch_related("proponents", "grouping_proponents", steps)


class Proposal(models.Model):
    """A proposal tabled by members. It remains on record even if the chair's text omits it."""

    negotiation = models.ForeignKey(Negotiation, models.PROTECT, related_name="proposals")
    slug = SlugField(max_length=100)
    title = LineField(max_length=250)
    proponents = models.ManyToManyField(Member, blank=True, related_name="proposals")
    grouping_proponents = models.ManyToManyField(Grouping, blank=True, related_name="proposals")
    tabled = models.DateField(null=True, blank=True, help_text="Empty: unknown date.")
    tabled_precision = models.CharField(max_length=5, choices=Precision.choices, default=Precision.DAY)
    state = models.CharField(max_length=10, choices=ProposalState.choices, default=ProposalState.TABLED)
    summary = ProseField(blank=True)
    text = WholeTextField(blank=True)
    document = models.ForeignKey(Document, models.PROTECT, null=True, blank=True, related_name="proposals")
    supersedes = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="superseded_by")
    sub_issues = models.ManyToManyField(SubIssue, blank=True, related_name="proposals")
    issues = models.ManyToManyField(Issue, blank=True, related_name="proposals")
    lenses = models.ManyToManyField(Lens, blank=True, related_name="proposals")
    demonstration = models.BooleanField(
        default=False,
        db_default=False,
        help_text="Whether a demonstration user tabled the proposal, so that its content is invented.",
    )
    visibility = models.CharField(max_length=12, choices=Visibility.choices, default=Visibility.PARTICIPANTS)
    note = ProseField(blank=True)
    source = ProseField()

    objects = ProposalQuerySet.as_manager()

    class Meta:
        ordering = ["negotiation", F("tabled").asc(nulls_last=True), "slug"]
        constraints = [
            models.UniqueConstraint(fields=["negotiation", "slug"], name="proposal_slug_once"),
            models.CheckConstraint(condition=Q(state__in=ProposalState.values), name="proposal_state_known"),
            models.CheckConstraint(condition=Q(visibility__in=Visibility.values), name="proposal_visibility_known"),
            models.CheckConstraint(
                condition=Q(supersedes=None) | ~Q(supersedes=F("pk")),
                name="proposal_supersedes_another",
                violation_error_message="A proposal cannot supersede itself.",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def state_shown(self) -> str:
        """The state on the date that was passed to `tabled_by` or, if there is no such date, the current state."""
        return str(getattr(self, "state_then", self.state))

    @property
    def state_said(self) -> str:
        """The label of `state_shown`."""
        return str(ProposalState(self.state_shown).label)

    @property
    def standing(self) -> Standing:
        """The confirmations of the current text. Use `with_standing` to query many proposals efficiently."""
        return standing_of(self, self._steps_read())

    @property
    def confirmations(self) -> Confirmations:
        """The confirmations of each text, and the members that have been asked to confirm."""
        return confirmations(self._steps_read(), [member.pk for member in self.proponents.all()])

    def _steps_read(self) -> Iterable["ProposalStep"]:
        """Return the steps without their texts. Steps that have already been prefetched are used."""
        steps: Iterable[ProposalStep] | None = getattr(self, "steps_read", None)
        return ProposalStep.objects.filter(proposal=self).without_texts() if steps is None else steps

    def natural_key(self) -> tuple[str, str]:
        return (self.negotiation.slug, self.slug)

    @property
    def dated_as(self) -> PartialDate:
        """The date of the fact, with the precision to which it is known."""
        return self.tabled, self.tabled_precision

    @property
    def tabled_text(self) -> str:
        """The date of tabling, with the precision to which it is known."""
        return partial_date(self.tabled, self.tabled_precision)


class ProposalStepQuerySet(models.QuerySet["ProposalStep"]):
    def decisive(self) -> "ProposalStepQuerySet":
        """Return the steps that set the state of a proposal, excluding merges that were undone."""
        undone = ProposalStep.objects.filter(
            proposal=OuterRef("proposal"), act=ProposalAct.UNMERGED, revision__undoes=OuterRef("revision")
        )
        return self.filter(~Exists(undone), act__in=ProposalState.values)

    def without_texts(self) -> "ProposalStepQuerySet":
        """Return the steps in order, with only the fields that identify the act and the members."""
        return self.only("proposal", "number", "act", "member", "on_behalf_of").order_by("number")


class ProposalStep(Chained):
    """An act in the history of a proposal, with its author and date. Steps are never changed or deleted.

    The sequence of steps determines the state, text and proponents of the proposal. A proposal known only from a source
    has no steps.
    """

    CHAIN = "proposal"

    proposal = models.ForeignKey(Proposal, models.PROTECT, related_name="steps")
    number = models.PositiveIntegerField(help_text="1, 2, 3 … within the proposal.")
    act = models.CharField(max_length=10, choices=ProposalAct.choices)
    member = models.ForeignKey(
        Member,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="proposal_steps",
        help_text="The member that was invited, confirmed, declined or left.",
    )
    text = WholeTextField(blank=True, help_text="The complete text, if it was tabled or revised in this step.")
    revision = models.ForeignKey(
        "issues.Revision",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="proposal_steps",
        help_text="The revision of the provision that merged the proposal or undid the merge.",
    )
    note = ProseField(blank=True)
    made_on = models.DateField(default=timezone.localdate)
    recorded_at = models.DateTimeField(default=timezone.now)
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="proposal_steps")
    on_behalf_of = models.ForeignKey(
        Member, models.PROTECT, null=True, blank=True, related_name="proposal_steps_recorded"
    )
    idempotency_key = models.CharField(max_length=64, blank=True)

    objects = ProposalStepQuerySet.as_manager()

    class Meta:
        ordering = ["proposal", "number"]
        constraints = [
            models.UniqueConstraint(fields=["proposal", "number"], name="proposal_step_number_once"),
            models.UniqueConstraint(
                fields=["recorded_by", "idempotency_key"],
                condition=~Q(idempotency_key=""),
                name="proposal_step_recorded_once",
            ),
            models.CheckConstraint(condition=Q(act__in=ProposalAct.values), name="proposal_act_known"),
            models.CheckConstraint(
                condition=~Q(act__in=["invited", "confirmed", "declined", "left"]) | Q(member__isnull=False),
                name="proposal_step_names_the_member",
            ),
            models.CheckConstraint(
                condition=Q(act__in=["merged", "unmerged"], revision__isnull=False)
                | (~Q(act__in=["merged", "unmerged"]) & Q(revision=None)),
                name="proposal_step_names_its_revision",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.proposal}: {self.get_act_display()}"
