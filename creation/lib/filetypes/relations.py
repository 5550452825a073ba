"""Lists of what an Office package may contain: relationships and parts by their types, never by path or letter case."""

import re

from creation.lib import link_targets

from .refusals import InvalidFile, Reason

# Office acts on types of these authorities only. Types of others are data of the programs that wrote them.
KNOWN = re.compile(
    r"https?://(?:schemas\.openxmlformats\.org|purl\.oclc\.org/ooxml|schemas\.microsoft\.com)/", re.IGNORECASE
)
# WPS has macros of its own.
PROGRAMS_OF_OTHERS = re.compile(r"macro|vba|jsa|jde|script|addin|extension|plugin", re.IGNORECASE)
# The last word of the type. ECMA-376 part 1 and 2, [MS-DOCX], [MS-XLSX], [MS-PPTX], WPS. Not here: aFChunk, frame, subDocument, control,
# activeXControlBinary, attachedToolbars, keyMapCustomizations, vbaProject, wordVbaData, xlMacrosheet, extensibility, userCustomization,
# webextension, webextensiontaskpanes, connections, queryTable, mailMergeSource, recipientData, transform, volatileDependencies.
ALLOWED = frozenset(
    """
    officeDocument core-properties extended-properties extendedProperties custom-properties customProperties
    thumbnail origin signature certificate styles
    numbering settings webSettings fontTable font theme themeOverride header footer footnotes endnotes comments
    glossaryDocument bibliography image hyperlink customXml customXmlProps chart chartUserShapes chartsheet diagramData
    diagramLayout diagramQuickStyle diagramColors diagramDrawing printerSettings package oleObject worksheet sharedStrings
    calcChain drawing vmlDrawing table tableSingleCells pivotTable pivotCacheDefinition pivotCacheRecords sheetMetadata
    externalLink externalLinkPath externalLinkLongPath xlExternalLinkPath xlPathMissing xlStartup xlAlternateStartup
    xlLibrary ctrlProp xmlMaps usernames revisionHeaders revisionLog slide slideLayout slideMaster notesSlide notesMaster
    handoutMaster presProps viewProps tableStyles commentAuthors tags slideUpdateInfo audio video media attachedTemplate
    legacyDiagramText legacyDocTextInfo stylesWithEffects stylesWithtEffects hdphoto slicer slicerCache timeline timelineCache chartStyle
    chartColorStyle chartEx commentsExtended commentsIds commentsExtensible people documentTasks threadedComment person
    authors changesInfo revisionInfo rdRichValue rdRichValueStructure rdRichValueTypes rdRichValueWebImage richValueRel
    rdArray rdSupportingPropertyBag rdSupportingPropertyBagStructure richStyles featurePropertyBag classificationlabels
    conditionalFormattingData intelligence intelligence2 customProperty namedSheetView model3d ink commentsCloud
    """.lower().split()
)
LOCAL_ONLY = frozenset(
    """
    image audio video media attachedtemplate externallinkpath externallinklongpath xlexternallinkpath xlpathmissing
    xlstartup xlalternatestartup xllibrary
    """.split()  # noqa: SIM905
)
WORKBOOKS = frozenset({"externallinkpath", "externallinklongpath", "xlexternallinkpath", "xlpathmissing"})
OTHER_FILE = "正文夹在另一个网页或文档里，只有 Word 会显示"
NAMES = {
    "attachedtemplate": "外部模板",
    "afchunk": OTHER_FILE,
    "frame": "框架网页",
    "subdocument": "子文档",
    "control": "ActiveX 控件",
    "activexcontrolbinary": "ActiveX 控件",
    "extensibility": "自定义功能区",
    "usercustomization": "自定义功能区",
    "attachedtoolbars": "自定义工具栏",
    "keymapcustomizations": "自定义按键",
    "webextension": "加载项",
    "webextensiontaskpanes": "加载项",
    "connections": "外部数据连接",
    "querytable": "外部数据查询",
    "volatiledependencies": "实时数据",
    "mailmergesource": "邮件合并数据源",
    "mailmergeheadersource": "邮件合并数据源",
    "recipientdata": "邮件合并数据源",
    "transform": "外部转换文件",
    "powerpivotdata": "Power Pivot 数据模型",
}
MACROS = frozenset(
    {"vbaproject", "wordvbadata", "xlmacrosheet", "xlintlmacrosheet", "vbaprojectsignature", "dialogsheet"}
)
ACTIVE = frozenset(
    """
    control activexcontrolbinary extensibility usercustomization attachedtoolbars keymapcustomizations webextension
    webextensiontaskpanes
    """.split()  # noqa: SIM905
)


