"""The page docs/reference/access.md, with the rules and the outcomes of trying each action."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from issues.access.rules import Action, Role, relation_of
from tests.confidentiality.access_table import COLUMNS

PAGE = Path(__file__).resolve().parents[2] / "docs" / "reference" / "access.md"
INTRODUCTION = """# Who may do what

## The rules

Every role is held in one negotiation and counts only while it is in force. A delegation or an appointment counts from
its first to its last day, and a delegate's role counts only while the member participates. In a negotiation in which a
person holds no role, the person has only the rights of the public. An action that the table does not allow is refused.
The table is `RULES` in `issues/access/rules.py`, from which database queries, sets of readers and permission checks are
derived.

"""
TRIED = """
*In the negotiation* covers everything in the negotiation. *Where one of their groups works* covers the provisions on
which a group of the facilitator or delegate works. These are the groups that the facilitator leads or to which the
delegate's member belongs. In a provision on which no group works, such as the security exception, only the secretariat
has these rights.

When a text is restructured by editing, no new words are attributed to a member unless the member or the secretariat
enters the change.

## Results of the trial

Each action was tried in each role, through the pages, in a small test negotiation. `make access` repeats the trial and
writes this page, and a test compares the page with the trial and with the rules above. The results have the following
meanings:

- *yes* – The action was performed.
- *no* – The action was refused, and the response stated the rule and an alternative.
- *not there* – The response was the same as for an unknown URL.
- *log in* – The response was the login page.

"""
NOTES = """
The *delegate* acts for Canada, which belongs to the small group. The *delegate of another participant* acts for Japan,
which does not. The member's own bracket is a bracket of the delegate's member, and another's bracket is usually a
bracket of Brazil. The secretariat acts on behalf of Canada, which the record shows.

The facilitators in this trial do not act for a member and therefore cannot take positions. Facilitators who are also
delegates can take positions for their own member. A delegation counts up to and including its last day. If second
factors are required ([accounts](../how-to/accounts.md)), a person without one cannot write.
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
