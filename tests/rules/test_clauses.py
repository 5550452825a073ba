"""Sources are cited by document and clause in the short form of the trade."""

import pytest

from creation.rules.clauses import cited

PLAN = "《漯河市源汇区法治政府建设示范创建工作实施方案》"


@pytest.mark.parametrize(
    ("source", "short"),
    [
        (f"{PLAN}第四部分（四）第2项", "实施方案四（四）2"),
        (f"{PLAN}第五部分（一）", "实施方案五（一）"),
        (f"{PLAN}第五部分（一）、第六部分（四）", "实施方案五（一）、六（四）"),
        ("《2026年创建工作方案》第三部分", "工作方案三"),
        ("《方案》第十一部分（二）第12项", "方案十一（二）12"),
        (f"{PLAN}第四部分（四）第2项和附件", f"{PLAN}第四部分（四）第2项和附件"),
        (f"{PLAN}第四部分、附件1", f"{PLAN}第四部分、附件1"),
        ("《优化营商环境条例》第三条", "《优化营商环境条例》第三条"),
        ("区委专题会议纪要〔2026〕3号", "区委专题会议纪要〔2026〕3号"),
        ("", ""),
    ],
)
def test_a_plan_is_cited_in_short_and_any_other_source_as_written(source: str, short: str) -> None:
    assert cited(source) == short
