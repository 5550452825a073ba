"""Forms of a unit besides the answer (readings, notes of progress, requests), and of the office's decision on a request."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django import forms

from creation.audit.actor import Actor
from creation.models import Citation, Reading, RectificationPlan, RequestKind, Task, TaskRequest, Unit
from creation.rules.targets import Figures, MeasureKind, number_text
from creation.tasks import measure_readings, personal_acts, progress_notes, rectification_plans, unit_requests
from creation.tasks.measure_readings import ReadingSlot
from creation.web.bootstrap_forms import apply_bootstrap, date_input, text_area
from creation.web.row_choices import offer_choices

NUMBER_ERRORS = {
    "invalid": measure_readings.NO_NUMBER,
    "min_value": measure_readings.NEGATIVE,
    "max_digits": measure_readings.TOO_LARGE,
    "max_whole_digits": measure_readings.TOO_LARGE,
    "max_decimal_places": measure_readings.TOO_FINE,
}
DATE_ERRORS = {"invalid": "请按 2026-08-10 的样子填写日期。"}


def _number(label: str) -> forms.DecimalField:
    widget = forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"})
    return forms.DecimalField(
        label=label,
        required=False,
        min_value=0,
        max_digits=measure_readings.DIGITS,
        decimal_places=measure_readings.PLACES,
        widget=widget,
        error_messages=NUMBER_ERRORS,
    )


class ReadingForm(forms.Form):
    """The figures of one measure and period; the measure's kind determines the fields."""

    note = forms.CharField(
        label="说明（可不填）", required=False, max_length=200, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )
    seen = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, data: Mapping[str, Any] | None = None, *, slot: ReadingSlot) -> None:
        super().__init__(data, initial=_figures_of(slot.reading), auto_id=f"id_reading_{slot.key}_%s")
        self.slot = slot
        self.fields = _fields_of(slot) | self.fields
        apply_bootstrap(self)

    @property
    def figures(self) -> Figures:
        names = ("numerator", "denominator", "count", "day")
        return Figures(**{name: self.cleaned_data.get(name) for name in names})


def _fields_of(slot: ReadingSlot) -> dict[str, forms.Field]:
    measure = slot.measure
    if measure.kind == MeasureKind.RATIO:
        return {
            "numerator": _number(measure.numerator or "分子"),
            "denominator": _number(measure.denominator or "分母"),
        }
    if measure.kind in (MeasureKind.COUNT, MeasureKind.PLAIN):
        return {"count": _number(f"数量（{measure.unit}）" if measure.unit else "数量")}
    return {"day": forms.DateField(label="日期", required=False, widget=date_input(), error_messages=DATE_ERRORS)}


def _figures_of(reading: Reading | None) -> dict[str, Any]:
    if reading is None:
        return {"seen": 0}
    numbers = {"numerator": reading.numerator, "denominator": reading.denominator, "count": reading.count}
    shown = {name: number_text(value) for name, value in numbers.items() if value is not None}
    return shown | {"day": reading.day, "note": reading.note, "seen": reading.version}


class ProgressNoteForm(forms.Form):
    day = forms.DateField(label="日期", widget=date_input(), error_messages=DATE_ERRORS | {"required": "请填写日期。"})
    text = forms.CharField(
        label="进展情况",
        max_length=2000,
        widget=text_area(3),
        error_messages={"required": progress_notes.NO_TEXT},
    )
    problem = forms.CharField(label="存在问题（可不填）", required=False, max_length=2000, widget=text_area(2))
    help_wanted = forms.CharField(
        label="需要协调的事项（可不填）",
        required=False,
        max_length=2000,
        widget=text_area(2),
        help_text="填写后会通知综合协调组。",
    )
    next_step = forms.CharField(label="下一步安排（可不填）", required=False, max_length=2000, widget=text_area(2))

    def __init__(self, data: Mapping[str, Any] | None = None, *, today: date) -> None:
        super().__init__(data, initial={"day": today}, auto_id="id_note_%s")
        self.today = today
        apply_bootstrap(self)

    def clean_day(self) -> date:
        day: date = self.cleaned_data["day"]
        if sentence := progress_notes.wrong_day(day, self.today):
            raise forms.ValidationError(sentence)
        return day


class CitationField(forms.ModelChoiceField):  # type: ignore[type-arg]  # no [Citation] at run time
    def label_from_instance(self, obj: Citation) -> str:
        return f"{obj.number} {obj.evidence}"[:60]


class PersonalActForm(forms.Form):
    """What the head of the unit did in person. ``citations``: the material of the task, which may prove it."""

    done_on = forms.DateField(
        label="日期", widget=date_input(), error_messages=DATE_ERRORS | {"required": "请填写日期。"}
    )
    what = forms.CharField(
        label="做了什么",
        max_length=personal_acts.MAX_WHAT,
        widget=text_area(2),
        error_messages={"required": personal_acts.NO_WHAT},
    )
    citation = CitationField(
        label="证明材料",
        queryset=Citation.objects.none(),
        required=False,
        empty_label="不在上面的材料里",
        help_text="会议记录、批示、照片，先在“材料”里上传。一份会议纪要可以证明几项。",
    )
    where = forms.CharField(label="证明存放处（没有上传的填写）", required=False, max_length=personal_acts.MAX_WHERE)

    def __init__(self, data: Mapping[str, Any] | None = None, *, task: Task, citations: Any) -> None:
        super().__init__(data, auto_id="id_act_%s")
        offer_choices(self, citation=citations)
        apply_bootstrap(self)


