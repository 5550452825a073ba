"""The Yuanhui preset agrees with the plan, and a faulty file is reported in a sentence."""

import itertools
import re
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from creation import models, presets
from creation.lib.refusals import Refusal
from creation.notices.reminders import CONDITIONS
from creation.presets import Preset, schema
from creation.rules.targets import Comparator, MeasureKind

OFFICIAL = {
    "依法全面履行政府职能": [
        "深化行政审批制度改革",
        "落实权责清单制度",
        "优化政府职能",
        "优化法治化营商环境",
        "提高公共法律服务效能",
    ],
    "完善依法行政制度体系": [
        "完善行政规范性文件制定",
        "加强行政规范性文件合法性审查",
        "强化行政规范性文件备案和清理",
    ],
    "推进重大行政决策科学化、民主化、合法化": ["健全依法决策机制", "完善行政决策程序", "强化行政决策规范化建设"],
    "行政执法严格规范公正文明": [
        "加强行政执法规范化建设",
        "提高行政执法效能",
        "落实行政执法责任制",
        "健全行政执法人员管理制度",
        "扎实推进服务型行政执法建设",
    ],
    "强化行政权力制约监督": [
        "自觉接受党内监督、人大监督、司法监督、监察监督、民主监督",
        "加强行政监督和审计监督",
        "完善社会监督和舆论监督机制",
        "深入推进政务公开",
    ],
    "依法有效化解社会矛盾纠纷": ["健全社会矛盾纠纷多元化解机制", "加强行政复议工作", "加强和完善全民普法"],
    "全面提升政府工作人员法治思维和依法行政能力": [
        "树立重视法治素养和法治能力的用人导向",
        "加强政府工作人员的法治培训",
        "加强法治队伍建设",
    ],
    "落实法治政府建设组织领导": ["加强党对法治政府建设的领导", "落实法治建设责任制"],
}

TARGETS = {  # item, kind, comparator, target, period; the plan, section 四
    ("2-2", "ratio", "eq", "100", "year"),
    ("4-1", "ratio", "ge", "5", "year"),
    ("4-3", "count", "ge", "1", "year"),
    ("4-4", "count", "ge", "40", "year"),
    ("5-1", "ratio", "ge", "95", "year"),
    ("5-1", "ratio", "eq", "100", "year"),
    ("5-2", "ratio", "eq", "100", "year"),
    ("5-4", "ratio", "eq", "100", "year"),
    ("6-3", "ratio", "ge", "80", "year"),
    ("7-2", "count", "ge", "1", "quarter"),
    ("8-1", "count", "ge", "1", "year"),
    ("8-1", "date", "le", "03-31", "year"),
}

PHASES = {
    "mobilization": ("进行动员部署", (6, 21), (7, 10)),
    "inspection": ("迎接集中督导", (7, 1), (11, 30)),
    "evidence": ("收集印证资料", (7, 11), (8, 10)),
    "assessment": ("形成自评报告", (8, 1), (8, 15)),
    "application": ("提交申报材料", None, None),
    "publicity": ("营造创建氛围", None, None),
    "commendation": ("总结提升表彰", (12, 10), (12, 31)),
}

SECTION_NUMBERS = "一二三四五六七八"


@pytest.fixture(scope="module")
def yuanhui() -> Preset:
    return presets.load("yuanhui")


def test_the_titles_of_sections_and_items_are_exactly_the_plans(yuanhui: Preset) -> None:
    assert {section.title: [item.title for item in section.items] for section in yuanhui.sections} == OFFICIAL
    assert (len(yuanhui.sections), len(yuanhui.items)) == (8, 28)


def test_every_item_is_broken_down_into_checkpoints_that_say_what_proves_them(yuanhui: Preset) -> None:
    assert len(yuanhui.checkpoints) == 92
    assert all(len(item.checkpoints) >= 2 for item in yuanhui.items)
    for checkpoint in yuanhui.checkpoints:
        assert len(checkpoint.proof) >= 20, checkpoint.code
        assert checkpoint.proof.endswith("。"), checkpoint.code
        assert set(checkpoint.kinds) <= schema.EVIDENCE_KINDS, checkpoint.code


