"""Generate a negotiating text that uses the various forms of the notation."""

import random

from bracketed_text import Name, Register

MEMBERS = "CAN JPN BRA CHN EU USA IDN AUS NZL CHL SGP KOR MEX NOR CHE KEN".split()
WORDS = (
    "each member shall take measures records electronic means service data where practice publish person law "
    "without delay reasonable access information request authority period supplier document form"
).split()


def register() -> Register:
    """Return a register of the members named in the text."""
    return Register((code, Name(code)) for code in MEMBERS)


def negotiating_text(words: int = 30_000, brackets: int = 1_500, seed: int = 1) -> str:
    """Return a text of about `words` words with `brackets` brackets. It is always the same for the same seed."""
    draw = random.Random(seed)
    parts: list[str] = []
    every = words // brackets
    for number in range(brackets):
        plain = " ".join(draw.choices(WORDS, k=every - 5))
        inner = " ".join(draw.choices(WORDS, k=5))
        parts.append(f"{plain} {_bracket(draw, inner)}" + ("." if number % 7 else ".\n\n"))
    return " ".join(parts)


def _bracket(draw: random.Random, inner: str) -> str:
    first, second = draw.sample(MEMBERS, 2)
    forms = [f"[{inner}]", f"[{first}: {inner}]", f"[{first}/{second} propose: {inner}]", f"[{first} oppose: {inner}]"]
    return draw.choice([*forms, f"[{first} propose; {second} oppose: {inner}]"])
