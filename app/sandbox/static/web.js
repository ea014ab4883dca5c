// A web page opened inside WeChat. All phones of this window share one cookie jar, so one page is live at a time.
import { SERVER } from "./boxes.js";
import { ask, h, tapped, tool } from "./parts.js";

const PATIENCE_MS = 10_000;

export function web(phone, url, title) {
  const page = new Page(phone, url, title);
  return {
    name: "web", title, closes: true, element: page.element,
    tools: [tool("refresh", "刷新网页", () => page.load())],
    shown: () => { if (!page.isLive) page.load(); },
    ended: () => page.end(),
  };
}

class Page {
  constructor(phone, url, title) {
    this.phone = phone;
    this.url = url;
    this.isLive = false;
    this.frame = h("iframe", { title, hidden: true });
    this.frame.addEventListener("load", () => this.arrived());
    this.words = h("div", { class: "words", role: "status" });
    this.element = h("div", { class: "view web" }, this.words, this.frame);
  }

  async load() {
    this.phone.desk.giveWebTo(this);
    this.isLive = true;
    this.frame.hidden = true;
    this.tell("正在打开…");
    if (new URL(this.url).origin !== SERVER) {
      const away = h("a", { href: this.url, target: "_blank", rel: "noopener noreferrer" }, "在浏览器中打开");
      this.tell("这不是本机服务的网页，手机里打不开", h("span", { class: "quiet cut" }, this.url), away);
      return;
    }
    try {
      // A frame does not tell that its server is away; this does.
      await ask("GET", "/_app/healthz", undefined, { asText: true });
    } catch (refusal) {
      this.tell(refusal.message, this.again());
      return;
    }
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.tell("网页没有打开，请稍后再试", this.again()), PATIENCE_MS);
    this.frame.src = `/_sandbox/open?${new URLSearchParams({ person: this.phone.name, url: this.url })}`;
  }

  arrived() {
    if (!this.isLive || this.frame.src === "about:blank" || !this.frame.src) return;
    clearTimeout(this.timer);
    this.frame.hidden = false;
    this.words.hidden = true;
  }

  /** Another phone opens a page: this one stops, and says so. */
  pause() {
    this.isLive = false;
    clearTimeout(this.timer);
    this.frame.hidden = true;
    this.frame.src = "about:blank";
    this.tell("另一部手机正在看网页，同一个窗口里一次只能开一个", this.again());
  }

  end() {
    clearTimeout(this.timer);
    this.phone.desk.endWeb(this);
  }

  again() {
    return h("button", { type: "button", onclick: tapped(() => this.load()) }, "重新打开");
  }

  tell(...content) {
    this.words.replaceChildren(...content.map((one) => (typeof one === "string" ? h("p", {}, one) : one)));
    this.words.hidden = false;
  }
}
