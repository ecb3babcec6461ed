"""Tests that the French and Spanish translations are complete, compiled, and used on the pages."""

import gettext
import json
import re
import shutil
import subprocess
import unicodedata
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from babel.messages.pofile import read_po
from django.conf import settings
from django.test import Client

from tests.pages.test_reading import PAGES

LANGUAGES = ["fr", "es"]
LOCALE = Path(settings.LOCALE_PATHS[0])
MARK = re.compile(r"%\(\w+\)[sd]|\{\w+\}|</?[a-z]+[^>]*>")
VOID = {"meta", "link", "input", "br", "img", "hr", "path", "rect", "line", "circle", "polyline"}


def messages(language: str) -> Any:
    with (LOCALE / language / "LC_MESSAGES" / "django.po").open("rb") as file:
        return [message for message in read_po(file, locale=language) if message.id]


def forms(of: Any) -> list[str]:
    return list(of) if isinstance(of, list | tuple) else [of]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_message_is_translated_and_none_is_fuzzy(language: str) -> None:
    left = [one.id for one in messages(language) if one.fuzzy or not all(forms(one.string))]
    assert left == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_translation_keeps_the_placeholders_of_its_message(language: str) -> None:
    wrong = []
    for one in messages(language):
        wanted = set(MARK.findall(forms(one.id)[-1]))
        wrong += [(one.id, said) for said in forms(one.string)[-1:] if set(MARK.findall(said)) != wanted]
    assert wrong == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_compiled_translations_match_the_source_files(language: str) -> None:
    folder = LOCALE / language / "LC_MESSAGES"
    with (folder / "django.mo").open("rb") as file:
        compiled = gettext.GNUTranslations(file)
    for one in messages(language):
        if isinstance(one.id, list | tuple):
            assert [compiled.ngettext(*one.id, n) for n in (1, 2)] == list(one.string)
        else:
            said = compiled.pgettext(one.context, one.id) if one.context else compiled.gettext(one.id)
            assert said == one.string


def test_every_message_of_the_site_has_been_collected(tmp_path: Path) -> None:
    if shutil.which("xgettext") is None:
        pytest.skip("GNU gettext is not here: apt-get install gettext")
    for name in ("issues", "members", "jsi_tracker", "packages", "templates", "manage.py"):
        source, copy = settings.BASE_DIR / name, tmp_path / name
        shutil.copytree(source, copy) if source.is_dir() else shutil.copy(source, copy)
    shutil.copytree(LOCALE, tmp_path / "locale")
    before = {str(one.id) for one in messages("fr")}
    subprocess.run(
        [settings.BASE_DIR / ".venv/bin/python", "manage.py", "makemessages", "--locale", "fr", "--no-obsolete"],
        cwd=tmp_path,
        check=True,
        capture_output=True,
    )
    with (tmp_path / "locale/fr/LC_MESSAGES/django.po").open("rb") as file:
        after = {str(one.id) for one in read_po(file, locale="fr") if one.id}
    assert after - before == set(), "run `make messages` and translate what is new"
    assert before - after == set(), "run `make messages`: these are said no more"


class Said(HTMLParser):
    """A parser that collects the text of a page, except for text marked as English."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[tuple[str, str | None]] = []
        self.found: set[str] = set()

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        given = dict(attrs)
        self.found |= {given[name] for name in ("title", "aria-label", "placeholder") if given.get(name)}
        if tag not in VOID:
            self.open.append((tag, given.get("lang")))

    def handle_endtag(self, tag: str) -> None:
        while self.open and self.open.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        language = next((said for _, said in reversed(self.open) if said), None)
        if language != "en" and not any(tag in ("script", "style") for tag, _ in self.open):
            self.found.add(" ".join(data.split()))


@pytest.mark.django_db
@pytest.mark.usefixtures("facts")
@pytest.mark.parametrize("language", LANGUAGES)
def test_no_translated_message_appears_in_english_on_a_page(client: Client, language: str) -> None:
    """Detect phrases that were translated before the reader's language was known."""
    english = {one.id: one.string for one in messages(language) if isinstance(one.id, str) and len(one.id) > 3}
    # Facts are shown as recorded, and some of them coincide with phrases of the site.
    names = {"Chair's text", "Demonstration text", "General Council", "Heads of delegation"}
    wrong = set()
    for address in PAGES:
        page = Said()
        page.feed(client.get(address, headers={"accept-language": language}).content.decode())
        wrong |= {(address, said) for said in page.found - names if english.get(said, said) != said}
    assert wrong == set()


GLOSSARY: dict[str, dict[str, str]] = json.loads((LOCALE / "glossary.json").read_text(encoding="utf-8"))


def plain(text: str) -> str:
    """Return `text` in lower case without accents and placeholders."""
    decomposed = unicodedata.normalize("NFD", MARK.sub("", text).casefold())
    return "".join(char for char in decomposed if not unicodedata.combining(char))


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_terms_of_the_negotiation_are_translated_according_to_the_glossary(language: str) -> None:
    wrong = []
    for message in messages(language):
        source, translation = plain(" ".join(forms(message.id))), plain(" ".join(forms(message.string)))
        for term, translations in GLOSSARY.items():
            # Plurals and derived words share all but the last two letters of a word.
            stems = [word[: max(4, len(word) - 2)] for word in plain(translations[language]).split()]
            if re.search(rf"\b{term}s?\b", source) and not all(stem in translation for stem in stems):
                wrong.append((term, source, translation))
    assert wrong == []
