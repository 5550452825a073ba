"""Default templates, used until the office replaces them, and as a starting point for its own."""

from collections.abc import Sequence

from docx.document import Document

from creation.models import PaperKind
from reports.word import layout

UNITS_HEAD = ("序号", "单位", "任务", "已报送", "已通过", "逾期", "办结率")
UNITS_PARTS = ("序号", "名称", "任务", "已报送", "已通过", "逾期", "办结率")
RANKED_HEAD = ("名次", "单位", "任务", "已报送", "报送率", "已通过", "逾期", "办结率")
RANKED_PARTS = ("名次", "名称", "任务", "已报送", "报送率", "已通过", "逾期", "办结率")
LATE_HEAD = ("序号", "编号", "任务", "单位", "时限", "逾期天数")
LATE_PARTS = ("序号", "编号", "名称", "单位", "时限", "天数")
SIGNED = ("{{主办单位}}", "{{日期}}")
SIGNATURES = {
    PaperKind.STATEMENT: ("{{单位}}", "{{报送日期}}"),
    PaperKind.RECTIFIED: ("{{单位}}", "{{日期}}"),
    PaperKind.DECISION: ("中共{{行政区}}委\n{{行政区}}人民政府", "{{决定日期}}"),
}


def document_of(kind: str, with_ranks: bool = False) -> Document:
    """Return a new document with the fields of the kind as placeholders. ``with_ranks``: the bulletin lists units by rank."""
    document = layout.new_document()
    if kind == PaperKind.BULLETIN:
        _bulletin(document, with_ranks)
    else:
        _MAKERS[PaperKind(kind)](document)
    if kind != PaperKind.APPROVAL:  # a form, signed in its own cells
        layout.add_signature(document, *SIGNATURES.get(PaperKind(kind), SIGNED))
        layout.add_note(document, "{{编号}}")
    if add_annexes := _ANNEXES.get(PaperKind(kind)):
        add_annexes(document)
    return document


def _row(name: str, parts: Sequence[str]) -> list[str]:
    """Return the placeholders of a list, one for each cell."""
    return ["{{" + f"{name}.{part}" + "}}" for part in parts]


def _bulletin(document: Document, with_ranks: bool) -> None:
    layout.add_title(document, "{{标题}}", "第{{期号}}期（{{起始日}}—{{截止日}}）")
    layout.add_heading(document, "一、总体进度", 1)
    layout.add_text(
        document,
        "全区共有任务{{任务总数}}项，已报送{{已报送}}项，审核通过{{已通过}}项，报送率{{报送率}}，办结率{{办结率}}（已调整时限{{已调整时限}}项）；"
        "逾期未报送{{逾期数}}项，退回待修改{{退回数}}项。本期报送{{本期报送}}项，通过{{本期通过}}项，退回{{本期退回}}项。{{整改情况}}",
    )
    layout.add_text(document, "{{正文}}")
    layout.add_text(document, "{{进度图}}")
    layout.add_heading(document, "二、各单位进度", 1)
    if with_ranks:
        layout.add_text(document, "按到期任务的报送率排列，报送率相同的名次相同；没有到期任务的单位不排名次。")
        _add_ranked_units(document)
    else:
        _add_units(document)
    layout.add_heading(document, "三、逾期未报送任务", 1)
    _add_late(document, "逾期")


def _add_units(document: Document) -> None:
    layout.add_table(document, UNITS_HEAD, [_row("单位", UNITS_PARTS)], (1, 3, 1.2, 1.2, 1.2, 1.2, 1.4), texts=(1,))


def _add_ranked_units(document: Document) -> None:
    widths = (1, 3, 1.2, 1.2, 1.4, 1.2, 1.2, 1.4)
    layout.add_table(document, RANKED_HEAD, [_row("单位", RANKED_PARTS)], widths, texts=(1,))


def _add_late(document: Document, name: str) -> None:
    layout.add_table(document, LATE_HEAD, [_row(name, LATE_PARTS)], (1, 1.5, 3.7, 2.1, 2.1, 1.6), texts=(2, 3))


