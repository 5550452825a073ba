"""Render the usual widgets by functions: a form of ten fields took as long in Django's templates as all queries of its page."""

from typing import Any

from django.forms.renderers import TemplatesSetting
from django.http import HttpRequest
from django.utils.safestring import SafeString

from creation.lib.markup import escaped, markup

Widget = dict[str, Any]  # of Widget.get_context
INPUTS = ("text", "number", "email", "url", "password", "hidden", "date", "datetime", "time", "checkbox", "file")


class WidgetsByFunctions(TemplatesSetting):
    """The same HTML as Django's own templates; whatever is not among ``RENDERERS`` is left to them."""

    def render(self, template_name: str, context: dict[str, Any], request: HttpRequest | None = None) -> SafeString:
        if template_name == "django/forms/errors/list/ul.html" and not context["errors"]:
            return SafeString("")
        by_function = RENDERERS.get(template_name)
        if by_function is None:
            return SafeString(super().render(template_name, context, request))
        return SafeString(by_function(context["widget"]).strip())


def attributes(widget: Widget) -> SafeString:
    given = ((name, value) for name, value in widget["attrs"].items() if value is not False)
    return SafeString("".join(f" {name}" if value is True else f' {name}="{escaped(value)}"' for name, value in given))


def tag_of_input(widget: Widget) -> str:
    value = "" if widget["value"] is None else markup(' value="{}"', widget["value"])
    return markup('<input type="{}" name="{}"{}{}>', widget["type"], widget["name"], value, attributes(widget))


def tag_of_textarea(widget: Widget) -> str:
    return markup('<textarea name="{}"{}>\n{}</textarea>', widget["name"], attributes(widget), widget["value"] or "")


def tag_of_select(widget: Widget) -> str:
    groups = "".join(map(_group, widget["optgroups"]))
    return markup('<select name="{}"{}>{}\n</select>', widget["name"], attributes(widget), SafeString(groups))


def _group(group: tuple[str | None, list[Widget], int]) -> str:
    title, options, _ = group
    inside = SafeString("".join(map(_option, options)))
    return markup('\n  <optgroup label="{}">{}\n  </optgroup>', title, inside) if title else inside


def _option(option: Widget) -> str:
    return markup('\n  <option value="{}"{}>{}</option>\n', option["value"], attributes(option), option["label"])


RENDERERS = {f"django/forms/widgets/{kind}.html": tag_of_input for kind in INPUTS} | {
    "django/forms/widgets/textarea.html": tag_of_textarea,
    "django/forms/widgets/select.html": tag_of_select,
}
