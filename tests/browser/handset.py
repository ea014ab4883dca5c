"""A person's phone on the page, handled as a finger would handle it."""

from dataclasses import dataclass

from playwright.async_api import FrameLocator, Locator, Page, expect

ACCOUNT = "微办政务服务"


@dataclass(frozen=True)
class Handset:
    """Every action waits until the phone shows that it was done."""

    page: Page
    name: str

    @property
    def itself(self) -> Locator:
        return self.page.get_by_role("article", name=f"{self.name} 的手机")

    @property
    def log(self) -> Locator:
        """What was said in the chat that is open."""
        return self.itself.get_by_role("log")

    @property
    def sheet(self) -> Locator:
        return self.itself.get_by_role("dialog")

    @property
    def web_page(self) -> FrameLocator:
        return self.itself.frame_locator("iframe")

    def button(self, name: str, *, exact: bool = False) -> Locator:
        return self.itself.get_by_role("button", name=name, exact=exact)

    async def tap(self, name: str, *, exact: bool = False) -> None:
        await self.button(name, exact=exact).click()

    async def shows(self, title: str) -> None:
        """The screen that is open has this title."""
        await expect(self.itself.get_by_role("heading", name=title, level=2)).to_be_visible()

    async def follow(self) -> None:
        await self.tap(ACCOUNT)
        await self.tap("关注公众号")
        await expect(self.log).to_contain_text("欢迎")

    async def say(self, text: str) -> None:
        box = self.itself.get_by_role("textbox", name=f"发消息给{ACCOUNT}")
        keyboard = self.button("切换到键盘")
        await expect(box.or_(keyboard)).to_be_visible()
        if await keyboard.is_visible():
            await keyboard.click()
        await box.fill(text)
        await box.press("Enter")
        await expect(self.log.get_by_text(text, exact=True).last).to_be_visible()

    async def press(self, menu: str, item: str) -> None:
        """A button of the public account's menu."""
        await self.tap(menu)
        await self.itself.get_by_role("navigation").get_by_role("button", name=item).click()

    async def choose_seat(self) -> None:
        """The first hall and the first free time of the mini-program, agreed to."""
        await self.itself.locator(".hall").first.click()
        await self.itself.get_by_role("button", name="余").first.click()
        await self.sheet.get_by_role("button", name="预约", exact=True).click()

    async def book(self, *, answer: str = "允许") -> str:
        """A booking in the mini-program, with its subscribe prompt; gives its number."""
        await self.choose_seat()
        await self.sheet.get_by_role("button", name=answer).click()
        await expect(self.itself.get_by_role("heading", name="预约成功")).to_be_visible()
        return await self.itself.locator(".number").inner_text()

    async def agree(self) -> None:
        """Agree to the privacy notice, which stands before a person's first page."""
        await self.web_page.get_by_role("button", name="同意并继续").click()

    async def home(self) -> None:
        """Back to the list of chats."""
        back = self.itself.locator(".back")
        while await back.is_visible():
            await back.click()
        await self.shows("微信")
