"""The papers of supervision: 督导通知 and 督导轮次通报 of a round, 督导通报 of a period, 反馈意见书, 整改报告."""

from creation.audit.actor import Actor
from creation.models import Campaign, PaperKind
from creation.tasks.rectification_figures import DEFINITIONS
from reports.word import facts, round_facts
from reports.word import rectification_facts as found
from reports.word.definition import COMMON, PaperDefinition, PaperInputs, common, date_text
from reports.word.template_filling import FieldDictionary, FieldValues

FIGURES = {
    "问题总数": "整改所涉的问题",
    "整改总数": DEFINITIONS["整改"],
    "待核查数": DEFINITIONS["待核查"],
    "整改逾期数": DEFINITIONS["整改逾期"],
    "长期坚持数": DEFINITIONS["长期坚持"],
    "反弹数": DEFINITIONS["反弹"],
} | {name: DEFINITIONS[name] for name in ("已销号", "未销号", "销号率", "按期销号率")}
PERIOD = {
    "起始日": "督导的第一天",
    "截止日": "督导的最后一天",
    "本期问题": "这些天登记的问题",
    "本期整改": "这些问题的整改",
    "本期销号": "这些天销号的整改",
    "本期反弹": "这些天反弹的整改",
}
TEXT = {"标题": "填写的标题", "正文": "填写的正文"}
TO_MEND = "请对照以下{}个问题，逐项明确整改措施、责任领导和责任人，在时限前报送整改情况和佐证资料，经核查后销号。"
NOTHING_TO_MEND = "这段时间没有登记由你单位整改的问题。"
PROBLEM = {
    "序号": "",
    "编号": "",
    "来源": "",
    "问题": "问题表述",
    "要求": "整改要求",
    "单位": "",
    "时限": "",
    "状态": "",
}
UNIT = {"序号": "", "名称": "", "整改": "", "已销号": "", "未销号": "", "逾期": "", "销号率": "", "按期销号率": ""}
RECTIFIED = {
    **{
        "序号": "",
        "编号": "",
        "问题": "问题表述",
        "措施": "整改措施",
        "进展": "最近的整改情况",
        "佐证": "资料的编号",
    },
    **{"责任人": "", "时限": "", "状态": "", "销号日期": ""},
}
ROUND = {
    "标题": "填写的标题；没有填写的自动写",
    "轮次": "本轮督导的名称",
    "起始日": "本轮的第一天",
    "截止日": "本轮的最后一天",
    "重点指标": "本轮的重点指标；没有选的为“全部指标”",
    "督导重点": "",
    "请单位准备": "",
    "正文": "填写的正文",
}
VISITED = {
    "走访数": "安排的走访，不含取消的",
    "已记录数": "已记录的走访",
    "单位数": "已走访的单位",
    "已签收数": "单位已签收反馈意见的走访",
    "查看数": "现场查看的事项",
    "看到数": "",
    "未看到数": "",
    "不符数": "与所报不符的",
    "较重问题数": "程度较重、严重的问题",
    "好的做法": "填写的好的做法",
}
TEAM = {"序号": "", "组名": "", "组长": "", "成员": "", "单位": "走访的单位"}
PLANNED = {"序号": "", "日期": "", "时段": "上午、下午或全天", "单位": "单位全称", "督导组": "", "组长": ""}
VISIT = dict.fromkeys(("序号", "日期", "单位", "督导组", "看到", "未看到", "不符", "问题", "签收"), "")
NOTED = {"序号": "", "单位": "", "查看内容": "", "结果": "未看到、不符", "说明": ""}
OF_UNIT = {"单位": "单位全称", "联络员": "该单位联络员", "分管领导": "该单位分管领导"}


def _inspection(campaign: Campaign, inputs: PaperInputs, actor: Actor) -> FieldValues:
    first, last = inputs["first"], inputs["last"]
    fields = common(campaign, actor) | found.figures(campaign, actor.today) | found.moves_of(campaign, first, last)
    fields |= {"起始日": date_text(first), "截止日": date_text(last), "标题": inputs["title"], "正文": inputs["text"]}
    lists = {
        "问题": found.problems(campaign, actor.today, first, last),
        "单位": found.units(campaign, actor.today),
        "逾期": found.overdue(campaign, actor.today),
    }
    return FieldValues(fields, lists)


def _round_notice(campaign: Campaign, inputs: PaperInputs, actor: Actor) -> FieldValues:
    row = inputs["round"]
    fields = common(campaign, actor) | round_facts.of_round(row)
    fields |= {"标题": inputs.get("title") or f"关于开展{row.name}的通知", "正文": inputs.get("text") or ""}
    return FieldValues(fields, {"组": round_facts.teams(row), "走访": round_facts.planned(row)})


