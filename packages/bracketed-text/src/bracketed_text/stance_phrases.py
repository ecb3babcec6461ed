"""State the stances of members in sentences."""

from collections.abc import Callable, Iterable

from bracketed_text.phrases import Translate, gettext_noop
from bracketed_text.phrases import gettext_noop as _
from bracketed_text.quotations import quote

# For each stance, the phrases for one name and for several names. The first phrases quote the words; the others are for
# words that have already been quoted.
STANCES = {
    "propose": (gettext_noop("{who} proposes {words}"), gettext_noop("{who} propose {words}")),
    "support": (gettext_noop("{who} supports {words}"), gettext_noop("{who} support {words}")),
    "oppose": (gettext_noop("{who} opposes {words}"), gettext_noop("{who} oppose {words}")),
    "reserve": (
        gettext_noop("{who} reserves its position on {words}"),
        gettext_noop("{who} reserve their positions on {words}"),
    ),
    "consider": (gettext_noop("{who} considers {words}"), gettext_noop("{who} consider {words}")),
    "flexible": (gettext_noop("{who} is flexible on {words}"), gettext_noop("{who} are flexible on {words}")),
}
STANCES_ON_IT = {
    "propose": (gettext_noop("{who} proposes it"), gettext_noop("{who} propose it")),
    "support": (gettext_noop("{who} supports it"), gettext_noop("{who} support it")),
    "oppose": (gettext_noop("{who} opposes it"), gettext_noop("{who} oppose it")),
    "reserve": (gettext_noop("{who} reserves its position"), gettext_noop("{who} reserve their positions")),
    "consider": (gettext_noop("{who} considers it"), gettext_noop("{who} consider it")),
    "flexible": (gettext_noop("{who} is flexible"), gettext_noop("{who} are flexible")),
}


def listed(names: list[str], translate: Translate = str) -> str:
    """Return the names joined as in a sentence, such as "Canada, Japan and Brazil".

    If a name contains a comma, semicolons separate the names: "Bahrain, Kingdom of; and Japan".
    """
    if len(names) == 1:
        return names[0]
    if any("," in name for name in names):
        return translate(_("{some}; and {last}")).format(some=f"{translate(_(';'))} ".join(names[:-1]), last=names[-1])
    return translate(_("{some} and {last}")).format(some=", ".join(names[:-1]), last=names[-1])


def stance_sentence(
    claims: Iterable[tuple[str, str]], words: str, name_of: Callable[[str], str] = str, translate: Translate = str
) -> str:
    """Return a sentence that states the members' stances.

    An example is "Canada proposes “promptly”; Brazil and Chile oppose it." `claims` contains pairs of a stance and a
    code. Members that take the same stance are named together.
    """
    names: dict[str, list[str]] = {}
    for stance, code in claims:
        names.setdefault(stance, []).append(name_of(code))
    return claimed(list(names.items()), quote(words, translate), translate)


def claimed(claims: list[tuple[str, list[str]]], words: str, translate: Translate) -> str:
    """Return a sentence that states the stances on `words`. The words are quoted only once."""
    parts = []
    for number, (stance, names) in enumerate(claims):
        phrase = (STANCES_ON_IT if number else STANCES)[stance][len(names) > 1]
        parts.append(translate(phrase).format(who=listed(names, translate), words=words))
    return "; ".join(parts) + "."
