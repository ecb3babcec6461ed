"""The history of a proposal, step by step."""

from dataclasses import dataclass

from django.utils.translation import gettext_lazy

from bracketed_text import parse
from issues.models import Proposal, ProposalStep, Provision
from issues.models.choices import ProposalAct
from issues.text.sentences import describe_change
from issues.web.provision_cards import Names
from members.models import Member


@dataclass(frozen=True)
class HistoryStep:
    """A step in the history: a sentence about it, the resulting changes, and the provision of any merge.

    `confirmed_by` are the members that confirmed the text, ordered by name.
    """

    step: ProposalStep
    sentence: str
    sentences: list[str]
    provision: Provision | None
    confirmed_by: list[Member]


def history_of(proposal: Proposal, page: list[ProposalStep], seen: set[int], names: Names) -> list[HistoryStep]:
    """Return the steps on one page, naming only provisions that the reader may see."""
    with_text = [step for step in page if step.text]
    before: dict[int, str] = {}
    if with_text:
        earlier = proposal.steps.exclude(text="").filter(number__lt=with_text[-1].number).order_by("-number").first()
        texts = [step.text for step in with_text[1:]] + [earlier.text if earlier else ""]
        before = {step.number: text for step, text in zip(with_text, texts, strict=True)}
    confirmed = _confirmed(proposal, [step.number for step in with_text])
    return [
        _history_step(step, before.get(step.number, ""), seen, names, confirmed.get(step.number, [])) for step in page
    ]


def _confirmed(proposal: Proposal, texts: list[int]) -> dict[int, list[Member]]:
    """Return the members that confirmed each of `texts`, by number of the step that introduced it, in one query."""
    if not texts:
        return {}
    confirmed = proposal.confirmations.texts
    members = Member.objects.filter(pk__in={pk for text in texts for pk in confirmed[text]}).order_by("name")
    return {text: [member for member in members if member.pk in confirmed[text]] for text in texts}


def _history_step(
    step: ProposalStep, before: str, seen: set[int], names: Names, confirmed: list[Member]
) -> HistoryStep:
    provision = step.revision.provision if step.revision else None
    changes_made = []
    if step.text and before:
        old, new = parse(before, names.register), parse(step.text, names.register)
        changes_made = describe_change(old, new, member=step.on_behalf_of)
    return HistoryStep(
        step, _sentence(step), changes_made, provision if provision and provision.pk in seen else None, confirmed
    )


IN_A_MEMBERS_NAME = {
    ProposalAct.TABLED: gettext_lazy("{who} tabled the proposal"),
    ProposalAct.REVISED: gettext_lazy("{who} revised the text"),
    ProposalAct.INVITED: gettext_lazy("{who} invited {member} to co-sponsor"),
    ProposalAct.CONFIRMED: gettext_lazy("{member} confirmed the text as co-sponsor"),
    ProposalAct.DECLINED: gettext_lazy("{member} declined to co-sponsor"),
    ProposalAct.LEFT: gettext_lazy("{member} left the proposal"),
    ProposalAct.WITHDRAWN: gettext_lazy("{who} withdrew the proposal"),
    ProposalAct.MERGED: gettext_lazy("{who} merged the proposal into the text"),
    ProposalAct.UNMERGED: gettext_lazy("{who} undid the merge into the text"),
}


def _sentence(step: ProposalStep) -> str:
    """Return a sentence that describes a step."""
    if step.on_behalf_of is None:
        return step.get_act_display().capitalize()
    sentence = IN_A_MEMBERS_NAME[ProposalAct(step.act)]
    return sentence.format(who=step.on_behalf_of.local_name, member=step.member.local_name if step.member else "")
