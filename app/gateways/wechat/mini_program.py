"""小程序: everything we ask of WeChat as a mini-program."""

from collections.abc import Mapping
from typing import ClassVar, Literal

from app.gateways.wechat import codes, content_safety, library, links, login, messages, phone
from app.gateways.wechat.codes import EnvVersion
from app.gateways.wechat.content_safety import TextVerdict
from app.gateways.wechat.library import AccountTemplate
from app.gateways.wechat.login import WeChatSession
from app.gateways.wechat.party import Party


class MiniProgram(Party):
    """One mini-program; each door says in its own module what it gives and raises."""

    kind: ClassVar[Literal["oa", "mp"]] = "mp"

    async def code_to_session(self, code: str) -> WeChatSession:
        """See ``login.code_to_session``."""
        return await login.code_to_session(self.client, code)

    async def phone_number(self, code: str, openid: str) -> str:
        """See ``phone.phone_number``."""
        return await phone.phone_number(self.client, code, openid)

    async def send_subscribe(
        self,
        openid: str,
        template_id: str,
        data: Mapping[str, str],
        *,
        page: str | None = None,
        state: messages.MiniProgramState = "formal",
        lang: str = "zh_CN",
    ) -> int | None:
        """See ``messages.send_subscribe``."""
        return await messages.send_subscribe(
            self.client, openid, template_id, data, page=page, state=state, lang=lang
        )

    async def subscribe_templates(self) -> tuple[AccountTemplate, ...]:
        """See ``library.subscribe_templates``."""
        return await library.subscribe_templates(self.client)

    async def check_text(
        self, openid: str, text: str, *, scene: int, title: str | None = None
    ) -> TextVerdict:
        """See ``content_safety.check_text``."""
        return await content_safety.check_text(self.client, openid, text, scene=scene, title=title)

    async def code_image(
        self, scene: str, page: str, *, env_version: EnvVersion = "release", width: int = 430
    ) -> bytes:
        """See ``codes.code_image``."""
        return await codes.code_image(self.client, scene, page, env_version=env_version, width=width)

    async def url_link(self, path: str, query: str = "", *, days: int = 30) -> str:
        """See ``links.url_link``."""
        return await links.url_link(self.client, path, query, days=days)
