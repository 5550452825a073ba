"""The papers of supervision: 督导通报, 反馈意见书, 整改报告."""

from creation.audit.actor import Actor
from creation.models import Campaign, PaperKind
from creation.tasks.rectification_figures import DEFINITIONS
from reports.word import facts
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


def _feedback(campaign: Campaign, inputs: PaperInputs, actor: Actor) -> FieldValues:
    first, last, unit = inputs["first"], inputs["last"], inputs["unit"]
    fields = common(campaign, actor) | facts.of_unit(campaign, unit, actor.today)
    rows = found.problems(campaign, actor.today, first, last, unit)
    fields |= {"起始日": date_text(first), "截止日": date_text(last), "正文": inputs["text"], "问题数": str(len(rows))}
    return FieldValues(fields, {"问题": rows})


def _rectified(campaign: Campaign, inputs: PaperInputs, actor: Actor) -> FieldValues:
    unit = inputs["unit"]
    fields = common(campaign, actor) | facts.of_unit(campaign, unit, actor.today)
    fields |= found.figures(campaign, actor.today, unit) | {"正文": inputs.get("text") or ""}
    return FieldValues(fields, {"整改": found.rectified(campaign, actor.today, unit)})


TABLE = (
    PaperDefinition(
        PaperKind.INSPECTION,
        "一轮督导或一段时间的通报：发现的问题、各单位销号情况和逾期整改由系统填好，正文由您写。",
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
