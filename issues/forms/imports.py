"""The form on which a text is sent in."""

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
    """A file or a pasted text, the day on which it stood so, where it is from, and whose text it is."""

    file = forms.FileField(
        label=_("File"), required=False, help_text=_("Word (.docx), plain text, markdown, HTML or Akoma Ntoso.")
    )
    text = WholeTextInput(label=_("Or the text, pasted"), widget=forms.Textarea(attrs={"rows": 8}))
    from_pdf = forms.BooleanField(label=_("It was copied out of a PDF: join the lines"), required=False)
    name = LineInput(label=_("Called"), max_length=250, required=False, help_text=_("Else as the file is."))
    made_on = forms.DateField(
        label=_("The text stood so on"), initial=timezone.localdate, widget=forms.DateInput(attrs={"type": "date"})
    )
    source = ProseInput(max_length=500, label=_("Source"), help_text=_("The document or the meeting that it is from."))
    small_group = forms.ModelChoiceField(label=_("Small group"), queryset=SmallGroup.objects.none(), required=False)
    visibility = forms.ChoiceField(label=_("New provisions are for"), choices=Visibility.choices)

    def __init__(self, *args: Any, groups: "QuerySet[SmallGroup]", everything: bool, **kwargs: Any) -> None:
        """Take the small groups for which one may import; `everything`: also for all of the text."""
        super().__init__(*args, **kwargs)
        self.read_by = readers_of_import()
        most = {"most": settings.LONGEST_IMPORT // 10**6}
        self.fields["file"].widget.attrs |= {
            "data-most": settings.LONGEST_IMPORT,
            "data-too-large": _("Files of up to %(most)s MB are read. Divide it, or take pictures out of it.") % most,
        }
        group = self.fields["small_group"]
        assert isinstance(group, forms.ModelChoiceField)
        group.queryset, group.required = groups, not everything
        group.empty_label = str(_("The whole text")) if everything else None
        self.fields["visibility"].initial = Visibility.PARTICIPANTS if everything else Visibility.GROUP

    def clean(self) -> dict[str, Any]:
        """Want a file or a text, not both."""
        typed = super().clean() or {}
        if bool(typed.get("file")) == bool((typed.get("text") or "").strip()):
            raise ValidationError(_("Send a file, or paste a text: one of the two."))
        return typed
