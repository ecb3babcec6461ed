"""Parse the forms of a page, and build the data that a browser without JavaScript would send."""

from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any


@dataclass
class Form:
    """A form with its attributes, the data that it would send without a button, and its buttons.

    `written` contains the fields in which people write, each with its attributes.
    """

    attributes: dict[str, str]
    fields: dict[str, str] = field(default_factory=dict)
    written: dict[str, dict[str, str]] = field(default_factory=dict)
    buttons: list[dict[str, str]] = field(default_factory=list)
    says: str = ""

    @property
    def action(self) -> str:
        """The URL to which the form is sent, or "" for the URL of the page."""
        return self.attributes.get("action", "")


class _Reader(HTMLParser):
    """A parser that collects the forms of a page."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.forms: list[Form] = []
        self.textarea = self.select = ""
        self.is_open = False

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        own = {name: value or "" for name, value in attributes}
        if tag == "form":
            self.forms.append(Form(own))
            self.is_open = True
        if not self.is_open:
            return
        form = self.forms[-1]
        name = own.get("name", "")
        if tag == "textarea":
            self.textarea, form.fields[name] = name, ""
            form.written[name] = own
        elif tag == "select":
            self.select = name
        elif tag == "option" and self.select and ("selected" in own or self.select not in form.fields):
            form.fields[self.select] = own.get("value", "")
        elif tag == "button":
            form.buttons.append(own)
        elif tag == "input" and name and self._is_sent(own):
            form.fields[name] = own.get("value", "on" if own.get("type") == "checkbox" else "")
            if own.get("type", "text") in ("text", "url"):
                form.written[name] = own

    def _is_sent(self, own: dict[str, str]) -> bool:
        return own.get("type") not in ("checkbox", "radio") or "checked" in own

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea" and self.textarea:
            # The first line end after the tag is not part of the text.
            form = self.forms[-1]
            form.fields[self.textarea] = form.fields[self.textarea].removeprefix("\n")
            self.textarea = ""
        elif tag == "select":
            self.select = ""
        elif tag == "form":
            self.is_open = False

    def handle_data(self, data: str) -> None:
        if self.textarea:
            self.forms[-1].fields[self.textarea] += data
        elif self.is_open:
            self.forms[-1].says += data


def forms_of(answer: Any) -> list[Form]:
    """Return the forms of a page in order."""
    reader = _Reader()
    reader.feed(answer.content.decode())
    return reader.forms


def form_with(answer: Any, name: str) -> Form:
    """Return the only form of the page that has a field with this name."""
    (form,) = (form for form in forms_of(answer) if name in form.fields)
    return form
