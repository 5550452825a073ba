"""Break a long title by meaning into lines of similar length (GB/T 9704-2012, clause 7.3.1)."""

import re
from unicodedata import east_asian_width

# What is kept together: terms, numbers and codes, and characters that may not begin or end a line.
WORDS = (
    "法治政府建设|示范创建|人民政府|委员会|办公室|领导小组|督办单|合法性|规范性文件|法治|政府|示范|创建|建设|活动|工作|进展|进度|情况|现场|核查|清单|"
    "自评|报告|说明|简报|通报|通知|要点|任务|单位|关于|印发|实施|方案|行政|执法|司法|公共|法律|服务|中心|规范|运行|审批|制度|改革|审核|案卷|评查|"
    "决策|监督|公开|培训|培养|宣传|教育|整改|检查|督察|考核|推进|落实|加强|开展|组织|管理|机制|体系|责任|年度|全区|街道"
)
TOGETHER = re.compile(rf"{WORDS}|[（《“‘]*(?:[!-~]+|.)[）》”’，。、；：%的]*", re.DOTALL)


def lines(text: str, room: float) -> list[str]:
    """Return the fewest lines of at most ``room`` full-width characters, and of these the most even."""
    pieces = _pieces(text)
    best: list[tuple[float, list[str]] | None] = [(0.0, []), *[None] * len(pieces)]
    count = max(1, -(-width(text) // room))
    ideal = width(text) / count
    for end in range(1, len(pieces) + 1):
        for start in range(end):
            line, before = "".join(pieces[start:end]), best[start]
            if before is None or (width(line) > room and end - start > 1):
                continue
            cost = before[0] + (width(line) - ideal) ** 2 + room  # another line costs more than any unevenness
            found = best[end]
            if found is None or cost < found[0]:
                best[end] = (cost, [*before[1], line])
    return (best[-1] or (0, [text]))[1]


def _pieces(text: str) -> list[str]:
    """Return the unbreakable parts; a word includes the punctuation after it."""
    found: list[str] = []
    for piece in TOGETHER.findall(text):
        if found and re.fullmatch(r"[）》”’，。、；：%的]+", piece):
            found[-1] += piece
        else:
            found.append(piece)
    return found


def width(text: str) -> float:
    return sum(1 if east_asian_width(char) in "WFA" else 0.5 for char in text)
