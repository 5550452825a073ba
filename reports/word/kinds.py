"""The papers with templates: the fields and inputs of each kind, and the functions that read its values.

Those of supervision are in ``supervision_kinds``.
"""

from creation.audit.actor import Actor
from creation.models import Campaign, PaperKind
from creation.tasks.figures import DEFINITIONS
from reports.word import charts, commended, facts, rectification_facts, supervision_kinds
from reports.word.definition import COMMON, PaperDefinition, PaperInputs, common, date_text
from reports.word.template_filling import FieldDictionary, FieldValues

FIGURES = {
    "任务总数": DEFINITIONS["任务"],
    "逾期数": DEFINITIONS["逾期"],
    "退回数": DEFINITIONS["退回"],
} | {name: DEFINITIONS[name] for name in ("已报送", "已通过", "报送率", "办结率", "已调整时限")}
PERIOD = {
    "期号": "填写的期号",
    "起始日": "统计期第一天",
    "截止日": "统计期最后一天",
    "本期报送": "统计期内报送的任务",
    "本期通过": "统计期内通过的任务",
    "本期退回": "统计期内退回的任务",
    "整改情况": "督导整改的一句话：整改、已销号、销号率、按期销号率；没有督导问题的为空",
}
TEXT = {"标题": "填写的标题", "正文": "填写的正文"}
UNITS = dict.fromkeys(("序号", "名称", "任务", "已报送", "已通过", "逾期", "报送率", "办结率"), "")
RANKED_UNITS = UNITS | {"名次": "按报送率的名次；“名称与规则”里没有勾选的为空"}
CHARTS = {"进度图": "各部分办结情况、办结进度与计划两张图，要单独占一段"}
LATE = {"序号": "", "编号": "", "名称": "", "单位": "", "时限": "", "天数": "逾期天数"}
OF_UNIT = {
    "单位": "被督办单位",
    "联络员": "该单位联络员",
    "分管领导": "该单位分管领导",
    "要求时限": "填写的办结时限",
    "事由": "填写的督办事由",
    "办理要求": "何日前办结；有没有逾期未办的任务",
}
TO_DO = "请于{}前办结并在系统中报送；确有困难的，请书面说明原因。"
ALSO_LATE, NOT_LATE = "下列任务已经逾期，请一并办结。", "截至{}，你单位没有逾期未办的任务。"
ON_SITE = {"序号": "", "编号": "", "要点": "", "单位": "", "保管人": "", "地点": ""}
STATEMENT = {
    "单位": "报送单位",
    "要点编号": "",
    "要点": "",
    "标题": "如：关于“……”（4-3-3）的情况说明",
    "情况说明": "正文，不含标题和落款",
    "报送日期": "正文中写明的日期，没有写的为报送日期",
}

APPROVAL = {
    "评选名称": "评选表彰的名称",
    "类别": "集体或个人",
    "名称": "集体的名称，或个人的姓名",
    "单位": "所在单位",
    "职务": "个人的职务",
    "主要事迹": "",
    "推荐理由": "",
    "征求意见": "各部门的答复，一行一个",
    "表决结果": "如：同意 9，不同意 0，弃权 1，回避 1",
    "公示情况": "公示的起止日期",
}
DECISION = {
    "评选名称": "评选表彰的名称",
    "文号": "填写的决定文号",
    "决定日期": "如：2026年12月28日",
    "集体数": "表彰的集体的个数",
    "个人数": "表彰的个人的人数",
    "公示情况": "公示的起止日期",
}
COMMENDED = {"序号": "", "名称": "集体的名称，或个人的姓名", "单位": "", "职务": ""}


def _bulletin(campaign: Campaign, inputs: PaperInputs, actor: Actor) -> FieldValues:
    fields = common(campaign, actor) | facts.figures(campaign, actor.today)
    title = inputs.get("title") or f"{campaign.district}法治政府建设示范创建工作简报"
    fields |= {"期号": str(inputs.get("issue") or ""), "标题": title, "正文": inputs.get("text", "")}
    first, last = inputs["first"], inputs["last"]
    fields |= {"起始日": date_text(first), "截止日": date_text(last)} | facts.moves_of(campaign, first, last)
    fields["整改情况"] = rectification_facts.sentence(campaign, actor.today)
    units = facts.units(campaign, actor.today, ranked=campaign.ranking)
    lists = {"单位": units, "逾期": facts.late(campaign, actor.today)}
    return FieldValues(fields, lists, {"进度图": charts.numbered(charts.overview(campaign, actor.today))})


