"""Endpoints for variants and the positions taken on them."""

from typing import ClassVar, NamedTuple

from django.db.models import Prefetch, QuerySet
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from bracketed_text.advanced import Head, stands_at
from bracketed_text.advanced import variants as variants_of
from issues.access.permissions import proposes_alone, require_acting_for
from issues.access.visibility import visible_proposals, visible_variants
from issues.actions import changes
from issues.actions.edits import TextChange
from issues.api import filtersets, former_names
from issues.api.deprecation import Deprecated
from issues.api.errors import Problem
from issues.api.parameters import MEMBER_PARAMETER, query_parameters
from issues.api.serializers import text
from issues.api.serializers.variants import PositionRowSerializer, VariantSerializer
from issues.api.serializers.writing import TakeSerializer
from issues.api.views.base import CursorViewSet
from issues.api.views.text import validated_data
from issues.filters import variants
from issues.models import Position, Revision, Variant
from issues.models.choices import Act, Stance
from issues.text.index import opened_by
from issues.text.member_names import load_register
from issues.text.operations import Operation
from issues.text.sentences import describe_revision
from issues.text.stored import stored_tree
from members.codes import get_by_code
from members.models import Member


@extend_schema(tags=["text"])
@extend_schema_view(retrieve=extend_schema(parameters=query_parameters("as_of", "known_at")))
class VariantViewSet(CursorViewSet):
    """Brackets, alternatives and options, with the positions taken on them.

    Unless `state` is given, only open variants are listed. `proponent` and `opponent` take codes or names. If one of
    these parameters is repeated, variants that match any of its values are listed. `expand` is a filter that counts the
    positions of a grouping for its members. Related resources are requested with `include`.
    """

    serializer_class = VariantSerializer
    filterset_class = variants.VariantFilter
    deprecated = former_names.VARIANTS
    queryset = Variant.objects.none()
    extra_parameters = frozenset({"as_of", "known_at"})
    lookup_value_regex = r"\d+"
    prefetch_for = {"proposal": ("begun_in__proposal__proponents", "begun_in__proposal__sub_issues")}

    def get_queryset(self) -> QuerySet[Variant]:
        """Return the visible variants. Closed variants have the positions that were held when they closed."""
        held = Position.objects.held_at_the_end(self.day)
        place_relations = [f"provision__{name}" for name in ("section", "issue__section", "sub_issue__section")]
        visible = visible_variants(self.reader).filter(provision__negotiation=self.negotiation)
        queryset = (
            visible.begun_by(self.day)
            .select_related("begun_in", "closed_in", *place_relations, "provision__sub_issue__issue__section")
            .prefetch_related(
                Prefetch("positions", held.select_related("member", "grouping"), to_attr="shown"),
                Prefetch("begun_in__proposal", visible_proposals(self.reader)),
            )
            .order_by("provision__position", "ordinal", "pk")
        )
        return self.with_expansions(queryset)


