"""The words of pages: all in catalogues, the same in every language."""

import re
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog

from app import console
from app import open as open_pages
from app.kit.web.pages import LANGUAGES, Site
from app.public_account import h5
from tests.architecture.test_errors import faults

SITES = {"console": console.site, "h5": h5.pages.site, "open": open_pages.site}
_HERE = Path(__file__).parents[2]
_H5 = _HERE / "app/public_account/h5"
TEMPLATES = {
    "console": [*(_HERE / "app/console").rglob("*.html"), *(_HERE / "app/console").rglob("*.py")],
    "h5": [
        *(_HERE / "app/public_account/h5").rglob("*.html"),
        *(_HERE / "app/public_account/h5").rglob("*.py"),
    ],
    "open": [*(_HERE / "app/open").rglob("*.html"), *(_HERE / "app/open").rglob("*.py")],
}
SHARED = list((_HERE / "app/kit/web/pages").rglob("*.html"))
_SAID = re.compile(r'(?<![\w.])(?:_|gettext|ngettext|said)\(\s*(?:[\w.]+,\s*)?"([^"{}]+)"(\s*~)?')
_CHINESE = re.compile("[\u4e00-\u9fff]+")
_REMARK = re.compile(r"\{#.*?#\}", re.DOTALL)
_SAYS_ITS_CHINESE = ("fault.", "message_kind.")
_PLACES = re.compile(r"%\((\w+)\)[sd]")

each_site = pytest.mark.parametrize("name", list(SITES))


def entries(site: Site, language: str) -> Catalog:
    return site.texts.entries(language)


@each_site
def test_every_language_says_the_same_things_with_the_same_values(name: str) -> None:
    first, *others = [
        {
            one.id if isinstance(one.id, str) else one.id[0]: _places(one.string)
            for one in entries(SITES[name], language)
            if one.id
        }
        for language in LANGUAGES
    ]
    for other in others:
        # What says its Chinese itself needs words in another language alone.
        assert {
            key: places
            for key, places in other.items()
            if key in first or not key.startswith(_SAYS_ITS_CHINESE)
        } == first


def _places(said: object) -> set[str]:
    texts = said if isinstance(said, tuple | list) else [said]
    assert all(text for text in texts), "words are missing"
    return {place for text in texts for place in _PLACES.findall(str(text))}


@each_site
def test_a_refusal_says_its_chinese_itself(name: str) -> None:
    said = {str(one.id) for one in entries(SITES[name], "zh") if one.id}
    assert {f"fault.{fault.code}" for fault in faults()} & said == set()


@each_site
def test_no_template_speaks_for_itself(name: str) -> None:
    spoken = {
        path.name: found
        for path in [*TEMPLATES[name], *SHARED]
        if path.suffix == ".html"
        if (
            found := re.findall(
                "[\u4e00-\u9fff]+", re.sub(r"\{#.*?#\}", "", path.read_text(), flags=re.DOTALL)
            )
        )
    }
    assert spoken == {}


@each_site
def test_every_key_that_is_said_has_words(name: str) -> None:
    known = {one.id if isinstance(one.id, str) else one.id[0] for one in entries(SITES[name], "zh") if one.id}
    for path in [*TEMPLATES[name], *SHARED]:
        for key, is_family in _SAID.findall(path.read_text()):
            if is_family:
                assert any(one.startswith(key) for one in known), f"{path.name}: {key}"
            else:
                assert key in known, f"{path.name}: {key}"
