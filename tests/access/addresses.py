"""The URLs of all pages and resources, for one negotiation and one provision that may be hidden."""

from tests.access.worlds import Made
from tests.confidentiality.test_addresses import READING
from tests.confidentiality.world import IMPORT, MARKER

# The names used in the examples of `READING`, and their replacements in this world.
OPEN = ("/open/", "=open", "paper", "gathering", "watched", "known", "S0", "none")


def addresses(made: Made, slug: str, hidden: str) -> list[str]:
    """Return the URLs of all examples, with the names in `made`.

    Examples without a counterpart in `made` are omitted.
    """
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