def test_codes_count_through_and_clauses_follow_the_plans_numbering(yuanhui: Preset) -> None:
    for number, section in enumerate(yuanhui.sections, 1):
        assert section.code == str(number)
        for place, item in enumerate(section.items, 1):
            assert (item.code, item.clause) == (
                f"{number}-{place}",
                f"第四部分（{SECTION_NUMBERS[number - 1]}）第{place}项",
            )
            codes = [checkpoint.code for checkpoint in item.checkpoints]
            assert codes == [f"{item.code}-{n}" for n in range(1, len(codes) + 1)]
            assert {checkpoint.clause for checkpoint in item.checkpoints} == {item.clause}


def test_every_checkpoint_quotes_the_plan(yuanhui: Preset) -> None:
    for checkpoint in yuanhui.checkpoints:
        assert len(checkpoint.wording) > len(checkpoint.title), checkpoint.code
        assert checkpoint.wording.endswith("。"), checkpoint.code
        assert not set(checkpoint.wording) & set(",;()"), checkpoint.code
    quoted = {checkpoint.code: checkpoint.wording for checkpoint in yuanhui.checkpoints}
    assert quoted["4-4-2"] == "每年开展行政执法人员法律知识培训不少于40个学时。"
    assert "办理满意度95%以上" in quoted["5-1-2"]


def test_titles_and_proofs_are_not_written_twice(yuanhui: Preset) -> None:
    for words in ([c.title for c in yuanhui.checkpoints], [c.proof for c in yuanhui.checkpoints]):
        assert [word for word, times in Counter(words).items() if times > 1] == []


def test_the_measured_targets_are_the_plans_and_the_thirteenth_is_marked_as_our_interpretation(yuanhui: Preset) -> None:
    told = {
        (m.checkpoint[:3], str(m.kind), str(m.comparator), str(m.target or m.target_month_day), m.period)
        for m in yuanhui.measures
    }
    assert told == TARGETS
    assert len(yuanhui.measures) == 13
    assert len({m.checkpoint for m in yuanhui.measures}) == 13
    (audit,) = (m for m in yuanhui.measures if m.checkpoint == "5-2-3")
    assert "本系统的理解" in audit.note


def test_a_measure_has_what_its_kind_is_judged_by(yuanhui: Preset) -> None:
    for measure in yuanhui.measures:
        assert bool(measure.denominator) == (measure.kind == MeasureKind.RATIO), measure.name
        assert (measure.target is None) == (measure.kind == MeasureKind.DATE), measure.name
        assert bool(measure.target_month_day) == (measure.kind == MeasureKind.DATE), measure.name
    (hours,) = (m for m in yuanhui.measures if m.checkpoint == "4-4-2")
    assert (hours.target, hours.comparator, hours.unit) == (Decimal(40), Comparator.AT_LEAST, "学时")


@pytest.mark.parametrize("year", [2021, 2026])
def test_the_phases_move_with_the_year_and_two_wait_for_a_notice(yuanhui: Preset, year: int) -> None:
    expected = {
        kind: (name, (date(year, *starts), date(year, *ends)) if starts and ends else None)
        for kind, (name, starts, ends) in PHASES.items()
    }
    assert {phase.kind: (phase.name, phase.dates(year)) for phase in yuanhui.phases} == expected
    waiting = {phase.kind: phase.announced for phase in yuanhui.phases if phase.announced}
    assert waiting == dict.fromkeys(["application", "publicity"], "以省、国家通知为准")


def test_mobilization_asks_for_all_that_the_plan_asks_for(yuanhui: Preset) -> None:
    actions = {action.title: action for action in yuanhui.phases[0].actions}
    for word in ("工作专班", "联络员", "工作方案", "再动员", "亲自部署", "亲自过问", "亲自协调", "亲自督办"):
        (action,) = (action for title, action in actions.items() if word in title and action.audience != "office")
        assert action.audience == "every_unit", word
    assert actions["接入依法行政督导平台"].units == tuple(u.short_name for u in yuanhui.units if u.kind == "township")
    for word in ("动员会", "实施方案", "台账"):
        assert [action for title, action in actions.items() if word in title and action.audience == "office"], word


