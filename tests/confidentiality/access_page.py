"""The page docs/reference/access.md, with the rules and the outcomes of trying each action."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from issues.access.rules import Action, Role, relation_of
from tests.confidentiality.access_table import COLUMNS

PAGE = Path(__file__).resolve().parents[2] / "docs" / "reference" / "access.md"
INTRODUCTION = """# Who may do what

## The rules

Every role is held in one negotiation and counts only while it is in force: a delegation or an appointment counts from
its first to its last day, and a delegate's role counts only while the member participates. In a negotiation in which a
person holds no role, that person has only the rights of the public. Anything that the table does not allow is refused.
The table is `RULES` in `issues/access/rules.py`; database queries, sets of readers and permission checks are all
derived from it.

"""
TRIED = """
*In the negotiation* covers everything in the negotiation. *Where one of their groups works* covers the provisions of
the groups that the facilitator leads or to which the delegate's member belongs. In a provision on which no group works,
such as the security exception, only the secretariat has these rights. When a text is restructured by editing, the
positions of members are preserved: new words are attributed to a member only if the member or the secretariat enters
the change.

## Results of the trial

Each action was tried in each role, through the pages, in a small test negotiation. `make access` repeats the trial and
writes this page; a test compares the page with the trial and with the rules above. The cells have these meanings:

- *yes*: the action was performed.
- *no*: the action was refused; the response stated the rule and an alternative.
- *not there*: the response was the same as for an unknown URL.
- *log in*: the response was the login page.

"""
NOTES = """
The *delegate* acts for Canada, which belongs to the small group; the *delegate of another participant* acts for Japan,
which does not. In the rows above, the member's own bracket belongs to the delegate's member, and another's bracket
belongs to Brazil. The secretariat acts on behalf of Canada, which the record shows. The facilitators in this trial act
for no member and therefore cannot take positions; facilitators who are also delegates can take positions for their own
member. A delegation counts up to and including its last day. If second factors are required (see Accounts), no one can
write without one.
"""


def page(found: dict[str, dict[str, str]]) -> str:
    """Return the page, which contains both tables."""
    rules = {action: [relation_of(action, role) or "–" for role in Role] for action in Action}
    return (
        INTRODUCTION
        + _table(list(Role), rules)
        + TRIED
        + _table(list(COLUMNS.values()), {action: list(outcomes.values()) for action, outcomes in found.items()})
        + NOTES
    )


def _table(heads: Sequence[str], rows: Mapping[str, Sequence[str]]) -> str:
    lines = ["| | " + " | ".join(heads) + " |", "|---" * (len(heads) + 1) + "|"]
    lines += [f"| {name} | " + " | ".join(cells) + " |" for name, cells in rows.items()]
    return "\n".join(lines) + "\n"
