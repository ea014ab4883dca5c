// A chat: what was said, and below it the way to answer. News is added without touching what is being typed.
import { BOXES } from "./boxes.js";
import { compose } from "./compose.js";
import { menuBar } from "./menu.js";
import { shownMessage } from "./messages.js";
import { h, tool, whenIt } from "./parts.js";
import { profile } from "./profile.js";

const PAUSE_MS = 5 * 60 * 1000;
const MENU_MS = 15_000;
const PICTURE_PX = 300;

export function chat(phone, box) {
  const log = h("div", { class: "log", role: "log", "aria-live": "polite", "aria-label": `${box.title}的消息` });
  const scroll = h("div", { class: "scroll", tabindex: 0, "aria-label": "聊天记录" }, log);
  // Pictures come after their message and push it up.
  log.addEventListener("load", () => {
    if (scroll.scrollHeight - scroll.scrollTop - scroll.clientHeight < PICTURE_PX) scroll.scrollTop = scroll.scrollHeight;
  }, true);
  const foot = box.kind ? footer(phone, box, scroll) : { elements: [], heard() {} };
  let drawn = null;
  const draw = () => {
    if (box === BOXES.account && !phone.person.following) {
      if (phone.top === screen) phone.openBox("account");
      return;
    }
    const messages = phone.messages.filter(box.holds);
    drawn = add(phone, box, log, messages, drawn, () => { scroll.scrollTop = scroll.scrollHeight; });
    if (phone.top === screen) phone.saw(box);
    foot.heard();
  };
  const screen = {
    box, name: "chat", title: box.title,
    element: h("div", { class: "view" }, scroll, foot.elements),
    tools: box === BOXES.account ? [tool("person", "公众号资料", () => phone.open(profile(phone)))] : [],
    heard: draw,
    shown: () => { draw(); scroll.scrollTop = scroll.scrollHeight; },
  };
  return screen;
}

const sign = (message) => `${message.at} ${message.kind} ${message.msgid ?? message.text ?? ""}`;

/** Draw what is new, or everything if the beginning has changed; gives what is drawn now. */
function add(phone, box, log, messages, drawn, toEnd) {
  const signs = messages.map(sign);
  const goesOn = drawn?.length && drawn.every((one, place) => one === signs[place]);
  if (!goesOn || !messages.length) log.replaceChildren();
  if (!messages.length) log.append(h("p", { class: "notice" }, box.empty));
  const from = goesOn ? drawn.length : 0;
  messages.slice(from).forEach((message, place) => {
    const before = messages[from + place - 1];
    if (!before || new Date(message.at) - new Date(before.at) > PAUSE_MS) log.append(h("p", { class: "when" }, whenIt(message.at)));
    log.append(shownMessage(phone, box, message));
  });
  if (from < messages.length) toEnd();
  return signs;
}

/** The keyboard, or for the public account its menu, which is asked for again now and then as WeChat does. */
function footer(phone, box, scroll) {
  const menu = menuBar(phone, () => swap(false));
  const writing = compose(phone, box, () => swap(true), () => { scroll.scrollTop = scroll.scrollHeight; });
  let asked = 0;
  const swap = (isMenu) => {
    menu.element.hidden = !isMenu;
    writing.element.hidden = isMenu;
    (isMenu ? menu : writing).focus();
  };
  menu.element.hidden = true;
  // Which of the two is shown first is known when the menu is.
  writing.element.hidden = box.kind === "oa";
  const heard = async () => {
    if (box.kind !== "oa" || Date.now() - asked < MENU_MS) return;
    const isFirst = asked === 0;
    asked = Date.now();
    // A menu that could not be had is asked for again with later news.
    const hasButtons = await menu.load().catch(() => false);
    writing.mayMenu(hasButtons);
    if (hasButtons && !isFirst) return;
    menu.element.hidden = !hasButtons;
    writing.element.hidden = hasButtons;
  };
  return { elements: [menu.element, writing.element], heard };
}
