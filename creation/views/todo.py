"""待办: the first page of everybody, over all open campaigns."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET


@require_GET
def todo(request: HttpRequest) -> HttpResponse:
    return render(request, "creation/todo.html")