def check_relation(type_: str, target: str, *, external: bool, of_chart: bool = False) -> None:
    """Raise InvalidFile for a relationship that is not on the list, or leads out of the package to what it may not."""
    kind = type_.rstrip("/").rpartition("/")[2].lower()
    if kind in MACROS or (not KNOWN.match(type_) and PROGRAMS_OF_OTHERS.search(kind)):
        raise InvalidFile(Reason.MACRO)
    if KNOWN.match(type_) and kind not in ALLOWED:
        label = NAMES.get(kind, kind[:40] or "类型不明的部件")
        reason = (
            Reason.ACTIVE
            if kind in ACTIVE
            else Reason.DAMAGED
            if label == OTHER_FILE and not external
            else Reason.REMOTE
        )
        raise InvalidFile(reason, label)
    if (external or _leaves_package(target)) and not (of_chart and _is_workbook_of_chart(kind, target)):
        _check_external(kind, target)


def _is_workbook_of_chart(kind: str, target: str) -> bool:
    """Return whether a chart was pasted with the link to its workbook on a disk, which is read when somebody asks for it."""
    return kind == "oleobject" and link_targets.is_local(target) and link_targets.may_be_clicked(target)


def _leaves_package(target: str) -> bool:
    """Return whether a target that claims to be inside is an address."""
    return bool(link_targets.SCHEME.match(target.strip())) or target.strip().startswith(("\\\\", "//"))


def _check_external(kind: str, target: str) -> None:
    if kind == "hyperlink" and link_targets.may_be_clicked(target):
        return
    if kind in LOCAL_ONLY and link_targets.is_local(target):
        return
    if kind in WORKBOOKS and link_targets.is_office_share(target):
        return  # Excel asks before it reads another workbook
    raise InvalidFile(Reason.REMOTE, NAMES.get(kind) or f"外部链接 {target.strip()[:60]}")


# Content types. Families are closed vocabularies of the standard; what acts in them is named below.

FAMILIES = re.compile(
    r"application/vnd\.openxmlformats-(?:officedocument\.(?:wordprocessingml|spreadsheetml|presentationml|drawingml)\.[a-z0-9.]+(?:\+xml)?"
    r"|officedocument\.(?:drawing|theme|themeoverride|vmldrawing|thememanager|custom-properties|customxmlproperties|extended-properties|obfuscatedfont"
    r"|oleobject)(?:\+xml)?"
    r"|package\.[a-z0-9.-]+(?:\+xml)?)\Z"
)
OTHERS = re.compile(
    r"image/[a-z0-9.+-]+|audio/[a-z0-9.+-]+|video/[a-z0-9.+-]+|font/[a-z0-9.+-]+|application/x-font[a-z-]*"
    r"|(?:application|text)/xml|application/inkml\+xml|application/x-(?:emf|wmf|emz|wmz)|application/octet-stream"
    r"|application/vnd\.ms-(?:word|excel|powerpoint|office)\.[a-z0-9.]+\+xml|application/msword|application/vnd\.ms-(?:excel|powerpoint)"
    r"|application/vnd\.visio|application/vnd\.ms-visio\.[a-z0-9.]+(?:\+xml)?|application/vnd\.ms-equation|application/binary"
    r"|application/vnd\.wps-officedocument\.[a-z0-9.]+(?:\+xml)?|application/vnd\.ms-office\.[a-z0-9.]+|application/vnd\.ms-package\.[a-z0-9.+-]+"
)
REFUSED = re.compile(
    r"(?P<macro>macroenabled|vbaproject|vbadata|macrosheet|\.dialogsheet|\bjde|jsa)"
    r"|(?P<active>activex|\.keymapcustomizations|\.attachedtoolbars|webextension|customui|html|javascript|vbscript|rfc822)"
    r"|(?P<remote>\.connections\+|\.querytable|\.volatiledependencies|\.mailmergerecipientdata|\.recipientdata)"
)


def check_content_type(type_: str) -> None:
    """Raise InvalidFile for a part whose content type is not on the list."""
    plain = type_.partition(";")[0].strip().lower()
    if found := REFUSED.search(plain):
        kind = found.lastgroup
        if kind == "macro":
            raise InvalidFile(Reason.MACRO)
        raise InvalidFile(Reason.ACTIVE if kind == "active" else Reason.REMOTE, f"部件 {plain.rpartition('.')[2][:40]}")
    if not (FAMILIES.match(plain) or OTHERS.fullmatch(plain)):
        raise InvalidFile(Reason.EMBEDDED, "PDF 文件" if plain == "application/pdf" else plain[:60] or "类型不明的部件")


def is_chart(type_: str) -> bool:
    return type_.lower().endswith("drawingml.chart+xml")


def is_macro(type_: str) -> bool:
    found = REFUSED.search(type_.lower())
    return bool(found and found.lastgroup == "macro")
