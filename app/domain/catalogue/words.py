"""How texts become the words they are found by: pure, the same for guides and for questions.

Chinese has no blanks between words, and a dictionary misses what it does not know. So each pair of
neighbouring signs is a word, which needs no dictionary and forgives a wrong sign in a long question.
Titles and keywords are also found by pinyin and by its initials, from any sign on.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from app.domain.halls.spelling import syllables

ANY = "*"
"""The word every published guide has; what it counts is how many there are."""
TITLE, KEYWORD = "T", "K"
"""Set before a word to say where it stands; words themselves are lower-case."""

_RUN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff]+|[a-z0-9]+")
_MOST_SYLLABLES = 6
_MOST_INITIALS = 10
_MOST_ASKED = 32
# What people say around what they ask. It occurs in guides too, and would drown the rest.
_AROUND = re.compile(
    "请问|你好|您好|谢谢|麻烦|好的|嗯|收到|在吗|我想要?|我要|我们|想要?知道|想问|问一下"
    "|咨询一?下?|了解一?下?|知道|告诉|一下|什么时候|怎么样?|怎样|如何|为什么|什么|哪些|哪里|哪儿|在哪"
    "|多久|多少|需要|能不能|可不可以|可以|是不是|有没有|应该|要不要|吗|呢|吧|啊|呀|的|了"
)


@dataclass(frozen=True, slots=True)
class Asked:
    """One word of a question; ``is_beginning`` if longer words that begin with it answer it too."""

    word: str
    is_beginning: bool = False


def of_guide(title: str, keywords: Sequence[str], texts: Sequence[str]) -> set[str]:
    """All words a guide is found by."""
    of_title, of_keywords = _words(title), {word for one in keywords for word in _words(one)}
    everywhere = {word for text in texts for word in _words(text)} | of_title | of_keywords
    return {
        ANY,
        *everywhere,
        *(TITLE + word for word in of_title),
        *(KEYWORD + word for word in of_keywords),
        *(sound for text in (title, *keywords) for sound in _sounds(text)),
    }


def of_question(text: str) -> list[Asked]:
    """The words of a question, without what is only politeness; a lone sign counts if it is all there is."""
    plain = _plain(text)
    found: dict[str, Asked] = {}
    for run in _RUN.findall(_AROUND.sub(" ", plain)):
        if not run.isascii():
            found |= {pair: Asked(pair) for pair in _pairs(run) if len(pair) > 1}
        elif len(run) > 1:
            found[run] = Asked(run, is_beginning=not run.isdigit())
    if not found:
        found = {run: Asked(run, is_beginning=True) for run in _lone_sign(plain)}
    return list(found.values())[:_MOST_ASKED]


def _lone_sign(plain: str) -> list[str]:
    said = _RUN.findall(plain)
    return said if len(said) == 1 and len(said[0]) == 1 and not said[0].isascii() else []


def _words(text: str) -> set[str]:
    """Every pair of signs, the last sign of each run alone, and every word of Latin letters and digits."""
    found: set[str] = set()
    for run in _RUN.findall(_plain(text)):
        found.update((run[:32],) if run.isascii() else _pairs(run))
    return found


def _pairs(run: str) -> Iterator[str]:
    return (run[at : at + 2] for at in range(len(run)))


def _sounds(text: str) -> Iterator[str]:
    """Pinyin and initials of a text's Chinese from every sign on: 发票 gives fapiao, fp, piao."""
    for run in _RUN.findall(_plain(text)):
        if run.isascii():
            continue
        sounds = syllables(run)
        for at in range(len(sounds)):
            yield "".join(sounds[at : at + _MOST_SYLLABLES])
            initials = "".join(sound[:1] for sound in sounds[at : at + _MOST_INITIALS])
            if len(initials) > 1:
                yield initials


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).lower()
