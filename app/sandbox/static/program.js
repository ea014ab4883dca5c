// The mini-program: what a citizen can do in it. It talks to our own API only; pages.js shows it.
import { PROGRAM } from "./boxes.js";
import * as pages from "./pages.js";
import { ask, facts, h, span, today } from "./parts.js";

const DAYS = 14;

/** One person's login and what they are looking at. */
export class Program {
  constructor(phone) {
    this.phone = phone;
    this.person = phone.name;
    this.scroll = h("div", { class: "scroll" });
    const program = this;
    this.screen = {
      name: "program", title: "微办", get closes() { return !program.isInside; }, element: h("div", { class: "view" }, this.scroll),
      back: () => this.back(), shown: () => this.redraw(),
    };
    this.token = null;
    this.tab = "halls";
    this.error = this.query = "";
    this.halls = this.mine = this.me = this.standing = null;
    this.leaveHall();
  }

  leaveHall() {
    this.hall = this.business = this.days = this.date = this.booked = this.moving = this.detail = null;
    this.refused = false;
  }

  redraw({ toTop = false } = {}) {
    // What was scrolled sideways stays where the person left it.
    const sideways = this.scroll.querySelector(".days")?.scrollLeft;
    this.scroll.replaceChildren(pages.program(this));
    if (sideways) this.scroll.querySelector(".days")?.scrollTo(sideways, 0);
    if (toTop) this.scroll.scrollTop = 0;
    if (this.phone.top === this.screen) this.phone.showBar();
  }

  async api(method, path, body, options = {}) {
    if (!this.token) await this.login();
    try {
      return await this.send(method, path, body, options);
    } catch (refusal) {
      if (refusal.status !== 401) throw refusal;
      await this.login();
      return this.send(method, path, body, options);
    }
  }

  send(method, path, body, { headers = {}, asText } = {}) {
    return ask(method, `/_app/api/v1${path}`, body, { headers: { ...headers, Authorization: `Bearer ${this.token}` }, asText });
  }

  /** wx.login gives a code, the server gives a session for it. */
  async login() {
    const { code } = await ask("POST", "/_sandbox/code", { person: this.person });
    this.token = (await ask("POST", "/_app/api/v1/session", { code })).token;
  }

  /** Load what the present tab shows; a failure is shown on the page. */
  async load() {
    this.error = "";
    try {
      if (this.tab === "halls" && !this.hall) await this.search(this.query);
      if (this.detail) this.detail = await this.api("GET", `/appointments/${this.detail.id}`);
      else if (this.tab === "mine") this.mine = (await this.api("GET", "/appointments")).items;
      if (this.tab === "me") {
        this.me = await this.api("GET", "/me");
        this.standing = await this.api("GET", "/me/booking-standing");
      }
    } catch (refusal) {
      this.error = refusal.message;
    }
    this.redraw();
  }

  open(tab) {
    this.tab = tab;
    this.leaveHall();
    this.redraw({ toTop: true });
    return this.load();
  }

  /** Whether a page is open over the page of a tab. */
  get isInside() {
    return Boolean(this.hall || this.booked || this.detail);
  }

  /** One step back inside the program; false when there is none. */
  back() {
    if (!this.isInside) return false;
    this.open(this.moving || this.detail ? "mine" : "halls");
    return true;
  }

  async search(text) {
    this.query = text.trim();
    this.halls = (await this.api("GET", this.query ? `/halls?q=${encodeURIComponent(this.query)}` : "/halls")).items;
    this.redraw();
  }

  async choose(hall, business = hall.businesses[0]) {
    if (this.hall?.id !== hall.id) this.hall = hall;
    this.business = business;
    this.days = null;
    this.redraw({ toTop: true });
    const query = `business=${encodeURIComponent(business.code)}&from=${today()}&days=${DAYS}`;
    if (!this.hall.booking) this.hall = await this.api("GET", `/halls/${hall.id}`);
    this.days = (await this.api("GET", `/halls/${hall.id}/availability?${query}`)).days;
    const chosen = this.days.find((day) => day.date === this.date);
    if (!chosen?.open) this.date = (this.days.find((day) => day.open) ?? this.days[0])?.date;
    this.redraw();
  }

  pick(date) {
    this.date = date;
    this.redraw();
  }

