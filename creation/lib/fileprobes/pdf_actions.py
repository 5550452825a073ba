"""Judges dictionaries and actions of a PDF: what readers do by themselves, and what a click may do (ISO 32000-2, 12.6.4)."""

import re
from collections.abc import Iterable
from typing import Any

from pypdf.generic import ArrayObject, DictionaryObject, IndirectObject, NameObject

from creation.lib import link_targets
from creation.lib.fileprobes.pdf_objects import Found, Objects

# Every other action is refused.
BY_ITSELF = frozenset({"/GoTo", "/Named"})
BY_CLICK = BY_ITSELF | {"/URI"}
NAVIGATION = frozenset(
    {"/NextPage", "/PrevPage", "/FirstPage", "/LastPage", "/GoBack", "/GoForward", "/GoToPage", "/Find", "/FullScreen"}
)
SCRIPT, ATTACHMENT, MEDIA = "active:JavaScript 脚本", "embedded:PDF 附件", "active:多媒体插件"
ACTIONS = {
    "/JavaScript": SCRIPT,
    "/Launch": "active:启动其他程序",
    "/SubmitForm": "remote:向外提交表单",
    "/ImportData": "remote:导入外部数据",
    "/GoToR": "remote:打开另一个文件",
    "/GoToE": "embedded:打开夹带的文件",
    "/GoToDp": "active:动作 GoToDp",
    "/Rendition": MEDIA,
    "/RichMediaExecute": MEDIA,
    "/Movie": MEDIA,
    "/Sound": MEDIA,
    "/GoTo3DView": MEDIA,
    "/SetOCGState": "active:自动显示或隐藏内容",
    "/Hide": "active:自动显示或隐藏内容",
    "/ResetForm": "active:清空表单",
    "/Thread": "active:动作 Thread",
    "/Trans": "active:动作 Trans",
}
SUBTYPES = {
    "/RichMedia": MEDIA,
    "/Movie": MEDIA,
    "/Sound": MEDIA,
    "/Screen": MEDIA,
    "/3D": MEDIA,
    "/FileAttachment": ATTACHMENT,
}
KEYS = {
    "/JavaScript": SCRIPT,
    "/XFA": "active:XFA 动态表单",
    "/EF": ATTACHMENT,
    "/EmbeddedFiles": ATTACHMENT,
    "/Collection": ATTACHMENT,
    "/RichMediaContent": MEDIA,
    "/OnInstantiate": SCRIPT,
}
STREAM_KEYS = {"/F": "remote:外部文件的数据", "/Ref": "remote:另一个文件的页面"}
UNREADABLE = "damaged:打开时的动作读不出来，无法检查"
DEPTH = 200


def _name(text: str) -> str:
    """Return a pattern for a PDF name, whose characters may be written as #xx (7.3.5)."""
    spelled = "".join(f"(?:{char}|#{ord(char):x})" for char in text)
    return f"{spelled}(?![A-Za-z0-9])"


# Names too long to occur by chance. They are searched for outside of strings, whatever the parser makes of the object.
NAMES = {name: fault for name, fault in {**ACTIONS, **SUBTYPES, **KEYS}.items() if len(name) > 6} | {
    "/GoToR": ACTIONS["/GoToR"],
    "/GoToE": ACTIONS["/GoToE"],
    "/EmbeddedFile": ATTACHMENT,
}
for usual in (
    "/Screen",
    "/Thread",
    "/Collection",
    "/ResetForm",
    "/SetOCGState",
    "/EmbeddedFiles",
):  # words of other meaning, or harmless when empty, judged in their place only
    NAMES.pop(usual, None)
ANY_NAME = re.compile(
    ("/(?:" + "|".join(f"(?P<n{number}>{_name(name[1:])})" for number, name in enumerate(NAMES)) + ")").encode(),
    re.IGNORECASE,
)


def _any_of(names: Iterable[str]) -> str:
    return "|".join(name[1:] for name in names)


# What an object must contain to be parsed: most have nothing of it. Names and values may also be written with # or behind a comment.
INTERESTING = re.compile(
    (
        rf"[#%]|/S\s*(?:/(?:{_any_of(ACTIONS)})|\d)|/Subtype\s*(?:/(?:{_any_of(SUBTYPES)})|\d)|/(?:{_any_of(KEYS)})"
        r"|/OpenAction|/AA|/PA|/URI|/Encrypt|/Type\s*\d|/A(?![A-Za-z])(?!\s*<<\s*/O\b)"
    ).encode()
)
# What makes an object that cannot be parsed suspect.
SUSPECT = re.compile(rb"/(?:OpenAction|AA|A|PA|S|Next|URI)(?![A-Za-z])|/[^\s/<>\[\]()]*#[0-9A-Fa-f]{2}")
OVERLAP = 64  # longer than any name that is looked for


