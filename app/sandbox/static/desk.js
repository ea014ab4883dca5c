// The desk: whose phones lie on it side by side, and the one loop that brings them news.
import { drawBehind } from "./behind.js";
import { start } from "./chats.js";
import { ask, clockTime, face, h, initial, Refusal, shownFor, tapped } from "./parts.js";
import { device, Phone } from "./phone.js";

const NEWS_MS = 1000;
const MOST_PHONES = 3;
const NAME = /^[A-Za-z0-9-]{1,64}$/;
// As many messages as the sandbox keeps of one person: from then on their number stays the same.
const KEPT = 500;

const find = (id) => document.getElementById(id);

class Desk {
  constructor() {
    this.phones = [];
    this.known = new Map();
    this.turn = Promise.resolve();
    this.drawnPeople = "";
    this.webOpen = null;
    this.say = shownFor(find("told"), 4000);
    document.body.addEventListener("refused", (event) => this.say(event.detail));
    this.blank = device("空闲的手机");
    this.blank.title.textContent = "微信";
    this.blank.back.hidden = true;
    this.blank.screen.append(start(tapped(() => this.hold("li-na"))));
  }

  phoneOf(name) {
    return this.phones.find((phone) => phone.name === name);
  }

  // Whose phones ---------------------------------------------------------------------------

  /** Give the phone to this person; `beside` puts theirs next to the others. */
  async hold(name, { beside = false } = {}) {
    if (!this.phoneOf(name)) {
      const person = await ask("POST", "/_sandbox/persons", { person: name });
      const phone = new Phone(person, this);
      if (!beside) this.phones.splice(0, 1, phone);
      else this.phones = [...this.phones.slice(0, MOST_PHONES - 1), phone];
    } else if (!beside) {
      // Where there is room for one phone only, the first is the one to see.
      this.phones.sort((one, other) => Number(other.name === name) - Number(one.name === name));
    }
    await this.arrange();
    if (!matchMedia("(min-width: 1200px)").matches) find("phones").scrollIntoView({ block: "start" });
  }

  async putAway(name) {
    this.phones = this.phones.filter((phone) => phone.name !== name);
    await this.arrange();
  }

  async arrange() {
    const held = this.phones.map((phone) => phone.name);
    history.replaceState(null, "", `#${held.join(",")}`);
    document.body.dataset.phones = String(Math.max(1, held.length));
    const wanted = held.length ? this.phones.map((phone) => phone.element) : [this.blank.element];
    const lying = [...find("phones").children];
    for (const element of lying) if (!wanted.includes(element)) element.remove();
    wanted.forEach((element, place) => {
      if (find("phones").children[place] !== element) find("phones").insertBefore(element, find("phones").children[place] ?? null);
    });
    await this.look();
  }

  drawPeople(people) {
    const held = this.phones.map((phone) => phone.name);
    const fresh = JSON.stringify([people.map((one) => [one.person, one.following]), held]);
    if (fresh === this.drawnPeople) return;
    this.drawnPeople = fresh;
    const focused = document.activeElement?.dataset?.key;
    find("people").replaceChildren(...people.map((one) => this.row(one, held)));
    if (focused) find("people").querySelector(`[data-key="${focused}"]`)?.focus();
  }

  row({ person: name, following }, held) {
    const isHeld = held.includes(name);
    const choose = tapped(() => this.hold(name));
    const side = isHeld
      ? ["收起", `收起 ${name} 的手机`, tapped(() => this.putAway(name))]
      : ["并排", `把 ${name} 的手机放在旁边`, tapped(() => this.hold(name, { beside: true }))];
    const look = isHeld ? `held ${held[0] === name ? "front" : ""}` : "";
    return h("li", { class: look },
      h("button", { type: "button", class: "who", "data-key": `who ${name}`, "aria-current": isHeld ? "true" : "false", onclick: choose },
        face(initial(name), "violet"),
        h("span", { class: "grow" }, h("span", { class: "cut" }, name), h("span", { class: "quiet" }, following ? "已关注公众号" : "未关注公众号"))),
      held.length ? h("button", { type: "button", class: "side", "data-key": `side ${name}`, "aria-label": side[1], onclick: side[2] }, side[0]) : null);
  }

  // News -----------------------------------------------------------------------------------

  /** Look for news now; looks come one after the other. */
  look() {
    this.turn = this.turn.catch(() => {}).then(() => this.hearAll());
    return this.turn;
  }

  async hearAll() {
    const [people, calls, pushes] = await Promise.all(["persons", "calls", "pushes"].map((name) => ask("GET", `/_sandbox/${name}`)));
    drawBehind(calls, pushes.items);
    this.drawPeople(people.items);
    const changed = people.items.filter((one) => this.phoneOf(one.person) && this.isNews(one));
    await Promise.all(changed.map(async (one) => {
      const { items } = await ask("GET", `/_sandbox/messages?person=${one.person}`);
      this.phoneOf(one.person)?.hear(one, items);
    }));
    const names = new Set(this.phones.map((phone) => phone.name));
    this.known = new Map(people.items.filter((one) => names.has(one.person)).map((one) => [one.person, JSON.stringify(one)]));
  }

  isNews(one) {
    return this.known.get(one.person) !== JSON.stringify(one) || one.messages >= KEPT;
  }

  async keepUp() {
    try {
      for (const { clock } of [this.blank, ...this.phones.map((phone) => phone.parts)]) clock.textContent = clockTime(Date.now());
      await this.look();
    } catch (refusal) {
      if (!(refusal instanceof Refusal)) throw refusal;
      this.say(refusal.message);
    } finally {
      setTimeout(() => this.keepUp(), NEWS_MS);
    }
  }

  // Web pages ------------------------------------------------------------------------------

  giveWebTo(page) {
    if (this.webOpen && this.webOpen !== page) this.webOpen.pause();
    this.webOpen = page;
  }

  endWeb(page) {
    if (this.webOpen === page) this.webOpen = null;
  }
}

const desk = new Desk();
find("reset").addEventListener("click", tapped(async () => {
  await ask("POST", "/_sandbox/reset");
  await desk.look();
}));
find("new-person").addEventListener("submit", tapped(async () => {
  const input = find("new-name");
  await desk.hold(input.value.trim());
  input.value = "";
}));

const named = decodeURIComponent(location.hash.slice(1)).split(",").filter((name) => NAME.test(name)).slice(0, MOST_PHONES);
await desk.arrange().catch((refusal) => desk.say(refusal.message));
await tapped(async () => { for (const name of named) await desk.hold(name, { beside: true }); })();
desk.keepUp();
