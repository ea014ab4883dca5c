"""Rich text: nothing in it runs, styles, or asks somebody else's server."""

import pytest

from app.kit import sanitize

DANGEROUS = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg onload=alert(1)><script>alert(1)</script></svg>",
    "<a href='javascript:alert(1)'>x</a>",
    "<a href=' jAva\tscript:alert(1)'>x</a>",
    "<a href='data:text/html,<script>alert(1)</script>'>x</a>",
    "<iframe src='https://example.org'></iframe>",
    "<p style='position:fixed' onclick='alert(1)'>x</p>",
    "<form action='https://example.org'><input name=a></form>",
    "<meta http-equiv=refresh content='0;url=https://example.org'>",
    "<link rel=stylesheet href='https://example.org/x.css'>",
    "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)></style></table></mtext></math>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'></noscript>",
    "<base href='https://example.org/'><object data=x></object><embed src=x>",
    "<b><p><style><!--</style><img src=x onerror=alert(1)>--></p></b>",
]
TRACES = ("script", "onerror", "onclick", "onload", "style", "data:", "iframe", "form", "svg", "http")


@pytest.mark.parametrize("text", DANGEROUS)
def test_nothing_dangerous_is_left(text: str) -> None:
    left = sanitize.clean(f"<p>前</p>{text}<p>后</p>")
    assert left.startswith("<p>前</p>")
    assert [trace for trace in TRACES if trace in left.lower()] == []


def test_what_an_announcement_needs_is_kept() -> None:
    text = (
        "<h2>标题</h2><p>一<strong>二</strong><br>三</p><ul><li>甲</li></ul>"
        '<table><tbody><tr><td colspan="2">格</td></tr></tbody></table>'
        '<img src="attachment:图.png" alt="示意图">'
    )
    assert sanitize.clean(text) == text
    assert sanitize.clean(sanitize.clean(text)) == text


def test_links_do_not_give_our_page_away() -> None:
    assert sanitize.clean("<a href='https://www.chinatax.gov.cn/' target=_blank>税务总局</a>") == (
        '<a href="https://www.chinatax.gov.cn/" rel="noopener noreferrer">税务总局</a>'
    )
    assert sanitize.clean("<a href='tel:12366'>热线</a>").startswith('<a href="tel:12366"')
    assert "href" not in sanitize.clean("<a href='//example.org'>x</a><a href='/h5/'>x</a>")


def test_pictures_come_from_own_files_only() -> None:
    for source in ("https://example.org/a.png", "data:image/png;base64,AA", "/h5/static/a.png", "a.png"):
        assert "src" not in sanitize.clean(f"<p>x<img src='{source}'></p>")


def test_files_are_named_and_found_at_their_addresses() -> None:
    text = sanitize.clean(
        "<img src='attachment:图 1.png'><a href='attachment:表&amp;格.pdf'>表</a> src=\"attachment:x\""
    )
    assert sanitize.attachments_in(text) == ({"图 1.png"}, {"表&格.pdf"})
    shown = sanitize.with_attachments(text, {"图 1.png": "/files/1?a&b", "x": "/wrong"})
    assert '<img src="/files/1?a&amp;b" alt="图 1">' in shown, (
        "whoever does not see it is told the file's name"
    )
    assert 'href="attachment:' not in shown
    assert "/wrong" not in shown


def test_words_without_markup_become_paragraphs() -> None:
    assert sanitize.clean("第一段 a>b &amp; c\n\n第二段\r\n") == "<p>第一段 a&gt;b &amp; c</p><p>第二段</p>"


def test_plain_words_keep_their_distance() -> None:
    assert sanitize.plain("<p>甲<strong>乙</strong>丙</p><p>丁<br>戊</p>") == "甲乙丙 丁 戊"
    text = sanitize.clean(
        "<p>甲</p><p>乙 &lt;b&gt;</p><img src='attachment:a.png' alt='<丙>'><script>丁</script>"
    )
    assert sanitize.plain(text) == "甲 乙 <b>"


def test_deep_nesting_takes_no_time() -> None:
    assert sanitize.plain(sanitize.clean("<b>" * 60_000 + "x")) == "x"


def test_what_would_take_time_is_known_before() -> None:
    deepest = "<ul><li>" * sanitize.DEEPEST
    assert not sanitize.is_too_deep(deepest)
    assert not sanitize.is_too_deep((deepest + "</UL>" * sanitize.DEEPEST) * 2)
    assert not sanitize.is_too_deep("<p>" * 60_000 + "<olive>" * 200)
    for text in (deepest + "<DIV>", "</ul>" * 9 + deepest + "<section>", "<ul></div>" * 101):
        assert sanitize.is_too_deep(text)
