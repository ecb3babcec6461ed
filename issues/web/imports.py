"""The pages on which an imported text is submitted, reviewed provision by provision, and logged.

`issues.interchange` does the work. A reader without permission to import receives a 404 response.
"""

import datetime
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models.functions import Length
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.dateparse import parse_date
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from issues.access.importing import importing_groups, may_import, may_import_whole
from issues.access.permissions import Refused
from issues.access.readership import readers_of_import
from issues.access.roles import reader_of
from issues.access.visibility import negotiation_of, visible_imports
from issues.actions.clock import default_day
from issues.actions.errors import InvalidValue, TextRefused
from issues.forms import ImportForm
from issues.interchange import log_import, review, staging
from issues.interchange.character_map import clean_file_name
from issues.interchange.composition import Choices
from issues.interchange.drafts import Draft
from issues.interchange.file_checks import Unreadable, require_size
from issues.interchange.placement import available_places
from issues.interchange.readers import read_file, read_pasted
from issues.interchange.stored_files import ReceivedFile
from issues.models import ImportedFile, StagedImport, StagedProvision
from issues.models.choices import Decision, StagedState, Visibility
from issues.web.confirmations import Question, about_positions
from issues.web.provision_cards import load_names
from issues.web.query_params import row_with_slug
from issues.web.review import SHOWN, candidates, decided, marks, reviewed, shown, unknown_names
from members.models import local_name

ROWS_A_PAGE = 10
# The maximum number of brackets listed when an import ends positions on them.
ENDED_SHOWN = 50


