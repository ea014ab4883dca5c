// WeChat itself: the list of chats, the public account, and the service notices of the mini-program.
import { ask, h, tapped, whenIt } from "./parts.js";

export const inNotices = (message) => message.kind === "subscribe";
export const inAccount = (message) => !inNotices(message);
export const gist = (message) => message?.title ?? message?.text ?? "";
export const tap = (person, kind, more) => ask("POST", "/_sandbox/tap", { person, kind, ...more });

/** The screen before anybody holds the phone. */
export function start(hold) {
  return h("div", { class: "start" },
    h("span", { class: "face g" }, "办"),
    h("h3", {}, "把手机交给谁？"),
    h("p", { class: "quiet" }, "添加一个人物，或直接用演示人物开始"),
    h("button", { id: "demo-person", onclick: tapped(() => hold("li-na")) }, "用 li-na 开始"));
}

/** The first screen: who wrote, how much is unread, and the mini-program. */
export function chats(phone) {
  const row = (face, tint, name, last, words, unread, open) =>
    h("button", { onclick: open },
      h("span", { class: `face ${tint}` }, face),
      h("span", { class: "grow" }, h("div", {}, name), h("div", { class: "quiet cut" }, gist(last) || words)),
      h("span", { class: "end" }, h("span", {}, last ? whenIt(last.at) : ""), unread ? h("span", { class: "badge" }, String(unread)) : null));
  const last = (inside) => phone.messages.filter(inside).at(-1);
  const following = phone.person.following;
  return h("div", { class: "list" },
    row("办", "g", "微办政务服务", last(inAccount), following ? "公众号 · 已关注" : "公众号 · 未关注", phone.unread("account"), () => phone.go("account")),
    row("通", "a", "服务通知", last(inNotices), "小程序发来的消息", phone.unread("notices"), () => phone.go("notices")),
    row("微", "", "微办", null, "小程序 · 预约办事", 0, () => phone.go("program")));
}

/** The public account: a profile until the person follows, a chat afterwards. */
export function account(phone) {
  if (!phone.person.following) return profile(phone);
  const messages = phone.messages.filter(inAccount);
  return h("div", { class: "chat" },
    messages.length ? messages.flatMap((message) => shown(phone, message, "微办政务服务"))
      : h("p", { class: "notice" }, "已关注。预约、改约、取消后，通知会到这里"),
    compose(phone));
}

function compose(phone) {
  const input = h("input", { name: "text", maxlength: 600, placeholder: "发消息给公众号", autocomplete: "off", "aria-label": "消息" });
  const say = tapped(async () => {
    const text = input.value.trim();
    if (!text) return;
    input.value = "";
    await phone.tap("text", { text });
  });
  return h("form", { class: "compose", onsubmit: say },
    input, h("button", {}, "发送"),
    h("button", { type: "button", id: "unfollow", class: "plain warn", onclick: tapped(() => phone.tap("unfollow")) }, "取关"));
}

function profile(phone) {
  return h("div", { class: "profile" },
    h("span", { class: "face g" }, "办"),
    h("h3", {}, "微办政务服务"),
    h("p", { class: "quiet" }, "预约办事，消息通知"),
    h("button", { id: "follow", onclick: tapped(() => phone.tap("follow")) }, "关注公众号"));
}

/** The service notices: what the mini-program sent. */
export function notices(phone) {
  const messages = phone.messages.filter(inNotices);
  const none = h("p", { class: "notice" }, "没有关注公众号的人，预约时允许订阅消息，通知会到这里");
  return h("div", { class: "chat" }, messages.length ? messages.flatMap((message) => shown(phone, message, "微办")) : none, h("p", { class: "notice" }, ""));
}

function shown(phone, message, sender) {
  const when = h("p", { class: "when" }, whenIt(message.at));
  if (message.lines) return [when, card(phone, message, sender)];
  if (message.kind === "notice") return [when, h("p", { class: "notice" }, message.text)];
  return [when, h("p", { class: message.from === "person" ? "bubble mine" : "bubble" }, message.text || `[${message.kind}]`)];
}

function card(phone, message, sender) {
  const target = message.page ?? message.url;
  const isFresh = Date.now() - new Date(message.at) < 3000;
  return h("button", { class: isFresh ? "card fresh" : "card", onclick: () => open(phone, message) },
    h("div", { class: "from" }, h("span", { class: "face g" }, "办"), sender),
    h("h3", {}, message.title),
    h("dl", {}, message.lines.flatMap((line) => [h("dt", {}, line.label), h("dd", {}, line.value)])),
    target ? h("div", { class: "more" }, h("span", {}, message.page ? "进入小程序查看" : "查看详情"), h("span", {}, "›")) : null);
}

function open(phone, message) {
  if (message.page || message.kind === "subscribe") phone.go("program", { tab: "mine" });
  else if (message.url) window.open(message.url, "_blank", "noopener");
}
