"""The closed lists of the negotiation. What a word means stands beside it, and the pages show it."""

from django.db import models


class SectionKind(models.TextChoices):
    SECTION = "section", "Section"
    ANNEX = "annex", "Annex"


class Visibility(models.TextChoices):
    """Who may read a provision. What one may not read does not exist for them."""

    PUBLIC = "public", "Everybody"
    PARTICIPANTS = "participants", "Participants"
    GROUP = "group", "Its small groups"


class Stance(models.TextChoices):
    """What a member does at a bracket; a member who is not named is silent."""

    PROPOSE = "propose", "proposes"
    SUPPORT = "support", "supports"
    OPPOSE = "oppose", "opposes"
    RESERVE = "reserve", "reserves"
    CONSIDER = "consider", "considers"
    FLEXIBLE = "flexible", "is flexible"


class Act(models.TextChoices):
    """What one does to a bracket or to words. The first six are done in a member's name."""

    TAKE = "take", "takes a position"
    WITHDRAW = "withdraw", "withdraws its position"
    ALTERNATIVE = "alternative", "proposes an alternative"
    PROPOSE = "propose", "proposes words"
    ENCLOSE = "enclose", "puts words in brackets"
    SUBSTITUTE = "substitute", "proposes other words instead"
    LIFT = "lift", "lift the bracket, keep the words"
    DROP = "drop", "drop the bracket with its words"
    CHOOSE = "choose", "choose this alternative"
    MERGE = "merge", "merge the alternatives into one bracket"
    ALTERNATIVES = "alternatives", "say that these are alternatives"
    INDEPENDENT = "independent", "say that these are independent options"


class VariantKind(models.TextChoices):
    BRACKET = "bracket", "Bracket"
    ALTERNATIVE = "alternative", "Alternative"
    OPTION = "option", "Option"


class Outcome(models.TextChoices):
    """How a variant ended."""

    LIFTED = "lifted", "Lifted: the words stay, the bracket is gone"
    DROPPED = "dropped", "Dropped: the words are gone"
    CHOSEN = "chosen", "Chosen among alternatives"
    MERGED = "merged", "Merged into another bracket"
    REWORDED = "reworded", "Reworded"


class Status(models.TextChoices):
    """What a facilitator, the co-conveners or a plenary state of a small group. Never computed."""

    NOT_STARTED = "not started", "Not started"
    PROPOSALS_TABLED = "proposals tabled", "Proposals tabled"
    COMPILED = "compiled", "Compiled"
    STREAMLINED = "streamlined", "Streamlined"
    UNDER_NEGOTIATION = "under negotiation", "Under negotiation"
    PARKED = "parked until", "Parked until …"
    TECHNICAL_WORK_FINISHED = "technical work finished", "Technical work finished"
    AD_REFERENDUM = "ad referendum", "Ad referendum"
    CLEAN_TEXT = "clean text", "Clean text"
    STABILISED = "stabilised", "Stabilised"
    ADOPTED = "adopted", "Adopted"
    REOPENED = "reopened", "Reopened"
    WITHDRAWN = "withdrawn", "Withdrawn"


STATUS_DEFINITIONS: dict[str, str] = {
    Status.NOT_STARTED: "No proposal is on the table.",
    Status.PROPOSALS_TABLED: "Members have tabled texts; nobody has put them together yet.",
    Status.COMPILED: "The proposals stand side by side in one document.",
    Status.STREAMLINED: "Overlapping proposals have been made into one text with brackets.",
    Status.UNDER_NEGOTIATION: "The small group works on the brackets.",
    Status.PARKED: "Put aside until something else is settled; the report says what.",
    Status.TECHNICAL_WORK_FINISHED: "Nothing more to do at expert level; what is open waits for a wider decision.",
    Status.AD_REFERENDUM: "Negotiators accept the text, subject to their capitals.",
    Status.CLEAN_TEXT: "The group announced a text without brackets. Nothing is agreed until everything is agreed.",
    Status.STABILISED: "The text is closed for changes of substance.",
    Status.ADOPTED: "The participants adopted the text.",
    Status.REOPENED: "A text that was clean or closed is under discussion again.",
    Status.WITHDRAWN: "The subject was taken off the table.",
}
# Statuses that a bracket left in the text contradicts.
WITHOUT_BRACKETS = frozenset({Status.CLEAN_TEXT, Status.STABILISED, Status.ADOPTED})


class ProposalState(models.TextChoices):
    TABLED = "tabled", "Tabled"
    REVISED = "revised", "Revised"
    MERGED = "merged", "Merged into the text"
    WITHDRAWN = "withdrawn", "Withdrawn"


class ProposalAct(models.TextChoices):
    """What happened to a proposal, one after the other."""

    TABLED = "tabled", "tabled"
    REVISED = "revised", "revised"
    INVITED = "invited", "invited a co-sponsor"
    CONFIRMED = "confirmed", "confirmed as co-sponsor"
    DECLINED = "declined", "declined to co-sponsor"
    LEFT = "left", "no longer co-sponsors"
    WITHDRAWN = "withdrawn", "withdrawn"
    MERGED = "merged", "merged into the text"


class RequestState(models.TextChoices):
    """What became of a delegate's request to the facilitator."""

    OPEN = "open", "Open"
    ACCEPTED = "accepted", "Accepted"
    DECLINED = "declined", "Declined"
    TAKEN_BACK = "taken back", "Taken back"


class Genre(models.TextChoices):
    """What a document is in the life of a text."""

    PROPOSAL = "proposal", "Text proposal"
    NON_PAPER = "non-paper", "Non-paper"
    COMPILATION = "compilation", "Compilation"
    STREAMLINED = "streamlined", "Streamlined text"
    CONSOLIDATED = "consolidated", "Consolidated text"
    CHAIRS_TEXT = "chairs-text", "Chair's text"
    STABILISED = "stabilised", "Stabilised text"
    STATEMENT = "statement", "Joint statement"
    DECISION = "decision", "Decision"
    COMMUNICATION = "communication", "Communication"
    ACCESSION = "accession", "Accession to the initiative"
    REPORT = "report", "Report or other source"


class MeetingKind(models.TextChoices):
    PLENARY = "plenary", "Plenary"
    ROUND = "round", "Negotiating round"
    SMALL_GROUP = "small-group", "Small group"
    MINISTERIAL = "ministerial", "Ministerial"
    HEADS_OF_DELEGATION = "heads-of-delegation", "Heads of delegation"
    GENERAL_COUNCIL = "general-council", "General Council"
    CIRCULATION = "circulation", "Document circulated"
    STATEMENT = "statement", "Statement"
    OTHER = "other", "Other"


class MeetingMode(models.TextChoices):
    UNKNOWN = "", "not known"
    IN_PERSON = "in-person", "In person"
    HYBRID = "hybrid", "Hybrid"
    VIRTUAL = "virtual", "Virtual"


class ReportedStance(models.TextChoices):
    """What a source says that a member wants, outside the bracketed text."""

    PROPOSE = "propose", "proposes"
    SUPPORT = "support", "supports"
    OPPOSE = "oppose", "opposes"
    RESERVE = "reserve", "reserves"
    CONDITIONAL = "conditional", "sets a condition"
    QUESTION = "question", "questions"
    PROCESS = "process", "acts on the process"
    FACT = "fact", "is named"