class ObjectionForm(forms.Form):
    """Objection to an assignment: the office reassigns the task or keeps it."""

    kind = RequestKind.OBJECTION
    hint = "认为此任务不属于本单位职责时提出，由创建办答复：改派其他单位或维持分工。答复前请继续准备。"
    reason = forms.CharField(
        label="理由", max_length=2000, widget=text_area(3), error_messages={"required": unit_requests.NO_REASON}
    )

    def __init__(self, data: Mapping[str, Any] | None = None, *, task: Task, today: date) -> None:
        super().__init__(data, auto_id=f"id_{self.kind.value}_%s")
        self.task, self.today = task, today
        apply_bootstrap(self)


class ExtensionForm(ObjectionForm):
    kind = RequestKind.EXTENSION
    hint = "按时完成确有困难时提出，由创建办答复。答复前原时限不变。"
    wanted_on = forms.DateField(
        label="希望延至", widget=date_input(), error_messages=DATE_ERRORS | {"required": unit_requests.NO_WISH}
    )
    field_order = ["wanted_on", "reason"]

    def clean_wanted_on(self) -> date:
        day: date = self.cleaned_data["wanted_on"]
        if sentence := unit_requests.wrong_wish(self.task, day, self.today):
            raise forms.ValidationError(sentence)
        return day


REQUEST_FORMS: dict[str, type[ObjectionForm]] = {form.kind.value: form for form in (ExtensionForm, ObjectionForm)}


class RequestDecisionForm(forms.Form):
    """The office's decision on a request; ``carry_out`` does what was chosen."""

    decision = forms.ChoiceField(
        label="答复", widget=forms.RadioSelect, error_messages={"required": "请选择同意或不同意。"}
    )
    answer = forms.CharField(label="答复意见（同意时可不填）", required=False, max_length=2000, widget=text_area(2))

    def __init__(self, data: Mapping[str, Any] | None = None, *, request: TaskRequest, today: date) -> None:
        super().__init__(data, auto_id=f"id_decide{request.pk}_%s")
        self.request, self.today = request, today
        self.build()
        apply_bootstrap(self)

    def build(self) -> None:
        """Set up what depends on the request. A hook for subclasses."""

    def granted(self) -> bool:
        return bool(self.cleaned_data.get("decision") == "grant")

    def need(self, name: str, sentence: str) -> None:
        if not self.cleaned_data.get(name) and name not in self.errors:
            self.add_error(name, sentence)

    def clean(self) -> dict[str, Any]:
        if self.cleaned_data.get("decision") == "refuse":
            self.need("answer", unit_requests.NO_ANSWER)
        return self.cleaned_data


class ExtensionDecision(RequestDecisionForm):
    new_due_on = forms.DateField(label="新的完成时限", required=False, widget=date_input(), error_messages=DATE_ERRORS)
    field_order = ["decision", "new_due_on", "answer"]

    def build(self) -> None:
        offer_choices(self, decision=[("grant", "同意延期"), ("refuse", "不同意")])
        self.fields["new_due_on"].initial = self.request.wanted_on

    def clean(self) -> dict[str, Any]:
        sentence = unit_requests.wrong_extension(self.request.task, self.cleaned_data.get("new_due_on"), self.today)
        if self.granted() and sentence and "new_due_on" not in self.errors:
            self.add_error("new_due_on", sentence)
        return super().clean()

    def apply_decision(self, actor: Actor) -> str:
        data = self.cleaned_data
        if self.granted():
            unit_requests.grant_extension(self.request, actor, data["new_due_on"], data["answer"])
            return f"已同意延期至 {data['new_due_on']:%Y-%m-%d}，并通知该单位。"
        unit_requests.refuse_request(self.request, actor, data["answer"])
        return "已答复不同意延期，并通知该单位。"


class ObjectionDecision(RequestDecisionForm):
    unit = forms.ModelChoiceField(
        label="改派给", required=False, queryset=Unit.objects.none(), empty_label="请选择单位"
    )
    field_order = ["decision", "unit", "answer"]

    def build(self) -> None:
        task = self.request.task
        choices = [("grant", "同意，改派其他单位"), ("refuse", "维持原分工")]
        decisions = choices if unit_requests.may_be_reassigned(task) else choices[1:]
        offer_choices(self, unit=unit_requests.takers(task, self.today), decision=decisions)
        if not unit_requests.may_be_reassigned(task):
            self.fields["decision"].help_text = "此任务面向所有单位，或已有答复，不能改派。"
            del self.fields["unit"]

    def clean(self) -> dict[str, Any]:
        if self.granted():
            self.need("unit", "请选择改派给哪个单位。")
        return super().clean()

    def apply_decision(self, actor: Actor) -> str:
        data = self.cleaned_data
        if self.granted():
            unit_requests.reassign_task(self.request, actor, data["unit"], data["answer"])
            return f"已改派给{data['unit']}，并通知两个单位。"
        unit_requests.refuse_request(self.request, actor, data["answer"])
        return "已答复维持原分工，并通知该单位。"


DECISION_FORMS: dict[str, type[ExtensionDecision] | type[ObjectionDecision]] = {
    RequestKind.EXTENSION.value: ExtensionDecision,
    RequestKind.OBJECTION.value: ObjectionDecision,
}


class PlanForm(forms.Form):
    """A unit's plan of rectification. ``seen`` is the version on screen, 0 for none."""

    measures = forms.CharField(
        label="整改措施", required=False, max_length=rectification_plans.MAX_MEASURES, widget=text_area(4)
    )
    leader = forms.CharField(label="责任领导", required=False, max_length=40)
    person = forms.CharField(label="责任人", required=False, max_length=40)
    seen = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, data: Mapping[str, Any] | None = None, *, plan: RectificationPlan | None) -> None:
        names = ("measures", "leader", "person")
        values = {name: getattr(plan, name) for name in names} if plan else {}
        super().__init__(data, initial=values | {"seen": plan.version if plan else 0}, auto_id="id_plan_%s")
        apply_bootstrap(self)
