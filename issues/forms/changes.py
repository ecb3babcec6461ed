"""The form for changing a text."""

import uuid
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from issues.access.permissions import may_restructure, members_acted_for
from issues.access.readership import readers_of_text
from issues.access.roles import Reader
from issues.forms.clashes import WholeTextForm
from issues.models import Provision, Revision
from members.models import Member
from members.text_inputs import LineInput, ProseInput, WholeTextInput


class ChangeForm(WholeTextForm):
    """A form for changing a provision's text, with the whole new text, the member, the date and the reason."""

    text = WholeTextInput(
        label=_("Text"),
        widget=forms.Textarea(attrs={"rows": 22, "spellcheck": "true"}),
    )
    on_behalf_of = forms.ModelChoiceField(Member.objects.none(), label=_("On behalf of"), required=False)
    made_on = forms.DateField(
        label=_("Date of the change"), initial=timezone.localdate, widget=forms.DateInput(attrs={"type": "date"})
    )
    reason = ProseInput(label=_("Reason"), max_length=500, required=False)
    source = ProseInput(
        label=_("Source"), max_length=500, required=False, help_text=_("Document symbol or meeting, if any.")
    )
    base_revision = forms.IntegerField(min_value=0, widget=forms.HiddenInput)
    corrects = forms.ModelChoiceField(
        Revision.objects.none(), required=False, to_field_name="number", widget=forms.HiddenInput
    )
    idempotency_key = LineInput(max_length=64, required=False, initial=uuid.uuid4, widget=forms.HiddenInput)

    def __init__(self, *args: Any, actor: Reader, provision: Provision, base: Revision | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.base = base
        self.read_by = readers_of_text(provision)
        corrects = self.fields["corrects"]
        assert isinstance(corrects, forms.ModelChoiceField)
        corrects.queryset = provision.revisions.all()
        members = self.fields["on_behalf_of"]
        assert isinstance(members, forms.ModelChoiceField)
        members.queryset = members_acted_for(actor, provision.negotiation_id)
        if not may_restructure(actor, provision):
            members.empty_label = None
            members.required = True

    def changed_revision(self) -> Revision | None:
        """Return the revision that the author edited."""
        return self.base