def test_no_unit_has_more_than_twelve_common_actions(yuanhui: Preset) -> None:
    assert len([action for action in yuanhui.actions if action.audience == "every_unit"]) <= 12
    assert all(phase.actions for phase in yuanhui.phases)
    assert all("upload" in action.modes and action.clause for action in yuanhui.actions)


def test_an_action_is_due_within_its_phase_and_undated_while_the_phase_is(yuanhui: Preset) -> None:
    for phase in yuanhui.phases:
        dates = phase.dates(2026)
        for action in phase.actions:
            due_on = action.due_on(dates and dates[1])
            assert due_on is None if dates is None else dates[0] <= due_on <= dates[1], action.code
    plan = next(action for action in yuanhui.actions if action.code == "D-3")
    assert plan.due_on(date(2026, 7, 10)) == date(2026, 7, 8)


def test_every_checkpoint_has_one_lead_and_the_division_is_marked_as_an_example(yuanhui: Preset) -> None:
    units = {unit.short_name for unit in yuanhui.units}
    assert set(yuanhui.assignments) == {checkpoint.code for checkpoint in yuanhui.checkpoints}
    for code, assignment in yuanhui.assignments.items():
        assert assignment.lead in units, code
        assert set(assignment.assists) <= units - {assignment.lead}, code
        assert len(set(assignment.assists)) == len(assignment.assists), code
    assert yuanhui.example is True


def test_each_unit_gets_ten_to_forty_checkpoints(yuanhui: Preset) -> None:
    load = Counter(unit for a in yuanhui.assignments.values() for unit in (a.lead, *a.assists))
    assert {u.short_name: load[u.short_name] for u in yuanhui.units if not 10 <= load[u.short_name] <= 40} == {}


def test_a_group_means_its_units_without_the_lead(yuanhui: Preset) -> None:
    townships = tuple(unit.short_name for unit in yuanhui.units if unit.kind == "township")
    assert len(townships) == 8
    assert yuanhui.assignments["1-5-2"].assists == townships
    everyone = yuanhui.assignments["7-2-1"]
    assert {everyone.lead, *everyone.assists} == {unit.short_name for unit in yuanhui.units}


def test_the_register_is_the_districts(yuanhui: Preset) -> None:
    assert (yuanhui.district.name, yuanhui.district.parent, yuanhui.district.host) == (
        "漯河市源汇区",
        "漯河市",
        "区司法局",
    )
    assert 42 <= len(yuanhui.units) <= 46
    assert [unit.order for unit in yuanhui.units] == list(range(1, len(yuanhui.units) + 1))
    assert (yuanhui.system.name, yuanhui.system.edition) == ("源汇区法治政府建设示范创建指标体系", "2021")


def test_material_is_admissible_from_two_years_before(yuanhui: Preset) -> None:
    assert yuanhui.window(2026) == (date(2024, 1, 1), date(2026, 12, 31))


def test_the_evidence_phase_reminds_liaisons_by_the_lead_times(yuanhui: Preset) -> None:
    (rule,) = [each for each in yuanhui.reminder_rules if (each.phase, each.condition) == ("evidence", "unanswered")]
    assert rule.audience == "liaison"
    assert (rule.lead_times, rule.overdue_every) == ((30, 14, 7, 3, 1, 0), 2)


def test_every_phase_reminds_of_what_it_lacks(yuanhui: Preset) -> None:
    found = {(rule.phase, rule.condition) for rule in yuanhui.reminder_rules}
    assert {phase for phase, condition in found if condition == "unanswered"} == schema.PHASE_KINDS
    assert {phase for phase, condition in found if condition == "office_items"} == schema.PHASE_KINDS
    assert {phase for phase, condition in found if condition == "review_waiting"} == schema.PHASE_KINDS
    assert {phase for phase, condition in found if condition == "not_entered"} == {"application"}
    undated = {phase.kind for phase in yuanhui.phases if phase.announced}
    assert {phase for phase, condition in found if condition == "undated"} == undated
    assert {("mobilization", "no_liaison"), ("assessment", "units_behind"), ("publicity", "units_behind")} <= found


