"""The user guides of docs/使用手册 as pages of the site, and for each page of the site the paragraph that explains it."""

import re
import struct
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from urllib.parse import unquote

from django.conf import settings
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe
from markdown import Markdown

from creation.models import User
from creation.rules.policy import UNIT_ROLES, Role

DOCS = settings.BASE_DIR / "docs"
GUIDES: Mapping[str, str] = {
    "liaison": "联络员", "inspectors": "督导检查组", "office": "创建办", "readers": "领导与专家", "administrators": "系统管理员",
}  # fmt: skip
OFFICE = frozenset({Role.COORDINATOR, Role.REVIEWER})
PICTURE_FOLDERS = ("pictures", "samples")
LINK = re.compile(r'(href|src)="([^"]+)"')
PICTURE = re.compile(rf"\.\./({'|'.join(PICTURE_FOLDERS)})/([^/]+\.png)")

COMMENDATION: Mapping[str, str] = {
    "office": "评选表彰",
    "liaison": "提名先进集体和个人",
    "readers": "领导小组：评选投票",
}

APPRAISAL: Mapping[str, str] = {
    "office": "组织模拟考核",
    "inspectors": "模拟考核和满意度测评",
    "readers": "看考核结果、满意度和宣传",
}
SCORING: Mapping[str, str] = {**APPRAISAL, "readers": "第三方专家：给单位评分"}
SURVEY: Mapping[str, str] = {**APPRAISAL, "office": "满意度测评"}
PUBLICITY: Mapping[str, str] = {
    "office": "宣传报道和典型经验",
    "liaison": "登记宣传报道，写典型经验",
    "readers": "看考核结果、满意度和宣传",
}
MEASURES: Mapping[str, str] = {
    "office": "看指标数据，增加测量项",
    "liaison": "有数字要填",
    "readers": "领导小组：领导看板",
}
IN_LIBRARY: Mapping[str, str] = {"liaison": "印证资料库", "office": "印证资料库与紧急隐藏"}
LINKS: Mapping[str, str] = {"liaison": "上传印证资料", "office": "审核"}
OWN_FILES: Mapping[str, str] = {"liaison": "打印台账", "office": "出台账"}
ASSIGNMENTS: Mapping[str, str] = {"office": "核对任务分工"}
ACTIONS: Mapping[str, str] = {"office": "中途加一件事"}
EDITIONS: Mapping[str, str] = {"office": "指标体系换了新版", "liaison": "指标体系换了新版"}
UNITS: Mapping[str, str] = {"office": "单位变动", "administrators": "单位变动"}
HOLIDAYS: Mapping[str, str] = {"office": "录入明年的节假日"}
CHANNELS: Mapping[str, str] = {"office": "邮件、机器人和短信通知"}
NEXT_YEAR: Mapping[str, str] = {"office": "下一年从这里开始"}

