"""The user guides inside the site."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from creation.web import guides, shortcuts


@require_GET
def guide(request: HttpRequest, name: str) -> HttpResponse:
    if name not in guides.GUIDES:
        raise Http404
    own = guides.guides_of(shortcuts.current_user(request))
    others = [(each, title) for each, title in guides.GUIDES.items() if each != name]
    context = {"title": f"{guides.GUIDES[name]}使用手册", "html": guides.guide_html(name), "others": others, "own": own}
    return render(request, "creation/operations/guide.html", context)


@require_GET
def guide_picture(request: HttpRequest, folder: str, name: str) -> HttpResponse:
    path = guides.picture_path(folder, name)
    if path is None:
        raise Http404
    answer = HttpResponse(path.read_bytes(), content_type="image/png")
    answer["Cache-Control"] = "private, max-age=86400"
    return answer
