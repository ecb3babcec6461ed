"""Every address that reads, for one negotiation of a small world and one text of it that may be hidden."""

from tests.access.worlds import Made
from tests.confidentiality.test_addresses import READING
from tests.confidentiality.world import IMPORT, MARKER

# What the examples of `READING` speak of, and what stands for it here.
OPEN = ("/open/", "=open", "paper", "gathering", "watched", "known", "S0", "none")


def addresses(made: Made, slug: str, hidden: str) -> list[str]:
    """Return the examples of all addresses, with the names of `made`; what has no counterpart there is left out."""
    text = made.texts[hidden]
    proposal = next(mark for mark, tabled in made.proposals.items() if tabled.negotiation == slug)
    key = next(staged.text for staged in made.imports.values() if staged.negotiation == slug)
    prefix = "" if slug == "jsi" else f"/negotiations/{slug}"
    names = {
        str(IMPORT): key,
        f"{MARKER}-proposal": proposal,
        f"{MARKER}-1": f"{proposal}-document",
        MARKER: hidden,
        "circle": f"{slug}-narrow",
        "A.1.a": f"{slug}-I1a",
        "A.1": f"{slug}-I1",
    }
    assert text.negotiation == slug
    found = []
    for example in sorted(example for examples in READING.values() for example in examples):
        if any(name in example for name in OPEN):
            continue
        for name, own in names.items():
            example = example.replace(name, own)
        found.append(prefix + example)
    return found