def _circular(document: Document) -> None:
    layout.add_title(document, "{{标题}}")
    layout.add_text(document, "{{正文}}")
    layout.add_text(
        document,
        "截至{{日期}}，全区任务{{任务总数}}项，报送率{{报送率}}，办结率{{办结率}}（已调整时限{{已调整时限}}项）。"
        "各单位进度和逾期任务附后。",
    )
    layout.add_blank(document)
    layout.add_text(document, "附件：1.各单位进度；2.逾期未报送任务")


def _annexes(document: Document) -> None:
    layout.add_annex_heading(document, "附件1")
    layout.add_title(document, "各单位进度")
    _add_units(document)
    layout.add_annex_heading(document, "附件2")
    layout.add_title(document, "逾期未报送任务")
    _add_late(document, "逾期")


def _supervision(document: Document) -> None:
    layout.add_title(document, "{{行政区}}法治政府建设示范创建督办单")
    layout.add_addressee(document, "{{单位}}：")
    layout.add_text(document, "{{事由}}")
    layout.add_text(document, "以下任务已逾期，请于{{要求时限}}前办结并在系统中报送；确有困难的，请书面说明原因。")
    _add_late(document, "任务")
    layout.add_text(document, "分管领导：{{分管领导}}    联络员：{{联络员}}")


def _on_site(document: Document) -> None:
    layout.add_title(document, "{{行政区}}法治政府建设示范创建现场核查清单", "（{{年度}}年度）")
    head = ("序号", "编号", "要点", "单位", "保管人", "存放地点", "核查记录")
    row = [*_row("项目", ("序号", "编号", "要点", "单位", "保管人", "地点")), ""]
    layout.add_table(document, head, [row], (1, 1.2, 2.9, 2.1, 1.4, 2.3, 1.6), texts=(2, 3, 5))


def _statement(document: Document) -> None:
    layout.add_title(document, "{{标题}}")
    layout.add_text(document, "{{情况说明}}")


def _inspection(document: Document) -> None:
    layout.add_title(document, "{{标题}}")
    layout.add_text(document, "{{正文}}")
    layout.add_text(
        document,
        "{{起始日}}至{{截止日}}，督导登记问题{{本期问题}}个，涉及整改{{本期整改}}项；同期销号{{本期销号}}项，反弹{{本期反弹}}项。"
        "截至{{日期}}，全区督导问题{{问题总数}}个、整改{{整改总数}}项，已销号{{已销号}}项，未销号{{未销号}}项，"
        "销号率{{销号率}}，按期销号率{{按期销号率}}；待核查{{待核查数}}项，逾期未报整改{{整改逾期数}}项。",
    )
    layout.add_blank(document)
    layout.add_text(document, "附件：1.督导发现的问题；2.各单位整改情况；3.逾期未报的整改")


def _inspection_annexes(document: Document) -> None:
    layout.add_annex_heading(document, "附件1")
    layout.add_title(document, "督导发现的问题")
    _add_problems(document, "问题", ("编号", "问题", "单位", "时限", "状态"), (1.4, 5.2, 2.4, 2.3, 1.7), texts=(2, 3))
    layout.add_annex_heading(document, "附件2")
    layout.add_title(document, "各单位整改情况")
    parts = ("序号", "名称", "整改", "已销号", "未销号", "逾期", "销号率", "按期销号率")
    head = ("序号", "单位", *parts[2:])
    layout.add_table(document, head, [_row("单位", parts)], (1, 2.6, 1, 1.2, 1.2, 1, 1.3, 1.8), texts=(1,))
    layout.add_annex_heading(document, "附件3")
    layout.add_title(document, "逾期未报的整改")
    _add_problems(document, "逾期", ("编号", "问题", "单位", "时限"), (1.4, 5.6, 2.8, 2.3), texts=(2, 3))


def _round_notice(document: Document) -> None:
    layout.add_title(document, "{{标题}}")
    layout.add_addressee(document, "各有关单位：")
    layout.add_text(
        document, "定于{{起始日}}至{{截止日}}开展{{轮次}}，到现场了解法治政府建设情况。现将有关事项通知如下。"
    )
    layout.add_heading(document, "一、督导重点", 1)
    layout.add_text(document, "重点指标：{{重点指标}}。")
    layout.add_text(document, "{{督导重点}}")
    layout.add_heading(document, "二、请单位准备", 1)
    layout.add_text(document, "{{请单位准备}}")
    layout.add_text(document, "现场提供的材料请放在手边；督导组的反馈意见由单位签收。")
    layout.add_text(document, "{{正文}}")
    layout.add_blank(document)
    layout.add_text(document, "附件：1.督导组；2.走访安排")