@csrf_exempt
def import_list(request: HttpRequest) -> HttpResponse:
    """Show the imports and accept a new one. A request that is too large is refused before its body is read."""
    if request.method == "POST" and int(request.META.get("CONTENT_LENGTH") or 0) > 2 * settings.LONGEST_IMPORT:
        return render(request, "issues/import_refused.html", {"most": settings.LONGEST_IMPORT // 10**6}, status=413)
    return _import_list(request)


@csrf_protect
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def _import_list(request: HttpRequest) -> HttpResponse:
    reader, negotiation = reader_of(request.user), negotiation_of(request)
    if not may_import(reader, negotiation.pk):
        raise Http404(_("Page not found."))
    groups = importing_groups(reader, negotiation.pk).order_by(local_name())
    form = ImportForm(
        request.POST or None,
        request.FILES or None,
        groups=groups,
        everything=may_import_whole(reader, negotiation.pk),
        initial={"made_on": default_day(negotiation, request.user)},
    )
    if request.method == "POST" and form.is_valid():
        try:
            return redirect("import", key=_staged(request, form).key)
        except InvalidValue as refused:
            form.add_error(refused.field, str(refused))
        except (Unreadable, Refused, staging.NotStaged) as refused:
            form.add_error(None, str(refused))
    visible = visible_imports(reader).filter(negotiation=negotiation).select_related("small_group", "sent_by")
    page = Paginator(visible.defer("draft"), 25).get_page(request.GET.get("page"))
    return render(request, "issues/imports.html", {"form": form, "page": page}, status=422 if form.errors else 200)


def _staged(request: HttpRequest, form: ImportForm) -> StagedImport:
    typed = form.cleaned_data
    assert request.user.is_authenticated  # ensured by login_required
    draft, received = _read(form)
    origin = staging.Origin(typed["name"] or received.name, typed["made_on"], typed["source"], received)
    return staging.stage(
        draft,
        origin,
        negotiation=negotiation_of(request),
        actor=request.user,
        small_group=typed["small_group"],
        visibility=Visibility(typed["visibility"]),
    )


def _read(form: ImportForm) -> tuple[Draft, ReceivedFile]:
    """Return the submitted text or file, both as a draft and in its original form."""
    typed = form.cleaned_data
    if not typed["file"]:
        draft = read_pasted(typed["text"], from_pdf=typed["from_pdf"])
        return draft, ReceivedFile.from_text(_("Pasted text"), typed["text"])
    require_size(typed["file"].size)
    data = typed["file"].read()
    name = clean_file_name(typed["file"].name)[: staging.LONGEST_HEADING] or _("File")
    return read_file(typed["file"].name, data), ReceivedFile(name, data)


def _staged_import(request: HttpRequest, key: UUID) -> StagedImport:
    visible = visible_imports(reader_of(request.user)).filter(negotiation=negotiation_of(request))
    return get_object_or_404(visible.select_related("negotiation", "small_group", "sent_by", "finished_by"), key=key)


@login_required
@require_safe
def imported_file(request: HttpRequest, key: UUID) -> HttpResponse:
    """Send the original file as a download. Raise Http404 if the file was not stored."""
    file = get_object_or_404(ImportedFile, staged=_staged_import(request, key))
    response = HttpResponse(bytes(file.data), content_type="application/octet-stream")
    response["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=file.name) or "attachment"
    return response


@login_required
@require_safe
def staged_import(request: HttpRequest, key: UUID) -> HttpResponse:
    """Show the review: choices about the text, progress of the comparison, and the provisions."""
    staged = _staged_import(request, key)
    return _review(request, staged, request.GET)


@dataclass(frozen=True)
class Refusal:
    """A text that was entered for a provision, and the reason for its refusal."""

    position: int
    typed: str
    reason: str


def _review(
    request: HttpRequest,
    staged: StagedImport,
    query: Mapping[str, str],
    question: Question | None = None,
    refusal: Refusal | None = None,
) -> HttpResponse:
    """Return the review page, with the kind and page of provisions that `query` selects."""
    kind = query.get("show", "" if staged.is_open else "accepted")
    rows = shown(staged, kind)
    page, names = Paginator(rows, ROWS_A_PAGE).get_page(query.get("page")), load_names()
    context: dict[str, Any] = {
        "staged": staged,
        "marks": marks(staged) if staged.is_open else None,
        "done": decided(staged),
        "choices": [(key, label, key == kind) for key, label in SHOWN.items()],
        "show": kind,
        "page": page,
        "rows": [reviewed(row, names) for row in page],
        "unknown": unknown_names(staged) if staged.is_open else [],
        "candidates": candidates(staged) if staged.is_open else [],
        "places": available_places(staged) if staged.is_open else [],
        "comparing": staged.state == StagedState.COMPARING,
        "question": question,
        "ended": question.ends[:ENDED_SHOWN] if question else [],
        "more_ended": max(0, len(question.ends) - ENDED_SHOWN) if question else 0,
        "file": ImportedFile.objects.filter(staged=staged).defer("data").annotate(size=Length("data")).first(),
        "refusal": refusal,
        "read_by": readers_of_import(),
    }
    return render(request, "issues/import.html", context, status=422 if refusal else 200)


@login_required
@require_POST
def step(request: HttpRequest, key: UUID) -> HttpResponse:
    """Compare further provisions.

    The page repeats this request until all provisions are compared. Without JavaScript, the reader presses a button
    instead.
    """
    staged = _staged_import(request, key)
    compared, whole = staging.compare(staged) if staged.state == StagedState.COMPARING else (1, 1)
    if not request.htmx:  # type: ignore[attr-defined]  # django-htmx
        return redirect("import", key=key)
    if compared == whole:
        return HttpResponse(headers={"HX-Redirect": reverse("import", args=[key])})
    return render(
        request, "issues/_import_progress.html", {"staged": staged, "done": {"compared": compared, "all": whole}}
    )


@login_required
@require_POST
def choose(request: HttpRequest, key: UUID) -> HttpResponse:
    """Divide the text into provisions again, according to the choices made about tracked changes and colours."""
    staged = _staged_import(request, key)
    sent = request.POST
    authors, colours = sent.getlist("author"), sent.getlist("colour")
    choices = Choices(
        dict(zip(authors, sent.getlist("treatment"), strict=False)),
        {name: code for name, code in zip(authors, sent.getlist("author_code"), strict=False) if code},
        {name: code for name, code in zip(colours, sent.getlist("colour_code"), strict=False) if code},
    )
    return _redirect_after(request, staged, lambda: review.apply_choices(staged, choices))


@login_required
@require_POST
def name(request: HttpRequest, key: UUID) -> HttpResponse:
    """Assign an unknown name at the head of a bracket to a member or grouping."""
    staged = _staged_import(request, key)
    written, code = request.POST.get("written", ""), request.POST.get("code", "").strip()
    return _redirect_after(request, staged, lambda: review.assign_name(staged, written, code))


@login_required
@require_POST
def decide(request: HttpRequest, key: UUID, position: int) -> HttpResponse:
    """Apply the decision of the pressed button to a provision, and redirect to that provision on the page."""
    staged = _staged_import(request, key)
    row = get_object_or_404(staged.provisions.select_related("base__provision", "provision"), position=position)
    row.staged = staged
    try:
        return _redirect_after(request, staged, lambda: _decided(row, request), f"row-{position}")
    except TextRefused as refused:
        refusal = Refusal(position, request.POST.get("text", ""), str(refused))
        return _review(request, staged, request.POST, refusal=refusal)


def _decided(row: StagedProvision, request: HttpRequest) -> None:
    sent = request.POST
    act = sent.get("act", "")
    if act in _DECISIONS:
        review.decide(row, _DECISIONS[act], unparsed=act == "unparsed")
    elif "take" in sent:
        review.take_side(row, sent["take"])
    elif act == "edit":
        review.edit(row, sent.get("text", ""))
    elif act == "match":
        provision = row_with_slug(staging.candidate_provisions(row.staged), sent.get("provision", ""))
        target = next(
            (candidate for candidate in available_places(row.staged) if candidate.code == sent.get("place")), None
        )
        review.rematch(row, provision, target)
    elif act == "suggest":
        review.accept_suggestion(row, sent.get("comment", ""))
    else:
        raise staging.NotStaged(_("Unknown action."))


_DECISIONS = {
    "accept": Decision.ACCEPTED,
    "unparsed": Decision.ACCEPTED,
    "leave": Decision.LEFT,
    "reopen": Decision.OPEN,
}


@login_required
@require_POST
def finish(request: HttpRequest, key: UUID) -> HttpResponse:
    """Accept every provision without problems, change the date, discard the import, or log the accepted provisions."""
    staged, act = _staged_import(request, key), request.POST.get("act")
    assert request.user.is_authenticated  # ensured by login_required
    user = request.user
    if act == "accept":
        return _redirect_after(request, staged, lambda: review.accept_without_problems(staged))
    if act == "day":
        return _redirect_after(request, staged, lambda: review.change_date(staged, _day_in(request)))
    if act == "aside":
        return _redirect_after(request, staged, lambda: review.close_without_logging(staged, user))
    ended = log_import.ended_positions(staged) if staged.is_open else []
    question = about_positions(ended, request.POST.get("confirmed", ""), _("Log them anyway"))
    if question is not None:
        return _review(request, staged, request.POST, question)
    try:
        revisions = log_import.log(staged, user)
    except (log_import.NotLogged, staging.NotStaged) as refused:
        messages.error(request, _("Nothing was logged. %(reason)s") % {"reason": refused})
        at = refused.row.position if isinstance(refused, log_import.NotLogged) else 0
        return _back(request, staged, f"row-{at}" if at else "", problems=at > 0)
    message = ngettext("%(n)s revision was logged.", "%(n)s revisions were logged.", len(revisions))
    messages.success(request, message % {"n": len(revisions)})
    return redirect("import", key=key)


def _day_in(request: HttpRequest) -> datetime.date:
    """Return the submitted date. Raise NotStaged if it is missing or invalid."""
    try:
        day = parse_date(request.POST.get("made_on", ""))
    except ValueError:
        day = None
    if day is None:
        raise staging.NotStaged(_("Enter the date as YYYY-MM-DD."))
    return day


def _redirect_after(request: HttpRequest, staged: StagedImport, act: Any, anchor: str = "") -> HttpResponse:
    """Run `act` and redirect to the review. If the action is refused, the review shows the reason."""
    try:
        act()
    except (staging.NotStaged, Refused) as refused:
        messages.error(request, str(refused))
    return _back(request, staged, anchor)


def _back(request: HttpRequest, staged: StagedImport, anchor: str, *, problems: bool = False) -> HttpResponse:
    kind, page = request.POST.get("show", ""), request.POST.get("page", "")
    query = "?show=noted" if problems else f"?show={kind}&page={page}" if kind in SHOWN and page.isdecimal() else ""
    return redirect(reverse("import", args=[staged.key]) + query + (f"#{anchor}" if anchor else ""))
