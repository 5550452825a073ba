"""Checks formulas and names of macros in workbooks: what they read outside of workbooks, and which programs they call."""

import re

from creation.lib import link_targets

from .refusals import InvalidFile, Reason

FUNCTIONS = re.compile(
    r"(?<![\w.])(?:_xl\w+\.)*(WEBSERVICE|CALL|REGISTER(?:\.ID)?|RTD|EXEC|DDE|IMAGE|SQL\.REQUEST|FOPEN|PY|IMPORTTEXT|IMPORTCSV"
    r"|STOCKHISTORY|TRANSLATE|DETECTLANGUAGE|COPILOT|LABS\.GENERATIVEAI)\s*\(",  # the last ones send what is in cells to a service
    re.IGNORECASE,
)
DDE_FORMULA = re.compile(r"(?:[\w.]+|')\|'?[^'!]*'?!")
LINK_FORMULA = re.compile(r'HYPERLINK\s*\(\s*"([^"]*)"', re.IGNORECASE)
FILES_FORMULA = re.compile(r'(?<![\w.])FILES\s*\(\s*"([^"]*)"', re.IGNORECASE)
JOINED = re.compile(r'"\s*&\s*"')
QUOTED = re.compile(r""""[^"]*"|(?<!\|)'(?:[^']|'')*'(?=!)""")  # texts and names of sheets, which may contain anything
OTHER_WORKBOOK = re.compile(r"(?<!\|)'((?:[^']|'')*[\\/](?:[^']|'')*)'(?=[!#])")  # no name of a sheet has these


def check_formula(formula: str) -> None:
    """Raise InvalidFile for a formula that reads something outside of workbooks, or calls a program."""
    plain = QUOTED.sub("", formula)
    if found := FUNCTIONS.search(plain):
        raise InvalidFile(Reason.REMOTE, f"函数 {found[1].upper()}")
    if DDE_FORMULA.search(plain):
        raise InvalidFile(Reason.REMOTE, "DDE 公式")
    if '"' not in formula and "'" not in formula:
        return
    joined = JOINED.sub("", formula)
    for address in LINK_FORMULA.findall(joined):
        if not link_targets.may_be_clicked(address):
            raise InvalidFile(Reason.REMOTE, f"链接 {address[:60]}")
    for address in (*FILES_FORMULA.findall(joined), *OTHER_WORKBOOK.findall(formula)):
        _check_workbook(address)


def check_macro(name: str) -> None:
    """Raise InvalidFile for a button's macro in a workbook that is fetched. Buttons keep the name after macros were removed."""
    if "\\" in name or "/" in name:
        _check_workbook(name.strip("'").rpartition("!")[0].strip("'"))


def _check_workbook(path: str) -> None:
    plain = path.replace("[", "").replace("]", "")
    if not (link_targets.is_local(plain) or link_targets.is_office_share(plain)):
        raise InvalidFile(Reason.REMOTE, f"别处的工作簿 {plain[:60]}")
