"""The form of the search, for the page and the API."""

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from issues.reports.search import ResultKind
from issues.text.search import SearchTerms, TooManyTerms, parse_terms
from members.text_inputs import QueryInput

MIN_LENGTH, MAX_LENGTH = 2, 200


class SearchForm(forms.Form):
    """A query and, optionally, the kind of result. If the form is valid, `terms` are the terms of the query."""

    terms: SearchTerms
    q = QueryInput(
        label=_("Search"),
        min_length=MIN_LENGTH,
        max_length=MAX_LENGTH,
        error_messages={"required": _("Enter at least one word to search for.")},
    )
    kind = forms.ChoiceField(
        label=_("Kind"),
        choices=[("", _("Everything")), *ResultKind.choices],
        required=False,
    )

    def clean_q(self) -> str:
        """Return the query without repeated spaces. Raise ValidationError if it has no term that must be present."""
        text = " ".join(str(self.cleaned_data["q"]).split())
        try:
            self.terms = parse_terms(text)
        except TooManyTerms:
            raise ValidationError(_("Too many words to search for at once. Remove some.")) from None
        except ValueError:
            raise ValidationError(_("Enter at least one word to search for.")) from None
        if not self.terms.required:
            raise ValidationError(_("Enter at least one word to find. You entered only words to exclude."))
        return text
