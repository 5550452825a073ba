"""Table of the aliases of units."""

import django_tables2 as tables

from creation.web.cells import cell


class AliasTable(tables.Table):
    name = tables.Column("别称", attrs={"td": {"class": "title"}})
    meaning = tables.Column("指", attrs=cell("指"))
    created_by = tables.Column("登记人", attrs=cell("登记人"))
    created_at = tables.DateTimeColumn(verbose_name="登记时间", format="Y-m-d H:i", attrs=cell("登记时间"))
    delete = tables.TemplateColumn(
        template_name="creation/units/_alias_delete.html", verbose_name="", attrs={"td": {"class": "action"}}
    )

    class Meta:
        orderable = False
        default = ""
