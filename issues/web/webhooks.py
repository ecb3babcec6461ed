"""The pages on which readers manage their webhooks and see their deliveries."""

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
    """List the reader's webhooks, or create another webhook and show its secret only once."""
    assert request.user.is_authenticated  # ensured by login_required
    negotiation = negotiation_of(request)
    form = WebhookForm(request.POST or None, reader=reader_of(request.user), negotiation=negotiation)
    mine = Webhook.objects.filter(user=request.user.pk, negotiation=negotiation)
    made, secret = None, ""
    if request.method == "POST" and form.is_valid():
        # A form sent twice creates only one webhook. A second webhook would deliver every event again, and its secret
        # would replace the first on the page.
        if mine.filter(**form.cleaned_data).exists():
            form.add_error("url", _("You already have an identical webhook."))
        elif Webhook.objects.filter(user=request.user.pk).count() >= webhooks.MAX_PER_PERSON:
            form.add_error("url", _("You have reached the maximum number of webhooks. Remove a webhook first."))
        else:
            made, secret = webhooks.create(user=request.user, negotiation=negotiation, **form.cleaned_data)
            form = WebhookForm(reader=reader_of(request.user), negotiation=negotiation)
    shown = {"form": form, "mine": _legible(mine, request), "made": made, "secret": secret}
    response = render(request, "issues/webhooks.html", shown, status=422 if form.errors else 200)
    if secret:
        response["Cache-Control"] = "no-store"
    return response


@login_required
@require_safe
def webhook(request: HttpRequest, pk: int) -> HttpResponse:
    """Show one of the reader's own webhooks with its latest deliveries."""
    webhook = _mine(request, pk)
    return render(request, "issues/webhook.html", {"webhook": webhook, "deliveries": webhook.deliveries.all()[:SHOWN]})


@login_required
@require_POST
def act_on_webhook(request: HttpRequest, pk: int, verb: str) -> HttpResponse:
    """Pause, resume or remove one of the reader's own webhooks."""
    webhook = _mine(request, pk)
    if verb == "pause":
        webhooks.pause(webhook)
        messages.success(request, _("Webhook paused: nothing is delivered until you resume it."))
    elif verb == "resume":
        webhooks.resume(webhook)
        messages.success(request, _("Webhook resumed: changes made in the meantime are being delivered."))
    elif verb == "remove":
        webhook.delete()
        messages.success(request, _("The webhook and its log have been removed."))
        return redirect("webhooks")
    else:
        raise Http404
    return redirect("webhook", pk=pk)


def _mine(request: HttpRequest, pk: int) -> Webhook:
    own = Webhook.objects.filter(user=request.user.pk, negotiation=negotiation_of(request))
    return get_object_or_404(_legible(own, request), pk=pk)


def _legible(webhooks: "QuerySet[Webhook]", request: HttpRequest) -> "QuerySet[Webhook]":
    """Return `webhooks` with their small groups, and with those of their provisions that the reader may still see."""
    texts = Prefetch("provision", visible_provisions(reader_of(request.user)))
    return webhooks.select_related("small_group").prefetch_related(texts)
