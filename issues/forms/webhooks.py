"""The form for adding a webhook."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from issues.access.readership import readers_of_own
from issues.access.roles import Reader
from issues.access.visibility import visible_provisions
from issues.models import Negotiation, Provision, SmallGroup
from issues.notifications.safe_http import NotAllowed, require_sendable
from members.models import local_name
from members.text_inputs import URLInput


class WebhookForm(forms.Form):
    """A form for the URL of a webhook and its scope, which is everything, a small group, or one text."""

    url = URLInput(label=_("URL"), max_length=500, assume_scheme="https")
    small_group = forms.ModelChoiceField(
        queryset=SmallGroup.objects.none(),
        to_field_name="slug",
        required=False,
        label=_("Limit to a small group"),
        empty_label=_("Everything"),
    )
    provision = forms.ModelChoiceField(
        queryset=Provision.objects.none(),
        to_field_name="slug",
        required=False,
        label=_("Limit to one text"),
        empty_label=_("Everything"),
    )

    def __init__(self, *args: Any, reader: Reader, negotiation: Negotiation, **kwargs: Any) -> None:
        """Set up the form with the small groups of `negotiation` and the texts that `reader` may see as choices."""
        super().__init__(*args, **kwargs)
        self.read_by = readers_of_own()
        groups = SmallGroup.objects.filter(negotiation=negotiation).order_by(local_name())
        texts = visible_provisions(reader).filter(negotiation=negotiation).with_place().order_by("position")
        self.fields["small_group"].queryset = groups  # type: ignore[attr-defined]
        self.fields["provision"].queryset = texts  # type: ignore[attr-defined]

    def clean_url(self) -> str:
        """Reject a URL to which the site does not send requests."""
        url: str = self.cleaned_data["url"]
        try:
            require_sendable(url)
        except NotAllowed:
            raise ValidationError(_("Enter a public URL that begins with https://.")) from None
        return url

    def clean(self) -> dict[str, Any]:
        """Reject the combination of a small group and a text."""
        typed = super().clean() or {}
        if typed.get("small_group") and typed.get("provision"):
            self.add_error("provision", _("Choose a small group or a text, not both."))
        return typed