# Route → guide → heading of the paragraph that explains the page.
PARAGRAPHS: Mapping[str, Mapping[str, str]] = {
    "todo": {
        "liaison": "看看有什么要办",
        "office": "第一次使用：把活动办起来",
        "inspectors": "看谁还没有整改",
        "readers": "领导小组：看全区进度",
        "administrators": "看系统是否正常",
    },
    "task": {
        "liaison": "我要报送一项",
        "inspectors": "核查整改，销号",
        "office": "找任务，批量改时限、改责任人",
        "readers": "第三方专家：看材料",
    },
    "task_list": {"liaison": "看看有什么要办", "office": "找任务，批量改时限、改责任人"},
    "library": IN_LIBRARY,
    "evidence": IN_LIBRARY,
    "announcements": {"liaison": "签收公告", "office": "发公告，看谁还没签收"},
    "announcement": {"liaison": "签收公告", "office": "发公告，看谁还没签收"},
    "announcement_new": {"office": "发公告，看谁还没签收"},
    "questions": {"liaison": "有疑问，问创建办", "office": "答复提问"},
    "question": {"liaison": "有疑问，问创建办", "office": "答复提问"},
    "review_queue": {"office": "审核"},
    "review": {"office": "审核"},
    "personal_acts": {
        "office": "登记会议，下发议定事项",
        "liaison": "主要负责人“四个亲自”",
        "readers": "领导小组：看全区进度",
    },
    "findings": {"inspectors": "登记问题", "liaison": "督导发现了问题，要整改", "readers": "领导小组：看全区进度"},
    "finding": {"inspectors": "登记问题", "liaison": "督导发现了问题，要整改", "readers": "领导小组：看全区进度"},
    "finding_new": {"inspectors": "登记问题"},
    "finding_edit": {"inspectors": "登记问题"},
    "finding_sources": {"inspectors": "问题来源"},
    "finding_of_task": {"inspectors": "多次退回的任务，列为问题", "office": "多次退回的，列为问题"},
    "meetings": {"office": "登记会议，下发议定事项", "readers": "领导小组：看全区进度"},
    "meeting": {"office": "登记会议，下发议定事项", "readers": "领导小组：看全区进度"},
    "meeting_new": {"office": "登记会议，下发议定事项"},
    "meeting_edit": {"office": "登记会议，下发议定事项"},
    "orders": {"inspectors": "下发督办单，看办理情况", "liaison": "督导发现了问题，要整改"},
    "order": {"inspectors": "下发督办单，看办理情况", "liaison": "督导发现了问题，要整改"},
    "order_new": {"inspectors": "下发督办单，看办理情况"},
    "order_edit": {"inspectors": "下发督办单，看办理情况"},
    "rectifications": {
        "inspectors": "看谁还没有整改",
        "liaison": "督导发现了问题，要整改",
        "readers": "领导小组：看全区进度",
    },
    "progress": {"office": "看进度", "readers": "领导小组：看全区进度"},
    "unit_progress": {"office": "看进度", "readers": "领导小组：看全区进度"},
    "unit_year": {"liaison": "打印台账", "office": "看进度", "readers": "领导小组：看全区进度"},
    "rectification_figures": {"office": "销号率和按期销号率"},
    "rectification_book": {"liaison": "写整改报告", "office": "两清单一台账"},
    "rectification_report": {"liaison": "写整改报告", "office": "督导通知、督导通报、反馈意见书、整改报告"},
    "reports": {"liaison": "打印台账", "office": "出台账"},
    "ledger": {"liaison": "打印台账", "office": "出台账"},
    "package": {"office": "打材料包"},
    "assessment": {"office": "写自评报告"},
    "assessment_passage": {"office": "写自评报告"},
    "documents": {"office": "出通报、督办单等文书"},
    "document": {"office": "出简报"},
    "bulletin_preview": {"office": "出简报"},
    "papers": {"office": "盖章的文件", "liaison": "打印台账"},
    "commendations": COMMENDATION,
    "commendation": COMMENDATION,
    "nomination": COMMENDATION,
    "nomination_new": {"liaison": "提名先进集体和个人"},
    "nomination_edit": {"liaison": "提名先进集体和个人"},
    "commendation_new": {"office": "评选表彰"},
    "commendation_edit": {"office": "评选表彰"},
    "commendation_committee": {"office": "评选表彰"},
    "commendation_publish": {"office": "评选表彰"},
    "commendation_decide": {"office": "评选表彰"},
    "commendation_end": {"office": "评选表彰"},
    "consultations": {"office": "评选表彰"},
    "consultation": {"office": "评选表彰"},
    "objection_new": {"office": "评选表彰"},
    "objection": {"office": "评选表彰"},
    "ballot": {"office": "评选表彰", "readers": "领导小组：评选投票"},
    "application": {"office": "在申报平台填报"},
    "final_assessment": {"office": "自评报告定稿"},
    "campaign_closing": {"office": "活动结束，归档"},
    "on_site": {"office": "现场核查清单"},
    "rounds": {"office": "安排一轮督导"},
    "round_new": {"office": "安排一轮督导"},
    "round_edit": {"office": "安排一轮督导"},
    "team_new": {"office": "安排一轮督导"},
    "team_edit": {"office": "安排一轮督导"},
    "round": {"liaison": "督导组来走访", "office": "安排一轮督导"},
    "visits": {"liaison": "督导组来走访", "office": "安排一轮督导"},
    "visit": {"liaison": "督导组来走访", "office": "现场走访，写反馈意见"},
    "visit_feedback": {"liaison": "督导组来走访", "office": "现场走访，写反馈意见"},
    "liaisons": {"office": "指定联络员，发登录链接"},
    "liaison_appoint": {"office": "指定联络员，发登录链接"},
    "liaison_links": {"office": "指定联络员，发登录链接"},
    "campaign_setup": {"office": "第一次使用：把活动办起来"},
    "phases": {"office": "定阶段时间"},
    "assignments": ASSIGNMENTS,
    "campaign_distribute": {"office": "启动，下发任务"},
    "campaign_delete": NEXT_YEAR,
    "actions": ACTIONS,
    "editions": EDITIONS,
    "requests": {"office": "答复延期和异议"},
    "instructions": {"office": "办理领导批示，处理专家意见", "readers": "领导小组：作批示"},
    "instruction_issue": {"office": "办理领导批示，处理专家意见"},
    "opinions": {"office": "办理领导批示，处理专家意见"},
    "calls": {"office": "催办"},
    "urge": {"office": "催办"},
    "proof": {"office": "查谁收到了什么"},
    "rules": {"office": "改提醒的时间和文字"},
    "rule": {"office": "改提醒的时间和文字"},
    "rule_new": {"office": "改提醒的时间和文字"},
    "holidays": HOLIDAYS,
    "channels": CHANNELS,
    "units": UNITS,
    "unit": UNITS,
    "accounts": {"administrators": "建账号"},
    "account_new": {"administrators": "建账号"},
    "account": {"administrators": "换岗、离职"},
    "health": {"administrators": "看系统是否正常"},
    "audit": {"administrators": "安全审计员：查记录"},
    "notices": {"liaison": "看通知"},
    "preferences": {"liaison": "收邮件提醒，订阅日历"},
    "profile": {"liaison": "改电话、改密码"},
    "appraisals": APPRAISAL,
    "appraisal_new": APPRAISAL,
    "appraisal_edit": APPRAISAL,
    "appraisal": APPRAISAL,
    "score_unit": SCORING,
    "appraisal_request": {**SCORING, "liaison": "考核组要求补充材料"},
    "surveys": SURVEY,
    "survey_new": SURVEY,
    "survey_edit": SURVEY,
    "survey": SURVEY,
    "survey_slips": SURVEY,
    "publicity": PUBLICITY,
    "publicity_new": PUBLICITY,
    "publicity_wall": PUBLICITY,
    "publicity_item": PUBLICITY,
    "cases": PUBLICITY,
    "case": PUBLICITY,
    "case_new": PUBLICITY,
    "case_edit": PUBLICITY,
    "districts": {"readers": "领导小组：比较各区县"},
    "board": {"office": "领导看板", "readers": "领导小组：领导看板"},
    "measures": MEASURES,
    "measure": MEASURES,
    "measure_new": {"office": "看指标数据，增加测量项"},
    "library_cite": IN_LIBRARY,
    "library_bin": IN_LIBRARY,
    "evidence_versions": IN_LIBRARY,
    "links": LINKS,
    "link": LINKS,
    "citation_new": {"liaison": "上传印证资料"},
    "citation_edit": {"liaison": "上传印证资料"},
    "unfinished": {"liaison": "上传印证资料"},
    "exhibit": {"readers": "第三方专家：看材料", "office": "审核"},
    "statement": {"liaison": "没有材料，或不便上传"},
    "reply": {"liaison": "有疑问，问创建办", "office": "答复提问"},
    "jobs": OWN_FILES,
    "job": OWN_FILES,
    "paper": {"office": "盖章的文件", "liaison": "打印台账"},
    "paper_check": {"office": "盖章的文件", "liaison": "打印台账"},
    "package_volumes": {"office": "打材料包"},
    "document_template": {"office": "出通报、督办单等文书"},
    "campaign_edit": {"office": "第一次使用：把活动办起来"},
    "campaign_new": NEXT_YEAR,
    "campaign_roll": NEXT_YEAR,
    "phase": {"office": "定阶段时间"},
    "assignment": ASSIGNMENTS,
    "assignment_item": ASSIGNMENTS,
    "official_wording": ASSIGNMENTS,
    "action": ACTIONS,
    "action_new": ACTIONS,
    "edition": EDITIONS,
    "edition_compare": EDITIONS,
    "edition_confirm": EDITIONS,
    "ended_task": EDITIONS,
    "holiday_paste": HOLIDAYS,
    "holiday_day": HOLIDAYS,
    "channel": CHANNELS,
    "channel_new": CHANNELS,
    "storage_use": UNITS,
    "unit_aliases": UNITS,
    "unit_new": UNITS,
    "unit_merge": UNITS,
    "liaison_login": {"office": "指定联络员，发登录链接"},
    "password_change": {"liaison": "改电话、改密码"},
}

