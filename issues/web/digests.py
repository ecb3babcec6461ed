"""The page on which readers subscribe to e-mail digests of changes."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from issues.access.visibility import negotiation_of
from issues.forms import DigestForm
from issues.models import Digest, SmallGroup
from issues.sync.versions import last_change_number
from members.models import local_name


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def digests(request: HttpRequest) -> HttpResponse:
    """List the reader's digests, subscribe to another, or change the frequency or language of an existing digest."""
    negotiation = negotiation_of(request)
    groups = SmallGroup.objects.filter(negotiation=negotiation).order_by(local_name())
    form = DigestForm(request.POST or None, groups=groups)
    if request.method == "POST" and form.is_valid():
        assert request.user.is_authenticated  # ensured by login_required
        settings = {"rhythm": form.cleaned_data["rhythm"], "language": get_language() or "en"}
        with transaction.atomic():
            Digest.objects.update_or_create(
                user=request.user,
                negotiation=negotiation,
                small_group=form.cleaned_data["small_group"],
                defaults=settings,
                create_defaults=settings
                | {"told_until": timezone.now(), "told_number": last_change_number(negotiation.pk)},
            )
        messages.success(request, _("Digests will be sent to %(email)s.") % {"email": request.user.email})
        return redirect("digests")
    mine = Digest.objects.filter(user=request.user.pk, negotiation=negotiation).select_related("small_group")
    return render(request, "issues/digests.html", {"form": form, "mine": mine}, status=422 if form.errors else 200)


@login_required
@require_POST
def stop_digest(request: HttpRequest, pk: int) -> HttpResponse:
    """Unsubscribe from one of the reader's digests."""
    get_object_or_404(Digest, pk=pk, user=request.user.pk, negotiation=negotiation_of(request)).delete()
    messages.success(request, _("This digest has been stopped."))
    return redirect("digests")