def name_fault(found: re.Match[bytes]) -> str:
    return list(NAMES.values())[int(str(found.lastgroup)[1:])]


def judge_value(value: Any, objects: Objects) -> None:
    """Raise Found if a dictionary in this object acts, fetches or hides. References are judged where their objects are."""
    waiting = [(value, 0)]
    while waiting:
        here, depth = waiting.pop()
        if depth > DEPTH:
            raise Found("damaged:嵌套太深")
        if isinstance(here, DictionaryObject):
            judge_dictionary(here, objects)
            waiting.extend((each, depth + 1) for each in here.values())
        elif isinstance(here, ArrayObject):
            waiting.extend((each, depth + 1) for each in here)


def judge_dictionary(found: DictionaryObject, objects: Objects) -> None:
    for key in found:
        if key in KEYS and not (key == "/EmbeddedFiles" and _is_empty_tree(found.raw_get(key), objects)):
            raise Found(KEYS[key])
    for key, faults in (("/S", ACTIONS), ("/Subtype", SUBTYPES)):
        for name in objects.all(found.raw_get(key)) if key in found else ():
            if isinstance(name, NameObject) and name in faults:
                raise Found(faults[name])
    if "/Encrypt" in found and "/Root" in found and not objects.encryption:
        raise Found("encrypted")
    _judge_actions_of(found, objects)


def _is_empty_tree(value: Any, objects: Objects) -> bool:
    """Return whether a tree of names has no entry, as programs leave it behind that removed the last attachment."""
    trees = list(objects.all(value))
    return bool(trees) and all(
        isinstance(tree, DictionaryObject)
        and all(isinstance(each, ArrayObject) and not each for key in tree for each in objects.all(tree.raw_get(key)))
        for tree in trees
    )


def _judge_actions_of(found: DictionaryObject, objects: Objects) -> None:
    for key in ("/A", "/PA"):
        if key in found:
            judge_action(found.raw_get(key), objects, by_click=True)
    if "/OpenAction" in found:
        judge_action(found.raw_get("/OpenAction"), objects, by_click=False)
    if "/AA" in found:
        for actions in objects.readable(found.raw_get("/AA"), UNREADABLE):
            if isinstance(actions, DictionaryObject):
                for trigger in actions:
                    judge_action(actions.raw_get(trigger), objects, by_click=False)
    for base in objects.all(found.raw_get("/URI")) if "/URI" in found else ():
        if isinstance(base, DictionaryObject) and "/Base" in base:
            _judge_target(str(base["/Base"]))
        elif "/S" in found and "/URI" in objects.all(found.raw_get("/S")):
            _judge_target(str(base))  # whoever refers to it, as another reader may find what we do not


def judge_action(value: Any, objects: Objects, *, by_click: bool) -> None:
    """Raise Found unless the action and those that follow it may be. An array at this place is a page to open."""
    if isinstance(value, IndirectObject):
        if (value.idnum, by_click) in objects.seen:
            return
        objects.seen.add((value.idnum, by_click))
    for action in objects.all(value) if by_click else objects.readable(value, UNREADABLE):
        if not isinstance(action, DictionaryObject) or "/S" not in action:
            continue
        for kind in objects.all(action.raw_get("/S")):
            _judge_kind(kind, action, by_click)
        if "/Next" in action:
            for following in objects.all(action.raw_get("/Next")):
                for each in following if isinstance(following, ArrayObject) else [action.raw_get("/Next")]:
                    judge_action(each, objects, by_click=by_click)


def _judge_kind(kind: Any, action: DictionaryObject, by_click: bool) -> None:
    if kind in ACTIONS:
        raise Found(ACTIONS[kind])
    if "/O" in action and kind not in BY_CLICK:
        return  # attributes of a structure element
    if kind not in (BY_CLICK if by_click else BY_ITSELF):
        raise Found("remote:打开时访问网址" if kind == "/URI" else f"active:动作 {str(kind)[1:30]}")
    if kind == "/Named" and action.get("/N") not in NAVIGATION:
        raise Found(f"active:动作 {str(action.get('/N'))[1:30]}")
    if kind == "/URI":
        _judge_target(str(action.get("/URI", "")))


def _judge_target(address: str) -> None:
    if not link_targets.may_be_clicked(address):
        raise Found(f"remote:链接 {address[:60]}")


def judge_stream(found: DictionaryObject) -> None:
    for key, fault in STREAM_KEYS.items():
        if key in found:
            raise Found(fault)
