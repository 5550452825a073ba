"""Forms for the data of a piece of evidence: corrected after the upload, or entered with a link or a text."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.validators import URLValidator

from creation.evidence import items
from creation.evidence.citing import CitedEvidence
from creation.models import Confidentiality, Evidence, EvidenceKind, EvidenceVersion
from creation.web.bootstrap_forms import apply_bootstrap, date_input, refuse_marks, text_area

MAX_TEXT = 20_000
PICTURE_KINDS = (EvidenceKind.IMAGE, EvidenceKind.VIDEO)  # the title of a photo should say when, where and who
TITLE_ERRORS = {"required": items.NO_TITLE, "max_length": "题名最多 %(limit_value)d 字，现有 %(show_value)d 字。"}


def link_field() -> forms.URLField:
    """Return a URL field for http and https only: other schemes can run programs or read local files."""
    messages = {"required": "请填写链接地址。", "invalid": items.NO_LINK}
    field = forms.URLField(label="链接地址", max_length=500, assume_scheme="https", error_messages=messages)
    field.validators = [URLValidator(schemes=["http", "https"], message=messages["invalid"])]
    field.widget.attrs |= {"placeholder": "https://", "inputmode": "url", "autocomplete": "off"}
    return field


def text_field() -> forms.CharField:
    messages = {"required": items.NO_TEXT, "max_length": "正文最多 %(limit_value)d 字，现有 %(show_value)d 字。"}
    return forms.CharField(label="正文", max_length=MAX_TEXT, widget=text_area(6), error_messages=messages)


class MetadataForm(forms.Form):
    """Title, date, number and issuer of a piece."""

    title = forms.CharField(label="题名", max_length=200, error_messages=TITLE_ERRORS)
    dated_on = forms.DateField(
        label="成文日期", required=False, widget=date_input(), error_messages={"invalid": "请填写存在的日期。"}
    )
    doc_number = forms.CharField(label="文号", max_length=60, required=False)
    issuer = forms.CharField(
        label="责任者", max_length=80, required=False, widget=forms.TextInput(attrs={"placeholder": "发文或出具单位"})
    )
    confidentiality = forms.ChoiceField(
        label="公开属性", choices=Confidentiality.choices, initial=Confidentiality.PUBLIC
    )

    def __init__(self, data: Mapping[str, Any] | None = None, *, key: str, **options: Any) -> None:
        """``key`` distinguishes the ids of two such forms on one page."""
        super().__init__(data, auto_id=f"{key}-%s", **options)
        apply_bootstrap(self, holds_marks=True)


class EvidenceForm(MetadataForm):
    """Correct a piece. Changing a link's address or a text's body makes a new version."""

    place = forms.CharField(label="拍摄地点", max_length=80, required=False)
    people = forms.CharField(
        label="画面人物", max_length=100, required=False, widget=forms.TextInput(attrs={"placeholder": "职务和姓名"})
    )
    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(
        self, data: Mapping[str, Any] | None = None, *, evidence: Evidence, newest: EvidenceVersion, **options: Any
    ) -> None:
        names = ("title", "dated_on", "doc_number", "issuer", "place", "people", "confidentiality", "version")
        initial = {name: getattr(evidence, name) for name in names}
        initial |= {"url": newest.url, "text": newest.text}
        options.setdefault("key", f"evidence-{evidence.pk}")
        super().__init__(data, initial=initial, **options)
        if evidence.kind in PICTURE_KINDS:
            self.fields["dated_on"].label = "拍摄日期"
        else:
            del self.fields["place"], self.fields["people"]
        if newest.url:
            self.fields["url"] = link_field()
        if newest.text:
            self.fields["text"] = text_field()
        apply_bootstrap(self, holds_marks=True)

    def payload(self) -> dict[str, str]:
        """Return the new address or body; empty if unchanged."""
        return {name: self.cleaned_data[name] for name in ("url", "text") if name in self.changed_data}


class CitedEvidenceForm(EvidenceForm):
    """A row of the evidence area: the piece and the passage that proves the point.

    The fields of ``IN_ROW`` stand in the row, the reason for a date outside the campaign's window below it, all others in a fold.
    """

    IN_ROW = ("title", "doc_number", "dated_on", "issuer")

    passage = forms.CharField(
        label="证明段落或页码",
        max_length=100,
        required=False,
        validators=[refuse_marks],
        widget=forms.TextInput(attrs={"placeholder": "如：第 3 页第二条"}),
    )
    outside_reason = forms.CharField(
        label="时间范围外的理由",
        max_length=200,
        required=False,
        validators=[refuse_marks],
        widget=forms.TextInput(attrs={"placeholder": "为什么仍引用这份资料，审核人员看得到"}),
    )

    def __init__(self, data: Mapping[str, Any] | None = None, *, cited: CitedEvidence) -> None:
        key = f"citation-{cited.citation.pk}"
        super().__init__(data, evidence=cited.evidence, newest=cited.version, key=key)
        self.fields["passage"].initial = cited.citation.passage
        self.fields["outside_reason"].initial = cited.citation.outside_reason
        _tie(self, cited)

    def in_row(self) -> list[forms.BoundField]:
        """The fields of the row's second line."""
        return [self[name] for name in self.IN_ROW if name != "title"]

    def in_fold(self) -> list[forms.BoundField]:
        return [field for field in self.visible_fields() if field.name not in (*self.IN_ROW, "outside_reason")]


