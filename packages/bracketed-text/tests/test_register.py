"""Test the recognition of names in heads."""

import pytest

from bracketed_text import Name, Register

REGISTER = Register(
    [
        ("NOR", Name("NOR")),
        ("NO", Name("NOR")),
        ("Norway", Name("NOR")),
        ("Peru", Name("PER")),
        ("Côte d'Ivoire", Name("CIV")),
        ("Benin", Name("BEN")),
        ("African Group", Name("AFRICAN GROUP", ("BEN", "CIV"))),
    ]
)


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("NO", "NOR"),
        ("NORWAY", "NOR"),
        ("norway", "NOR"),
        ("NOR12", "NOR"),
        ("PERU", "PER"),
        ("Cote d’Ivoire", "CIV"),
        ("Bénin", "BEN"),
        ("AFRICAN  GROUP", "AFRICAN GROUP"),
    ],
)
def test_a_name_is_recognised_in_any_spelling(written: str, code: str) -> None:
    name = REGISTER.find(written)
    assert name is not None
    assert name.code == code


@pytest.mark.parametrize("written", ["no", "No", "peru", "N", "Norwegian", "", "12", "²", "NO²"])
def test_an_ordinary_word_is_not_treated_as_a_code(written: str) -> None:
    assert REGISTER.find(written) is None
