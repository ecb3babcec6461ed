"""An invented text stays marked as invented when its exported file is imported again."""

import datetime
import io

import docx
import pytest
from django.utils import timezone

from issues.access.roles import ANYBODY
from issues.interchange.composition import Choices, compose
from issues.interchange.drafts import draft_from_json
from issues.interchange.export import ExportOptions, build_export
from issues.interchange.new_negotiation import Source, load_negotiation
from issues.interchange.readers import read_file
from issues.interchange.writers import FORMATS
from issues.models import Negotiation, Provision
from tests.factories import DelegationFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("facts")]


@pytest.mark.parametrize("ending", ["docx", "html", "xml"])
@pytest.mark.parametrize("invented", [True, False])
def test_an_exported_text_keeps_its_mark_when_it_founds_a_negotiation(ending: str, invented: bool) -> None:
    Provision.objects.update(demonstration=invented)
    negotiation = Negotiation.objects.get()
    provisions = Provision.objects.filter(slug__in=("customs-duties", "electronic-signatures"))
    export = build_export(ANYBODY, negotiation, provisions, ExportOptions(), timezone.localdate())
    draft = read_file(f"text.{ending}", FORMATS[ending].write(export))
    assert draft.demonstration == invented
    assert draft_from_json(draft.as_json()) == draft
    founded = load_negotiation(
        slug="copy",
        name="Copy",
        composed=compose(draft, Choices()),
        source=Source(datetime.date(2021, 2, 28), "test", None, draft),
        actor=DelegationFactory(role="secretariat", member=None, negotiation=negotiation).user,
    )
    assert set(founded.provisions.values_list("demonstration", flat=True)) == {invented}


def test_a_word_file_says_on_each_sheet_that_its_texts_are_invented() -> None:
    negotiation = Negotiation.objects.get()
    for invented in (True, False):
        Provision.objects.update(demonstration=invented)
        export = build_export(
            ANYBODY, negotiation, Provision.objects.filter(slug="customs-duties"), ExportOptions(), timezone.localdate()
        )
        document = docx.Document(io.BytesIO(FORMATS["docx"].write(export)))
        header = document.sections[0].header.paragraphs[0].text
        assert ("Demonstration: the text and the positions are invented" in header) == invented
