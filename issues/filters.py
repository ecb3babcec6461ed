"""Filters over variants and the table of issues, shared by pages and API. Words are those of the negotiators."""

import datetime
from typing import Any

import django_filters
from django import forms
from django.core.exceptions import BadRequest, ValidationError
from django.db import models
from django.db.models import DurationField, ExpressionWrapper, F, Model, Q, QuerySet
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from issues.access.roles import reader_of
from issues.access.visibility import negotiation_of, participations, visible_provisions
from issues.models import Document, Issue, Lens, Position, Proposal, Provision, Section, SmallGroup, SubIssue, Variant
from issues.models.choices import FileFormat, Genre, Outcome, ProposalState, Stance, VariantKind
from issues.models.index import PositionQuerySet, VariantQuerySet
from issues.models.known import DayAsKnown
from issues.models.text import ProvisionQuerySet
from issues.text.search import TooManyWords, Words, best_first, matching, read_words
from members.choices import DevelopmentStatus, Region
from members.models import Alias, Grouping, GroupingMembership, Member, fold, in_force
from members.text_inputs import AskedInput


class State(models.TextChoices):
    """Whether a variant stands in the text."""

    OPEN = "open", _("Open")
    CLOSED = "closed", _("Closed")
    ANY = "any", _("Open or closed")


NO_SUCH_ENTRY = _("There is no such entry in this negotiation.")


def holder_condition(names: list[str]) -> Q:
    """Return the condition that a position is held by one of `names`, codes or aliases of members and groupings.

    Raises ValidationError for a name that is nobody's.
    """
    members, groupings = holders(names)
    return Q(member__in=members) | Q(grouping__in=groupings)


def holders(names: list[str]) -> tuple[set[int], set[int]]:
    """Return the keys of the members and of the groupings that are called one of `names`, by code or alias.

    Raises ValidationError for a name that is nobody's.
    """
    aliases = {alias.folded: alias for alias in Alias.objects.filter(folded__in=[fold(name) for name in names])}
    members = {alias.member_id for alias in aliases.values() if alias.member_id}
    groupings = {alias.grouping_id for alias in aliases.values() if alias.grouping_id}
    codes = {name for name in names if fold(name) not in aliases}
    by_code = dict(Member.objects.filter(code__in=codes).values_list("code", "pk")) if codes else {}
    if unknown := sorted(codes - by_code.keys()):
        raise ValidationError(
            _(
                "%(names)s: nobody in the register of members and groupings. "
                "Use a code such as CAN, EU or AFRICAN GROUP."
            ),
            params={"names": ", ".join(unknown)},
        )
    return members | set(by_code.values()), groupings


class NamesField(AskedInput):
    """Names of members or groupings, as often as the parameter stands in the query."""

    widget = forms.MultipleHiddenInput

    def to_python(self, value: Any) -> list[str]:  # type: ignore[override]
        return [name for name in value or [] if name.strip()]

    def run_validators(self, value: Any) -> None:
        """Raise ValidationError for what can be no name."""
        for name in value:
            super().run_validators(name)

    def validate(self, value: Any) -> None:
        """Raise ValidationError for a name that is nobody's."""
        self.run_validators(value)
        holder_condition(value)


class AskedFilter(django_filters.CharFilter):
    """Some words, on one line."""

    field_class = AskedInput


class NamesFilter(django_filters.Filter):
    """Narrows by names of members or groupings."""

    field_class = NamesField


def _visible(request: Any) -> ProvisionQuerySet:
    return visible_provisions(reader_of(request.user)).filter(negotiation=negotiation_of(request)).with_place()


NO_PARTICIPANT = _("No participant has this code.")


def _participants(request: Any) -> QuerySet[Member]:
    taking = participations(negotiation_of(request)).values("member")
    return Member.objects.filter(pk__in=taking).order_by("name")


