from django.urls import URLPattern, path

from creation.units.views import aliases, units, year

urlpatterns: list[URLPattern] = [
    # units
    path("units/", units.unit_list, name="units"),
    path("units/storage/", units.storage_use, name="storage_use"),
    path("units/aliases/", aliases.alias_list, name="unit_aliases"),
    path("units/aliases/<int:pk>/delete/", aliases.alias_delete, name="unit_alias_delete"),
    path("units/new/", units.unit_new, name="unit_new"),
    path("units/<int:pk>/", units.unit, name="unit"),
    path("units/<int:pk>/stop/", units.unit_stop, name="unit_stop"),
    path("units/<int:pk>/resume/", units.unit_resume, name="unit_resume"),
    path("units/<int:pk>/merge/", units.unit_merge, name="unit_merge"),
    path("c/<int:campaign_id>/units/<int:unit_id>/year/", year.unit_year, name="unit_year"),
]