def test_the_inspection_is_never_silent_for_more_than_a_month(yuanhui: Preset) -> None:
    [phase] = [each for each in yuanhui.phases if each.kind == "inspection"]
    [rule] = [each for each in yuanhui.reminder_rules if (each.phase, each.condition) == ("inspection", "unanswered")]
    [action] = [each for each in phase.actions if each.audience == "every_unit"]
    starts, ends = phase.dates(2026) or (date.max, date.max)
    due_on = action.due_on(ends) or date.max
    days = [starts, *(due_on - timedelta(days=step) for step in rule.lead_times)]
    assert max((after - before).days for before, after in itertools.pairwise(days)) <= 31


def test_the_words_of_the_data_are_the_models_words() -> None:
    assert set(models.UnitKind.values) == schema.UNIT_KINDS
    assert set(models.PhaseKind.values) == schema.PHASE_KINDS
    assert set(models.Audience.values) == schema.AUDIENCES
    assert set(models.RuleAudience.values) == schema.RULE_AUDIENCES
    assert set(CONDITIONS) == schema.CONDITIONS
    assert set(models.AnswerMode.values) == schema.ANSWER_MODES
    assert set(models.EvidenceKind.values) - {"statement"} == schema.EVIDENCE_KINDS
    assert {value for value, _ in models.Measure._meta.get_field("period").choices or ()} == schema.PERIODS


def test_reading_a_preset_does_not_load_django() -> None:
    program = "import sys; from creation.presets import load; load('yuanhui'); sys.exit('django' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], cwd=Path(__file__).parents[2], check=False).returncode == 0


def test_an_unknown_preset_is_refused_with_the_names_that_exist() -> None:
    assert presets.available() == ["yuanhui"]
    for name in ("yuanhuì", "", "../presets/yuanhui"):
        with pytest.raises(Refusal, match=re.escape(f"没有名为“{name}”的预置方案。可用的有：yuanhui。")):
            presets.load(name)


@pytest.fixture
def spoil(tmp_path: Path) -> Callable[[str, str, str], Path]:
    """Return a function that copies the preset, replaces text in one file, and returns the folder."""
    shutil.copytree(presets.FOLDER / "yuanhui", tmp_path / "yuanhui")

    def replace(file: str, old: str, new: str) -> Path:
        path = tmp_path / "yuanhui" / file
        text = path.read_text("utf-8")
        assert old in text
        path.write_text(text.replace(old, new, 1), "utf-8")
        return tmp_path

    return replace


def test_an_edited_copy_loads_as_edited(spoil: Callable[[str, str, str], Path]) -> None:
    folder = spoil("phases.toml", 'ends = "08-10"', 'ends = "08-20"')
    phase = presets.load("yuanhui", folder).phases[2]
    assert phase.dates(2026) == (date(2026, 7, 11), date(2026, 8, 20))
    assert phase.actions[-1].due_on(date(2026, 8, 20)) == date(2026, 8, 20)


def test_a_byte_order_mark_written_by_an_editor_is_ignored(spoil: Callable[[str, str, str], Path]) -> None:
    assert len(presets.load("yuanhui", spoil("units.toml", "# 单位名册", "\ufeff# 单位名册")).units) == 45


