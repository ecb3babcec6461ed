"""Provisions, revisions, variants and positions: read, and the text changed."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

from django.core.exceptions import PermissionDenied
from django.db.models import Prefetch, QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from bracketed_text import parse
from bracketed_text.advanced import Head, stands_at
from bracketed_text.advanced import variants as variants_of
from issues.access.permissions import may_correct_any, may_log, require_acting_for
from issues.access.visibility import current_revisions, visible_proposals, visible_provisions, visible_variants
from issues.actions import changes
from issues.actions.change_previews import preview_change
from issues.actions.edits import TextChange
from issues.actions.errors import OperationRefused, WordsRefused
from issues.api import filtersets
from issues.api.errors import Problem, diagnostic_entry, operation_problem, words_problem
from issues.api.field_selection import INCLUDE, names_in_parameter
from issues.api.schema import MEMBER_PARAMETER, WRITE_PARAMETERS, query_parameters
from issues.api.serializers import text
from issues.api.serializers.writing import CheckedSerializer, LogSerializer, TakeSerializer, WrittenSerializer
from issues.api.views.base import CursorViewSet, ListViewSet
from issues.filters import analysis, variants
from issues.models import Position, Provision, Revision, Variant
from issues.models.choices import Act, Stance
from issues.text.index import opened_by
from issues.text.member_names import load_register
from issues.text.operations import Operation
from issues.text.sentences import describe_revision, describe_revisions
from members.models import Member

NO_DELEGATION = "You act for no member here, and are not the facilitator of this text's small group."


@extend_schema(tags=["text"])
@extend_schema_view(retrieve=extend_schema(parameters=query_parameters("as_of", "known_at")))
class ProvisionViewSet(ListViewSet):
    """Provisions with their figures; the detail has the text. `as_of` gives both as of a day."""

    filterset_class = analysis.ProvisionFilter
    lookup_field = "slug"
    queryset = Provision.objects.none()
    extra_parameters = frozenset({"as_of", "known_at"})

    def get_serializer_class(self) -> type[text.ProvisionSerializer]:
        """Return the form with the text for one provision."""
        return text.ProvisionDetailSerializer if self.action == "retrieve" else text.ProvisionSerializer

    def get_queryset(self) -> QuerySet[Provision]:
        """Return what the reader may see and what had a text on the day."""
        revisions = current_revisions(self.reader, self.day)
        return (
            visible_provisions(self.reader)
            .filter(negotiation=self.negotiation, pk__in=revisions.values("provision"))
            .with_place()
            .prefetch_related("lenses", Prefetch("revisions", revisions.select_related("measure"), to_attr="shown"))
            .order_by("position")
        )


class ProvisionChild(CursorViewSet):
    """What stands below one provision, which the reader may see."""

    def get_provision(self) -> Provision:
        """Return the provision of the address."""
        visible = visible_provisions(self.reader).filter(negotiation=self.negotiation).with_place()
        provision: Provision = get_object_or_404(visible, slug=self.kwargs["slug"])
        return provision

    def writable(self) -> tuple[Provision, Revision | None]:
        """Return the provision and what stands; raises NotFound or PermissionDenied where nothing may be logged."""
        provision = self.get_provision()
        base = provision.revisions.order_by("-number").first()
        if base is None and not may_correct_any(self.reader, self.negotiation.pk):
            raise NotFound
        if not may_log(self.reader, provision):
            raise PermissionDenied(NO_DELEGATION)
        return provision, base


@extend_schema(tags=["text"])
class RevisionViewSet(ProvisionChild):
    """The texts of one provision, oldest first; one of them with its text and what it changed."""

    queryset = Revision.objects.none()
    filterset_class = filtersets.RevisionFilter
    lookup_field = "number"

    def get_serializer_class(self) -> type[text.RevisionSerializer]:
        """Return the form with the text for one revision."""
        return text.RevisionSerializer if self.action == "list" else text.RevisionDetailSerializer

    def get_queryset(self) -> QuerySet[Revision]:
        """Return the revisions of a provision; of a proposal that the reader may not see there is no word."""
        provision = self.get_provision()
        return (
            provision.revisions.select_related(
                "provision", "measure", "on_behalf_of", "document", "meeting", "corrects", "undoes", "carries"
            )
            .prefetch_related(Prefetch("proposal", visible_proposals(self.reader)))
            .order_by("number")
        )

    def get_serializer_context(self) -> dict[str, Any]:
        """Return the context with what says in sentences what a revision changed."""
        return {**super().get_serializer_context(), "sentences": self._sentences_of}

    def paginate_queryset(self, queryset: Any) -> Any:
        """Return a page; what its revisions changed is read for all of them at once."""
        page = super().paginate_queryset(queryset)
        if page and "sentences" in names_in_parameter(self.request, INCLUDE):
            self.sentences = describe_revisions(page)
        return page

    def _sentences_of(self, revision: Revision) -> list[str]:
        if revision.pk not in getattr(self, "sentences", {}):
            self.sentences = describe_revisions([revision])
        return self.sentences[revision.pk]

    @extend_schema(
        operation_id="log",
        request=LogSerializer,
        responses={201: text.RevisionDetailSerializer},
        parameters=WRITE_PARAMETERS,
    )
    def create(self, request: Request, slug: str) -> Response:
        """Log a change of the text: the whole new text, or operations on that of `base_revision`.

        Several operations are one change: each counts its places in the text of `base_revision`, and one that touches
        what another does is refused. What others logged since `base_revision` is kept: both changes are put together
        where they do not meet. Where they do, the answer is 409 with both sides.
        """
        provision, _ = self.writable()
        values = validated_data(LogSerializer, request)
        mistake = values["corrects"]
        corrects = get_object_or_404(provision.revisions, number=mistake) if mistake else None
        with operations_named(values):
            revision = changes.log(
                TextChange(
                    provision,
                    base_revision=values["base_revision"],
                    edit=requested_operations(values) or values.get("text", ""),
                    on_behalf_of=values["on_behalf_of"],
                    made_on=values["made_on"],
                    reason=values["reason"],
                    source=values["source"],
                    corrects=corrects,
                ),
                actor=self.actor,
                idempotency_key=self.key,
            )
        return Response(self.get_serializer(self.get_queryset().get(pk=revision.pk)).data, status=201)


@extend_schema(tags=["text"])
class CheckViewSet(ProvisionChild):
    """What would be recorded of a change."""

    queryset = Revision.objects.none()
    serializer_class = CheckedSerializer

    @extend_schema(operation_id="check", request=WrittenSerializer, responses=CheckedSerializer)
    def check(self, request: Request, slug: str) -> Response:
        """Say what would be recorded of a change, and what stands against it. Nothing is logged.

        As when it is logged, what others have logged since `base_revision` is kept, or answered with 409.
        """
        provision, _ = self.writable()
        values = validated_data(WrittenSerializer, request)
        with operations_named(values):
            preview = preview_change(
                TextChange(
                    provision,
                    base_revision=values["base_revision"],
                    edit=requested_operations(values) or values["text"],
                    on_behalf_of=values["on_behalf_of"],
                    made_on=values["made_on"],
                ),
                actor=self.reader,
            )
        return Response(
            {
                "can_be_logged": preview.can_be_logged,
                "sentences": preview.sentences,
                "problems": [diagnostic_entry(preview.tree, problem) for problem in preview.problems],
                "warnings": [diagnostic_entry(preview.tree, warning) for warning in preview.warnings],
                "refusal": preview.refusal.rule if preview.refusal else None,
            }
        )


def validated_data(serializer_class: type[Any], request: Request) -> dict[str, Any]:
    """Return what was sent; raises ValidationError or Problem for what cannot be read."""
    serializer = serializer_class(data=request.data)
    serializer.is_valid(raise_exception=True)
    return dict(serializer.validated_data)


def requested_operations(values: dict[str, Any]) -> list[Operation] | None:
    """Return the operations that were sent, None where a whole text was."""
    if "operation" in values:
        return [Operation.from_json(dict(values["operation"]))]
    return [Operation.from_json(dict(row)) for row in values["operations"]] if "operations" in values else None


@contextmanager
def operations_named(values: dict[str, Any]) -> Iterator[None]:
    """Raise Problem where one of the operations in `values` cannot be done, under the name of its place in the list."""
    try:
        yield
    except OperationRefused as refused:
        if "operations" not in values:
            raise
        raise operation_problem(refused, f"operations.{refused.index}") from refused
    except WordsRefused as refused:
        if "operations" not in values:
            raise
        raise words_problem(refused, f"operations.{refused.index}") from refused


@extend_schema(tags=["text"])
@extend_schema_view(retrieve=extend_schema(parameters=query_parameters("as_of", "known_at")))
class VariantViewSet(CursorViewSet):
    """Brackets, alternatives and options with who stands at them: open ones unless `state` says otherwise.

    `proponent` and `opponent` take codes or names and may stand several times: any of them. `expand` is a filter here:
    with it, what a grouping does counts for its members. What a variant is related to is asked for with `include`.
    """

    serializer_class = text.VariantSerializer
    filterset_class = variants.VariantFilter
    queryset = Variant.objects.none()
    extra_parameters = frozenset({"as_of", "known_at"})
    lookup_value_regex = r"\d+"
    prefetch_for = {"proposal": ("begun_in__proposal__proponents", "begun_in__proposal__sub_issues")}

    def get_queryset(self) -> QuerySet[Variant]:
        """Return what the reader may see; of closed variants, the positions that were held when they closed."""
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
    """The position of one member at one variant. Both ways to write may be repeated: what is so already stays so."""

    serializer_class = text.RevisionDetailSerializer  # type: ignore[assignment]  # what it became

    @extend_schema(
        operation_id="take_position",
        request=TakeSerializer,
        responses=text.RevisionDetailSerializer,
        parameters=MEMBER_PARAMETER,
    )
    def take(self, request: Request, pk: str, code: str) -> Response:
        """Take a position in a member's name; return the revision since which it is held."""
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
        """Withdraw the position; return the revision in which it ended. 404 where none was ever held."""
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
        # A bracket that the member put around the words itself goes with its position.
        own = bracket.head.names() == {member.code} and not bracket.head.names(Stance.PROPOSE)
        takes_back = own and bracket.variant.ordinal in opened_by(variant.provision, member)
        operation = Operation(Act.LIFT if takes_back else Act.WITHDRAW, bracket.at)
        return self._log(variant, member, bracket.current, operation, "")

    def _requested(self) -> tuple[Variant, Member]:
        variant: Variant = self.get_object()
        member = get_object_or_404(Member, code=self.kwargs["code"])
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
    """Where one takes a position at a variant: in which text, at which place, and the variant that has it then."""

    current: Revision
    variant: Variant
    at: int
    head: Head


