"""The pages on which one has addresses told of changes, and sees what came of it."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Prefetch, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from issues.access.roles import reader_of
from issues.access.visibility import negotiation_of, visible_provisions
from issues.forms import WebhookForm
from issues.models import Webhook
from issues.notifications import webhooks

SHOWN = 50


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def webhook_list(request: HttpRequest) -> HttpResponse:
    """List the webhooks that one has; make another one, and show its secret this once."""
    assert request.user.is_authenticated  # login_required
    negotiation = negotiation_of(request)
    form = WebhookForm(request.POST or None, reader=reader_of(request.user), negotiation=negotiation)
    mine = Webhook.objects.filter(user=request.user.pk, negotiation=negotiation)
    made, secret = None, ""
    if request.method == "POST" and form.is_valid():
        # A page that is sent twice makes nothing twice: the secret of the first would be lost, and one told twice.
        if mine.filter(**form.cleaned_data).exists():
            form.add_error("url", _("You already have an identical webhook."))
        elif Webhook.objects.filter(user=request.user.pk).count() >= webhooks.MAX_PER_PERSON:
            form.add_error("url", _("You have reached the maximum number of webhooks: remove a webhook first."))
        else:
            made, secret = webhooks.create(user=request.user, negotiation=negotiation, **form.cleaned_data)
            form = WebhookForm(reader=reader_of(request.user), negotiation=negotiation)
    shown = {"form": form, "mine": _legible(mine, request), "made": made, "secret": secret}
    answer = render(request, "issues/webhooks.html", shown, status=422 if form.errors else 200)
    if secret:
        answer["Cache-Control"] = "no-store"
    return answer


@login_required
@require_safe
def webhook(request: HttpRequest, pk: int) -> HttpResponse:
    """Show what was delivered to one webhook of one's own, and what came of it."""
    one = _mine(request, pk)
    return render(request, "issues/webhook.html", {"webhook": one, "deliveries": one.deliveries.all()[:SHOWN]})


@login_required
@require_POST
def act_on_webhook(request: HttpRequest, pk: int, verb: str) -> HttpResponse:
    """Pause, resume or remove one webhook of one's own."""
    one = _mine(request, pk)
    if verb == "pause":
        webhooks.pause(one)
        messages.success(request, _("Webhook paused: nothing is delivered until you resume it."))
    elif verb == "resume":
        webhooks.resume(one)
        messages.success(request, _("Webhook resumed: changes made in the meantime are being delivered."))
    elif verb == "remove":
        one.delete()
        messages.success(request, _("Webhook removed, with its log."))
        return redirect("webhooks")
    else:
        raise Http404
    return redirect("webhook", pk=pk)


def _mine(request: HttpRequest, pk: int) -> Webhook:
    own = Webhook.objects.filter(user=request.user.pk, negotiation=negotiation_of(request))
    return get_object_or_404(_legible(own, request), pk=pk)


def _legible(webhooks: "QuerySet[Webhook]", request: HttpRequest) -> "QuerySet[Webhook]":
    """Return webhooks with what they are told of, as far as the person may still read it."""
    texts = Prefetch("provision", visible_provisions(reader_of(request.user)))
    return webhooks.select_related("small_group").prefetch_related(texts)
