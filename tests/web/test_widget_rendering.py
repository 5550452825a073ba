"""Widgets rendered by functions read letter for letter like those of Django's templates."""

from datetime import date
from typing import Any

import pytest
from django import forms
from django.forms.renderers import BaseRenderer, TemplatesSetting

from creation.web.widget_rendering import RENDERERS, WidgetsByFunctions

NASTY = '"><script>&amp; 中　文\n第二行'
CHOICES = [("", "全部"), ("a<b", "甲&乙"), ("组", [("1", "一"), (2, "二")])]
WIDGETS: list[tuple[forms.Widget, Any]] = [
    (forms.TextInput(attrs={"class": "form-control", "required": True, "disabled": False}), NASTY),
    (forms.TextInput(), ""),
    (forms.NumberInput(attrs={"min": 0}), 1.5),
    (forms.EmailInput(), "a@b.cn"),
    (forms.URLInput(), "https://b.cn/?a=1&b=2"),
    (forms.PasswordInput(render_value=True), NASTY),
    (forms.HiddenInput(), 7),
    (forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}), date(2026, 12, 1)),
    (forms.DateTimeInput(), None),
    (forms.TimeInput(), None),
    (forms.CheckboxInput(), True),
    (forms.CheckboxInput(), False),
    (forms.FileInput(), None),
    (forms.Textarea(attrs={"rows": 3}), NASTY),
    (forms.Textarea(), None),
    (forms.Select(choices=CHOICES, attrs={"class": "form-select"}), "a<b"),
    (forms.Select(choices=CHOICES), 2),
    (forms.SelectMultiple(choices=CHOICES), ["1"]),
    (forms.RadioSelect(choices=CHOICES), "1"),
    (forms.CheckboxSelectMultiple(choices=CHOICES), ["1"]),
]


def shown(widget: forms.Widget, value: Any, renderer: BaseRenderer) -> str:
    return widget.render("字段", value, attrs={"id": "id_field", "aria-describedby": NASTY}, renderer=renderer)


@pytest.mark.parametrize(("widget", "value"), WIDGETS)
def test_a_widget_reads_like_the_one_of_djangos_template(widget: forms.Widget, value: Any) -> None:
    assert shown(widget, value, WidgetsByFunctions()) == shown(widget, value, TemplatesSetting())


def test_every_function_is_tried_here() -> None:
    assert {widget.template_name for widget, _ in WIDGETS} >= set(RENDERERS)


class _Form(forms.Form):
    name = forms.CharField(label="名称", help_text="写全称", max_length=3)


@pytest.mark.parametrize("data", [None, {"name": ""}, {"name": "太长的<名称>"}])
def test_a_form_with_and_without_errors_reads_the_same(data: dict[str, str] | None) -> None:
    quick, plain = (_Form(data, renderer=kind()) for kind in (WidgetsByFunctions, TemplatesSetting))
    assert str(quick) == str(plain)
    assert str(quick.errors) == str(plain.errors)
    assert str(quick["name"].errors) == str(plain["name"].errors)
