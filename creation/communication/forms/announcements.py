"""Forms to issue and correct an announcement."""

from collections.abc import Mapping
from typing import Any

from django import forms

from creation.campaigns.forms.setup import UnitsField
from creation.communication import announcements
from creation.models import Announcement, Unit
from creation.web.bootstrap_forms import apply_bootstrap, date_input, text_area
from creation.web.row_choices import offer_choices

TITLE_ERRORS, BODY_ERRORS = {"required": announcements.NO_TITLE}, {"required": announcements.NO_BODY}


class AnnouncementForm(forms.Form):
    title = forms.CharField(label="标题", max_length=100, error_messages=TITLE_ERRORS)
    body = forms.CharField(label="正文", max_length=20000, widget=text_area(10), error_messages=BODY_ERRORS)
    needs_receipt = forms.BooleanField(label="需要各单位签收", required=False, initial=True)
    sign_by = forms.DateField(label="签收期限（可不填）", required=False, widget=date_input())
    units = UnitsField(
        label="发送单位", queryset=Unit.objects.none(), error_messages={"required": "请至少选择一个单位。"}
    )

    def __init__(self, data: Mapping[str, Any] | None = None, *, units: Any) -> None:
        super().__init__(data)
        offer_choices(self, units=units)
        apply_bootstrap(self)


class AnnouncementCorrectionForm(forms.Form):
    """A correction. ``seen`` is the version on screen."""

    title = forms.CharField(label="标题", max_length=100, error_messages=TITLE_ERRORS)
    body = forms.CharField(label="正文", max_length=20000, widget=text_area(8), error_messages=BODY_ERRORS)
    reason = forms.CharField(label="更正原因", max_length=200, error_messages={"required": "请填写更正原因。"})
    seen = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, data: Mapping[str, Any] | None = None, *, announcement: Announcement) -> None:
        start = {"title": announcement.title, "body": announcement.body, "seen": announcement.version}
        super().__init__(data, initial=start, auto_id="id_correct_%s")
        apply_bootstrap(self)
