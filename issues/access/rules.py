"""Who may do what: one table, from which the query, the set of readers and the check of a permission all follow.

A person acts in roles. Every role is held in one negotiation, and counts only while it is in force (`HOLDINGS`): a
delegation on its days, and a delegate only while the member takes part; a facilitator on the days of the appointment.
`RULES` says for each action and role how the thing that is acted on must be related to what the role is held for:

    NEGOTIATION   the thing belongs to the negotiation in which the role is held
    PLACE         and it hangs where a small group works: one that the facilitator leads, or of which the member is part
    GROUP         and it is, or belongs to, a small group that the facilitator leads
    MEMBER        and it is of the member for which the delegate acts
    ALWAYS        no relation is needed: everybody

What is not in the table is not allowed. A small group works on its sub-issues, and on its issues with all the
sub-issues of these (`models.small_groups.worked_on_by`); a thing that hangs at neither belongs to no group.

Worked example. Ana facilitates the group on spam in negotiation 1, Bo is a delegate of Canada there. A text at the
sub-issue on spam is for its group only: `RULES[READ_GROUP]` gives a facilitator PLACE, so Ana reads it; and a delegate
PLACE, so Bo reads it if Canada is a member of that group. `RULES[RESTRUCTURE]` has PLACE for a facilitator and nothing
for a delegate: Ana may lift a bracket there, Bo asks her to. In negotiation 2 both are members of the public.

`visibility` makes conditions on rows of it, `audiences` sets of words, `permissions` answers; nobody else reads it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """In what capacity somebody acts. All but the first are held in a negotiation, by an accredited person."""

    ANYBODY = "anybody"
    ANALYST = "analyst"
    DELEGATE = "delegate"
    FACILITATOR = "facilitator"
    SECRETARIAT = "secretariat"


class Relation(StrEnum):
    """How a thing is related to what a role is held for."""

    ALWAYS = "always"
    NEGOTIATION = "in the negotiation"
    PLACE = "where a group of theirs works"
    GROUP = "for a group that they lead"
    MEMBER = "for their own member"


class Action(StrEnum):
    """What somebody does, with what its object is."""

    READ_PUBLIC = "read what is public"
    READ_PARTICIPANTS = "read what is for participants"
    READ_GROUP = "read what is for small groups"
    READ_OWN_PROPOSALS = "read proposals that name the member"
    READ_INVITATIONS = "read who was invited to co-sponsor and who declined"
    READ_OWN_REQUESTS = "read requests made to facilitators"
    READ_IMPORTS = "read and review imported texts"
    READ_NAMES = "read which person did something"
    ACT_FOR_MEMBER = "log, propose, request and respond on behalf of a member"
    RESTRUCTURE = "restructure the text, and answer requests to do so"
    STATE_STATUS = "state the status of a small group"
    IMPORT_FOR_GROUP = "import a text for a small group"
    IMPORT_WHOLE = "import a text for the whole negotiation"
    CORRECT_RECORD = "correct any entry, and keep a first text as found"
    ADMINISTER = "invite people, and use the admin"


@dataclass(frozen=True)
class Holding:
    """When a role counts: on the days of the delegation or appointment, and while the member takes part."""

    on_its_days: bool = True
    member_takes_part: bool = False


HOLDINGS: dict[Role, Holding] = {
    Role.ANALYST: Holding(),
    Role.DELEGATE: Holding(member_takes_part=True),
    Role.FACILITATOR: Holding(),
    Role.SECRETARIAT: Holding(),
}

_IN_IT = Relation.NEGOTIATION

RULES: dict[Action, dict[Role, Relation]] = {
    Action.READ_PUBLIC: {Role.ANYBODY: Relation.ALWAYS},
    Action.READ_PARTICIPANTS: {
        Role.ANALYST: _IN_IT,
        Role.DELEGATE: _IN_IT,
        Role.FACILITATOR: _IN_IT,
        Role.SECRETARIAT: _IN_IT,
    },
    Action.READ_GROUP: {
        Role.DELEGATE: Relation.PLACE,
        Role.FACILITATOR: Relation.PLACE,
        Role.SECRETARIAT: _IN_IT,
    },
    Action.READ_OWN_PROPOSALS: {Role.DELEGATE: Relation.MEMBER, Role.SECRETARIAT: _IN_IT},
    Action.READ_INVITATIONS: {Role.DELEGATE: Relation.MEMBER, Role.SECRETARIAT: _IN_IT},
    Action.READ_OWN_REQUESTS: {
        Role.DELEGATE: Relation.MEMBER,
        Role.FACILITATOR: Relation.PLACE,
        Role.SECRETARIAT: _IN_IT,
    },
    Action.READ_IMPORTS: {Role.FACILITATOR: Relation.GROUP, Role.SECRETARIAT: _IN_IT},
    Action.READ_NAMES: {
        Role.ANALYST: _IN_IT,
        Role.DELEGATE: _IN_IT,
        Role.FACILITATOR: _IN_IT,
        Role.SECRETARIAT: _IN_IT,
    },
    Action.ACT_FOR_MEMBER: {Role.DELEGATE: Relation.MEMBER, Role.SECRETARIAT: _IN_IT},
    Action.RESTRUCTURE: {Role.FACILITATOR: Relation.PLACE, Role.SECRETARIAT: _IN_IT},
    Action.STATE_STATUS: {Role.FACILITATOR: Relation.GROUP, Role.SECRETARIAT: _IN_IT},
    Action.IMPORT_FOR_GROUP: {Role.FACILITATOR: Relation.GROUP, Role.SECRETARIAT: _IN_IT},
    Action.IMPORT_WHOLE: {Role.SECRETARIAT: _IN_IT},
    Action.CORRECT_RECORD: {Role.SECRETARIAT: _IN_IT},
    Action.ADMINISTER: {Role.SECRETARIAT: _IN_IT},
}

# What a reader of a text needs, by who the text is for; the words are those of `choices.Visibility`.
READING: Mapping[str, Action] = {
    "public": Action.READ_PUBLIC,
    "participants": Action.READ_PARTICIPANTS,
    "group": Action.READ_GROUP,
}


def relation_of(action: Action, role: Role) -> Relation | None:
    """Return how a thing must be related to what `role` is held for, None where the role does not allow `action`."""
    return RULES[action].get(role)