FAULTS = [
    ("units.toml", 'short_name = "问十乡"', 'short_name = "大刘镇"', "units.toml 单位简称 大刘镇：出现了 2 次"),
    ("units.toml", '"源汇区教育局"', '"源汇区财政局"', "units.toml 单位全称 源汇区财政局：出现了 2 次"),
    ("units.toml", 'kind = "township"', 'kind = "street"', "units.toml 单位 老街街道：“kind”写了“street”，只能是 department、"),
    ("units.toml", '"区教育局", "源汇公安分局"', '"区体育局"', "units.toml 分组 @执法部门：units.toml 中没有“区体育局”"),
    ("units.toml", 'name = "@乡镇街道"', 'name = "@全部单位"', "units.toml 分组 @全部单位：组名重复"),
    ("units.toml", 'name = "@乡镇街道"', 'name = "乡镇街道"', "units.toml 分组 乡镇街道：组名须以 @ 开头"),
    ("system.toml", 'host = "区司法局"', 'host = "司法局"', "system.toml [district]：units.toml 中没有创建办所在单位“司法局”"),
    ("system.toml", "years_before = 2", "years_before = -2", "system.toml [window]：“years_before”不能是负数"),
    ("system.toml", 'parent = "漯河市"', "", "system.toml [district]：缺少“parent”"),
    ("system.toml", "[window]", "[windows]", "system.toml 有误：不认识“windows”"),
    ("indicators.toml", 'code = "1-1-2"', 'code = "1-1-1"', "indicators.toml 编号 1-1-1：出现了 2 次"),
    ("indicators.toml", 'code = "1-1-2"', 'code = "1-2-9"', "indicators.toml 编号 1-2-9：上级是 1-1"),
    ("indicators.toml", '"licence-reform"', '"one-net-one-door"', "indicators.toml 固定标识 one-net-one-door：出现了 2 次"),
    ("indicators.toml", '"licence-reform"', '"改革"', "indicators.toml 要点 1-1-4：“key”只能用英文小写字母"),
    ("indicators.toml", "非行政许可审批事项已取消", "长" * 31, "indicators.toml 要点 1-1-2：“title”有 31 个字，最多 30 个"),
    ("indicators.toml", '["document", "brief"]', '["docment"]', "indicators.toml 要点 1-1-2：“kinds”写了“docment”，只能是 "),
    ("indicators.toml", '["document", "brief"]', "[]", "indicators.toml 要点 1-1-2：“kinds”是空的"),
    ("indicators.toml", '["document", "brief"]', '"document"', "indicators.toml 要点 1-1-2：“kinds”应是一列文字"),
    ("indicators.toml", '["document", "brief"]', '["brief", "brief"]', "indicators.toml 要点 1-1-2：“kinds”里有重复的内容"),
    ("indicators.toml", "proof = ", "prof = ", "indicators.toml 要点 1-1-1：不认识“prof”，这里只能写 code、"),
    ("indicators.toml", 'title = "优化政府职能"', 'title = " "', "indicators.toml 二级指标 1-3：“title”是空的"),
    ("indicators.toml", 'title = "优化政府职能"', "title = 3", "indicators.toml 二级指标 1-3：“title”应是一段文字"),
    ("indicators.toml", 'clause = "第四部分（一）第1项"', 'clause = "第四', "indicators.toml 第 20 行：格式有误，请检查引号"),
    ("measures.toml", 'checkpoint = "2-2-2"', 'checkpoint = "2-2-9"', "measures.toml 量化指标 2-2-9：indicators.toml 中没有这个要点"),
    ("measures.toml", "target = 100", 'target = "全部"', "measures.toml 量化指标 2-2-2：“target”应是整数"),
    ("measures.toml", "target = 100", "target = true", "measures.toml 量化指标 2-2-2：“target”应是整数"),
    ("measures.toml", 'comparator = "="', 'comparator = "by"', "measures.toml 量化指标 2-2-2：“comparator”写了“by”，只能是 <="),
    ("measures.toml", 'target = "03-31"', 'target = "02-29"', "measures.toml 量化指标 8-1-3：“target”应是每年都有的 月-日"),
    ("measures.toml", 'target = "03-31"', 'target = "W05-1"', "measures.toml 量化指标 8-1-3：“target”应是每年都有的 月-日"),
    ("measures.toml", 'denominator = "本单位执法人员总数"', "", "measures.toml 量化指标 4-1-5：缺少“denominator”"),
    ("phases.toml", 'ends = "08-10"', 'ends = "07-01"', "phases.toml 阶段 evidence：07-11 开始，却在 07-01 结束"),
    ("phases.toml", 'ends = "08-10"', "", "phases.toml 阶段 evidence：缺少“ends”"),
    ("phases.toml", 'announced = "以省、国家通知为准"', "", "phases.toml 阶段 application：缺少“announced”"),
    ("phases.toml", 'kind = "inspection"', 'kind = "evidence"', "phases.toml 阶段 evidence：出现了 2 次"),
    ("phases.toml", 'code = "D-2"', 'code = "J-1"', "phases.toml 事项 J-1：出现了 2 次"),
    ("phases.toml", "days_before_phase_end = 123", "days_before_phase_end = 153", "phases.toml 事项 J-2：完成时限早于阶段开始"),
    ("phases.toml", '["@乡镇街道"]', '["@乡镇"]', "phases.toml 事项 D-9：units.toml 中没有“@乡镇”"),
    ("phases.toml", 'audience = "chosen"', 'audience = "every_unit"', "phases.toml 事项 D-9：只有 audience 是 chosen 时才写“units”"),
    ("phases.toml", "[14, 7, 3, 1, 0]", '[7, "三"]', "phases.toml 提醒规则 mobilization：“lead_times”应是一列整数"),
    ("phases.toml", 'kind = "evidence"', 'kind = "gathering"', "phases.toml 阶段 gathering：“kind”写了“gathering”"),
    ("assignments.toml", '"1-1-2" = ', '"9-9-9" = ', "assignments.toml 要点 1-1-2：没有牵头单位，请补一行"),
    ("assignments.toml", "[assignments]", '[assignments]\n"9-9-9" = { lead = "区委办" }', "要点 9-9-9：indicators.toml 中没有这个要点"),
    ("assignments.toml", '"1-1-2" = ', '"1-1-1" = ', "assignments.toml 第 11 行：同一项写了两次"),
    ("assignments.toml", 'lead = "区政务服务局"', 'lead = ["区委办", "区法院"]', "assignments.toml 要点 1-1-1：牵头单位只能有一个"),
    ("assignments.toml", 'lead = "区政务服务局"', 'lead = "@乡镇街道"', "assignments.toml 要点 1-1-1：units.toml 中没有“@乡镇街道”"),
    ("assignments.toml", '"区委编办"', '"区编办"', "assignments.toml 要点 1-1-1：units.toml 中没有“区编办”"),
    ("assignments.toml", "example = true", 'example = "是"', "assignments.toml 有误：“example”应是 true 或 false"),
]  # fmt: skip


