// One person's phone: its frame, the screens opened on it, and what comes up from below or in from above.
import { BOXES, gist } from "./boxes.js";
import { chat } from "./chat.js";
import { chats } from "./chats.js";
import { enter } from "./entry.js";
import { ask, clockTime, face, h, icon, shownFor } from "./parts.js";
import { profile } from "./profile.js";
import { Program } from "./program.js";
import { web } from "./web.js";

const FRESH_MS = 5000;

/** The empty device; a screen is what stands in it. */
export function device(label) {
  const parts = {
    clock: h("span", {}, clockTime(Date.now())),
    back: h("button", { type: "button", class: "tool back" }),
    title: h("h2", { tabindex: -1 }),
    tools: h("div", { class: "tools" }),
    screen: h("section", { class: "screen" }),
    sheet: h("div", { class: "sheet", hidden: true }),
    banner: h("button", { type: "button", class: "banner", hidden: true }),
    toast: h("div", { class: "toast", role: "status", hidden: true }),
  };
  parts.bar = h("header", { class: "bar" }, parts.back, parts.title, parts.tools);
  const status = h("div", { class: "status", "aria-hidden": "true" }, parts.clock, h("span", { class: "island" }),
    h("span", { class: "signal" }, h("i"), "5G", h("b")));
  const element = h("article", { class: "phone", "aria-label": label },
    status, parts.bar, parts.screen, parts.sheet, parts.banner, parts.toast);
  return { element, ...parts };
}

/**
 * A screen is `{title, element, name?, tools?, closes?, heard?(), shown?(), back?(), ended?()}`:
 * `back` answers whether it went a step back inside itself, `ended` is called when it is left for good.
 */
export class Phone {
  constructor(person, desk) {
    this.person = person;
    this.desk = desk;
    this.messages = [];
    this.screens = [];
    this.program = new Program(this);
    // What was there before the phone was picked up counts as read.
    this.read = { account: null, notices: null, service: null };
    this.parts = device(`${person.person} 的手机`);
    this.element = this.parts.element;
    this.say = shownFor(this.parts.toast, 3500);
    this.announce = shownFor(this.parts.banner, 4500);
    this.element.addEventListener("refused", (event) => this.say(event.detail));
    this.parts.back.addEventListener("click", () => this.back());
    this.open(chats(this));
  }

  get name() { return this.person.person; }
  get top() { return this.screens.at(-1); }

  // Screens --------------------------------------------------------------------------------

  open(screen) {
    if (this.top) this.top.element.hidden = true;
    this.screens.push(screen);
    this.parts.screen.append(screen.element);
    this.show();
  }

  /** Back to the list of chats, then this screen on top of it. */
  openFromHome(screen) {
    while (this.screens.length > 1) this.leave();
    this.open(screen);
  }

  openBox(name) {
    const isStranger = name === "account" && !this.person.following;
    this.openFromHome(isStranger ? profile(this) : chat(this, BOXES[name]));
  }

  openProgram(path) {
    if (this.top !== this.program.screen) {
      const before = this.screens.indexOf(this.program.screen);
      if (before >= 0) this.screens.splice(before, 1);
      this.open(this.program.screen);
    }
    return enter(this.program, path);
  }

  openWeb(url, title) {
    this.open(web(this, url, title));
  }

  back() {
    if (this.top.back?.()) return;
    this.leave();
    this.show();
    this.parts.title.focus({ preventScroll: true });
  }

  leave() {
    const left = this.screens.pop();
    left.element.remove();
    left.ended?.();
  }

  show() {
    this.top.element.hidden = false;
    this.showBar();
    this.parts.banner.hidden = true;
    this.top.shown?.();
  }

  showBar() {
    const { bar, back, title, tools } = this.parts;
    const screen = this.top;
    bar.className = `bar ${screen.name ?? ""}`;
    back.hidden = this.screens.length === 1;
    back.replaceChildren(icon(screen.closes ? "close" : "back"));
    back.setAttribute("aria-label", screen.closes ? "关闭" : "返回");
    title.textContent = screen.title;
    tools.replaceChildren(...(screen.tools ?? []));
  }

  // News -----------------------------------------------------------------------------------

  /** What the person did; gives when the phone shows what came of it. */
  async tap(kind, more = {}) {
    const { person } = await ask("POST", "/_sandbox/tap", { person: this.name, kind, ...more });
    this.person = person;
    await this.desk.look();
  }

  hear(person, messages) {
    const known = this.messages.length;
    this.person = person;
    this.messages = messages;
    this.read.notices ??= messages.at(-1)?.at ?? "";
    this.read.account ??= this.read.notices;
    this.read.service ??= this.read.notices;
    for (const screen of this.screens) screen.heard?.();
    const last = messages.at(-1);
    if (known && last && last.from !== "person" && messages.length !== known) this.tellOf(last);
  }

  tellOf(message) {
    const box = Object.values(BOXES).find((one) => one.holds(message));
    if (this.top.box === box || this.top.name === "chats" || Date.now() - new Date(message.at) > FRESH_MS) return;
    this.parts.banner.onclick = () => this.openBox(box.name);
    this.announce(face(box.letter, box.tint),
      h("span", { class: "grow" }, h("strong", {}, box.title), h("span", { class: "quiet cut" }, gist(message))));
  }

  unread(box) {
    const since = this.read[box.name] ?? "";
    return this.messages.filter((one) => box.holds(one) && one.from !== "person" && one.at > since).length;
  }

  saw(box) {
    this.read[box.name] = this.messages.filter(box.holds).at(-1)?.at ?? this.read[box.name];
  }

  // Sheets ---------------------------------------------------------------------------------

  /** Show a sheet from the bottom; `build(close)` gives its content, the answer is what it closes with. */
  sheet(build) {
    const { sheet: place, screen, bar } = this.parts;
    const before = document.activeElement;
    return new Promise((resolve) => {
      const close = (answer) => {
        place.hidden = true;
        place.replaceChildren();
        place.onkeydown = place.onclick = null;
        screen.inert = bar.inert = false;
        before?.focus?.({ preventScroll: true });
        resolve(answer);
      };
      place.onkeydown = (event) => { if (event.key === "Escape") close(null); };
      place.onclick = (event) => { if (event.target === place) close(null); };
      const dialog = h("div", { role: "dialog", "aria-modal": true, tabindex: -1 }, build(close));
      const heading = dialog.querySelector("h3");
      if (heading) dialog.setAttribute("aria-label", heading.textContent);
      place.replaceChildren(dialog);
      place.hidden = false;
      screen.inert = bar.inert = true;
      (place.querySelector("input, button") ?? dialog).focus({ preventScroll: true });
    });
  }

  /** A question with two answers; true if the person says yes. */
  confirmed(title, content, yes, no) {
    return this.sheet((close) => [
      h("h3", {}, title), content,
      h("div", { class: "row" },
        h("button", { class: "plain", onclick: () => close(false) }, no),
        h("button", { onclick: () => close(true) }, yes)),
    ]);
  }
}