@extend_schema(tags=["text"])
class HeldPositionViewSet(VariantViewSet):
    """The position of a member on a variant. Both methods are idempotent."""

    serializer_class = text.RevisionDetailSerializer  # type: ignore[assignment]  # the response is a revision
    deprecated: ClassVar[tuple[Deprecated, ...]] = ()

    @extend_schema(
        operation_id="take_position",
        request=TakeSerializer,
        responses=text.RevisionDetailSerializer,
        parameters=MEMBER_PARAMETER,
    )
    def take(self, request: Request, pk: str, code: str) -> Response:
        """Take a position on behalf of a member. The response is the revision in which the position began."""
        variant, member = self._requested()
        values = validated_data(TakeSerializer, request)
        held = Position.objects.filter(member=member, until_revision=None, stance=values["stance"])
        if (since := held.filter(variant=variant).first()) is not None:
            return self._result(since.since_revision)
        bracket = _current_bracket(variant)
        if (since := held.filter(variant=bracket.variant).first()) is not None:
            return self._result(since.since_revision)
        operation = Operation(Act.TAKE, bracket.at, stance=values["stance"])
        return self._log(variant, member, bracket.current, operation, values["reason"])

    @extend_schema(
        operation_id="withdraw_position", responses={200: text.RevisionDetailSerializer}, parameters=MEMBER_PARAMETER
    )
    def withdraw(self, request: Request, pk: str, code: str) -> Response:
        """Withdraw the position of a member.

        The response is the revision in which the position ended, or 404 if the member has never held a position.
        """
        variant, member = self._requested()
        last = _last_position(variant.positions.all(), member)
        if last is None and variant.closed_in is None:
            last = _last_position(_current_bracket(variant).variant.positions.all(), member) or _last_position(
                _withdrawn_positions(variant, member), member
            )
        if last is None:
            raise NotFound
        if last.until_revision is not None:
            return self._result(last.until_revision)
        bracket = _current_bracket(variant)
        # If the member itself put the bracket around the words, the bracket is removed together with the position.
        own = bracket.head.names() == {member.code} and not bracket.head.names(Stance.PROPOSE)
        takes_back = own and bracket.variant.ordinal in opened_by(variant.provision, member)
        act = Act.LIFT if takes_back else Act.WITHDRAW
        if proposes_alone(bracket.head, member.code):
            act = Act.DROP  # the words are removed with their only proponent
        operation = Operation(act, bracket.at)
        return self._log(variant, member, bracket.current, operation, "")

    def _requested(self) -> tuple[Variant, Member]:
        variant: Variant = self.get_object()
        member = get_by_code(Member.objects.all(), self.kwargs["code"])
        require_acting_for(self.reader, member, self.negotiation.pk)
        return variant, member

    def _log(self, variant: Variant, member: Member, base: Revision, operation: Operation, reason: str) -> Response:
        revision = changes.log(
            TextChange(
                variant.provision, base_revision=base.number, edit=operation, on_behalf_of=member, reason=reason
            ),
            actor=self.actor,
        )
        return self._result(revision)

    def _result(self, revision: Revision) -> Response:
        revisions = Revision.objects.prefetch_related(Prefetch("proposal", visible_proposals(self.reader)))
        context = {**self.get_serializer_context(), "sentences": describe_revision}
        return Response(text.RevisionDetailSerializer(revisions.get(pk=revision.pk), context=context).data)


class _CurrentBracket(NamedTuple):
    """The bracket for positions on a variant: the current text, the variant in it, its offset and its head."""

    current: Revision
    variant: Variant
    at: int
    head: Head


def _current_bracket(requested: Variant) -> _CurrentBracket:
    """Return the bracket for positions on `requested`. Raise Problem if the variant is closed.

    If a labelled option consists of a single bracket, the positions on the option are those on that bracket.
    """
    current = requested.provision.revisions.latest("number")
    if requested.closed_in is not None:
        raise Problem(
            "closed", f"The variant was closed in revision {requested.closed_in.number}: positions on it have ended."
        )
    tree = stored_tree(current, load_register())
    parsed_variants = variants_of(tree)
    index = stands_at(tree, parsed_variants, requested.ordinal - 1)
    parsed = parsed_variants[index]
    own = index == requested.ordinal - 1
    variant = requested if own else requested.provision.variants.get(closed_in=None, ordinal=index + 1)
    return _CurrentBracket(current, variant, parsed.anchor, parsed.head)


def _last_position(positions: QuerySet[Position], member: Member) -> Position | None:
    """Return the position that the member holds, or else the last position that it held."""
    held = positions.filter(member=member).order_by("-pk")
    return held.filter(until_revision=None).first() or held.first()


def _withdrawn_positions(option: Variant, member: Member) -> QuerySet[Position]:
    """Return the positions in brackets that the member put around the words of a labelled option and later withdrew."""
    brackets = option.provision.variants.filter(text=option.text, closed_in__on_behalf_of=member)
    return Position.objects.filter(variant__in=brackets)


@extend_schema(tags=["text"])
class PositionViewSet(CursorViewSet):
    """Positions on variants, with stance and period.

    Unless `state` is given, only positions held now or on the given date are listed.
    """

    serializer_class = PositionRowSerializer
    filterset_class = filtersets.PositionFilter
    deprecated = former_names.POSITIONS
    queryset = Position.objects.none()
    lookup_value_regex = r"\d+"

    def get_queryset(self) -> QuerySet[Position]:
        """Return the positions on visible variants."""
        visible = visible_variants(self.reader).filter(provision__negotiation=self.negotiation)
        return (
            Position.objects.filter(variant__in=visible)
            .select_related("member", "grouping", "variant__provision", "begun_in", "until_revision")
            .order_by("variant__provision__position", "variant__ordinal", "pk")
        )
