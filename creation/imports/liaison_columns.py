"""The columns of 附件3, 联络员信息表, under the headings that districts give them."""

from dataclasses import replace

from creation.imports.headings import ImportColumn
from creation.imports.people_cells import SECOND_PREFIX

SECOND_WORDS = r"(?<![A/、])B[岗角]|[副第][二]?联络员|备用联络员|联络员(?:2|二)|联络员\((?:副|备|B)"
PEOPLE = ("联络员", "联络员姓名", "联系人", "联系人姓名", "姓名")  # before the number in one column with them
NUMBERS = ("电话", "联系电话", "联系方式", "手机", "手机号", "手机号码")
LIAISON = f"^(?!.*(?:{SECOND_WORDS})).*?(?:联络[员人]|联系人|经办人|工作人员|A[岗角])"
PART = (  # a part in the campaign
    "(?:(?:具体|日常|工作|专职|兼职|[副正第][一二]?)?联络[员人]|[ABab][岗角]|(?:分管|主管)(?:副职|局领导|领导|负责人|负责同志)?)"
)
KIND = f"(?:联系人|经办人|承办人|工作人员|(?:主要|责任|单位)?(?:领导|负责人|负责同志)|({PART}))"
LEADER, SECOND = "(?:分管|主管|责任)?(?:领导|负责人)|主管|分管", f"^.*?(?:{SECOND_WORDS})"
PERSONAL = (
    ImportColumn(
        "post", "职务", ("职务职称", "职务/职称", "岗位", "现任职务", "职级", "职务职级"), block=LIAISON, repeats=True
    ),
    ImportColumn(
        "office_phone",
        "办公电话",
        ("座机", "固定电话", "电话", "联系电话", "办公室电话", "单位电话", "固话", "电话号码"),
        block=LIAISON,
        repeats=True,
    ),
    ImportColumn(
        "mobile",
        "手机",
        ("手机号", "手机号码", "移动电话", "联系手机", "联系方式", "手机电话"),
        own=True,
        block=LIAISON,
    ),
    ImportColumn("email", "电子邮箱", ("邮箱", "电子邮件", "E-mail", "Email", "邮箱地址"), own=True, block=LIAISON),
)


def _of_second(column: ImportColumn) -> ImportColumn:
    """Return the column of the second person that corresponds to one of the liaison."""
    return replace(
        column,
        key=f"{SECOND_PREFIX}{column.key}",
        heading=f"B岗{column.heading}",
        synonyms=(),
        in_block=(column.heading, *column.synonyms),
        block=SECOND,
        exported=False,
    )


COLUMNS = (
    ImportColumn(
        "unit",
        "单位",
        (
            *("单位名称", "责任单位", "填报单位", "部门", "单位全称", "工作单位", "所在单位", "成员单位", "部门名称"),
            *(
                "单位/部门",
                "报送单位",
                "所属单位",
                "单位（部门）",
                "部门（单位）",
                "所属部门",
                "参加单位",
                "乡镇（街道）",
            ),
            *("镇街", "乡镇街道", "单位（乡镇）"),
        ),
        required=True,
        repeats=True,
        instead="unit_and_post",
        above="(?:填报|报送|填表|上报|责任|成员)?单位(?:名称|全称)?|填报部门",
    ),
    ImportColumn(
        "name",
        "姓名",
        (
            *("联络员", "联络员姓名", "联系人", "联络人", "A岗", "A角", "A岗人员", "人员姓名"),
            *(
                "具体联络员",
                "具体联络人",
                "日常联络员",
                "工作联络员",
                "联络人姓名",
                "联系人姓名",
                "经办人",
                "具体经办人",
            ),
            *("联络员1", "联络员一", "第一联络员", "主联络员", "正联络员"),
            *(f"{person}{join}{number}" for person in PEOPLE for join in ("及", "和", "、") for number in NUMBERS),
        ),
        required=True,
        own=True,
        block=LIAISON,
        instead="name_and_post",
    ),
    ImportColumn(
        "second",
        "B岗",
        ("B角", "B岗人员", "副联络员", "备用联络员", "第二联络员", "承办人", "联络员2", "联络员二"),
        own=True,
        block=SECOND,
        in_block=("姓名", "联络员", "联系人"),
        exported=False,
    ),
    *PERSONAL,
    *map(_of_second, PERSONAL),
    ImportColumn(
        "leader",
        "分管领导",
        (
            *("责任领导", "主管领导", "分管负责人", "分管领导姓名", "分管副职", "分管领导及职务", "分管领导姓名及职务"),
            *(f"分管领导{join}{number}" for join in ("及", "和", "、") for number in NUMBERS),
        ),
        block=LEADER,
        in_block=("姓名", "姓名及职务", "姓名职务"),
        repeats=True,
    ),
    ImportColumn(
        "kind",
        "人员类别",
        (
            *("类别", "身份", "角色", "人员身份", "人员类型", "岗位类别", "职责", "分工", "工作职责", "工作分工"),
            *("人员职责", "岗位职责", "担任角色", "人员分类", "AB角", "A/B角", "AB岗", "A/B岗", "A角/B角", "A岗/B岗"),
        ),
        repeats=True,
        exported=False,
        told=KIND,
        told_over=("post",),
    ),
    ImportColumn(
        "unit_and_post",
        "单位及职务",
        ("单位职务", "单位和职务", "单位、职务", "单位/职务", "工作单位及职务", "所在单位及职务", "工作单位和职务"),
        repeats=True,
        exported=False,
    ),
    ImportColumn(
        "name_and_post",
        "姓名及职务",
        (
            "姓名和职务",
            "姓名职务",
            "姓名、职务",
            "姓名/职务",
            "姓名及职务职称",
            "联络员及职务",
            "联络员职务",
            "联络员信息",
            "联络员（姓名、职务）",
        ),
        own=True,
        block=LIAISON,
        exported=False,
    ),
)
