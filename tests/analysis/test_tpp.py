"""Tests of brackets and distances between members in the TPP text of August 2013, loaded by the public command.

A published analysis of the same text (G. J. Michael, November 2013) found that the United States and Japan were
isolated.
"""

from collections import Counter
from io import StringIO
from pathlib import Path

import numpy as np
import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from issues.access.roles import ANYBODY
from issues.models import Negotiation, Revision, Variant
from issues.reports.analysis import agreement, arrangement, sides
from tests.factories import DelegationFactory, UserFactory

TEXT = Path(__file__).resolve().parents[3] / "shared" / "corpora" / "tpp_ip_2013-08-30.txt"
PARTIES = "US,JP,CA,MX,AU,NZ,SG,MY,VN,BN,PE,CL"

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.usefixtures("facts"),
    pytest.mark.skipif(not TEXT.exists(), reason="../shared/corpora is not beside the project"),
]


def load(file: Path = TEXT, slug: str = "tpp-ip", user: str = "sec", participants: str = PARTIES) -> str:
    said = StringIO()
    options = ["--made-on=2013-08-30", "--source=wikileaks.org/tpp", "--visibility=public", "--verbosity=0"]
    options += ["--name=TPP IP", f"--user={user}", f"--participants={participants}"]
    call_command("import_text", str(file), slug, *options, stdout=said)
    return said.getvalue()


@pytest.fixture
def tpp() -> Negotiation:
    DelegationFactory(user=UserFactory(username="sec"), role="secretariat")
    load()
    return Negotiation.objects.get(slug="tpp-ip")


def test_every_character_of_the_text_is_kept_in_order(tpp: Negotiation) -> None:
    texts = Revision.objects.filter(provision__negotiation=tpp).order_by("provision__position")
    assert "".join(texts.values_list("text", flat=True)).encode() == TEXT.read_bytes()


def test_732_variants_have_a_named_head_as_in_the_published_count(tpp: Negotiation) -> None:
    """Compare with the published count: 300 heads propose with a verb, 64 without a verb, 262 oppose, and 106 do both.

    Counted by articles, the numbers are 363, 262 and 107. Five brackets with a head are cut off by a mark that is
    missing from the text itself, and one more bracket has both stances. `docs/explanation/corpora.md` lists the heads
    of the whole text.
    """
    stands: Counter[str] = Counter()
    for variant in Variant.objects.filter(provision__negotiation=tpp).prefetch_related("positions"):
        stances = {position.stance for position in variant.positions.all()} & {"propose", "oppose"}
        if stances:
            stands["both" if len(stances) == 2 else stances.pop()] += 1
    assert stands == {"propose": 363, "oppose": 262, "both": 107}
    assert stands.total() == 732


def test_the_united_states_and_japan_are_farthest_from_the_other_members(tpp: Negotiation) -> None:
    found = sides(ANYBODY, tpp)
    codes = [member.code for member in found.members]
    assert len(codes) == 12
    figures = agreement(found.table)
    same = figures.same.sum(axis=1) - np.diag(figures.same)
    n = figures.n.sum(axis=1) - np.diag(figures.n)
    by_share = [codes[at] for at in np.argsort(same / n)]
    assert by_share[:2] == ["USA", "JPN"]
    places = arrangement(figures)
    distance = np.linalg.norm(places - places.mean(axis=0), axis=1)
    assert {codes[at] for at in np.argsort(distance)[-2:]} == {"USA", "JPN"}


def test_the_pages_of_the_tpp_text_have_a_separate_url_prefix(tpp: Negotiation, client: Client) -> None:
    page = client.get("/negotiations/tpp-ip/standing/?member=USA&with=VNM").content.decode()
    assert "Variants on which United States and Viet Nam take opposite sides" in page
    rows = client.get("/negotiations/tpp-ip/api/v1/variants/?proponent=USA").json()
    assert rows["count"] > 100
    assert client.get("/api/v1/variants/?proponent=USA").json()["count"] < 100


def test_a_text_that_cannot_be_loaded_is_refused_with_the_reason_and_nothing_is_stored(
    tpp: Negotiation, tmp_path: Path
) -> None:
    latin = tmp_path / "latin.txt"
    latin.write_bytes("Propriété".encode("latin-1"))
    for wrong, said in [
        ({"slug": "tpp-ip"}, "Choose another slug"),
        ({"slug": "new", "participants": "US,Atlantis"}, "Unknown members: Atlantis"),
        ({"slug": "new", "user": "nobody"}, "no user “nobody”"),
        ({"slug": "new", "file": latin}, "Byte 7 is not valid UTF-8"),
        ({"slug": "new", "file": tmp_path / "none.txt"}, "No such file"),
    ]:
        with pytest.raises(CommandError, match=said):
            load(**wrong)  # type: ignore[arg-type]
    UserFactory(username="other")
    with pytest.raises(CommandError, match="may not load a negotiation"):
        load(slug="new", user="other")
    assert not Negotiation.objects.filter(slug="new").exists()