# Where people of one guide have different work: role and route → guide, heading.
OF_ROLE: Mapping[tuple[Role, str], tuple[str, str]] = {
    (Role.UNIT_LEADER, "todo"): ("readers", "分管领导：看本单位情况"),
    (Role.UNIT_LEADER, "task"): ("readers", "分管领导：审签"),
    (Role.ASSESSOR, "todo"): ("readers", "第三方专家：看材料"),
    (Role.AUDITOR, "todo"): ("administrators", "安全审计员：查记录"),
}


def guides_of(user: User) -> list[str]:
    """Return the guides for the person's roles, the one for most of the work first."""
    found = {
        "office": user.has_role(*OFFICE),
        "inspectors": user.has_role(Role.INSPECTOR),
        "liaison": user.has_role(*UNIT_ROLES),
        "readers": user.has_role(Role.LEADING_GROUP, Role.ASSESSOR, Role.UNIT_LEADER),
        "administrators": user.has_role(Role.ADMINISTRATOR, Role.AUDITOR),
    }
    return [name for name, is_theirs in found.items() if is_theirs] or ["liaison"]


def help_url(user: User, route: str) -> str:
    """Return the address of the paragraph that explains the page to this person; of the whole guide where there is none."""
    for (role, place), (guide, heading) in OF_ROLE.items():
        if place == route and user.has_role(role):
            return f"{reverse('guide', args=[guide])}#{slug(heading, '-')}"
    own, known = guides_of(user), PARAGRAPHS.get(route, {})
    name = next((each for each in (*own, *known) if each in known), own[0])
    anchor = f"#{slug(known[name], '-')}" if name in known else ""
    return reverse("guide", args=[name]) + anchor