class HolderFilter(django_filters.Filter):
    """Variants at which one of the named members or groupings takes a stance."""

    parent: django_filters.FilterSet
    field_class = NamesField

    def __init__(self, stance: Stance, *, every: bool = False, **kwargs: Any) -> None:
        """Take `every` to want all of the names at a variant, not one of them."""
        super().__init__(**kwargs)
        self.stance = stance
        self.every = every

    def filter(self, qs: QuerySet[Variant], value: list[str]) -> QuerySet[Variant]:
        """Return `qs` narrowed; sub-queries, so that no variant comes twice."""
        asked = self.parent.form.cleaned_data
        held = positions_counted(asked).filter(stance=self.stance)
        for names in [[name] for name in value] if self.every else [value] if value else []:
            qs = qs.filter(pk__in=held.filter(held_by(names, asked)).values("variant"))
        return qs


def held_by(names: list[str], asked: dict[str, Any]) -> Q:
    """Return the condition that one of `names` holds a position; through a grouping as well, where that is asked."""
    by = holder_condition(names)
    return by | _through_groupings(names, asked.get("as_of")) if asked.get("expand") else by


def positions_counted(asked: dict[str, Any]) -> PositionQuerySet:
    """Return the positions that count for what is asked of variants: of one that is closed, the last before its end."""
    held = Position.objects
    if (asked.get("state") or State.OPEN) == State.OPEN:
        return held.held_on(asked.get("as_of"))
    return held.held_at_the_end(asked.get("as_of"))


def _through_groupings(names: list[str], day: datetime.date | None) -> Q:
    """Return the condition that a grouping holds a position to which one of the members `names` belonged on the day."""
    members, _ = holders(names)
    belonging = GroupingMembership.objects.filter(in_force(day or timezone.localdate()), member__in=members)
    return Q(grouping__in=belonging.values("grouping"))


class EntryFilter(django_filters.ModelChoiceFilter):
    """One entry of the table of issues, or one small group, by its code or slug; an unknown one is an error."""

    def __init__(self, model: type[Model], key: str = "code", **kwargs: Any) -> None:
        # Codes are unique within a negotiation: those of the one that the address speaks of.
        def entries(request: Any) -> QuerySet[Any]:
            return model._default_manager.filter(negotiation=negotiation_of(request))

        super().__init__(queryset=entries, to_field_name=key, **kwargs)  # type: ignore[arg-type]  # called with the request
        self.extra["error_messages"] = {"invalid_choice": NO_SUCH_ENTRY}


def provisions_of(entry: Section | Issue | SubIssue | SmallGroup) -> ProvisionQuerySet:
    """Return the provisions that hang under an entry of the table of issues, or that a small group works on."""
    provisions = Provision.objects.all()
    if isinstance(entry, Section):
        return provisions.in_section(entry)
    if isinstance(entry, Issue):
        return provisions.in_issue(entry)
    if isinstance(entry, SmallGroup):
        return provisions.of_group(entry)
    return provisions.filter(sub_issue=entry)


class PlaceFilter(django_filters.FilterSet):
    """What hangs in the table of issues, by its place there."""

    section = EntryFilter(Section, method="under", label=_("Section"))
    issue = EntryFilter(Issue, method="under", label=_("Issue"))
    sub_issue = EntryFilter(SubIssue, method="under", label=_("Sub-issue"))
    small_group = EntryFilter(SmallGroup, key="slug", method="under", label=_("Small group"))

    def under(self, queryset: QuerySet[Any], name: str, entry: Any) -> QuerySet[Any]:
        """Return what hangs under `entry`."""
        return queryset.filter(pk__in=provisions_of(entry).values("pk"))


NO_DAY = _("Write a day as YYYY-MM-DD, for example 2020-12-07.")


def not_yet(day: datetime.date) -> None:
    """Raise ValidationError for a day that has not come yet."""
    if day > timezone.localdate():
        raise ValidationError(_("%(day)s has not come yet.") % {"day": date_format(day)})


