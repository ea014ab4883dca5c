"""What a mass send says: a text, or an article with its cover, as a campaign keeps it."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final, Literal, Self

from app.gateways.wechat import Article, PublicAccount, mass_article, mass_text
from app.kit import db, sanitize, uploads
from app.kit.errors import InvalidInput

_LONGEST_TEXT_BYTES: Final = 2048
_LONGEST_BODY: Final = 20_000
_LONGEST: Final = {"title": 32, "author": 16, "digest": 120}
_KNOWN: Final = {"kind", "text", "title", "author", "digest", "body", "cover", "pictures", "source_url"}
_HASH_LENGTH: Final = 64

Kind = Literal["text", "article"]


class ContentInvalid(InvalidInput):
    code = "mass_content_invalid"
    message = "群发内容填写有误，请按提示修改"


@dataclass(frozen=True, slots=True)
class Content:
    """``body`` is clean rich text; ``cover`` and the values of ``pictures`` are hashes of kept files.

    A picture stands in the body as ``attachment:`` and its name. Limits: the platform's page on drafts;
    a digest is shorter than it says, since it counts some signs twice.
    """

    kind: Kind
    text: str = ""
    title: str = ""
    author: str = ""
    digest: str = ""
    body: str = ""
    cover: str = ""
    pictures: Mapping[str, str] = field(default_factory=dict)
    source_url: str = ""

    @classmethod
    def read(cls, given: Mapping[str, Any]) -> Self:
        """Raises ContentInvalid, which names every fault."""
        faults: dict[str, list[str]] = {}
        for name, reason in _faults(given):
            faults.setdefault(name, []).append(reason)
        if faults:
            raise ContentInvalid(fields=faults)
        told = {name: given[name] for name in _KNOWN & set(given)}
        if told["kind"] == "article":
            told["body"] = sanitize.clean(told["body"])
        return cls(**told)

    def stored(self) -> dict[str, Any]:
        """As plain data, which ``read`` reads again."""
        return {name: value for name, value in asdict(self).items() if value}

    def message(self, media_id: str | None) -> dict[str, Any]:
        """WeChat's message; of an article by its draft."""
        return mass_text(self.text) if media_id is None else mass_article(media_id)

    async def draft(self, oa: PublicAccount) -> str | None:
        """Put the article in the draft box; gives its media_id, None for a text.

        Raises WeChatRefused, WeChatUnreachable or FileLost.
        """
        if self.kind == "text":
            return None
        cover = await _reference(oa, self.cover, is_cover=True)
        addresses = {
            name: await _reference(oa, sha256, is_cover=False) for name, sha256 in self.pictures.items()
        }
        article = Article(
            title=self.title,
            content=sanitize.with_attachments(self.body, addresses),
            thumb_media_id=cover,
            digest=self.digest,
            author=self.author,
            source_url=self.source_url,
        )
        return await oa.add_draft([article])


async def taken_in(given: Mapping[str, Any], folder: Path) -> dict[str, Any]:
    """The content with the files it names, relative to a folder, kept and replaced by their hashes.

    Raises ContentInvalid for a file that cannot be read, and UnfitFile.
    """
    told = dict(given)
    if isinstance(told.get("cover"), str):
        told["cover"] = await _kept("cover", told["cover"], folder)
    if isinstance(told.get("pictures"), Mapping):
        told["pictures"] = {
            name: await _kept(f"pictures.{name}", str(path), folder)
            for name, path in told["pictures"].items()
        }
    return told


async def _kept(place: str, path: str, folder: Path) -> str:
    try:
        content = (folder / path).read_bytes()
    except OSError:
        raise ContentInvalid(fields={place: [f"读不了文件 {path}"]}) from None
    upload = await uploads.take_in(Path(path).name, content)
    if not upload.media_type.startswith("image/"):
        raise ContentInvalid(fields={place: ["须为 PNG 或 JPG 图片"]})
    return upload.sha256


async def _reference(oa: PublicAccount, sha256: str, *, is_cover: bool) -> str:
    """What WeChat calls a picture of ours; it is uploaded the first time."""
    known: str | None = await db.fetch_value(
        "SELECT reference FROM mass_picture WHERE account_id = $1 AND sha256 = $2 AND is_cover = $3",
        oa.appid, sha256, is_cover,
    )  # fmt: skip
    if known is not None:
        return known
    content = await uploads.read(sha256)
    is_png = content.startswith(b"\x89PNG")
    picture = (f"{sha256[:16]}.{'png' if is_png else 'jpg'}", content, f"image/{'png' if is_png else 'jpeg'}")
    told = await (oa.add_picture(picture) if is_cover else oa.upload_image(picture))
    await db.execute(
        "INSERT INTO mass_picture (account_id, sha256, is_cover, reference) VALUES ($1, $2, $3, $4)"
        " ON CONFLICT (account_id, sha256, is_cover) DO NOTHING",
        oa.appid, sha256, is_cover, told,
    )  # fmt: skip
    return told


def _faults(given: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name in sorted(set(given) - _KNOWN):
        yield name, "没有这一项"
    for name in _KNOWN - {"pictures"}:
        if not isinstance(given.get(name, ""), str):
            yield name, "应为文字"
            return
    match given.get("kind"):
        case "text":
            text = given.get("text", "").strip()
            if not text or len(text.encode()) > _LONGEST_TEXT_BYTES:
                yield "text", f"必填，最长 {_LONGEST_TEXT_BYTES} 字节（约 680 个汉字）"
        case "article":
            yield from _faults_of_article(given)
        case _:
            yield "kind", "应为 text（文本）或 article（图文）"


def _faults_of_article(given: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    if not given.get("title", "").strip():
        yield "title", "必填"
    for name, longest in _LONGEST.items():
        if len(given.get(name, "")) > longest:
            yield name, f"最长 {longest} 个字"
    if len(given.get("cover", "")) != _HASH_LENGTH:
        yield "cover", "必填，须为 PNG 或 JPG 图片"
    address = given.get("source_url", "")
    if address and not address.startswith(("https://", "http://")):
        yield "source_url", "应为 http 或 https 开头的网址"
    body = given.get("body", "")
    if len(body) > sanitize.LONGEST or not 0 < len(clean := sanitize.clean(body)) < _LONGEST_BODY:
        yield "body", f"必填，排版后少于 {_LONGEST_BODY} 个字符"
        return
    pictures = given.get("pictures", {})
    if not isinstance(pictures, Mapping):
        yield "pictures", "应为图片名到文件的对照"
        return
    for name in sorted(sanitize.attachments_in(clean)[0] - set(pictures)):
        yield "body", f"正文引用了没有附上的图片 {name}"
