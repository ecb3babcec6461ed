"""The admin form that records a change to a text."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.template.defaultfilters import linebreaksbr
from django.template.loader import render_to_string
from django.utils.html import format_html

from issues.access.permissions import Refused
from issues.access.roles import reader_of
from issues.actions import changes
from issues.actions.change_previews import preview_change
from issues.actions.errors import Conflict, ConflictOnDay, NotRecorded, TextRefused
from issues.forms.clashes import WholeTextForm
from issues.models import Provision, Revision
from issues.text.clashes import Clashes, clashes_between, clashes_of, fields_of, open_clashes_message
from issues.text.ended_positions import mark_of
from issues.wording import diagnostic_text
from members.text_inputs import LineInput, WholeTextInput

# The maximum number of problems that the form lists. A text with more problems is probably not the intended text.
MAX_PROBLEMS = 20


class RevisionForm(WholeTextForm, forms.ModelForm):
    """A change to a text. Cleaning the form records the change with `changes.log`."""

    text = WholeTextInput(widget=forms.Textarea(attrs={"rows": 24, "cols": 100}))
    base_revision = forms.IntegerField(min_value=0, widget=forms.HiddenInput)
    corrects = forms.IntegerField(
        min_value=1, required=False, help_text="The number of the mistaken entry that this entry corrects, if any."
    )

    confirmed = LineInput(max_length=64, required=False, widget=forms.HiddenInput)

    actor: Any = None
    recorded: Revision | None = None

    class Meta:
        model = Revision
        fields = ["provision", "text", "on_behalf_of", "made_on", "reason", "source"]

    def changed_revision(self) -> Revision | None:
        """Return the current revision of the selected provision."""
        provision = self.cleaned_data.get("provision")
        return newest_revision(provision) if provision else None

    def clean_corrects(self) -> Revision | None:
        """Return the revision with the given number."""
        number, provision = self.cleaned_data["corrects"], self.cleaned_data.get("provision")
        if number is None or provision is None:
            return None
        entry: Revision | None = provision.revisions.filter(number=number).first()
        if entry is None:
            raise ValidationError(f"This provision has no revision {number}.")
        return entry

    def clean(self) -> dict[str, Any]:
        """Record the change as the last step of validation, so that a refusal appears as an error of the text field.

        The admin validates the form once, and in the transaction in which it saves the form.
        """
        data = super().clean() or {}
        if self.errors:
            return data
        self._resolve_clashes(data)
        self._confirm_ended_positions(data)
        try:
            self.recorded = changes.log(self.text_change(data["provision"]), actor=self.actor)
        except ConflictOnDay as conflict:
            raise ValidationError({"made_on": str(conflict)}) from conflict
        except Conflict as conflict:
            self._rebase(conflict, data)
            raise ValidationError({"text": _conflict_message(conflict, data["base_revision"])}) from conflict
        except (NotRecorded, Refused) as error:
            raise ValidationError({"text": _problems(error, data["text"])}) from error
        return data

    def _resolve_clashes(self, data: dict[str, Any]) -> None:
        """Take the side that the user selected.

        Raise ValidationError after a selection, and while clashes remain unresolved.
        """
        numbers = [number for number in (data["written_on"], data["base_revision"]) if number is not None]
        revisions = data["provision"].revisions.filter(number__in=numbers)
        texts = dict(revisions.values_list("number", "text"))
        base, current = texts.get(data["written_on"]), texts.get(data["base_revision"])
        if base is None or current is None or not data["written"]:
            return
        clashes = clashes_between(base, data["written"], current, data["taken"])
        if clashes is None:
            return
        if "take" in self.data:
            text, clashes = clashes.pressed(self.data["take"], data["text"])
            self._show(clashes, text=text, taken=clashes.taken)
            raise ValidationError({"text": "Nothing has been recorded yet: check the text, then save it."})
        self._show(clashes)
        if clashes.open:
            raise ValidationError({"text": open_clashes_message(clashes)})

    def _confirm_ended_positions(self, data: dict[str, Any]) -> None:
        """Raise ValidationError once if the change would end positions of others. Saving again confirms the change."""
        try:
            check = preview_change(self.text_change(data["provision"]), actor=reader_of(self.actor))
        except NotRecorded:
            return  # reported when the change is recorded
        mark = mark_of(check.ends) if check.can_be_logged and check.ends else ""
        if mark != data["confirmed"] and mark:
            self._change_data(confirmed=mark)
            ended = [positions.says for positions in check.ends]
            raise ValidationError({"text": [*ended, "These positions end. To log the change anyway, save again."]})

    def _rebase(self, conflict: Conflict, data: dict[str, Any]) -> None:
        """Merge both changes in the text field, and show their clashes.

        A text whose base is not on record cannot be merged. It stays in the field, with the current text below it.
        """
        current = conflict.current
        if conflict.merged is not None:
            clashes = clashes_of(conflict.merged)
            fields = fields_of(clashes, data["base_revision"], data["text"])
            self._show(clashes, base_revision=current.number, text=clashes.text, **fields)
            return
        self._change_data(base_revision=current.number)
        self["text"].help_text = format_html(
            "The current text, revision {}:<br>{}", current.number, linebreaksbr(current.text)
        )

    def _show(self, clashes: Clashes, **data: Any) -> None:
        """Show the clashes that the user must resolve, and put `data` into the form."""
        self._change_data(**data)
        # On the bound field, which has already copied the help text of the form field.
        self["text"].help_text = render_to_string("admin/clashes.html", {"clashes": clashes})

    def _change_data(self, **values: Any) -> None:
        data: Any = self.data.copy()  # type: ignore[attr-defined]  # a QueryDict, which the stubs omit
        for name, value in values.items():
            data[name] = value
        self.data = data

    def _post_clean(self) -> None:
        """Skip the validation of the model, because the revision is already saved."""

    def save(self, commit: bool = True) -> Revision:
        """Return the revision that was recorded."""
        assert self.recorded is not None  # the admin saves only valid forms
        return self.recorded

    def save_m2m(self) -> None:
        """Do nothing, because a revision has no many-to-many rows."""


def newest_revision(provision: Provision) -> Revision | None:
    """Return the current revision of `provision`, or None if it has no text."""
    return provision.revisions.order_by("-number").first()


def _problems(error: NotRecorded | Refused, text: str) -> list[str]:
    """Return the problems of a refused change, one per line, each with its position."""
    if isinstance(error, Refused):
        return [str(error) if error.place is None else f"{_position(text, error.place)}: {error}"]
    if not isinstance(error, TextRefused) or error.tree is None:
        return [str(error)]
    shown = [
        "Line {}, column {}: {}".format(*error.tree.line_and_column(problem.start), diagnostic_text(problem))
        for problem in error.problems[:MAX_PROBLEMS]
    ]
    more = len(error.problems) - len(shown)
    return [*shown, f"Problems not shown: {more}."] if more else shown


def _position(text: str, offset: int) -> str:
    """Return the line and column of `offset`, in the format of the parser's problems."""
    before = text[:offset]
    return f"Line {before.count(chr(10)) + 1}, column {offset - before.rfind(chr(10))}"


def _conflict_message(conflict: Conflict, base: int) -> str:
    """Return the message for a conflict: another change was saved first, or the form lacked the text."""
    if base == 0:
        number = conflict.current.number
        return f"This provision already has a text, revision {number}, shown below: make your change in that text."
    return str(conflict)