def as_of(asked: str | None) -> datetime.date | None:
    """Return the day that `?as_of=` asks for, None for now; raises ValidationError for what is no day, or not yet."""
    if not asked:
        return None
    try:
        day = parse_date(asked)
    except ValueError:
        day = None
    if day is None:
        raise ValidationError(NO_DAY)
    not_yet(day)
    return day


KNOWN_AT = _("As it was on record at this moment: what was recorded later does not count")
NO_MOMENT = _("Write a date and a time, for example 2020-12-07T18:00 or 2020-12-07T18:00:00+01:00.")


def moment(asked: str | None) -> datetime.datetime | None:
    """Return the moment that `?known_at=` asks for, None for none; without an offset, in the time of the site.

    Raises ValidationError for what is no date with a time, or has not come yet.
    """
    text = (asked or "").strip()
    if not text:
        return None
    if "T" in text:  # an offset of +01:00 that nobody has encoded comes as a blank
        text = text.replace(" ", "+")
    try:
        found = parse_datetime(text) if len(text) > len("2020-12-07") else None
        found = timezone.make_aware(found) if found is not None and timezone.is_naive(found) else found
        day = timezone.localtime(found).date() if found is not None else None
    except (ValueError, OverflowError):
        found = day = None
    if found is None or day is None:
        raise ValidationError(NO_MOMENT)
    if found > timezone.now():
        raise ValidationError(_("%(moment)s has not come yet.") % {"moment": date_format(day)})
    return found


def as_known(day: datetime.date | None, known_at: datetime.datetime | None) -> datetime.date | None:
    """Return the day as of which one reads what was on record at a moment: by default the day of that moment."""
    if known_at is None:
        return day
    return DayAsKnown.at(day or timezone.localtime(known_at).date(), known_at)


class MomentField(forms.Field):
    """A date with a time."""

    widget = forms.HiddenInput

    def clean(self, value: Any) -> Any:
        """Return the moment; raises ValidationError for what is none."""
        return moment(value)


class MomentFilter(django_filters.IsoDateTimeFilter):
    """As it was on record at a moment. Narrows nothing by itself: `as_of` carries it."""

    field_class = MomentField  # type: ignore[assignment]  # it reads more forms, and says what is wrong with others

    def filter(self, qs: QuerySet[Any], value: datetime.datetime | None) -> QuerySet[Any]:
        """Return `qs` as it is."""
        return qs


class WholeNumberFilter(django_filters.NumberFilter):
    """A number without decimals: “1.5” is refused, not rounded."""

    field_class = forms.IntegerField  # type: ignore[assignment]  # narrower on purpose

    def get_max_validator(self) -> None:
        """None: the largest number is the filter's own `max_value`, if it has one."""
        return


class DayFilter(django_filters.DateFilter):
    """As of the end of a day. Narrows nothing by itself: the set that holds it reads it."""

    def __init__(self, **kwargs: Any) -> None:
        messages = {"invalid": NO_DAY}
        widget = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
        super().__init__(
            input_formats=["%Y-%m-%d"], validators=[not_yet], error_messages=messages, widget=widget, **kwargs
        )

    def filter(self, qs: QuerySet[Any], value: datetime.date | None) -> QuerySet[Any]:
        """Return `qs` as it is."""
        return qs


class AsOfFilter(django_filters.FilterSet):
    """Anything as of a day, and as it was on record at a moment: the form gives both in one, as `as_of`."""

    as_of = DayFilter(label=_("As of the end of this day"))
    known_at = MomentFilter(label=KNOWN_AT)

    def get_form_class(self) -> type[forms.Form]:
        """Return the form of the set; its `as_of` carries the moment."""
        plain: type[forms.Form] = super().get_form_class()

        def clean(form: forms.Form) -> dict[str, Any]:
            typed = super(known, form).clean() or form.cleaned_data
            typed["as_of"] = as_known(typed.get("as_of"), typed.get("known_at"))
            return typed

        known: type[forms.Form] = type(plain.__name__, (plain,), {"clean": clean})
        return known


