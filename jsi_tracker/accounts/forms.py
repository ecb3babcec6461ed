"""Forms for accounts, invitations and tokens."""

from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.forms import LoginForm as AllauthLoginForm
from django import forms
from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from members.choices import Role
from members.models import AccessToken, Invitation
from members.text_inputs import LineInput


class LoginForm(AllauthLoginForm):
    """The login form, which accepts a user name or an e-mail address."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"].label = _("User name")
        self.fields["login"].help_text = _("Or your e-mail address.")
        self.fields["login"].widget.attrs = {
            "autocomplete": "username",
            "autocapitalize": "none",
            "spellcheck": "false",
        }


class DateInput(forms.DateInput):
    """A date input that uses the browser's date picker."""

    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d")


class InvitationForm(forms.ModelForm):  # type: ignore[type-arg]
    """A form for an invitation, with its e-mail address, role, member and period."""

    class Meta:
        model = Invitation
        fields = ["email", "role", "member", "since", "until"]
        labels = {
            "email": gettext_lazy("E-mail address"),
            "role": gettext_lazy("Role"),
            "member": gettext_lazy("Member"),
            "since": gettext_lazy("From"),
            "until": gettext_lazy("Until (inclusive)"),
        }
        help_texts = {
            "member": gettext_lazy("For delegates only."),
            "until": gettext_lazy("Leave empty for no end date."),
        }
        widgets = {"since": DateInput, "until": DateInput}

    def clean_email(self) -> str:
        """Return the address in lower case, as in accounts."""
        return str(self.cleaned_data["email"]).lower()

    def clean(self) -> dict[str, Any]:
        """Return the data. An error is added if a delegate has no member or another role has a member."""
        data = super().clean() or {}
        role, member = data.get("role"), data.get("member")
        if role == Role.DELEGATE and member is None and "member" not in self.errors:
            self.add_error("member", _("A delegate acts for a member: select the member."))
        if role in (Role.SECRETARIAT, Role.ANALYST) and member is not None:
            self.add_error("member", _("Only a delegate acts for a member. Leave this field empty."))
        return data


class NewcomerForm(forms.Form):
    """A form in which an invited person chooses the names and password of a new account."""

    first_name = LineInput(
        label=gettext_lazy("Given name"), max_length=150, widget=forms.TextInput({"autocomplete": "given-name"})
    )
    last_name = LineInput(
        label=gettext_lazy("Family name"),
        max_length=150,
        required=False,
        widget=forms.TextInput({"autocomplete": "family-name"}),
    )
    username = LineInput(
        label=gettext_lazy("User name"),
        max_length=150,
        help_text=gettext_lazy("Letters, digits and @ . + - _ only. Shown next to your entries."),
        widget=forms.TextInput({"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"}),
    )
    password1 = forms.CharField(label=gettext_lazy("Password"), strip=False)
    password2 = forms.CharField(label=gettext_lazy("Confirm password"), strip=False)

    def __init__(self, *args: Any, email: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.email = email

    def clean_username(self) -> str:
        """Return the user name. Raises ValidationError if the name is invalid or, regardless of case, already taken."""
        return str(get_adapter().clean_username(self.cleaned_data["username"]))

    def clean(self) -> dict[str, Any]:
        """Return the data. An error is added if the password is weak or the two passwords differ."""
        data = super().clean() or {}
        first, second = data.get("password1"), data.get("password2")
        names = {name: data.get(name, "") for name in ("username", "first_name", "last_name")}
        if first:
            try:
                get_adapter().clean_password(first, user=get_user_model()(email=self.email, **names))
            except ValidationError as error:
                self.add_error("password1", error)
        if first and second and first != second:
            self.add_error("password2", _("The passwords do not match."))
        return data


class TokenForm(forms.Form):
    """A form for a new access token, with its name, scope and validity."""

    name = LineInput(label=gettext_lazy("Purpose"), max_length=80)
    scope = forms.ChoiceField(label=gettext_lazy("Permissions"), choices=AccessToken.Scope.choices)
    days = forms.ChoiceField(
        label=gettext_lazy("Valid for"),
        choices=[
            ("7", gettext_lazy("a week")),
            ("30", gettext_lazy("30 days")),
            ("90", gettext_lazy("90 days")),
            ("365", gettext_lazy("a year")),
        ],
        initial="90",
    )

    def __init__(self, *args: Any, can_write: bool, **kwargs: Any) -> None:
        """Offer the write scope only if `can_write` is true."""
        super().__init__(*args, **kwargs)
        scope = self.fields["scope"]
        assert isinstance(scope, forms.ChoiceField)
        if not can_write:
            scope.choices = [(AccessToken.Scope.READ.value, AccessToken.Scope.READ.label)]