@lru_cache(maxsize=len(GUIDES))
def guide_html(name: str) -> SafeString:
    """Return the guide as HTML. It is ours, so that nothing in it needs to be escaped. Raises KeyError for an unknown name."""
    text = (DOCS / "使用手册" / f"{GUIDES[name]}.md").read_text("utf-8")
    made = Markdown(extensions=["toc", "tables", "sane_lists"], extension_configs={"toc": {"slugify": slug}}).convert(
        text
    )
    return mark_safe(LINK.sub(_within_site, made))  # noqa: S308


def slug(heading: str, separator: str) -> str:
    """Return the anchor of a heading, as the links inside the guides have it: without punctuation."""
    return re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", separator)


def _within_site(found: re.Match[str]) -> str:
    attribute, target = found[1], unquote(found[2])
    if picture := PICTURE.fullmatch(target):
        width, height = _size_of(DOCS / picture[1] / picture[2])
        address = reverse("guide_picture", args=[picture[1], picture[2]])
        return f'{attribute}="{address}" width="{width}" height="{height}" loading="lazy"'  # the size keeps the paragraph in place
    page, _, anchor = target.partition("#")
    names = {f"{title}.md": name for name, title in GUIDES.items()}
    if page in names:
        return f'{attribute}="{reverse("guide", args=[names[page]])}{"#" if anchor else ""}{anchor}"'
    return found[0] if not page else ""  # other papers are not part of the site


def _size_of(picture: Path) -> tuple[int, int]:
    """Return width and height from the header of a PNG file."""
    with picture.open("rb") as file:
        return struct.unpack(">II", file.read(24)[16:])


def picture_path(folder: str, name: str) -> Path | None:
    """Return the file of a picture in the guides, or None."""
    known = {path.name: path for path in (DOCS / folder).glob("*.png")} if folder in PICTURE_FOLDERS else {}
    return known.get(name)
