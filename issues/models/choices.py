"""The closed lists of the negotiation. What a word means stands beside it, and the pages show it."""

from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class SectionKind(models.TextChoices):
    SECTION = "section", _("Section")
    ANNEX = "annex", _("Annex")


class Visibility(models.TextChoices):
    """Who may read a provision. What one may not read does not exist for them."""

    PUBLIC = "public", _("Everybody")
    PARTICIPANTS = "participants", _("Participants")
    GROUP = "group", _("Its small groups")


class Stance(models.TextChoices):
    """What a member does at a bracket; a member who is not named is silent."""

    PROPOSE = "propose", _("proposes")
    SUPPORT = "support", _("supports")
    OPPOSE = "oppose", _("opposes")
    RESERVE = "reserve", _("reserves")
    CONSIDER = "consider", _("considers")
    FLEXIBLE = "flexible", _("is flexible")


class Act(models.TextChoices):
    """What one does to a bracket or to words. The first six are done in a member's name."""

    TAKE = "take", _("takes a position")
    WITHDRAW = "withdraw", _("withdraws its position")
    ALTERNATIVE = "alternative", _("proposes an alternative")
    PROPOSE = "propose", _("proposes words")
    ENCLOSE = "enclose", _("puts words in brackets")
    SUBSTITUTE = "substitute", _("proposes other words instead")
    LIFT = "lift", _("lift the bracket, keep the words")
    DROP = "drop", _("drop the bracket with its words")
    CHOOSE = "choose", _("choose this alternative")
    MERGE = "merge", _("merge the alternatives into one bracket")
    ALTERNATIVES = "alternatives", _("mark as alternatives")
    INDEPENDENT = "independent", _("mark as independent options")


class FileFormat(models.TextChoices):
    """The formats in which the text leaves as a file, by the ending of its name."""

    WORD = "docx", "Word"
    HTML = "html", "HTML"
    PDF = "pdf", "PDF"
    AKOMA_NTOSO = "xml", "Akoma Ntoso 3.0"


class VariantKind(models.TextChoices):
    BRACKET = "bracket", _("Bracket")
    ALTERNATIVE = "alternative", _("Alternative")
    OPTION = "option", _("Option")


class Outcome(models.TextChoices):
    """How a variant ended."""

    LIFTED = "lifted", _("Lifted: words kept, bracket removed")
    DROPPED = "dropped", _("Dropped: words removed")
    CHOSEN = "chosen", _("Chosen among alternatives")
    MERGED = "merged", _("Merged into another bracket")
    REWORDED = "reworded", _("Reworded")


class Status(models.TextChoices):
    """What a facilitator, the co-conveners or a plenary state of a small group. Never computed."""

    NOT_STARTED = "not started", _("Not started")
    PROPOSALS_TABLED = "proposals tabled", _("Proposals tabled")
    COMPILED = "compiled", _("Compiled")
    STREAMLINED = "streamlined", _("Streamlined")
    UNDER_NEGOTIATION = "under negotiation", _("Under negotiation")
    PARKED = "parked until", _("Parked until …")
    TECHNICAL_WORK_FINISHED = "technical work finished", _("Technical work finished")
    AD_REFERENDUM = "ad referendum", _("Ad referendum")
    CLEAN_TEXT = "clean text", _("Clean text")
    STABILISED = "stabilised", _("Stabilised")
    ADOPTED = "adopted", _("Adopted")
    REOPENED = "reopened", _("Reopened")
    WITHDRAWN = "withdrawn", _("Withdrawn")


STATUS_DEFINITIONS: dict[str, str | Promise] = {
    Status.NOT_STARTED: _("No proposal is on the table."),
    Status.PROPOSALS_TABLED: _("Members have tabled texts that have not yet been compiled."),
    Status.COMPILED: _("The proposals are set out side by side in one document."),
    Status.STREAMLINED: _("Overlapping proposals have been combined into one text with brackets."),
    Status.UNDER_NEGOTIATION: _("The small group is working on the brackets."),
    Status.PARKED: _("Set aside until another matter is settled; the status report says which."),
    Status.TECHNICAL_WORK_FINISHED: _("Work at expert level is complete; open points await a wider decision."),
    Status.AD_REFERENDUM: _("Negotiators accept the text, subject to their capitals."),
    Status.CLEAN_TEXT: _("The group announced a text without brackets. Nothing is agreed until everything is agreed."),
    Status.STABILISED: _("The text is closed to changes of substance."),
    Status.ADOPTED: _("The participants adopted the text."),
    Status.REOPENED: _("A text that was clean or closed is under discussion again."),
    Status.WITHDRAWN: _("The subject has been taken off the table."),
}
# Statuses that a bracket left in the text contradicts.
WITHOUT_BRACKETS = frozenset({Status.CLEAN_TEXT, Status.STABILISED, Status.ADOPTED})


