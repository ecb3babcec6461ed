"""The forms for proposals. They only read the values. `issues.actions.proposals` validates them."""

import datetime
import uuid
from typing import Any

from django import forms
from django.contrib.auth.models import AbstractBaseUser
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from issues.access.readership import readers_of_new_proposal
from issues.actions.proposals import Draft, Entry, Placement
from issues.forms.clashes import ClashForm
from issues.models import Negotiation, Proposal, SubIssue
from issues.models.choices import Visibility
from members.models import Member
from members.text_inputs import LineInput, ProseInput, WholeTextInput

TEXT = forms.Textarea(attrs={"rows": 14, "spellcheck": "true"})
DATE = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
# `issues.actions.proposals` refuses empty values, as it does for every other caller.
VALIDATED_LATER: dict[str, Any] = {"required": False}


class CodeAndTitle(forms.ModelMultipleChoiceField):  # type: ignore[type-arg]  # not generic at run time
    """A field for choosing an entry in the table of issues. Each choice is labelled with its code and title."""

    def label_from_instance(self, entry: Any) -> str:
        """Return the code and the title."""
        return f"{entry.code} {entry.local_title}"


class WordsInput(WholeTextInput):
    """A field for text as typed. LF line endings replace the CRLF line endings that browsers send."""

    def clean(self, value: Any) -> str:
        """Return the text with LF line endings."""
        return str(super().clean(value)).replace("\r\n", "\n")


