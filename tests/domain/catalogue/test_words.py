"""How texts become words: pairs of signs, pinyin, and a question without its politeness."""

import pytest

from app.domain.catalogue.words import Asked, of_guide, of_question


def asked(text: str) -> list[str]:
    return [one.word for one in of_question(text)]


def test_neighbouring_signs_are_words() -> None:
    assert asked("发票领用") == ["发票", "票领", "领用"]


def test_latin_words_may_be_begun_and_numbers_mean_themselves() -> None:
    assert of_question("12366 Fapiao") == [Asked("12366"), Asked("fapiao", is_beginning=True)]


def test_full_width_and_capitals_mean_the_same() -> None:
    assert asked("ＡＰＰ") == asked("app") == ["app"]


@pytest.mark.parametrize("text", ["请问发票怎么领用啊", "你好，我想问一下发票领用的", "发票，领用！？"])
def test_what_is_only_politeness_is_not_asked(text: str) -> None:
    assert asked(text)[0] == "发票"
    assert asked(text)[-1] == "领用"
    assert len(asked(text)) <= 3


@pytest.mark.parametrize("text", ["", "   ", "？！。", "请问", "a", "😀", "\x00\n"])
def test_nothing_is_asked_where_nothing_is_said(text: str) -> None:
    assert asked(text) == []


def test_a_lone_sign_counts_only_if_it_is_all_there_is() -> None:
    assert of_question("税") == [Asked("税", is_beginning=True)]
    assert asked("税 发票") == ["发票"]


def test_a_long_text_asks_no_more_than_a_statement_can_bear() -> None:
    assert len(asked("".join(chr(0x4E00 + n) for n in range(2000)))) == 32


def test_a_guide_is_found_by_title_keyword_text_and_sound() -> None:
    found = of_guide("发票领用", ["领票"], ["到窗口办理"])
    assert {"发票", "T发票", "领票", "K领票", "窗口", "fapiaolingyong", "fply", "piaolingyong", "lp"} <= found
    assert "T窗口" not in found
    assert "dck" not in found