class ProvisionFilter(PlaceFilter, AsOfFilter):
    """Provisions by their place in the table of issues, as of a day."""

    class Meta:
        model = Provision
        fields: list[str] = []


class NarrowingFilter(ProvisionFilter):
    """Provisions of a place and a day, with values beside that the page itself reads."""

    @property
    def narrows(self) -> bool:
        """Whether a place in the table of issues was asked for."""
        return any(self.form.cleaned_data.get(name) for name in ("section", "issue", "sub_issue", "small_group"))

    def as_they_are(self, queryset: QuerySet[Any], name: str, value: Any) -> QuerySet[Any]:
        """Return `queryset` as it is: the page reads the value."""
        return queryset

    def require_valid(self) -> dict[str, Any]:
        """Return what was asked for; raises BadRequest with the name of what cannot be read."""
        if not self.is_valid():
            raise BadRequest(" ".join(f"{name}: {' '.join(map(str, said))}" for name, said in self.errors.items()))
        values: dict[str, Any] = self.form.cleaned_data
        return values


class LandingFilter(NarrowingFilter):
    """Landing zones: on what, when, and for which members."""

    member = django_filters.ModelMultipleChoiceFilter(
        queryset=_participants,  # type: ignore[arg-type]  # called with the request
        to_field_name="code",
        method="as_they_are",
        label=_("Between these members, several with Ctrl"),
        error_messages={"invalid_choice": NO_PARTICIPANT},
    )


class Mode(models.TextChoices):
    """How the text is read."""

    EVERYTHING = "everything", _("Everything")
    BASE = "base", _("Base text")
    MEMBERS = "members", _("As members would have it")


class ReadingFilter(NarrowingFilter):
    """The whole text: what of it, as of when, and read how."""

    mode = django_filters.ChoiceFilter(
        choices=Mode.choices[1:], empty_label=Mode.EVERYTHING.label, method="as_they_are", label=_("Reading")
    )
    silence = django_filters.ChoiceFilter(
        choices=[("keep", _("is kept")), ("drop", _("is left out"))],
        empty_label=_("stays in brackets"),
        method="as_they_are",
        label=_("Where they are silent, a bracket"),
    )
    member = django_filters.ModelMultipleChoiceFilter(
        queryset=_participants,  # type: ignore[arg-type]  # called with the request
        to_field_name="code",
        method="as_they_are",
        label=_("Members, several with Ctrl"),
        error_messages={"invalid_choice": NO_PARTICIPANT},
    )


class OneProvisionFilter(django_filters.FilterSet):
    """One provision of those that the reader may see."""

    provision = django_filters.ModelChoiceFilter(
        queryset=_visible,  # type: ignore[arg-type]  # called with the request
        to_field_name="slug",
        method="itself",
        label=_("Provision"),
        error_messages={"invalid_choice": NO_SUCH_ENTRY},
    )

    def itself(self, queryset: QuerySet[Any], name: str, provision: Provision) -> QuerySet[Any]:
        """Return the one provision."""
        return queryset.filter(pk=provision.pk)