class EntryForm(forms.Form):
    """A form with the fields of every entry: member, date, note, and a key that prevents a duplicate entry."""

    on_behalf_of = forms.ModelChoiceField(
        Member.objects.none(), to_field_name="code", label=gettext_lazy("On behalf of")
    )
    made_on = forms.DateField(label=gettext_lazy("Date"), initial=timezone.localdate, widget=DATE)
    note = ProseInput(label=gettext_lazy("Note"), max_length=500, **VALIDATED_LATER)
    idempotency_key = LineInput(max_length=64, required=False, initial=uuid.uuid4, widget=forms.HiddenInput)

    def __init__(
        self,
        *args: Any,
        members: "QuerySet[Member]",
        nobody: str = "",
        member: Member | None = None,
        read_by: str = "",
        day: datetime.date | None = None,
        **kwargs: Any,
    ) -> None:
        """Set up the form, in which one of `members` can be chosen and `member` is initially selected.

        `day` is the initial date, by default today. If it is possible to choose no member, `nobody` is the label of
        this choice. `read_by` describes the readers of the entry, and the page shows this description beside the
        fields.
        """
        super().__init__(*args, **kwargs)
        self.read_by = read_by
        if day is not None:
            self.fields["made_on"].initial = day
        field = self.fields["on_behalf_of"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = members
        field.required = not nobody
        field.empty_label = nobody or _("Choose a member")
        choosable = list(members[:2])
        if len(choosable) == 1 and not nobody:
            field.initial, field.empty_label = choosable[0].code, None
        elif member is not None:
            field.initial = member.code

    def entry(self, actor: AbstractBaseUser) -> Entry:
        """Return the entry made by `actor`. The form must be valid."""
        typed = self.cleaned_data
        return Entry(actor, typed["on_behalf_of"], typed["made_on"], typed["note"], typed["idempotency_key"])


class TableForm(EntryForm):
    """The form for tabling a proposal."""

    title = LineInput(label=gettext_lazy("Title"), max_length=250, **VALIDATED_LATER)
    text = WordsInput(label=gettext_lazy("Text"), widget=TEXT)
    summary = ProseInput(label=gettext_lazy("Summary in one sentence"), max_length=500, **VALIDATED_LATER)
    sub_issues = CodeAndTitle(
        SubIssue.objects.none(),
        to_field_name="code",
        label=gettext_lazy("Sub-issues"),
        widget=forms.CheckboxSelectMultiple,
        **VALIDATED_LATER,
    )
    co_sponsors = forms.ModelMultipleChoiceField(
        Member.objects.none(),
        to_field_name="code",
        label=gettext_lazy("Co-sponsors"),
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    symbol = LineInput(label=gettext_lazy("Document symbol"), max_length=60, **VALIDATED_LATER)
    visibility = forms.ChoiceField(
        label=gettext_lazy("Who may read the proposal"), choices=Visibility.choices, initial=Visibility.PARTICIPANTS
    )
    supersedes = forms.ModelChoiceField(
        Proposal.objects.none(),
        to_field_name="slug",
        label=gettext_lazy("Replaces"),
        required=False,
        empty_label=gettext_lazy("No earlier proposal"),
    )
    although_tabled = forms.BooleanField(
        label=gettext_lazy("This is a different proposal with the same title"), required=False
    )

    def __init__(
        self,
        *args: Any,
        negotiation: Negotiation,
        participants: "QuerySet[Member]",
        own: "QuerySet[Proposal]",
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, read_by=readers_of_new_proposal(), **kwargs)
        choices: dict[str, QuerySet[Any]] = {
            "sub_issues": negotiation.subissues.order_by("position"),
            "co_sponsors": participants,
            "supersedes": own,
        }
        for name, queryset in choices.items():
            field = self.fields[name]
            assert isinstance(field, forms.ModelChoiceField)
            field.queryset = queryset

    def draft(self) -> Draft:
        """Return the draft of the proposal. The form must be valid."""
        typed = self.cleaned_data
        return Draft(
            title=typed["title"],
            text=typed["text"],
            sub_issues=list(typed["sub_issues"]),
            co_sponsors=list(typed["co_sponsors"]),
            symbol=typed["symbol"],
            summary=typed["summary"],
            visibility=typed["visibility"],
            supersedes=typed["supersedes"],
        )


class ReviseForm(EntryForm, ClashForm):
    """A form for a new text of a proposal, based on the text of step `base`."""

    text = WordsInput(label=gettext_lazy("Text"), widget=TEXT)
    symbol = LineInput(label=gettext_lazy("Document symbol"), max_length=60, **VALIDATED_LATER)
    base = forms.IntegerField(min_value=0, widget=forms.HiddenInput)
    confirmed_by = forms.ModelMultipleChoiceField(
        Member.objects.none(),
        to_field_name="code",
        label=gettext_lazy("Also confirmed by"),
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )

    def __init__(self, *args: Any, confirming: "QuerySet[Member]", **kwargs: Any) -> None:
        """Set up the form, in which the members in `confirming` can be selected as having confirmed the text."""
        super().__init__(*args, **kwargs)
        field = self.fields["confirmed_by"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = confirming


class AnswerForm(EntryForm):
    """A form for a response that confirms or declines the text of step `base`."""

    base = forms.IntegerField(min_value=0, required=False, widget=forms.HiddenInput)


class InviteForm(EntryForm):
    """A form for an invitation to co-sponsor a proposal."""

    invited = forms.ModelChoiceField(
        Member.objects.none(),
        to_field_name="code",
        label=gettext_lazy("Invite"),
        empty_label=gettext_lazy("Choose a member"),
    )

    def __init__(self, *args: Any, participants: "QuerySet[Member]", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["invited"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = participants


class MergeForm(EntryForm, ClashForm):
    """A form for merging words of a proposal into a text at a given place. `seen` is the hash of the previewed text."""

    END, BESIDE, WHOLE = "end", "beside", "whole"

    PLACES = (
        (END, gettext_lazy("At the end, as a new paragraph")),
        (BESIDE, gettext_lazy("As an alternative beside a bracket")),
        (WHOLE, gettext_lazy("As a complete new text, typed by hand")),
    )

    place = forms.ChoiceField(label=gettext_lazy("Location"), choices=PLACES, widget=forms.RadioSelect, initial=END)
    words = WordsInput(label=gettext_lazy("Words"), widget=forms.Textarea(attrs={"rows": 8, "spellcheck": "true"}))
    beside = forms.TypedChoiceField(label=gettext_lazy("Beside"), coerce=int, empty_value=None, required=False)
    whole = WordsInput(label=gettext_lazy("The whole text"), widget=TEXT)
    base = forms.IntegerField(min_value=1, widget=forms.HiddenInput)
    text_base = forms.IntegerField(min_value=0, required=False, widget=forms.HiddenInput)
    seen = LineInput(max_length=64, required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, brackets: list[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        location, beside = self.fields["place"], self.fields["beside"]
        assert isinstance(location, forms.ChoiceField)
        assert isinstance(beside, forms.ChoiceField)
        beside.choices = [("", _("Choose a bracket")), *brackets]
        if not brackets:
            location.choices = [choice for choice in self.PLACES if choice[0] != self.BESIDE]

    def clean(self) -> dict[str, Any]:
        """Require that a bracket be chosen if the words are to be placed beside a bracket."""
        typed = super().clean() or {}
        if typed.get("place") == self.BESIDE and typed.get("beside") is None and "beside" not in self.errors:
            self.add_error("beside", _("Choose the bracket to place the words next to."))
        return typed

    def placing(self) -> Placement:
        """Return the words and the place at which they are to be merged. The form must be valid."""
        typed = self.cleaned_data
        if typed["place"] == self.WHOLE:
            return Placement(whole=typed["whole"])
        return Placement(words=typed["words"], beside=typed["beside"] if typed["place"] == self.BESIDE else None)
