// How each kind of message looks in a chat.
import { SERVER } from "./boxes.js";
import { linked } from "./links.js";
import { face, h, icon, initial, tapped } from "./parts.js";

const WORDLESS = { voice: "语音", video: "视频", music: "音乐" };
const FRESH_MS = 3000;

export function shownMessage(phone, box, message) {
  const shown = message.lines ? card(phone, box, message) : (KINDS[message.kind] ?? other)(phone, box, message);
  if (Date.now() - new Date(message.at) < FRESH_MS) shown.classList.add("fresh");
  return shown;
}

const KINDS = {
  text: (phone, box, message) => said(phone, box, message, message.from === "person" ? message.text : linked(phone, message.text)),
  notice: (_phone, _box, message) => h("p", { class: "notice" }, message.text),
  transfer: (_phone, _box, message) => h("p", { class: "notice" }, icon("service"), message.text),
  image: (phone, box, message) => said(phone, box, message, picture(message), "bare"),
  location: (phone, box, message) => said(phone, box, message, place(message), "bare"),
  news: articles,
  link: articles,
  msgmenu: (phone, box, message) => said(phone, box, message, menu(phone, message)),
  miniprogrampage: (phone, box, message) => said(phone, box, message, program(phone, message), "bare"),
};

const other = (phone, box, message) =>
  said(phone, box, message, [`[${WORDLESS[message.kind] ?? "消息"}]`, message.title, message.text].filter(Boolean).join(" "));

/** A bubble beside the face of whoever said it. */
function said(phone, box, message, content, look = "") {
  const isMine = message.from === "person";
  return h("div", { class: isMine ? "said mine" : "said" },
    isMine ? face(initial(phone.name), "violet") : face(box.letter, box.tint),
    h("div", { class: `bubble ${look}` }, content));
}

/** A template message as WeChat shows it now: a title, quiet labels with their values, and where it leads. */
function card(phone, box, message) {
  const open = target(phone, message);
  const more = message.page ? "进入小程序查看" : "查看详情";
  return h("div", { class: "card" },
    box.name === "notices" ? h("p", { class: "from" }, face("微"), "微办") : null,
    h("h3", {}, message.title),
    h("dl", {}, message.lines.map((line) => h("div", {}, h("dt", {}, line.label), h("dd", {}, line.value)))),
    open ? h("button", { type: "button", class: "more", onclick: tapped(open) }, more, icon("forward")) : null);
}

function target(phone, message) {
  if (message.page) return () => phone.openProgram(message.page);
  if (message.url) return async () => phone.openWeb(message.url, message.title);
  return message.kind === "subscribe" ? () => phone.openProgram() : null;
}

function articles(phone, _box, message) {
  return h("div", { class: "articles" }, message.articles.map((one) =>
    h("button", { type: "button", onclick: () => phone.openWeb(one.url, one.title) },
      isShowable(one.picurl) ? h("img", { src: one.picurl, alt: "" }) : null,
      h("strong", {}, one.title),
      one.description ? h("span", { class: "quiet" }, one.description) : null)));
}

/** Pictures come from this sandbox or our own server; the page asks nobody else. */
const isShowable = (address) => Boolean(address) && [location.origin, SERVER].includes(new URL(address, location.href).origin);

function picture(message) {
  return isShowable(message.image) ? h("img", { src: message.image, alt: "图片" }) : "[图片]";
}

function place(message) {
  return h("div", { class: "place" }, h("strong", {}, message.text || "位置"),
    h("span", { class: "quiet" }, `${message.latitude}，${message.longitude}`), h("span", { class: "map" }, icon("place")));
}

/** Options that are answered with a tap: the option is said, with its id. */
function menu(phone, message) {
  const { head, items, tail } = message.menu;
  return [
    head ? h("p", {}, linked(phone, head)) : null,
    items.map((one) => h("button", { type: "button", class: "link option",
      onclick: tapped(() => phone.tap("text", { text: one.content, menu_id: one.id })) }, one.content)),
    tail ? h("p", {}, linked(phone, tail)) : null,
  ];
}

function program(phone, message) {
  return h("button", { type: "button", class: "program-card", onclick: tapped(() => phone.openProgram(message.page)) },
    h("span", { class: "quiet" }, face("微"), "微办"),
    h("strong", {}, message.title),
    message.media_id ? h("img", { src: message.image, alt: "" }) : null,
    h("small", {}, "小程序"));
}
