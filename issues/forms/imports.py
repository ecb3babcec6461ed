"""The form for importing a text."""

from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from issues.access.readership import readers_of_import
from issues.models import SmallGroup
from issues.models.choices import Visibility
from members.text_inputs import LineInput, ProseInput, WholeTextInput


class ImportForm(forms.Form):
    """A form for a file or pasted text, with its date, its source and the small group to which it belongs."""

    file = forms.FileField(
        label=_("File"), required=False, help_text=_("Word (.docx), plain text, Markdown, HTML or Akoma Ntoso.")
    )
    text = WholeTextInput(label=_("Or paste the text"), widget=forms.Textarea(attrs={"rows": 8}))
    from_pdf = forms.BooleanField(label=_("Copied from a PDF: join broken lines"), required=False)
    name = LineInput(label=_("Name"), max_length=250, required=False, help_text=_("Defaults to the file name."))
    made_on = forms.DateField(
        label=_("Date of the text"), initial=timezone.localdate, widget=forms.DateInput(attrs={"type": "date"})
    )
    source = ProseInput(max_length=500, label=_("Source"), help_text=_("The source document or meeting."))
    small_group = forms.ModelChoiceField(label=_("Small group"), queryset=SmallGroup.objects.none(), required=False)
    visibility = forms.ChoiceField(label=_("Who may read new provisions"), choices=Visibility.choices)

    def __init__(self, *args: Any, groups: "QuerySet[SmallGroup]", everything: bool, **kwargs: Any) -> None:
        """Set up the form, in which the small groups in `groups` can be selected.

        `groups` contains the small groups for which the reader may import texts. If `everything` is true, the whole
        text can also be selected.
        """
        super().__init__(*args, **kwargs)
        self.read_by = readers_of_import()
        most = {"most": settings.LONGEST_IMPORT // 10**6}
        self.fields["file"].widget.attrs |= {
            "data-most": settings.LONGEST_IMPORT,
            "data-too-large": _("The maximum file size is %(most)s MB. Split the file or remove its images.") % most,
        }
        group = self.fields["small_group"]
        assert isinstance(group, forms.ModelChoiceField)
        group.queryset, group.required = groups, not everything
        group.empty_label = str(_("The whole text")) if everything else None
        self.fields["visibility"].initial = Visibility.PARTICIPANTS if everything else Visibility.GROUP

    def clean(self) -> dict[str, Any]:
        """Require either a file or a text, but not both."""
        typed = super().clean() or {}
        if bool(typed.get("file")) == bool((typed.get("text") or "").strip()):
            raise ValidationError(_("Send a file or paste a text, not both."))
        return typed