def _round_report(campaign: Campaign, inputs: PaperInputs, actor: Actor) -> FieldValues:
    row = inputs["round"]
    visited, lists = round_facts.visited(row)
    figures, problems = round_facts.found(campaign, row, actor.today)
    fields = common(campaign, actor) | round_facts.of_round(row) | visited | figures
    fields |= {
        "标题": inputs.get("title") or f"关于{row.name}情况的通报",
        "好的做法": inputs.get("practice") or "本轮没有列出好的做法。",
        "正文": inputs.get("text") or "",
    }
    return FieldValues(fields, lists | {"问题": problems})


def _feedback(campaign: Campaign, inputs: PaperInputs, actor: Actor) -> FieldValues:
    first, last, unit = inputs["first"], inputs["last"], inputs["unit"]
    fields = common(campaign, actor) | facts.of_unit(campaign, unit, actor.today)
    rows = found.problems(campaign, actor.today, first, last, unit)
    fields |= {"起始日": date_text(first), "截止日": date_text(last), "正文": inputs["text"], "问题数": str(len(rows))}
    fields["整改意见"] = TO_MEND.format(len(rows)) if rows else NOTHING_TO_MEND
    return FieldValues(fields, {"问题": rows})


def _rectified(campaign: Campaign, inputs: PaperInputs, actor: Actor) -> FieldValues:
    unit = inputs["unit"]
    fields = common(campaign, actor) | facts.of_unit(campaign, unit, actor.today)
    fields |= found.figures(campaign, actor.today, unit) | {"正文": inputs.get("text") or ""}
    return FieldValues(fields, {"整改": found.rectified(campaign, actor.today, unit)})


TABLE = (
    PaperDefinition(
        PaperKind.ROUND_NOTICE,
        "一轮督导开始前发给各单位的通知：时间、重点、请单位准备什么，督导组和走访安排自动填好。",
        FieldDictionary(COMMON | ROUND, {"组": TEAM, "走访": PLANNED}),
        ("round", "title", "text"),
        _round_notice,
        labels={"title": "标题（可不填）", "text": "其他要求（可不填）"},
        optional=("title", "text"),
    ),
    PaperDefinition(
        PaperKind.ROUND_REPORT,
        "一轮督导的通报：走访了哪些单位、看到什么、好的做法、各单位的问题和整改时限、到目前的销号情况。",
        FieldDictionary(COMMON | ROUND | VISITED | FIGURES, {"走访": VISIT, "情况": NOTED, "问题": PROBLEM}),
        ("round", "title", "practice", "text"),
        _round_report,
        labels={"title": "标题（可不填）", "text": "下一步要求"},
        optional=("title",),
    ),
    PaperDefinition(
        PaperKind.INSPECTION,
        "一段时间的督导通报：发现的问题、各单位销号情况和逾期整改自动填好，正文由您写。",
        FieldDictionary(COMMON | FIGURES | PERIOD | TEXT, {"问题": PROBLEM, "单位": UNIT, "逾期": PROBLEM}),
        ("first", "last", "title", "text"),
        _inspection,
        labels={"first": "督导第一天", "last": "督导最后一天"},
    ),
    PaperDefinition(
        PaperKind.FEEDBACK,
        "发给一个单位的反馈意见：列出这段时间登记的、由它整改的问题，各自的整改要求和时限。",
        FieldDictionary(
            COMMON
            | OF_UNIT
            | {
                "起始日": PERIOD["起始日"],
                "截止日": PERIOD["截止日"],
                "正文": "填写的总体意见",
                "问题数": "列出的问题",
                "整改意见": "请对照以下几个问题整改；没有问题的，写没有",
            },
            {"问题": PROBLEM},
        ),
        ("unit", "first", "last", "text"),
        _feedback,
        labels={"unit": "被督导单位", "first": "督导第一天", "last": "督导最后一天", "text": "总体意见"},
    ),
    PaperDefinition(
        PaperKind.RECTIFIED,
        "一个单位的整改报告，由该单位盖章：每个问题的整改措施、整改情况、佐证和是否销号。",
        FieldDictionary(COMMON | OF_UNIT | FIGURES | {"正文": "填写的下一步打算"}, {"整改": RECTIFIED}),
        ("unit", "text"),
        _rectified,
        labels={"unit": "报告单位", "text": "下一步打算（可不填）"},
        optional=("text",),
        of_unit=True,
    ),
)
