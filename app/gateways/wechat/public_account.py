"""公众号: everything we ask of WeChat as a public account."""

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any, ClassVar, Literal

from redis.asyncio import Redis

from app.gateways.wechat import codes, followers, js_sdk, library, mass, menus, messages, oauth, tags
from app.gateways.wechat.accounts import Account
from app.gateways.wechat.codes import SceneCode
from app.gateways.wechat.followers import Follower
from app.gateways.wechat.js_sdk import PageSignature
from app.gateways.wechat.library import AccountTemplate
from app.gateways.wechat.mass import Article, MassJob, Picture
from app.gateways.wechat.oauth import Grant, Scope
from app.gateways.wechat.party import Party
from app.gateways.wechat.tags import Tag
from app.gateways.wechat.transport import Transport


class PublicAccount(Party):
    """One public account; each door says in its own module what it gives and raises.

    ``open_base`` is where browsers sign in, ``picture_base`` where they fetch the pictures of codes.
    """

    kind: ClassVar[Literal["oa", "mp"]] = "oa"

    def __init__(
        self,
        account: Account,
        transport: Transport,
        redis: Redis | None,
        *,
        window_s: int,
        open_base: str,
        picture_base: str,
    ) -> None:
        super().__init__(account, transport, redis, window_s=window_s)
        self._open_base = open_base
        self._picture_base = picture_base

    async def send_template(
        self,
        openid: str,
        template_id: str,
        data: Mapping[str, str],
        *,
        client_msg_id: str,
        url: str | None = None,
        miniprogram: Mapping[str, str] | None = None,
    ) -> int:
        """See ``messages.send_template``."""
        return await messages.send_template(
            self.client,
            openid,
            template_id,
            data,
            client_msg_id=client_msg_id,
            url=url,
            miniprogram=miniprogram,
        )

    # Mass sends -----------------------------------------------------------------------------

    async def mass_by_tag(
        self, tag_id: int | None, message: Mapping[str, Any], client_msg_id: str
    ) -> MassJob:
        """See ``mass.mass_by_tag``."""
        return await mass.mass_by_tag(self.client, tag_id, message, client_msg_id)

    async def mass_to(
        self, openids: Sequence[str], message: Mapping[str, Any], client_msg_id: str
    ) -> MassJob:
        """See ``mass.mass_to``."""
        return await mass.mass_to(self.client, openids, message, client_msg_id)

    async def mass_preview(self, openid: str, message: Mapping[str, Any]) -> None:
        """See ``mass.mass_preview``."""
        await mass.mass_preview(self.client, openid, message)

    async def mass_state(self, msg_id: int) -> str:
        """See ``mass.mass_state``."""
        return await mass.mass_state(self.client, msg_id)

    async def mass_delete(self, msg_id: int) -> None:
        """See ``mass.mass_delete``."""
        await mass.mass_delete(self.client, msg_id)

    async def add_draft(self, articles: Sequence[Article]) -> str:
        """See ``mass.add_draft``."""
        return await mass.add_draft(self.client, articles)

    async def add_picture(self, picture: Picture) -> str:
        """See ``mass.add_picture``."""
        return await mass.add_picture(self.client, picture)

    async def upload_image(self, picture: Picture) -> str:
        """See ``mass.upload_image``."""
        return await mass.upload_image(self.client, picture)

    # People ---------------------------------------------------------------------------------

    async def profile(self, openid: str) -> Follower:
        """See ``followers.profile``."""
        return await followers.profile(self.client, openid)

    def followers(self) -> AsyncIterator[str]:
        """See ``followers.followers``."""
        return followers.followers(self.client)

    async def tags(self) -> tuple[Tag, ...]:
        """See ``tags.tags``."""
        return await tags.tags(self.client)

    async def create_tag(self, name: str) -> int:
        """See ``tags.create_tag``."""
        return await tags.create_tag(self.client, name)

    async def tag_people(self, tag_id: int, openids: Sequence[str]) -> None:
        """See ``tags.tag_people``."""
        await tags.tag_people(self.client, tag_id, openids)

    async def untag_people(self, tag_id: int, openids: Sequence[str]) -> None:
        """See ``tags.untag_people``."""
        await tags.untag_people(self.client, tag_id, openids)

    # Web pages inside WeChat ----------------------------------------------------------------

    def authorize_url(self, redirect_uri: str, state: str, *, scope: Scope = "snsapi_base") -> str:
        """See ``oauth.authorize_url``."""
        return oauth.authorize_url(self._open_base, self.appid, redirect_uri, state, scope=scope)

    async def exchange_code(self, code: str) -> Grant:
        """See ``oauth.exchange_code``."""
        return await oauth.exchange_code(self.client, code)

    async def jsapi_ticket(self) -> str:
        """The JS-SDK ticket, shared like the access token. Raises WeChatRefused or WeChatUnreachable."""
        return await self.client.tickets["jsapi"].get()

    async def sign_page(self, url: str) -> PageSignature:
        """See ``js_sdk.sign_page``; the caller has checked that the page is ours."""
        return js_sdk.sign_page(self.appid, await self.jsapi_ticket(), url)

    async def scene_code(self, scene: str, *, expires_s: int | None) -> SceneCode:
        """See ``codes.scene_code``."""
        return await codes.scene_code(self.client, self._picture_base, scene, expires_s=expires_s)

    # Menus and templates --------------------------------------------------------------------

    async def menu(self) -> dict[str, Any] | None:
        """See ``menus.menu``."""
        return await menus.menu(self.client)

    async def create_menu(self, menu: Mapping[str, Any]) -> None:
        """See ``menus.create_menu``."""
        await menus.create_menu(self.client, menu)

    async def delete_menu(self) -> None:
        """See ``menus.delete_menu``."""
        await menus.delete_menu(self.client)

    async def add_conditional_menu(self, menu: Mapping[str, Any]) -> str:
        """See ``menus.add_conditional_menu``."""
        return await menus.add_conditional_menu(self.client, menu)

    async def delete_conditional_menu(self, menuid: str) -> None:
        """See ``menus.delete_conditional_menu``."""
        await menus.delete_conditional_menu(self.client, menuid)

    async def match_menu(self, openid: str) -> dict[str, Any]:
        """See ``menus.match_menu``."""
        return await menus.match_menu(self.client, openid)

    async def templates(self) -> tuple[AccountTemplate, ...]:
        """See ``library.templates``."""
        return await library.templates(self.client)
