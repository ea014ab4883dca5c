// The first screen of WeChat: who wrote, how much is unread, and the mini-program.
import { BOXES, gist } from "./boxes.js";
import { face, h, icon, tool, whenIt } from "./parts.js";
import { scan } from "./scan.js";

export function chats(phone) {
  const list = h("div", { class: "list" });
  const draw = () => list.replaceChildren(...rows(phone));
  draw();
  return {
    name: "chats", title: "微信", element: h("div", { class: "view" }, h("div", { class: "scroll" }, list)),
    tools: [tool("scan", "扫一扫", () => phone.open(scan(phone)))],
    heard: draw, shown: draw,
  };
}

function rows(phone) {
  const { following } = phone.person;
  const box = (one, words) => {
    const last = phone.messages.filter(one.holds).at(-1);
    return row(one, gist(last) || words, last?.at, phone.unread(one), () => phone.openBox(one.name));
  };
  const hasService = phone.messages.some(BOXES.service.holds);
  return [
    box(BOXES.account, following ? "公众号 · 已关注" : "公众号 · 未关注"),
    box(BOXES.notices, "小程序发来的消息"),
    hasService ? box(BOXES.service, "") : null,
    row({ title: "微办", letter: "微", tint: "" }, "小程序 · 预约办事", null, 0, () => phone.openProgram()),
  ].filter(Boolean);
}

function row({ title, letter, tint }, words, at, unread, open) {
  return h("button", { type: "button", onclick: open },
    face(letter, tint),
    h("span", { class: "grow" }, h("span", { class: "name" }, title), h("span", { class: "quiet cut" }, words)),
    h("span", { class: "end" }, at ? whenIt(at) : "",
      unread ? h("span", { class: "badge" }, String(unread), h("span", { class: "spoken" }, "条未读")) : null));
}

/** The screen before anybody holds the phone. */
export function start(hold) {
  return h("div", { class: "view start" },
    face("办", "green"),
    h("h3", {}, "把手机交给谁？"),
    h("p", { class: "quiet" }, "添加一个人物，或直接用演示人物开始"),
    h("button", { onclick: hold }, "用 li-na 开始", icon("forward")));
}