def _current_bracket(requested: Variant) -> _CurrentBracket:
    """Return where one stands at `asked`; raises Problem for a variant that was closed.

    At a labelled option in which one bracket is all there is, those stand who are named at that bracket.
    """
    current = requested.provision.revisions.latest("number")
    if requested.closed_in is not None:
        raise Problem("closed", f"It was closed in revision {requested.closed_in.number}: nobody stands there now.")
    tree = parse(current.text, load_register())
    parsed_variants = variants_of(tree)
    index = stands_at(tree, parsed_variants, requested.ordinal - 1)
    parsed = parsed_variants[index]
    own = index == requested.ordinal - 1
    variant = requested if own else requested.provision.variants.get(closed_in=None, ordinal=index + 1)
    return _CurrentBracket(current, variant, parsed.place, parsed.head)


def _last_position(positions: QuerySet[Position], member: Member) -> Position | None:
    """Return the position that the member holds, else the last one that it held."""
    held = positions.filter(member=member).order_by("-pk")
    return held.filter(until_revision=None).first() or held.first()


def _withdrawn_positions(option: Variant, member: Member) -> QuerySet[Position]:
    """Return the positions in brackets that the member put around the words of a labelled option, and took back."""
    brackets = option.provision.variants.filter(text=option.text, closed_in__on_behalf_of=member)
    return Position.objects.filter(variant__in=brackets)


@extend_schema(tags=["text"])
class PositionViewSet(CursorViewSet):
    """Who takes which stance at which variant, since when: those held now, or on a day, unless `state` is asked for."""

    serializer_class = text.PositionRowSerializer
    filterset_class = filtersets.PositionFilter
    queryset = Position.objects.none()
    lookup_value_regex = r"\d+"

    def get_queryset(self) -> QuerySet[Position]:
        """Return the positions at the variants that the reader may see."""
        visible = visible_variants(self.reader).filter(provision__negotiation=self.negotiation)
        return (
            Position.objects.filter(variant__in=visible)
            .select_related("member", "grouping", "variant__provision", "begun_in", "until_revision")
            .order_by("variant__provision__position", "variant__ordinal", "pk")
        )
