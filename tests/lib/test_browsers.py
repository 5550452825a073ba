"""What the list of logins calls a browser."""

import pytest

from creation.lib.browsers import browser_name

CHROME = "AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Safari/537.36"


@pytest.mark.parametrize(
    ("agent", "name"),
    [
        (f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {CHROME}", "谷歌浏览器，Windows"),
        (f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {CHROME} Edg/120.0.0.0", "Edge，Windows"),
        (f"Mozilla/5.0 (X11; Linux x86_64) {CHROME}", "谷歌浏览器，Linux"),
        ("Mozilla/5.0 (Windows NT 10.0; rv:121.0) Gecko/20100101 Firefox/121.0", "火狐，Windows"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148 MicroMessenger/8.0", "微信，iPhone"),
        ("Mozilla/5.0 (Linux; Android 13; V2230A) Chrome/116 Mobile MicroMessenger/8.0 wxwork/4.1", "企业微信，安卓"),
        ("curl/8.0", "未知浏览器"),
        ("", "未知浏览器"),
    ],
)  # fmt: skip
def test_a_browser_is_named_as_people_know_it(agent: str, name: str) -> None:
    assert browser_name(agent) == name
