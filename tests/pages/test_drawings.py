"""Tests of charts, the matrix and the map as self-contained files."""

import re
import xml.etree.ElementTree as ElementTree
from typing import Any

import numpy as np
import pytest
from django.test import Client

from issues.web.matrices import plane

SVG = "{http://www.w3.org/2000/svg}"


@pytest.mark.django_db
@pytest.mark.usefixtures("facts")
@pytest.mark.parametrize(
    ("address", "says"),
    [
        ("/convergence/clean-share.svg", "Clean share: The whole text"),
        ("/convergence/open-brackets.svg?small_group=customs-duties&as_of=2021-01-15", "15 January 2021"),
        ("/convergence/alternatives.svg", "Alternatives"),
        ("/convergence/members-opposing.svg", "Members opposing"),
        ("/standing/matrix.svg?section=B", "Agreement between members"),
        ("/standing/map.svg?since=2020-10-01", "Map of agreement between members"),
    ],
)
def test_a_chart_file_states_its_content_date_and_source(client: Client, address: str, says: str) -> None:
    answer = client.get(address)
    assert answer["content-type"] == "image/svg+xml"
    assert answer["content-disposition"].startswith('attachment; filename="')
    drawn = ElementTree.fromstring(answer.content)
    texts = [element.text or "" for element in drawn.iter(f"{SVG}text")]
    assert any(says in text for text in texts)
    assert any(text.startswith("JSI on e-commerce, as of the end of ") for text in texts)
    assert texts[-1].startswith("http://testserver/")
    assert float(drawn.get("width") or 0) > 500


@pytest.mark.django_db
@pytest.mark.usefixtures("facts")
@pytest.mark.parametrize("address", ["/convergence/words.svg", "/standing/table.svg", "/standing/map.svg?least=999"])
def test_an_unknown_chart_is_not_found(client: Client, address: str) -> None:
    assert client.get(address).status_code == 404


def places_of_names(drawn: str) -> list[tuple[str, ...]]:
    return re.findall(r'<text x="([\d.-]+)" y="([\d.-]+)"([^>]*)>(\w+)<', drawn)


def test_names_on_the_map_do_not_overlap_if_there_is_space() -> None:
    near: Any = np.array([[0.0, 0.0], [0.02, 0.0], [1.0, 1.0]])
    names = places_of_names(str(plane(near, ["AAA", "BBB", "CCC"])))
    assert [name for *_, name in names] == ["AAA", "BBB", "CCC"]
    (first, second) = [(float(x), float(y), anchor) for x, y, anchor, _ in names[:2]]
    assert first[1] != second[1] or first[2] != second[2]


def test_every_member_has_a_name_on_the_map_even_if_all_are_at_the_same_point() -> None:
    codes = [f"M{number}" for number in range(40)]
    assert [name for *_, name in places_of_names(str(plane(np.zeros((40, 2)), codes)))] == codes
