"""The account pages that allauth does not provide, which show the account, its roles and its sessions."""

import logging

import requests
from allauth.mfa.models import Authenticator
from allauth.socialaccount.providers.openid_connect import views as openid_connect
from allauth.usersessions.internal.flows.sessions import end_other_sessions, end_sessions
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from issues.access.roles import with_participation
from issues.models import Facilitator, Negotiation
from jsi_tracker.accounts.second_factor import FACTORS, requires_second_factor
from jsi_tracker.accounts.sessions import browser_name, delete_ended
from members.admin_access import administered_in
from members.models import Delegation

PER_PAGE = 20
logger = logging.getLogger(__name__)


@login_required
@require_safe
def your_account(request: HttpRequest) -> HttpResponse:
    """Show the user, the user's roles with their dates, and the second factors of the account."""
    today = timezone.localdate()
    user = request.user
    held = with_participation(Delegation.objects.filter(user=user.pk), today)
    delegations = held.select_related("member", "negotiation").order_by("-since", "-pk")
    facilitated = Facilitator.objects.filter(user=user.pk).select_related("small_group").order_by("-since", "-pk")
    factors = Authenticator.objects.filter(user=user.pk, type__in=FACTORS).order_by("created_at")
    context = {
        "today": today,
        "delegations": delegations[:PER_PAGE],
        "facilitated": facilitated[:PER_PAGE],
        "factors": factors[:PER_PAGE],
        "factor_wanted": settings.SECOND_FACTOR_REQUIRED and requires_second_factor(user),
        "session_count": UserSession.objects.filter(user=user.pk).count(),
        "invites": Negotiation.objects.filter(pk__in=administered_in(request)),
        "several_negotiations": Negotiation.objects.count() > 1,
    }
    return render(request, "account/index.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def sessions(request: HttpRequest) -> HttpResponse:
    """List the user's sessions, or end one of them or all except the current session."""
    if request.method == "POST":
        return _end(request)
    delete_ended(request.user)
    own = UserSession.objects.filter(user=request.user.pk).order_by("-last_seen_at", "-pk")
    page = Paginator(own, PER_PAGE).get_page(request.GET.get("page"))
    rows = [(session, browser_name(session.user_agent)) for session in page if not session.purge()]
    return render(request, "usersessions/usersession_list.html", {"page": page, "rows": rows})


@never_cache
def single_sign_on(request: HttpRequest, provider_id: str) -> HttpResponse:
    """Redirect to the provider, or show an error if the provider does not respond to allauth's initial request."""
    try:
        return openid_connect.login(request, provider_id)
    except requests.RequestException:
        logger.exception("The single sign-on provider does not respond")
        return render(request, "socialaccount/authentication_error.html", status=502)


def _end(request: HttpRequest) -> HttpResponse:
    key = request.POST.get("session", "")
    if key == "others":
        end_other_sessions(request, request.user)
        messages.success(request, _("All other sessions have been ended."))
        return redirect("sessions")
    own = UserSession.objects.filter(user=request.user.pk)
    session = own.filter(pk=key).first() if key.isascii() and key.isdigit() and len(key) < 19 else None
    if session is None:
        messages.warning(request, _("This session has already ended."))
        return redirect("sessions")
    is_current = session.is_current()
    end_sessions(request, [session])
    if is_current:
        return redirect("overview")
    messages.success(request, _("The session has been ended."))
    return redirect("sessions")
