"""Endpoints for proposals and the actions on them."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.db.models import F, Prefetch, QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from issues.access.visibility import visible_proposals, visible_provisions, visible_steps
from issues.actions import proposals
from issues.actions.errors import ProposalRevised
from issues.actions.proposals import Draft, Entry, Placement
from issues.api.errors import Problem, error_entry
from issues.api.parameters import WRITE_PARAMETERS
from issues.api.serializers.fields import RequestPart
from issues.api.serializers.proposals import ProposalDetailSerializer, ProposalRowSerializer
from issues.api.serializers.writing import (
    ConfirmSerializer,
    EntrySerializer,
    InviteSerializer,
    MergeSerializer,
    ReviseSerializer,
    TableSerializer,
)
from issues.api.views.base import ListViewSet
from issues.filters import record
from issues.models import Proposal

Decorator = Callable[[Callable[..., Response]], Callable[..., Response]]


def proposal_schema(name: str, request_serializer: type[RequestPart] = EntrySerializer, status: int = 200) -> Decorator:
    """Return the schema decorator for an action on a proposal."""
    return extend_schema(
        operation_id=f"{name}_proposal",
        request=request_serializer,
        responses={status: ProposalDetailSerializer},
        parameters=WRITE_PARAMETERS,
    )


def step_route() -> Decorator:
    """Return the route decorator for an action on an existing proposal."""
    return action(methods=["post"], detail=True, filterset_class=None, pagination_class=None)


@extend_schema(tags=["proposals"])
class ProposalViewSet(ListViewSet):
    """Proposals by members, newest first. The response for a single proposal includes the text and the steps.

    `proponent` takes codes or names of members and groupings. If `proponent` is repeated, proposals by any of them are
    listed.
    """

    filterset_class = record.ProposalFilter
    lookup_field = "slug"
    queryset = Proposal.objects.none()
    prefetch_for = {
        "document": (
            "document__submitted_by",
            *(
                f"document__{name}"
                for name in ("sub_issues", "issues", "small_groups", "members", "lenses", "timelines")
            ),
        )
    }

    def get_serializer_class(self) -> type[ProposalRowSerializer]:
        """Return the list serializer for the list, and otherwise the detail serializer."""
        return ProposalRowSerializer if self.action == "list" else ProposalDetailSerializer

    def get_queryset(self) -> QuerySet[Proposal]:
        """Return the visible proposals with the relations that the serializer needs."""
        visible = visible_proposals(self.reader).filter(negotiation=self.negotiation)
        queryset = (
            visible.with_standing()
            .select_related("document", "negotiation")
            .prefetch_related("sub_issues", "issues")
            .prefetch_related(Prefetch("supersedes", visible))
            .order_by(F("tabled").desc(nulls_last=True), "slug")
        )
        return self.with_expansions(queryset)

    def get_object(self) -> Any:
        """Return a proposal with the steps that the reader may read."""
        return self._complete(super().get_object())

    def _complete(self, proposal: Proposal) -> Any:
        completed: Any = proposal
        visible = visible_proposals(self.reader).filter(negotiation=self.negotiation)
        steps = visible_steps(self.reader).filter(proposal=proposal)
        completed.shown = list(steps.select_related("member", "on_behalf_of", "revision__provision").order_by("number"))
        completed.text_since = proposals.base_of(proposal)
        completed._prefetched_objects_cache["superseded_by"] = visible.filter(supersedes=proposal).order_by("slug")
        merged = {step.revision.provision_id for step in completed.shown if step.revision}
        self.seen = (
            set(visible_provisions(self.reader).filter(pk__in=merged).values_list("pk", flat=True)) if merged else set()
        )
        return completed

    def get_serializer_context(self) -> dict[str, Any]:
        """Return the context, with the provisions that the steps may name."""
        return {**super().get_serializer_context(), "seen": getattr(self, "seen", set())}

    @proposal_schema("table", TableSerializer, 201)
    def create(self, request: Request) -> Response:
        """Table a proposal on behalf of a member.

        Co-sponsors on whose behalf you act become proponents immediately. The other co-sponsors are invited.
        """
        values = self._sent(TableSerializer)
        proposal = proposals.table(
            self.negotiation, self._draft(values), self._entry(values), although_tabled=values["although_tabled"]
        )
        return self._result(proposal, 201)

    @proposal_schema("revise", ReviseSerializer)
    @step_route()
    def revise(self, request: Request, slug: str) -> Response:
        """Replace the text of the proposal.

        Earlier texts remain available in the steps. The other proponents are asked to confirm the new text.
        """
        values, proposal = self._sent(ReviseSerializer), self._visible_proposal()
        with self._overtaken():
            proposals.revise(
                proposal,
                values["text"],
                self._entry(values),
                base=values["base"],
                symbol=values["symbol"],
                confirmed_by=values["confirmed_by"],
            )
        return self._result(proposal)

    @proposal_schema("invite", InviteSerializer)
    @step_route()
    def invite(self, request: Request, slug: str) -> Response:
        """Invite a member to co-sponsor."""
        values, proposal = self._sent(InviteSerializer), self._visible_proposal()
        proposals.invite(proposal, values["invited"], self._entry(values))
        return self._result(proposal)

    @proposal_schema("confirm", ConfirmSerializer)
    @step_route()
    def confirm(self, request: Request, slug: str) -> Response:
        """Confirm the text on behalf of a member that was invited to co-sponsor or asked to confirm a revision."""
        return self._reply(confirm=True)

    @proposal_schema("decline", ConfirmSerializer)
    @step_route()
    def decline(self, request: Request, slug: str) -> Response:
        """Decline an invitation or a revised text. A proponent that declines a revision leaves the proposal."""
        return self._reply(confirm=False)

    def _reply(self, *, confirm: bool) -> Response:
        values, proposal = self._sent(ConfirmSerializer), self._visible_proposal()
        with self._overtaken():
            proposals.respond(proposal, self._entry(values), confirm=confirm, base=values["base"])
        return self._result(proposal)

    @proposal_schema("leave")
    @step_route()
    def leave(self, request: Request, slug: str) -> Response:
        """End a co-sponsorship. The last proponent must withdraw the proposal instead."""
        proposal = self._visible_proposal()
        proposals.leave(proposal, self._entry(self._sent(EntrySerializer)))
        return self._result(proposal)

    @proposal_schema("withdraw")
    @step_route()
    def withdraw(self, request: Request, slug: str) -> Response:
        """Withdraw the proposal."""
        proposal = self._visible_proposal()
        proposals.withdraw(proposal, self._entry(self._sent(EntrySerializer)))
        return self._result(proposal)

    @proposal_schema("merge", MergeSerializer)
    @step_route()
    def merge(self, request: Request, slug: str) -> Response:
        """Merge words of the proposal into a provision.

        The change is made on behalf of all proponents that have confirmed the text, or on behalf of one of them.
        """
        values, proposal = self._sent(MergeSerializer), self._visible_proposal()
        readable = visible_provisions(self.reader).filter(negotiation=self.negotiation)
        provision = get_object_or_404(readable, slug=values["provision"])
        placing = Placement(words=values["words"], beside=values["beside"], whole=values["whole"])
        with self._overtaken():
            proposals.merge_into(
                proposal,
                provision,
                placing,
                self._entry(values),
                base=values["base_revision"],
                text_base=values["text_base"],
            )
        return self._result(proposal)

    @contextmanager
    def _overtaken(self) -> Iterator[None]:
        """Add the current text of the proposal to a ProposalRevised error."""
        try:
            yield
        except ProposalRevised as overtaken:
            overtaken.current = self._visible_proposal().text  # type: ignore[attr-defined]  # the other side of the conflict
            raise

    def _sent(self, serializer_class: type[RequestPart]) -> dict[str, Any]:
        serializer = serializer_class(data=self.request.data)
        serializer.is_valid(raise_exception=True)
        return dict(serializer.validated_data)

    def _entry(self, values: dict[str, Any]) -> Entry:
        return Entry(self.actor, values["on_behalf_of"], values["made_on"], values["note"], self.key)

    def _draft(self, values: dict[str, Any]) -> Draft:
        """Return the draft of a proposal. Raise Problem for an unknown sub-issue or proposal."""
        sub_issues = list(self.negotiation.subissues.filter(code__in=values["sub_issues"]).order_by("position"))
        if missing := sorted(set(values["sub_issues"]) - {sub_issue.code for sub_issue in sub_issues}):
            message = f"Unknown sub-issue in this negotiation: {', '.join(missing)}."
            raise Problem("invalid", message, [error_entry("sub_issues", message)])
        older = values["supersedes"]
        visible = visible_proposals(self.reader).filter(negotiation=self.negotiation)
        replaced = visible.filter(slug=older).first() if older else None
        if older and replaced is None:
            raise Problem("invalid", "Unknown proposal.", [error_entry("supersedes", "Unknown proposal.")])
        names = ("title", "text", "co_sponsors", "symbol", "summary", "visibility")
        return Draft(**{name: values[name] for name in names}, sub_issues=sub_issues, supersedes=replaced)

    def _visible_proposal(self) -> Proposal:
        visible = visible_proposals(self.reader).filter(negotiation=self.negotiation)
        return get_object_or_404(visible, slug=self.kwargs["slug"])

    def _result(self, proposal: Proposal, status: int = 200) -> Response:
        completed = self._complete(self.get_queryset().get(pk=proposal.pk))
        return Response(self.get_serializer(completed).data, status=status)