def _round_notice_annexes(document: Document) -> None:
    layout.add_annex_heading(document, "附件1")
    layout.add_title(document, "督导组")
    head = ("序号", "组名", "组长", "成员", "走访单位")
    layout.add_table(document, head, [_row("组", (*head[:-1], "单位"))], (1, 1.8, 1.5, 2.6, 6), texts=(3, 4))
    layout.add_annex_heading(document, "附件2")
    layout.add_title(document, "走访安排")
    planned = ("序号", "日期", "时段", "单位", "督导组", "组长")
    layout.add_table(document, planned, [_row("走访", planned)], (1, 2, 1.4, 4.6, 2, 1.6), texts=(3,))


def _round_report(document: Document) -> None:
    layout.add_title(document, "{{标题}}")
    layout.add_heading(document, "一、走访情况", 1)
    layout.add_text(
        document,
        "{{起始日}}至{{截止日}}，安排走访{{走访数}}次，已走访{{已记录数}}次、{{单位数}}个单位，反馈意见已签收{{已签收数}}份。"
        "现场查看{{查看数}}项：看到{{看到数}}项，未看到{{未看到数}}项，与所报不符{{不符数}}项。走访的单位见附件1，未看到和不符的见附件2。",
    )
    layout.add_heading(document, "二、好的做法", 1)
    layout.add_text(document, "{{好的做法}}")
    layout.add_heading(document, "三、发现的问题", 1)
    layout.add_text(
        document,
        "登记问题{{问题总数}}个，其中较重、严重的{{较重问题数}}个，涉及整改{{整改总数}}项。各单位的问题、整改时限和状态见附件3。",
    )
    layout.add_heading(document, "四、整改情况", 1)
    layout.add_text(
        document,
        "截至{{日期}}，本轮发现的问题已销号{{已销号}}项，未销号{{未销号}}项，销号率{{销号率}}，按期销号率{{按期销号率}}；"
        "待核查{{待核查数}}项，逾期未报整改{{整改逾期数}}项。",
    )
    layout.add_heading(document, "五、下一步要求", 1)
    layout.add_text(document, "{{正文}}")
    layout.add_blank(document)
    layout.add_text(document, "附件：1.走访的单位；2.未看到和不符的；3.各单位的问题和整改时限")


def _round_report_annexes(document: Document) -> None:
    layout.add_annex_heading(document, "附件1")
    layout.add_title(document, "走访的单位")
    visits = ("序号", "日期", "单位", "督导组", "看到", "未看到", "不符", "问题", "签收")
    widths = (1, 1.3, 2.3, 1.8, 1, 1.3, 1, 1, 2.8)
    layout.add_table(document, visits, [_row("走访", visits)], widths, texts=(2,))
    layout.add_annex_heading(document, "附件2")
    layout.add_title(document, "未看到和不符的")
    noted = ("序号", "单位", "查看内容", "结果", "说明")
    layout.add_table(document, noted, [_row("情况", noted)], (1, 1.9, 3.2, 1.4, 5.1), texts=(1, 2, 4))
    layout.add_annex_heading(document, "附件3")
    layout.add_title(document, "各单位的问题和整改时限")
    problems = ("单位", "编号", "问题", "要求", "时限", "状态")
    _add_problems(document, "问题", problems, (2.2, 1.4, 2.9, 2.4, 2.4, 1.8), texts=(1, 3, 4))


def _add_problems(
    document: Document, name: str, parts: Sequence[str], widths: Sequence[float], texts: Sequence[int]
) -> None:
    head = ("序号", *("整改要求" if part == "要求" else part for part in parts))
    layout.add_table(document, head, [_row(name, ("序号", *parts))], (1.1, *widths), texts=texts)


def _feedback(document: Document) -> None:
    layout.add_title(document, "{{行政区}}法治政府建设督导反馈意见书")
    layout.add_addressee(document, "{{单位}}：")
    layout.add_text(
        document, "{{起始日}}至{{截止日}}，督导检查组对你单位法治政府建设工作进行了督导，现将有关情况反馈如下。"
    )
    layout.add_text(document, "{{正文}}")
    layout.add_text(document, "{{整改意见}}")
    _add_problems(document, "问题", ("编号", "问题", "要求", "时限"), (1.4, 4.6, 3.4, 2.3), texts=(2, 3))