class ProposalState(models.TextChoices):
    TABLED = "tabled", _("Tabled")
    REVISED = "revised", _("Revised")
    MERGED = "merged", _("Merged into the text")
    WITHDRAWN = "withdrawn", _("Withdrawn")


class ProposalAct(models.TextChoices):
    """What happened to a proposal, one after the other."""

    TABLED = "tabled", _("tabled")
    REVISED = "revised", _("revised")
    INVITED = "invited", _("invited to co-sponsor")
    CONFIRMED = "confirmed", _("confirmed the text as co-sponsor")
    DECLINED = "declined", _("declined to co-sponsor")
    LEFT = "left", _("no longer co-sponsors")
    WITHDRAWN = "withdrawn", _("withdrawn")
    MERGED = "merged", _("merged into the text")
    UNMERGED = "unmerged", _("removed from the text: the merge was undone")


class RequestState(models.TextChoices):
    """What became of a delegate's request to the facilitator."""

    OPEN = "open", _("Open")
    ACCEPTED = "accepted", _("Accepted")
    DECLINED = "declined", _("Declined")
    TAKEN_BACK = "taken back", _("Taken back")
    LAPSED = "lapsed", _("Lapsed")


class Genre(models.TextChoices):
    """What a document is in the life of a text."""

    PROPOSAL = "proposal", _("Text proposal")
    NON_PAPER = "non-paper", _("Non-paper")
    COMPILATION = "compilation", _("Compilation")
    STREAMLINED = "streamlined", _("Streamlined text")
    CONSOLIDATED = "consolidated", _("Consolidated text")
    CHAIRS_TEXT = "chairs-text", _("Chair's text")
    STABILISED = "stabilised", _("Stabilised text")
    STATEMENT = "statement", _("Joint statement")
    DECISION = "decision", _("Decision")
    COMMUNICATION = "communication", _("Communication")
    ACCESSION = "accession", _("Accession to the initiative")
    REPORT = "report", _("Report or other source")


class MeetingKind(models.TextChoices):
    PLENARY = "plenary", _("Plenary")
    ROUND = "round", _("Negotiating round")
    SMALL_GROUP = "small-group", _("Small group")
    MINISTERIAL = "ministerial", _("Ministerial")
    HEADS_OF_DELEGATION = "heads-of-delegation", _("Heads of delegation")
    GENERAL_COUNCIL = "general-council", _("General Council")
    CIRCULATION = "circulation", _("Document circulated")
    STATEMENT = "statement", _("Statement")
    OTHER = "other", _("Other")


class MeetingMode(models.TextChoices):
    UNKNOWN = "", _("not known")
    IN_PERSON = "in-person", _("In person")
    HYBRID = "hybrid", _("Hybrid")
    VIRTUAL = "virtual", _("Virtual")


class ReportedStance(models.TextChoices):
    """What a source says that a member wants, outside the bracketed text."""

    PROPOSE = "propose", _("proposes")
    SUPPORT = "support", _("supports")
    OPPOSE = "oppose", _("opposes")
    RESERVE = "reserve", _("reserves")
    CONDITIONAL = "conditional", _("sets a condition")
    QUESTION = "question", _("questions")
    PROCESS = "process", _("acts on the process")
    FACT = "fact", _("is named")


class Rhythm(models.TextChoices):
    """How often a digest is sent."""

    DAILY = "daily", _("Every day")
    WEEKLY = "weekly", _("Every week")


class StagedState(models.TextChoices):
    """How far a text that came in has got."""

    READ = "read", _("Read")
    COMPARING = "comparing", _("Being compared")
    IN_REVIEW = "in review", _("In review")
    LOGGED = "logged", _("Logged")
    PUT_ASIDE = "put aside", _("Put aside")


class Finding(models.TextChoices):
    """How a provision that came in stands to the text on record."""

    PENDING = "pending", _("Not compared yet")
    NEW = "new", _("New")
    CHANGED = "changed", _("Changed")
    SAME = "same", _("Unchanged")


class Decision(models.TextChoices):
    """What a person decided about a provision that came in."""

    OPEN = "open", _("Undecided")
    ACCEPTED = "accepted", _("Accepted")
    LEFT = "left", _("Left out")


class ChangeKind(models.TextChoices):
    """What the feed of changes tells of a thing. To readers, hidden and gone are one."""

    ADDED = "added", "added"
    CHANGED = "changed", "changed"
    VISIBLE = "visible", "now visible, or under another name"
    HIDDEN = "hidden", "no longer visible"
    GONE = "gone", "gone"


class PausedBecause(models.TextChoices):
    """Why a webhook is told nothing for the time being."""

    PERSON = "person", _("paused by you")
    FAILING = "failing", _("paused after two days of failures")
    GONE = "gone", _("paused: the address no longer exists (410 Gone)")


class DeliveryState(models.TextChoices):
    """What became of a delivery."""

    WAITING = "waiting", _("waiting")
    DELIVERED = "delivered", _("delivered")
    GIVEN_UP = "given up", _("given up")
    EMPTY = "empty", _("nothing left that you can read")
