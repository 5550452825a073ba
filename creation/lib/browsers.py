"""Names for what browsers say of themselves, in words that a person knows a browser by."""

BROWSERS = (  # the first that is found: most also name those that they are like
    ("wxwork", "企业微信"),
    ("MicroMessenger", "微信"),
    ("DingTalk", "钉钉"),
    ("Lark", "飞书"),
    ("Edg", "Edge"),
    ("QQBrowser", "QQ 浏览器"),
    ("QIHU", "360 浏览器"),
    ("360", "360 浏览器"),
    ("Firefox", "火狐"),
    ("Chrome", "谷歌浏览器"),
    ("Safari", "Safari"),
    ("Trident", "IE"),
    ("MSIE", "IE"),
)
SYSTEMS = (
    ("HarmonyOS", "鸿蒙"),
    ("Android", "安卓"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS", "苹果电脑"),
    ("Linux", "Linux"),
)


def browser_name(agent: str) -> str:
    """Return browser and system, such as “谷歌浏览器，Windows”, of a User-Agent header."""
    found = (next((name for mark, name in names if mark in agent), "") for names in (BROWSERS, SYSTEMS))
    return "，".join(filter(None, found)) or "未知浏览器"