class CitationPassageForm(forms.Form):
    """For people who may cite a piece but not change it, such as a lead citing an assisting unit's."""

    passage = CitedEvidenceForm.base_fields["passage"]

    def __init__(self, data: Mapping[str, Any] | None = None, *, cited: CitedEvidence) -> None:
        super().__init__(data, initial={"passage": cited.citation.passage}, auto_id=f"passage-{cited.citation.pk}-%s")
        apply_bootstrap(self)
        _tie(self, cited)


def _tie(form: forms.Form, cited: CitedEvidence) -> None:
    """Tie the fields to the row's form: some are rendered outside the element, in a fold beside the preview."""
    for field in form.fields.values():
        field.widget.attrs["form"] = f"piece-{cited.citation.pk}"


class DeclaredEvidenceForm(MetadataForm):
    """A new piece that is not a file. Like an upload it is declared free of secrets by the act, which the page says beside the button."""

    declared = forms.BooleanField(required=False, initial=True, widget=forms.HiddenInput)
    passage = forms.CharField(label="证明段落", max_length=100, required=False, validators=[refuse_marks])
    kind: EvidenceKind
    payload_name: str
    offer: str  # the words with which the task page offers this form

    def payload(self) -> dict[str, str]:
        return {self.payload_name: self.cleaned_data[self.payload_name]}


class NewLinkForm(DeclaredEvidenceForm):
    kind, payload_name, offer = EvidenceKind.LINK, "url", "添加新闻链接"
    url = link_field()
    field_order = ["url", "title", "dated_on", "issuer", "passage"]


class NewTextForm(DeclaredEvidenceForm):
    kind, payload_name, offer = EvidenceKind.BRIEF, "text", "填写文字材料"
    text = text_field()
    field_order = ["title", "text", "dated_on", "issuer", "passage"]


NEW_EVIDENCE_FORMS: dict[str, type[DeclaredEvidenceForm]] = {
    form.kind.value: form for form in (NewLinkForm, NewTextForm)
}


class EvidenceDeleteForm(forms.Form):
    reason = forms.CharField(label="删除原因", max_length=200, error_messages={"required": items.NO_DELETING})
    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, data: Mapping[str, Any] | None = None, *, evidence: Evidence) -> None:
        super().__init__(data, initial={"version": evidence.version}, auto_id="delete-%s")
        apply_bootstrap(self)
