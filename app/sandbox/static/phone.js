// The phone: which person holds it, which screen shows, and the news every second.
import { drawBehind } from "./behind.js";
import * as chat from "./chat.js";
import { ask, banner, clockTime, find, h, initial, tapped, toast } from "./parts.js";
import { Program } from "./program.js";

const TITLES = { chats: "微信", account: "微办政务服务", notices: "服务通知", program: "微办" };
const NEWS_MS = 1000;

const phone = {
  person: null,
  screen: "chats",
  messages: [],
  programs: new Map(),
  seen: new Map(),

  go(screen, { tab } = {}) {
    this.screen = screen;
    find("banner").hidden = true;
    if (screen === "program") this.program().open(tab ?? this.program().tab);
    draw({ toEnd: true });
  },

  program() {
    const { person: name } = this.person;
    if (!this.programs.has(name)) {
      // Only the program of the person who holds the phone may draw on it.
      const redraw = (options) => { if (this.person.person === name && this.screen === "program") draw(options); };
      this.programs.set(name, new Program(name, redraw));
    }
    return this.programs.get(name);
  },

  async tap(kind, more) {
    const { person } = await chat.tap(this.person.person, kind, more);
    this.person = person;
    await news();
    draw({ toEnd: true });
  },

  unread(box) {
    const inside = box === "account" ? chat.inAccount : chat.inNotices;
    return this.messages.filter(inside).length - (this.seen.get(`${this.person.person} ${box}`) ?? 0);
  },

  look(box) {
    const inside = box === "account" ? chat.inAccount : chat.inNotices;
    this.seen.set(`${this.person.person} ${box}`, this.messages.filter(inside).length);
  },
};

function draw({ toEnd = false, toTop = false } = {}) {
  const screen = find("screen");
  find("title").textContent = TITLES[phone.screen];
  find("bar").className = `bar ${phone.screen}`;
  find("back").hidden = phone.screen === "chats";
  if (!phone.person) {
    screen.replaceChildren(chat.start(hold));
    return;
  }
  if (phone.screen === "account" || phone.screen === "notices") phone.look(phone.screen);
  // What was scrolled sideways stays where the person left it.
  const sideways = screen.querySelector(".days")?.scrollLeft;
  screen.replaceChildren(phone.screen === "program" ? phone.program().view() : chat[phone.screen](phone));
  if (sideways) screen.querySelector(".days")?.scrollTo(sideways, 0);
  if (phone.screen !== "program" && toEnd) screen.scrollTop = screen.scrollHeight;
  if (phone.screen === "program" && (toEnd || toTop)) screen.scrollTop = 0;
}

async function hold(name) {
  phone.person = await ask("POST", "/_sandbox/persons", { person: name });
  phone.screen = "chats";
  phone.messages = [];
  location.hash = name;
  await news();
  draw();
  if (matchMedia("(max-width: 900px)").matches) find("phone").scrollIntoView({ block: "start" });
}

function drawPeople(people) {
  find("people").replaceChildren(...people.map((one) =>
    h("li", {}, h("button", { "aria-current": String(one.person === phone.person?.person), onclick: tapped(() => hold(one.person)) },
      h("span", { class: "face p" }, initial(one.person)),
      h("span", { class: "grow" }, h("div", { class: "cut" }, one.person),
        h("div", { class: "quiet" }, one.following ? "已关注公众号" : "未关注公众号"))))));
}

let drawnPeople = "";
let shownMessages = "";

/** What changed since the last look; the chat is drawn again only if it did, so that typing is not disturbed. */
async function news() {
  const [people, calls, pushes] = await Promise.all(
    ["persons", "calls", "pushes"].map((name) => ask("GET", `/_sandbox/${name}`)));
  drawBehind(calls, pushes.items);
  const held = people.items.find((one) => one.person === phone.person?.person);
  const freshPeople = JSON.stringify([people.items, held?.person]);
  if (freshPeople !== drawnPeople) {
    drawnPeople = freshPeople;
    drawPeople(people.items);
  }
  if (!held) return;
  const { items } = await ask("GET", `/_sandbox/messages?person=${encodeURIComponent(held.person)}`);
  // Another person may have taken the phone while we asked.
  if (phone.person.person !== held.person) return;
  const wasFollowing = phone.person.following;
  phone.person = held;
  phone.messages = items;
  const last = `${held.person} ${items.length} ${items.at(-1)?.at}`;
  const isNews = last !== shownMessages || wasFollowing !== held.following;
  shownMessages = last;
  if (isNews && phone.screen !== "program") draw({ toEnd: true });
  else if (isNews && items.length && items.at(-1).from !== "person") announce(items.at(-1));
}

function announce(message) {
  if (Date.now() - new Date(message.at) > 5000) return;
  const box = chat.inNotices(message) ? "notices" : "account";
  find("banner").onclick = () => phone.go(box);
  banner(h("span", { class: box === "account" ? "face g" : "face a" }, box === "account" ? "办" : "通"),
    h("span", { class: "grow" }, h("div", {}, TITLES[box]), h("div", { class: "quiet cut" }, chat.gist(message))));
}

async function keepUp() {
  try {
    find("clock").textContent = clockTime(Date.now());
    await news();
  } catch (refusal) {
    toast(refusal.message);
  }
  setTimeout(keepUp, NEWS_MS);
}

find("back").addEventListener("click", () => {
  if (phone.screen !== "program" || !phone.program().back()) phone.go("chats");
});
find("reset").addEventListener("click", tapped(async () => {
  await ask("POST", "/_sandbox/reset");
  phone.seen.clear();
  await news();
  draw();
}));
find("new-person").addEventListener("submit", tapped(async () => {
  const input = find("new-name");
  await hold(input.value.trim());
  input.value = "";
}));

const wanted = decodeURIComponent(location.hash.slice(1));
draw();
if (/^[A-Za-z0-9-]{1,64}$/.test(wanted)) tapped(() => hold(wanted))();
keepUp();
