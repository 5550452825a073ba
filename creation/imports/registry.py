"""The kinds of import by name."""

from creation.imports import (
    answers,
    editions,
    finding_changes,
    findings,
    indicator_columns,
    indicators,
    liaison_changes,
    liaison_columns,
    liaisons,
    readings,
)
from creation.imports.kinds import ImportKind
from creation.rules.policy import Permission

INDICATORS = ImportKind(
    "indicators",
    "附件1 任务分解表",
    Permission.CAMPAIGN_MANAGE,
    indicator_columns.COLUMNS,
    indicators.plan,
    indicators.apply,
    "assignments",
    "一行一个要点，名称前写编号，如“4-3-3 每年组织案卷评查”。没有的指标会新增，分工按表调整；表中没有写到的要点不动。"
    "导入后到“预览并下发”发给单位。",
    "任务分解表",
    indicators.rows,
    ignored_headings=indicators.IGNORED,
    has_unit_tables=True,
    has_levels=True,
)
EDITIONS = ImportKind(
    "editions",
    "新版指标体系（附件1）",
    Permission.CAMPAIGN_MANAGE,
    editions.COLUMNS,
    editions.plan,
    editions.apply,
    "edition_compare",
    "一行一个要点，名称前写编号，如“4-3-3 每年组织案卷评查”。表中须有新版的全部要点：没有写到的视为删除。"
    "导入后先逐项对照、确认对应关系，确认之前什么都不会改。",
    "指标体系",
    editions.rows,
    ignored_headings=(*indicators.IGNORED, *editions.LEFT_TO_THE_CAMPAIGN),
    has_levels=True,
    has_whole_system=True,
    is_divisible=False,
)
LIAISONS = ImportKind(
    "liaisons",
    "附件3 联络员信息表",
    Permission.LIAISONS_MANAGE,
    liaison_columns.COLUMNS,
    liaisons.plan,
    liaison_changes.apply,
    "liaisons",
    "一行一名联络员。没有的单位先问您，您选“新建单位”才新建；没有账号的人会建立账号；导入后到“联络员”页签发一次性登录链接。空格不改动已有内容。",
    "联络员信息表",
    liaisons.rows,
    ignored_headings=liaisons.IGNORED,
    has_forms=True,
)
READINGS = ImportKind(
    "readings",
    "指标数据",
    Permission.TASK_DRAFT,
    readings.COLUMNS,
    readings.plan,
    readings.apply,
    "task_list",
    "一行一个测量项。比率填分子、分母，数量填数量，日期填日期；没有填写的行不改动。",
    "指标数据",
    readings.rows,
    ignored_headings=("序号",),
    has_periods=True,
)
ANSWERS = ImportKind(
    "answers",
    "离线填报的答复",
    Permission.TASK_DRAFT,
    answers.COLUMNS,
    answers.plan,
    answers.apply,
    "task_list",
    "先下载填报表（或在“台账”中导出台账），在电脑上填写文字，再导入。内容进入您自己的草稿，报送仍在网页上逐项进行。"
    "空格不改动已有内容；网上另有改动的格子会逐格询问。",
    "填报表",
    answers.rows,
    answers.READ_ONLY,
)
FINDINGS = ImportKind(
    "findings",
    "问题清单",
    Permission.FINDING_RECORD,
    findings.COLUMNS,
    findings.plan,
    finding_changes.apply,
    "rectifications",
    "一行一个问题；一个问题有几个责任单位的，可写在一格里，也可一个单位一行、用同一个序号，各写各的时限。"
    "新问题的编号留空，导入时自动生成。导入后各单位收到整改任务。空格不改动已有内容。",
    "问题清单",
    findings.rows,
    ignored_headings=findings.IGNORED,
    has_forms=True,
)
KINDS: dict[str, ImportKind] = {
    kind.name: kind for kind in (INDICATORS, EDITIONS, LIAISONS, READINGS, ANSWERS, FINDINGS)
}