class ComparisonFilter(OneProvisionFilter, PlaceFilter):
    """Two days and what of the text, or two revisions of one provision."""

    start = DayFilter(label=_("From the end of this day"))
    end = DayFilter(label=_("To the end of this day"))
    old = WholeNumberFilter(method="as_they_are", min_value=1, label=_("From this revision of the provision"))
    new = WholeNumberFilter(method="as_they_are", min_value=1, label=_("To this revision"))

    class Meta:
        model = Provision
        fields: list[str] = []

    @property
    def problems(self) -> dict[str, Any]:
        """What does not go together, by field."""
        asked = self.form.cleaned_data
        start, end, old, new = (asked.get(name) for name in ("start", "end", "old", "new"))
        if old is not None and (start or end):
            return {"old": _("Choose either days, or revisions of one provision.")}
        if new is not None and old is None:
            return {"old": _("Choose the revision to begin with as well.")}
        if old is None and start is None:
            return {"start": _("Choose a day, or a revision of one provision, to begin with.")}
        if old is not None and asked.get("provision") is None:
            return {"provision": _("Choose the provision whose revisions are compared.")}
        if (end and start and end < start) or (new and old and new < old):
            return {"new" if old else "end": _("It ends before it begins: exchange the two.")}
        return {}

    def as_they_are(self, queryset: QuerySet[Any], name: str, value: Any) -> QuerySet[Any]:
        """Return `queryset`: revisions narrow nothing, they say what is compared."""
        return queryset


class ExportFilter(OneProvisionFilter, NarrowingFilter):
    """What goes into a file: what of the text, as of when, compared with when, and in which format."""

    since = DayFilter(label=_("With the changes since the end of this day"))
    format = django_filters.ChoiceFilter(
        choices=FileFormat.choices,
        method="as_they_are",
        label=_("Format"),
        empty_label=None,
    )
    proponents = django_filters.ChoiceFilter(
        choices=[("notes", _("in footnotes (Word)"))],
        empty_label=_("in the brackets"),
        method="as_they_are",
        label=_("Proponents stand"),
    )


class StandingFilter(NarrowingFilter):
    """Who stands with whom: on what, when, since when for movement, and for which members."""

    since = DayFilter(label=_("Movement since this day"))
    member = django_filters.ModelChoiceFilter(
        queryset=_participants,  # type: ignore[arg-type]  # called with the request
        to_field_name="code",
        method="as_they_are",
        label=_("List for one member"),
        empty_label=_("Nobody"),
        error_messages={"invalid_choice": NO_PARTICIPANT},
    )
    least = WholeNumberFilter(method="as_they_are", min_value=1, label=_("Members that take a side at least so often"))
    order = django_filters.ChoiceFilter(
        choices=[("clusters", _("By clusters")), ("code", _("By code"))],
        method="as_they_are",
        label=_("Order"),
        empty_label=None,
    )

    def is_valid(self) -> bool:
        """Whether all can be read, and movement begins before the day as of which it is asked for."""
        valid = bool(super().is_valid())
        since, day = (self.form.cleaned_data.get(name) for name in ("since", "as_of")) if valid else (None, None)
        if not (since and day and since > day):
            return valid
        self.form.add_error(
            "since",
            _("%(since)s lies behind %(day)s, the day as of which you ask: choose an earlier day.")
            % {"since": date_format(since), "day": date_format(day)},
        )
        return False


ORDERS = {
    "place": ("provision__position", "ordinal", "pk"),
    "oldest": ("begun_on", "provision__position", "ordinal", "pk"),
    "newest": ("-begun_on", "provision__position", "ordinal", "pk"),
}


class WordsField(AskedInput):
    """Words to search for."""

    def clean(self, value: Any) -> Words | None:
        """Return what is searched for; raises ValidationError where there is no word in what was typed."""
        typed = super().clean(value)
        try:
            return read_words(typed) if typed else None
        except TooManyWords:
            raise ValidationError(_("These are more words than can be searched for at once: leave some out.")) from None
        except ValueError:
            raise ValidationError(_("There is no word in it to search for.")) from None


class WordsFilter(django_filters.CharFilter):
    """What stands in the text: words, “phrases”, and behind a minus what must not."""

    field_class = WordsField


