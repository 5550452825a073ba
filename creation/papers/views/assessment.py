"""自评报告: the passages, what is missing, and the office's own texts."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from creation import access
from creation.lib.refusals import Stale
from creation.models import Campaign
from creation.papers import self_assessment
from creation.papers.forms.assessment import AssessmentPassageForm
from creation.papers.self_assessment import Passage
from creation.rules.policy import Permission
from creation.web import shortcuts
from creation.web.refusals import conflict, form_refusals


@require_GET
def assessment(request: HttpRequest, campaign_id: int) -> HttpResponse:
    campaign = shortcuts.campaign_or_404(request, campaign_id, Permission.ASSESSMENT_READ)
    user = shortcuts.current_user(request)
    context = {"campaign": campaign, "assessment": self_assessment.load_assessment(campaign)}
    context["may_write"] = access.may(user, Permission.ASSESSMENT_WRITE, campaign) and not campaign.closed_message
    return render(request, "creation/papers/assessment/page.html", context)


@require_http_methods(["GET", "POST"])
def assessment_passage(request: HttpRequest, campaign_id: int, slot: str) -> HttpResponse:
    """Show one passage beside its sources. A POST with ``compose`` restores the composed text."""
    campaign = shortcuts.campaign_or_404(request, campaign_id, Permission.ASSESSMENT_WRITE)
    found = self_assessment.passage_of(campaign, slot)
    if found is None:
        raise Http404
    if request.method == "GET":
        return _page(request, campaign, found, AssessmentPassageForm.of(found))
    form = AssessmentPassageForm(request.POST)
    if not form.is_valid():
        return _page(request, campaign, found, form, 422)
    return _save(request, campaign, found, form)


def _page(
    request: HttpRequest, campaign: Campaign, found: Passage, form: AssessmentPassageForm, status: int = 200
) -> HttpResponse:
    versions = found.stored_text.versions.select_related("created_by")[:20] if found.stored_text else []
    briefs = [] if found.item else self_assessment.load_assessment(campaign).briefs
    context = {"campaign": campaign, "passage": found, "form": form, "versions": versions, "briefs": briefs}
    return render(request, "creation/papers/assessment/passage.html", context, status=status)


def _save(request: HttpRequest, campaign: Campaign, found: Passage, form: AssessmentPassageForm) -> HttpResponse:
    text = "" if "compose" in request.POST else form.cleaned_data["text"].replace("\r\n", "\n")
    if found.item and text == found.composed:
        text = ""  # unchanged: keep composing it from the answers
    try:
        with form_refusals(form):
            self_assessment.save_passage(
                campaign, found.slot, text, form.cleaned_data["seen"], shortcuts.current_actor(request)
            )
            messages.success(request, f"“{found.title}”已保存。" if text else f"“{found.title}”按各单位答复自动汇总。")
            return redirect(f"{reverse('assessment', args=[campaign.pk])}#passage-{found.slot}")
    except Stale as stale:
        return _conflict(request, campaign, found, text, stale)
    return _page(request, campaign, found, form, 422)


def _conflict(request: HttpRequest, campaign: Campaign, found: Passage, text: str, stale: Stale) -> HttpResponse:
    now = self_assessment.passage_of(campaign, found.slot)
    address = reverse("assessment_passage", args=[campaign.pk, found.slot])
    again = {
        "url": address,
        "label": "用我的内容替换（原内容留在历史版本中）",
        "fields": {"seen": now.version if now else 0, "text": text},
    }
    return conflict(request, stale, f"“{found.title}”没有保存", text, back=address, again=again)