def _rectified(document: Document) -> None:
    layout.add_title(document, "{{单位}}督导问题整改报告")
    layout.add_addressee(document, "{{主办单位}}：")
    layout.add_text(
        document,
        "对督导反馈的{{问题总数}}个问题，我单位逐项明确措施、抓好整改。截至{{日期}}，已销号{{已销号}}项，未销号{{未销号}}项。"
        "现将整改情况报告如下。",
    )
    parts = ("序号", "编号", "问题", "措施", "进展", "佐证", "状态")
    head = ("序号", "编号", "问题", "整改措施", "整改情况", "佐证", "状态")
    layout.add_table(document, head, [_row("整改", parts)], (1.1, 1.4, 3, 2.5, 2.6, 2, 1.8), texts=(2, 3, 4, 5))
    layout.add_text(document, "{{正文}}")


def _approval(document: Document) -> None:
    layout.add_title(document, "{{行政区}}法治政府建设示范创建表彰审批表", "（{{评选名称}}）")
    rows = [
        ("类别", "{{类别}}"),
        ("所在单位", "{{单位}}"),
        ("职务", "{{职务}}"),
        ("主要事迹", "{{主要事迹}}"),
        ("推荐理由", "{{推荐理由}}"),
        ("所在单位意见", "\n\n\n\n（盖章）      年   月   日"),
        ("征求意见", "{{征求意见}}"),
        ("评选委员会意见", "{{表决结果}}\n\n\n\n（盖章）      年   月   日"),
        ("公示情况", "{{公示情况}}"),
        ("审批意见", "\n\n\n\n（盖章）      年   月   日"),
    ]
    layout.add_table(document, ("名称或姓名", "{{名称}}"), rows, (2, 8), texts=(1,))


def _decision(document: Document) -> None:
    layout.add_title(document, "关于表彰法治政府建设示范创建先进集体和先进个人的决定", "{{文号}}")
    layout.add_text(
        document,
        "在{{活动名称}}工作中，各单位扎实推进，涌现出一批表现突出的集体和个人。经提名、征求意见、评选委员会表决和公示（{{公示情况}}），"
        "决定对{{集体数}}个先进集体、{{个人数}}名先进个人予以表彰。",
    )
    layout.add_text(
        document, "希望受表彰的集体和个人珍惜荣誉、再接再厉。各单位要以先进为榜样，持续提升法治政府建设质效。"
    )
    layout.add_blank(document)
    layout.add_text(document, "附件：1.先进集体名单；2.先进个人名单")


def _commended_annexes(document: Document) -> None:
    layout.add_annex_heading(document, "附件1")
    layout.add_title(document, "先进集体名单")
    row = _row("集体", ("序号", "名称", "单位"))
    layout.add_table(document, ("序号", "集体名称", "所在单位"), [row], (1, 5, 4), texts=(1, 2))
    layout.add_annex_heading(document, "附件2")
    layout.add_title(document, "先进个人名单")
    row = _row("个人", ("序号", "名称", "单位", "职务"))
    layout.add_table(document, ("序号", "姓名", "单位", "职务"), [row], (1, 2, 4, 3), texts=(2, 3))


_MAKERS = {
    PaperKind.CIRCULAR: _circular,
    PaperKind.SUPERVISION: _supervision,
    PaperKind.ON_SITE: _on_site,
    PaperKind.STATEMENT: _statement,
    PaperKind.INSPECTION: _inspection,
    PaperKind.ROUND_NOTICE: _round_notice,
    PaperKind.ROUND_REPORT: _round_report,
    PaperKind.FEEDBACK: _feedback,
    PaperKind.RECTIFIED: _rectified,
    PaperKind.APPROVAL: _approval,
    PaperKind.DECISION: _decision,
}
_ANNEXES = {
    PaperKind.CIRCULAR: _annexes,
    PaperKind.INSPECTION: _inspection_annexes,
    PaperKind.ROUND_NOTICE: _round_notice_annexes,
    PaperKind.ROUND_REPORT: _round_report_annexes,
    PaperKind.DECISION: _commended_annexes,
}