class VariantFilter(PlaceFilter, AsOfFilter):
    """Variants by who stands at them, where they stand, and what became of them; open ones unless asked."""

    state = django_filters.ChoiceFilter(choices=State.choices, method="as_they_are", label=_("State"), empty_label=None)

    q = WordsFilter(method="with_words", label=_("Words in the text"))
    proponent = HolderFilter(Stance.PROPOSE, label=_("Proposed by one of these members or groupings"))
    opponent = HolderFilter(Stance.OPPOSE, label=_("Opposed by one of these members or groupings"))
    every_proponent = HolderFilter(Stance.PROPOSE, every=True, label=_("Proposed by all of these"))
    every_opponent = HolderFilter(Stance.OPPOSE, every=True, label=_("Opposed by all of these"))
    holder = NamesFilter(method="as_they_are", label=_("At which one of these takes a stance"))
    stance = django_filters.ChoiceFilter(choices=Stance.choices, method="as_they_are", label=_("Which stance"))
    expand = django_filters.BooleanFilter(
        method="as_they_are",
        label=_("What a grouping does counts for its members"),
        widget=forms.CheckboxInput,
    )
    lens = django_filters.ModelChoiceFilter(
        queryset=Lens.objects.all(),
        to_field_name="slug",
        method="under_lens",
        label=_("Lens"),
        error_messages={"invalid_choice": _("There is no such lens.")},
    )
    open_longer_than = WholeNumberFilter(
        method="open_for", min_value=0, max_value=99_999, label=_("Open for more than so many days")
    )
    # Of the provisions that the reader may see: an error for any other would tell that it exists.
    provision = django_filters.ModelChoiceFilter(
        queryset=_visible,  # type: ignore[arg-type]  # django-filter calls it with the request
        to_field_name="slug",
        error_messages={"invalid_choice": NO_SUCH_ENTRY},
    )
    kind = django_filters.ChoiceFilter(choices=VariantKind.choices, label=_("Kind"))
    outcome = django_filters.ChoiceFilter(choices=Outcome.choices, method="closed_so", label=_("How it was closed"))
    order = django_filters.ChoiceFilter(
        choices=[
            ("place", _("By place in the text")),
            ("oldest", _("Open longest first")),
            ("newest", _("Newest first")),
        ],
        empty_label=_("Best match for the words, else by place"),
        method="as_they_are",
        label=_("Order"),
    )

    class Meta:
        model = Variant
        fields: list[str] = []

    def under(self, queryset: QuerySet[Any], name: str, entry: Any) -> QuerySet[Any]:
        """Return the variants of the provisions that hang under `entry`."""
        return queryset.filter(provision__in=provisions_of(entry))

    def as_they_are(self, queryset: QuerySet[Any], name: str, value: Any) -> QuerySet[Any]:
        """Return `queryset` as it is: the value is read elsewhere, asked for or not."""
        return queryset

    def with_words(self, queryset: QuerySet[Any], name: str, words: Words) -> QuerySet[Any]:
        """Return the variants in which each of the words stands, by their stem."""
        return matching(queryset, words)

    def under_lens(self, queryset: QuerySet[Any], name: str, lens: Lens) -> QuerySet[Any]:
        """Return the variants of the provisions that a lens runs through, by themselves or by their sub-issue."""
        provisions = Provision.objects.filter(Q(lenses=lens) | Q(sub_issue__lenses=lens))
        return queryset.filter(provision__in=provisions.values("pk"))

    def open_for(self, queryset: QuerySet[Any], name: str, days: Any) -> QuerySet[Any]:
        """Return the variants that had been open for more than so many days by the day, by now, or when they closed."""
        day = self.form.cleaned_data.get("as_of") or timezone.localdate()
        if int(days) >= day.toordinal():
            return queryset.none()
        least = datetime.timedelta(days=int(days))
        lasted = ExpressionWrapper(F("closed_on") - F("begun_on"), output_field=DurationField())
        standing = Q(closed_on=None) | Q(closed_on__gt=day)
        long_enough = (standing & Q(begun_on__lt=day - least)) | (~standing & Q(lasted__gt=least))
        found: QuerySet[Any] = queryset.alias(lasted=lasted).filter(long_enough)
        return found

    def closed_so(self, queryset: QuerySet[Any], name: str, outcome: str) -> QuerySet[Any]:
        """Return the variants that had been closed in this way by the day; what came later is not known yet."""
        assert isinstance(queryset, VariantQuerySet)
        return queryset.closed_by(self.form.cleaned_data.get("as_of")).filter(outcome=outcome)

    def with_stance(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Return the variants at which one of the holders, or anybody, takes the stance, or any."""
        asked = self.form.cleaned_data
        names, stance = asked.get("holder"), asked.get("stance")
        if not names and not stance:
            return queryset
        held = positions_counted(asked)
        if names:
            held = held.filter(held_by(names, asked))
        if stance:
            held = held.filter(stance=stance)
        return queryset.filter(pk__in=held.values("variant"))

    def filter_queryset(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Return the variants that stand, stood or fell on the day, narrowed by the other filters."""
        day, state = self.form.cleaned_data.get("as_of"), self.form.cleaned_data.get("state") or State.OPEN
        assert isinstance(queryset, VariantQuerySet)
        variants = {State.OPEN: queryset.open_on, State.CLOSED: queryset.closed_by, State.ANY: queryset.begun_by}
        narrowed = self.with_stance(super().filter_queryset(variants[State(state)](day)))
        order, words = self.form.cleaned_data.get("order"), self.form.cleaned_data.get("q")
        if words and not order:
            return best_first(narrowed, words)
        return narrowed.order_by(*ORDERS[order]) if order else narrowed


class ProposalFilter(django_filters.FilterSet):
    """Proposals by who proposes them, what became of them and where they belong."""

    proponent = NamesFilter(method="proposed_by", label=_("Proposed by one of these members or groupings"))
    state = django_filters.ChoiceFilter(choices=ProposalState.choices, method="in_state")
    sub_issue = EntryFilter(SubIssue, method="under")

    class Meta:
        model = Proposal
        fields: list[str] = []

    def in_state(self, queryset: QuerySet[Proposal], name: str, state: str) -> QuerySet[Proposal]:
        """Return the proposals in this state, on the day where `tabled_by` was asked for one."""
        return queryset.filter(**{"state_then" if "state_then" in queryset.query.annotations else "state": state})

    def proposed_by(self, queryset: QuerySet[Proposal], name: str, names: list[str]) -> QuerySet[Proposal]:
        """Return what one of `names` proposes; a sub-query, so that no proposal comes twice."""
        members, groupings = holders(names)
        found = Proposal.objects.filter(Q(proponents__in=members) | Q(grouping_proponents__in=groupings))
        return queryset.filter(pk__in=found.values("pk"))

    def under(self, queryset: QuerySet[Proposal], name: str, sub_issue: SubIssue) -> QuerySet[Proposal]:
        """Return the proposals on a sub-issue."""
        return queryset.filter(pk__in=sub_issue.proposals.values("pk"))


class DocumentFilter(AsOfFilter):
    """Documents by kind, submitter, words of title or symbol, and day."""

    q = AskedFilter(method="called", label=_("Words of the title, or symbol"))
    genre = django_filters.ChoiceFilter(choices=Genre.choices, label=_("Genre"), empty_label=_("Any genre"))
    member = django_filters.ModelChoiceFilter(
        field_name="submitted_by",
        queryset=_participants,  # type: ignore[arg-type]  # called with the request
        to_field_name="code",
        label=_("Submitted by"),
        error_messages={"invalid_choice": NO_PARTICIPANT},
    )

    class Meta:
        model = Document
        fields: list[str] = []

    def called(self, queryset: QuerySet[Document], name: str, words: str) -> QuerySet[Document]:
        """Return the documents in whose title or symbol all words stand."""
        for word in words.split():
            queryset = queryset.filter(Q(title__icontains=word) | Q(symbol__icontains=word))
        return queryset

    def filter_queryset(self, queryset: QuerySet[Document]) -> QuerySet[Document]:
        """Return the documents that match, and had been made by the end of the day."""
        day = self.form.cleaned_data.get("as_of")
        return super().filter_queryset(queryset.filter(dated__lte=day) if day else queryset)


class MemberFilter(django_filters.FilterSet):
    """Members by participation, region, development status, grouping and name."""

    participant = django_filters.BooleanFilter(method="takes_part", label=_("Takes part in the negotiation"))
    region = django_filters.ChoiceFilter(choices=Region.choices)
    development_status = django_filters.ChoiceFilter(choices=DevelopmentStatus.choices)
    grouping = django_filters.ModelChoiceFilter(
        queryset=Grouping.objects.all(),
        to_field_name="slug",
        method="in_grouping",
        label=_("Member of a grouping"),
    )
    search = AskedFilter(method="named", label=_("Part of a name or code"))

    class Meta:
        model = Member
        fields: list[str] = []

    def takes_part(self, queryset: QuerySet[Member], name: str, value: bool) -> QuerySet[Member]:
        """Return who takes part, or who does not, on the day up to which the facts were collected."""
        taking = participations(negotiation_of(self.request)).values("member")
        return queryset.filter(pk__in=taking) if value else queryset.exclude(pk__in=taking)

    def in_grouping(self, queryset: QuerySet[Member], name: str, value: Grouping) -> QuerySet[Member]:
        """Return who belongs to a grouping now."""
        return queryset.filter(pk__in=value.memberships.filter(in_force(timezone.localdate())).values("member"))

    def named(self, queryset: QuerySet[Member], name: str, value: str) -> QuerySet[Member]:
        """Return whose name, code or alias holds the words, whatever their case and accents."""
        return queryset.filter(pk__in=Alias.objects.filter(folded__contains=fold(value)).values("member"))


class IssueFilter(django_filters.FilterSet):
    """Issues by section and small group."""

    section = EntryFilter(Section)
    small_group = EntryFilter(SmallGroup, key="slug", method="of_group")

    class Meta:
        model = Issue
        fields: list[str] = []

    def of_group(self, queryset: QuerySet[Issue], name: str, group: SmallGroup) -> QuerySet[Issue]:
        """Return the issues that a small group works on, whole or in part."""
        return queryset.filter(Q(small_groups=group) | Q(sub_issues__small_groups=group)).distinct()


class SubIssueFilter(django_filters.FilterSet):
    """Sub-issues by section, issue and small group."""

    section = EntryFilter(Section, method="in_section")
    issue = EntryFilter(Issue)
    small_group = EntryFilter(SmallGroup, key="slug", field_name="small_groups")

    class Meta:
        model = SubIssue
        fields: list[str] = []

    def in_section(self, queryset: QuerySet[SubIssue], name: str, section: Section) -> QuerySet[SubIssue]:
        """Return the sub-issues of a section, with or without an issue between."""
        return queryset.filter(pk__in=SubIssue.objects.in_section(section).values("pk"))


class SmallGroupFilter(django_filters.FilterSet):
    """Small groups by what they work on."""

    issue = EntryFilter(Issue, method="on_issue")
    sub_issue = EntryFilter(SubIssue, field_name="sub_issues")

    class Meta:
        model = SmallGroup
        fields: list[str] = []

    def on_issue(self, queryset: QuerySet[SmallGroup], name: str, issue: Issue) -> QuerySet[SmallGroup]:
        """Return the small groups that work on an issue, whole or in part."""
        return queryset.filter(Q(issues=issue) | Q(sub_issues__issue=issue)).distinct()


class SectionFilter(django_filters.FilterSet):
    """Sections by kind."""

    kind = AskedFilter()

    class Meta:
        model = Section
        fields: list[str] = []