@pytest.mark.parametrize(("file", "old", "new", "sentence"), FAULTS, ids=[fault[3] for fault in FAULTS])
def test_a_faulty_file_is_reported_with_place_and_reason(
    spoil: Callable[[str, str, str], Path], file: str, old: str, new: str, sentence: str
) -> None:
    folder = spoil(file, old, new)
    with pytest.raises(Refusal, match=re.escape(sentence)) as caught:
        presets.load("yuanhui", folder)
    assert str(caught.value).startswith(f"yuanhui/{file} ")
    assert str(caught.value).endswith("。")


def test_a_rule_for_a_phase_that_is_not_planned_is_refused(spoil: Callable[[str, str, str], Path]) -> None:
    folder = spoil("phases.toml", "单位", "单位")
    text = (folder / "yuanhui" / "phases.toml").read_text("utf-8")
    without = re.sub(r'\[\[phases\]\]\nkind = "application".*?(?=\n# =)', "", text, flags=re.DOTALL)
    (folder / "yuanhui" / "phases.toml").write_text(without, "utf-8")
    with pytest.raises(Refusal, match=r"phases\.toml 提醒规则 application：没有这个阶段。"):
        presets.load("yuanhui", folder)


def test_a_rule_that_is_there_twice_is_refused(spoil: Callable[[str, str, str], Path]) -> None:
    folder = spoil("phases.toml", 'condition = "units_behind"', 'condition = "office_items"')
    with pytest.raises(Refusal, match="提醒规则 mobilization office_items：出现了 2 次"):
        presets.load("yuanhui", folder)


def test_a_missing_file_and_another_encoding_are_named(spoil: Callable[[str, str, str], Path]) -> None:
    folder = spoil("units.toml", "单位", "单位")
    (folder / "yuanhui" / "units.toml").write_bytes("# 单位".encode("gbk"))
    with pytest.raises(Refusal, match=r"yuanhui/units\.toml 不是 UTF-8 编码，请用 UTF-8 另存。"):
        presets.load("yuanhui", folder)
    (folder / "yuanhui" / "units.toml").unlink()
    with pytest.raises(Refusal, match=r"缺少文件 yuanhui/units\.toml，请补上。"):
        presets.load("yuanhui", folder)