def _circular(campaign: Campaign, inputs: PaperInputs, actor: Actor) -> FieldValues:
    fields = common(campaign, actor) | facts.figures(campaign, actor.today)
    fields |= {"标题": inputs["title"], "正文": inputs["text"]}
    return FieldValues(fields, {"单位": facts.units(campaign, actor.today), "逾期": facts.late(campaign, actor.today)})


def _supervision(campaign: Campaign, inputs: PaperInputs, actor: Actor) -> FieldValues:
    unit = inputs["unit"]
    fields = common(campaign, actor) | facts.of_unit(campaign, unit, actor.today)
    late = facts.late(campaign, actor.today, unit)
    asked = TO_DO.format(date_text(inputs["due"])) + (ALSO_LATE if late else NOT_LATE.format(date_text(actor.today)))
    fields |= {"要求时限": date_text(inputs["due"]), "事由": inputs["text"], "办理要求": asked}
    return FieldValues(fields, {"任务": late})


def _statement(campaign: Campaign, inputs: PaperInputs, actor: Actor) -> FieldValues:
    return FieldValues(common(campaign, actor) | facts.statement(inputs["task"], facts.sheet_of(inputs["task"])))


def _on_site(campaign: Campaign, inputs: PaperInputs, actor: Actor) -> FieldValues:
    return FieldValues(common(campaign, actor), {"项目": facts.on_site(campaign, inputs.get("unit"))})


def _approval(campaign: Campaign, inputs: PaperInputs, actor: Actor) -> FieldValues:
    return FieldValues(common(campaign, actor) | commended.approval(inputs["nomination"]))


def _decision(campaign: Campaign, inputs: PaperInputs, actor: Actor) -> FieldValues:
    found = inputs["commendation"]
    fields = common(campaign, actor) | commended.decision(found)
    fields["决定日期"] = date_text(found.decided_on)
    return FieldValues(fields, commended.lists(found))


_TABLE = (
    PaperDefinition(
        PaperKind.BULLETIN,
        "每周或每月的进度简报：总体数字、进度图、各单位进度、逾期清单，加上您写的正文。先预览成页，再发出。",
        FieldDictionary(COMMON | FIGURES | PERIOD | TEXT, {"单位": RANKED_UNITS, "逾期": LATE}, CHARTS),
        ("issue", "first", "last", "title", "text"),
        _bulletin,
        is_issued=True,
        optional=("title", "text"),
    ),
    PaperDefinition(
        PaperKind.CIRCULAR,
        "通报进度或问题：正文由您写，附各单位进度和逾期清单。",
        FieldDictionary(COMMON | FIGURES | TEXT, {"单位": UNITS, "逾期": LATE}),
        ("title", "text"),
        _circular,
    ),
    PaperDefinition(
        PaperKind.SUPERVISION,
        "发给一个单位的督办单：列出它逾期未办的任务和要求的时限。",
        FieldDictionary(COMMON | OF_UNIT, {"任务": LATE}),
        ("unit", "due", "text"),
        _supervision,
        labels={"unit": "被督办单位", "text": "督办事由"},
    ),
    PaperDefinition(
        PaperKind.ON_SITE,
        "以“现场提供”答复的要点、保管人和存放地点，供实地核查时使用。",
        FieldDictionary(COMMON, {"项目": ON_SITE}),
        ("any_unit",),
        _on_site,
    ),
    PaperDefinition(
        PaperKind.STATEMENT,
        "一项任务的情况说明，按公文格式排好，供打印盖章。",
        FieldDictionary(COMMON | STATEMENT),
        ("task",),
        _statement,
    ),
    PaperDefinition(
        PaperKind.APPROVAL,
        "一份提名的表彰审批表：事迹、征求意见、表决和公示情况自动填好，供各级签署意见、盖章。",
        FieldDictionary(COMMON | APPROVAL),
        ("nomination",),
        _approval,
        may_be_stamped=False,
    ),
    PaperDefinition(
        PaperKind.DECISION,
        "关于表彰先进集体和个人的决定，名单自动填好。登记决定以后才能生成。",
        FieldDictionary(COMMON | DECISION, {"集体": COMMENDED, "个人": COMMENDED}),
        ("commendation",),
        _decision,
    ),
)
KINDS: dict[str, PaperDefinition] = {kind.paper.value: kind for kind in (*_TABLE, *supervision_kinds.TABLE)}