  /** Choose another time for an appointment, in the same hall. */
  async move(appointment) {
    this.tab = "halls";
    this.leaveHall();
    this.moving = appointment;
    const hall = await this.api("GET", `/halls/${appointment.hall.id}`);
    await this.choose(hall, appointment.business);
  }

  async take(slot) {
    const agreed = await this.phone.confirmed(this.moving ? "确认改约" : "确认预约", facts(
      ["办事大厅", this.hall.name], ["办理业务", this.business.name],
      this.moving ? ["原定时间", span(this.moving)] : [], [this.moving ? "新的时间" : "预约时间", span(slot)]), this.moving ? "改约" : "预约", "再想想");
    if (!agreed) return;
    await this.askConsent();
    try {
      this.booked = this.moving
        ? await this.api("POST", `/appointments/${this.moving.id}/reschedule`, { slot_id: slot.id })
        : await this.book(slot);
    } catch (refusal) {
      // What was chosen may be gone; the page shows what is left.
      await this.choose(this.hall, this.business);
      throw refusal;
    }
    this.redraw({ toTop: true });
  }

  book(slot) {
    const headers = { "Idempotency-Key": crypto.randomUUID() };
    return this.api("POST", "/appointments", { slot_id: slot.id, business: this.business.code }, { headers });
  }

  /** wx.requestSubscribeMessage: at most three templates, one prompt, right after a tap. */
  async askConsent() {
    const [{ items }, { items: asked }] = await Promise.all([
      ask("GET", "/_sandbox/templates"), this.api("GET", "/subscriptions/templates?moment=booking")]);
    const own = new Map(items.filter((one) => one.channel === "subscribe" && one.appid === PROGRAM).map((one) => [one.template_id, one]));
    const wanted = asked.map((one) => own.get(one.template_id)).filter(Boolean).slice(0, 3);
    if (!wanted.length) return;
    const kind = await this.phone.sheet((close) => pages.prompt(wanted, close)) ?? "reject";
    const ids = wanted.map((template) => template.template_id);
    this.refused = kind === "reject" && !this.phone.person.following;
    await this.phone.tap(kind, { template_ids: ids });
    const results = Object.fromEntries(ids.map((id) => [id, kind]));
    // A lost note about consent must not stop the booking; the platform's own event tells the server too.
    await this.api("POST", "/subscriptions", { results }).catch(() => {});
  }

  async cancel(appointment) {
    const words = facts(["预约号", appointment.number], ["办事大厅", appointment.hall.name], ["预约时间", span(appointment)]);
    if (!await this.phone.confirmed("取消这个预约？", words, "取消预约", "不取消")) return;
    await this.api("POST", `/appointments/${appointment.id}/cancel`);
    this.phone.say("已取消预约");
    await this.load();
  }

  /** The pass a citizen shows at the hall, and the check-in itself. */
  async showPass(appointment) {
    const path = `/appointments/${appointment.id}`;
    const picture = await this.api("GET", `${path}/pass.svg`, undefined, { asText: true });
    if (!await this.phone.sheet((close) => pages.pass(appointment, `data:image/svg+xml,${encodeURIComponent(picture)}`, close))) return;
    const { token } = await this.api("GET", `${path}/pass`);
    await this.api("POST", `${path}/check-in`, { token });
    this.phone.say("签到成功，请留意叫号");
    await this.load();
  }

  async bindPhone() {
    const { code } = await ask("POST", "/_sandbox/code", { person: this.person, purpose: "phone" });
    this.me = await this.api("PUT", "/me/phone", { code });
    this.redraw();
  }

  async proveName() {
    const given = await this.phone.sheet((close) => pages.realName(this.person, close));
    if (!given) return;
    this.me = await this.api("PUT", "/me/real-name", given);
    this.phone.say("实名核验通过");
    this.redraw();
  }

  async bindEnterprise() {
    const given = await this.phone.sheet((close) => pages.enterprise(close));
    if (!given) return;
    this.me = await this.api("POST", "/me/enterprises", given);
    this.phone.say("企业已绑定");
    await this.load();
  }

  async actAs(enterpriseId) {
    await this.api("PUT", "/session/identity", { enterprise_id: enterpriseId });
    await this.load();
  }

  /** The contact button: WeChat opens the chat with customer service. */
  async contact() {
    await this.phone.tap("enter");
    this.phone.openBox("service");
  }
}
