"""The survey page: reached by a one-time link, away from the officer."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from setara.feedback.forms import SurveyForm
from setara.feedback.instruments import instrument
from setara.feedback.models import Invitation
from setara.feedback.operations import answer_survey
from setara.kernel import clock
from setara.kernel.errors import Invalid, NotFound
from setara.ledger.service import VISITOR, By
from setara.offices.service import public


@public
def survey(request: HttpRequest, token: str) -> HttpResponse:
    """Show the questions, take the answers once, say thank you."""
    invitation = Invitation.objects.select_related("application__office").filter(token=token).first()
    if invitation is None:
        raise NotFound(
            _("Undangan survei tidak ditemukan."),
            code="survey.unknown",
            remedy=_("Periksa kembali tautan pada pesan yang Anda terima."),
        )
    questions = instrument(invitation.instrument)
    form = SurveyForm(questions, request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            # Whoever holds the link answers as a visitor: the event must not say which applicant it was.
            answer_survey(By(VISITOR, key=request.POST.get("idempotency_key")), invitation, form.scores())
            invitation.refresh_from_db()
        except Invalid as error:
            for field, message in error.errors.items():
                form.add_error(field, str(message))
    context = {
        "office": invitation.application.office,
        "invitation": invitation,
        "questions": questions,
        "form": form,
        "expired": invitation.answered_at is None and clock.now() > invitation.expires_at,
    }
    return render(request, "feedback/survey.html", context, status=400 if form.errors else 200)
