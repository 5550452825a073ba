"""Rules of evidence hold without a form."""

from collections.abc import Callable
from typing import Any

import pytest

from creation.evidence import items, page_marks, pending_uploads, uploads
from creation.evidence.library import secrecy_check, visibility
from creation.evidence.links import manual_checks
from creation.models import (
    Evidence,
    EvidenceKind,
    EvidenceVersion,
    LinkWatch,
    SecrecyMark,
)
from tests.support.verb_refusals import TOMORROW, Verb, VerbTests
from tests.support.world import NOW, TODAY, World

pytestmark = pytest.mark.django_db


# Evidence


def add(world: World, payload: dict[str, str], **data: Any) -> None:
    kind = EvidenceKind.LINK if "url" in payload else EvidenceKind.BRIEF
    items.add(world.task("lead"), kind, payload, data, world.actor("liaison"))


def piece(world: World) -> Evidence:
    return Evidence.objects.get()


def cited(world: World) -> None:
    world.cite("lead")


def edit(world: World, **data: Any) -> None:
    items.edit(piece(world), 1, data, world.actor("liaison"))


def replace(world: World, **payload: Any) -> None:
    items.replace(world.task("lead"), piece(world), payload, world.actor("liaison"))


def delete(world: World, reason: str) -> None:
    items.delete(piece(world), 1, reason, world.actor("liaison"))


def begin(world: World, declared: bool) -> None:
    file = pending_uploads.FileDescription("现场.jpg", 9, "", 5)
    uploads.begin(world.task("lead"), file, None, world.actor("liaison"), declared=declared)


def flagged(world: World) -> None:
    world.cite("lead")
    version = EvidenceVersion.objects.get()
    SecrecyMark.objects.create(evidence=version.evidence, version=version, place="text", word="机密")


def with_reason(verb: Callable[..., Any], who: str) -> Callable[..., Any]:
    return lambda world, reason: verb(piece(world), reason, world.actor(who))


def hidden(world: World) -> None:
    world.cite("lead")
    visibility.hide(piece(world), "疑似涉密", world.actor("coordinator"))


def mark(world: World, page: int, box: Any, sha256: str = "0" * 64) -> None:
    """Without a digest: a link or a text."""
    citation, version = world.tasks["lead"].citations.get(), EvidenceVersion.objects.get()
    version.sha256 = sha256
    page_marks.add_mark(citation, version, page, "", box, world.actor("reviewer"))


def filed(world: World) -> None:
    world.cite("lead")
    EvidenceVersion.objects.update(text="", blob="a", size=1, sha256="0" * 64)


def sight(world: World, **data: Any) -> None:
    watch = LinkWatch.objects.select_related("version__evidence").get()
    manual_checks.record_check(watch, {"opens": True, "note": ""} | data, None, world.actor("coordinator"))


def watched(world: World) -> None:
    cited(world)
    LinkWatch.objects.create(version=EvidenceVersion.objects.get(), next_at=NOW)


EVIDENCE = [
    Verb("add a link", add, {"payload": {"url": "https://example.org/a"}, "title": "报道", "declared": True},
         [({"title": " "}, "请填写题名"), ({"declared": False}, "没有声明"),
          ({"payload": {"url": "javascript:alert(1)"}}, "须以 http:// 或 https:// 开头"),
          ({"payload": {"url": "ftp://example.org/a"}}, "须以 http:// 或 https:// 开头")]),
    Verb("add a text", add, {"payload": {"text": "正文"}, "title": "简报", "declared": True},
         [({"payload": {"text": " "}}, "请填写正文")]),
    Verb("edit", edit, {"title": "通报"}, [({"title": " "}, "请填写题名")], cited),
    Verb("replace a text", replace, {"text": "新的正文"}, [({"text": " "}, "请填写正文")], cited),
    Verb("replace a link", replace, {"url": "https://example.org/b"}, [({"url": "file:///etc/passwd"}, "须以 http")], cited),
    Verb("delete", delete, {"reason": "重复"}, [({"reason": " "}, "请写明删除原因")], cited),
    Verb("begin an upload", begin, {"declared": True}, [({"declared": False}, "没有声明")]),
    Verb("clear", with_reason(secrecy_check.declare_not_secret, "liaison"), {"reason": "转引"},
         [({"reason": " "}, "请写明为什么不涉密")], flagged),
    Verb("purge", with_reason(secrecy_check.purge, "liaison"), {"reason": "误传"},
         [({"reason": ""}, "请写明清除原因")], flagged),
    Verb("hide", with_reason(visibility.hide, "coordinator"), {"reason": "疑似涉密"},
         [({"reason": " "}, "请写明隐藏原因")], cited),
    Verb("show", with_reason(visibility.show, "coordinator"), {"reason": "已核实"},
         [({"reason": ""}, "请写明解除隐藏的原因")], hidden),
    Verb("mark a page", mark, {"page": 1, "box": (0.1, 0.1, 0.9, 0.2)},
         [({"page": 0}, "没有收到页码"), ({"sha256": ""}, "只有文件可以标记"), ({"box": (0.2, 0.1, 0.9, 0.2)}, "超出页面"),
          ({"box": (0.1, 0.1, 0.0, 0.2)}, "超出页面"),
          ({"box": (-0.1, 0.1, 0.3, 0.2)}, "超出页面")], filed),
    Verb("say that a link opens", sight, {"seen_on": TODAY}, [({"seen_on": TOMORROW}, "核查日期不能晚于今天")], watched),
]  # fmt: skip


class TestVerbs(VerbTests):
    verbs = EVIDENCE
