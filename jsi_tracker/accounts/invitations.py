"""The secretariat's page for invitations, and the page that the link in an invitation e-mail opens."""

import logging
from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.utils import perform_login
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from issues.access.visibility import negotiation_of
from jsi_tracker.accounts.forms import InvitationForm, NewcomerForm
from members.admin_access import administered_in
from members.invitations import (
    Accreditation,
    InvitationNotOpen,
    InvitationRefused,
    accept,
    accept_with_new_account,
    invite,
    open_invitation,
    resend,
    revoke,
)
from members.models import Invitation
from members.people import email_is_taken

PER_PAGE = 20
logger = logging.getLogger(__name__)


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def invitations(request: HttpRequest) -> HttpResponse:
    """List the invitations, newest first, or send a new invitation and show its link once."""
    _require_secretariat(request)
    if request.method != "POST":
        return _list(request, InvitationForm())
    form = InvitationForm(request.POST)
    if not form.is_valid():
        return _list(request, form, status=422)
    data = dict(form.cleaned_data)
    try:
        invitation, token = invite(data.pop("email"), Accreditation(negotiation_of(request).pk, **data), request.user)
    except InvitationRefused as error:
        form.add_error(error.field, str(error))
        return _list(request, form, status=422)
    except ValidationError as error:
        form.add_error(None, error)
        return _list(request, form, status=422)
    return _sent(request, invitation, token)


@login_required
@never_cache
@require_POST
def act_on_invitation(request: HttpRequest, pk: int) -> HttpResponse:
    """Resend an invitation with a new link, or revoke it."""
    _require_secretariat(request)
    try:
        if "again" in request.POST:
            return _sent(request, *resend(pk, request.user))
        messages.success(request, _("Invitation revoked: %(invitation)s.") % {"invitation": revoke(pk, request.user)})
    except InvitationRefused as error:
        messages.warning(request, str(error))
    return redirect("invitations")


@never_cache
@sensitive_post_parameters("password1", "password2")
@require_http_methods(["GET", "HEAD", "POST"])
def accept_invitation(request: HttpRequest, token: str) -> HttpResponse:
    """Accept an invitation with the current account or a new account."""
    try:
        invitation = open_invitation(token)
        if request.user.is_authenticated:
            return _accept_onto_account(request, invitation, token)
        if email_is_taken(invitation.email):
            return render(request, "account/invitation_login.html", {"invitation": invitation})
        return _accept_as_newcomer(request, invitation, token)
    except InvitationNotOpen:
        return render(request, "account/invitation_void.html", status=404)


def _require_secretariat(request: HttpRequest) -> None:
    if negotiation_of(request).pk not in administered_in(request):
        raise PermissionDenied(_("Only the secretariat can manage invitations."))


def _list(request: HttpRequest, form: InvitationForm, status: int = 200) -> HttpResponse:
    invited = Invitation.objects.with_state(timezone.now()).filter(negotiation=negotiation_of(request))
    rows = invited.select_related("member", "invited_by", "accepted_by")
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "account/invitations.html", {"form": form, "page": page}, status=status)


def _sent(request: HttpRequest, invitation: Invitation, token: str) -> HttpResponse:
    """Send the link by e-mail and also show it on the page, because it cannot be retrieved later."""
    link = request.build_absolute_uri(reverse("accept_invitation", args=[token]))
    context = {"invitation": invitation, "link": link, "inviter": request.user}
    try:
        get_adapter().send_mail("account/email/invitation", invitation.email, context)
        mailed = True
    except OSError:  # no mail server, or an smtplib error (all smtplib errors are OSErrors)
        logger.exception("The invitation to %s could not be sent", invitation.email)
        mailed = False
    return render(request, "account/invitation_sent.html", context | {"mailed": mailed})


def _accept_onto_account(request: HttpRequest, invitation: Invitation, token: str) -> HttpResponse:
    if request.method != "POST":
        return render(request, "account/invitation_accept.html", {"invitation": invitation})
    accept(token, request.user)
    messages.success(request, _("Invitation accepted. Welcome."))
    return redirect("account")


def _accept_as_newcomer(request: HttpRequest, invitation: Invitation, token: str) -> HttpResponse:
    form = NewcomerForm(request.POST if request.method == "POST" else None, email=invitation.email)
    if form.is_valid():
        data: dict[str, Any] = form.cleaned_data
        names = {name: data[name] for name in ("username", "first_name", "last_name")}
        try:
            user = accept_with_new_account(token, password=data["password1"], **names)
        except InvitationRefused as error:
            form.add_error(None, str(error))
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, _("Your account is ready. Welcome."))
            return perform_login(request, user, email_verification="none", redirect_url=reverse("account"))
    # The status is 200 even if the form has errors. Django logs the URL of a 4xx response, and anyone who read the log
    # could use the link to create an account.
    return render(request, "account/invitation_accept.html", {"invitation": invitation, "form": form})
