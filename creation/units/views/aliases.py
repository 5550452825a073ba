"""单位别称: list, add and delete."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from creation import access
from creation.models import District, UnitAlias
from creation.rules.policy import Permission
from creation.units import aliases
from creation.units.forms.aliases import AliasForm
from creation.units.tables.aliases import AliasTable
from creation.units.views.units import managed_units
from creation.web import shortcuts
from creation.web.pagination import paginate_table
from creation.web.refusals import form_refusals

PERMISSION = Permission.UNITS_MANAGE


@require_http_methods(["GET", "POST"])
def alias_list(request: HttpRequest) -> HttpResponse:
    """List the aliases; a POST adds one."""
    person, actor = shortcuts.current_user(request), shortcuts.current_actor(request)
    access.require_somewhere(person, PERMISSION)
    district = District.objects.get(pk=person.grants_for(PERMISSION)[0][0].district)
    form = AliasForm(request.POST or None, units=managed_units(request).active(actor.today))
    if request.method == "POST" and form.is_valid():
        with form_refusals(form):
            alias = aliases.add(district, form.cleaned_data["name"], form.cleaned_data["meaning"], actor)
            messages.success(request, f"已登记：“{alias.name}”指{alias.meaning}。")
            return redirect("unit_aliases")
    table = AliasTable(UnitAlias.objects.visible_to(person).for_table())
    paginate_table(table, request)
    context = {"table": table, "form": form}
    return render(request, "creation/units/aliases.html", context, status=422 if form.errors else 200)


@require_POST
def alias_delete(request: HttpRequest, pk: int) -> HttpResponse:
    person = shortcuts.current_user(request)
    alias = get_object_or_404(UnitAlias.objects.visible_to(person), pk=pk)
    access.require(person, PERMISSION, alias)
    name = alias.name
    aliases.delete(alias, shortcuts.current_actor(request))
    messages.success(request, f"已删除别称“{name}”。")
    return redirect("unit_aliases")
