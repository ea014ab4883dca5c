// The pages of the mini-program, drawn from what a Program knows.
import { clockTime, face, facts, h, icon, initial, span, tapped, weekDay } from "./parts.js";
import { ENTERPRISE, idNumber } from "./samples.js";

const TABS = [["halls", "预约"], ["mine", "我的预约"], ["me", "我的"]];
const STATUS = {
  booked: "待办理", checked_in: "已签到", serving: "办理中", done: "已办结", cancelled: "已取消",
  cancelled_by_hall: "大厅取消", no_show: "未到场",
};
const ACTIVE = ["booked", "checked_in", "serving"];
const LEVELS = { wx_bound: "微信用户", phone_verified: "已验证手机", realname_l1: "已实名", realname_l2: "已实名（人脸）" };
const ROLES = { legal_representative: "法定代表人", finance_officer: "财务负责人", tax_agent: "办税员", invoice_collector: "领票人" };

export function program(state) {
  const page = { halls: booking, mine, me }[state.tab];
  return h("div", { class: "program-view" },
    h("div", { class: "body" }, state.error ? h("p", { class: "error" }, state.error) : null, page(state)),
    h("div", { class: "tabs", role: "tablist" }, TABS.map(([name, label]) =>
      h("button", { role: "tab", class: `tab-${name}`, "aria-selected": String(state.tab === name), onclick: () => state.open(name) }, label))));
}

function booking(state) {
  if (state.booked) return success(state);
  if (state.hall) return hall(state);
  const input = h("input", { name: "q", placeholder: "大厅名称、地址或拼音", "aria-label": "搜索大厅", value: state.query });
  const halls = state.halls?.map((one) => h("button", { class: "hall", onclick: tapped(() => state.choose(one)) },
    h("strong", {}, one.name), h("span", { class: "quiet" }, one.address),
    h("span", { class: "kinds cut" }, one.businesses.map((business) => business.name).join(" · "))));
  return [
    h("div", { class: "hero" }, h("h3", {}, "预约办事"), h("p", {}, "选大厅，选时间，到点直接办")),
    h("div", { class: "panel" },
      h("form", { class: "row", role: "search", onsubmit: tapped(() => state.search(input.value)) }, input, h("button", {}, "搜索")),
      halls?.length ? h("div", { class: "halls" }, halls)
        : state.error ? null : h("p", { class: "quiet empty" }, halls ? "没有找到大厅，换个词试试" : "正在登录…")),
  ];
}

function hall(state) {
  const { hall: place, business, moving } = state;
  return [
    moving ? h("p", { class: "moving" }, `改约 ${moving.number}：原定 ${span(moving)}，请选新的时间，预约号不变`) : null,
    h("div", { class: "panel" },
      h("h3", {}, place.name),
      h("p", { class: "quiet" }, `${place.address}　${place.phone}`),
      moving ? null : [h("h4", {}, "办理业务"), h("div", { class: "chips" }, place.businesses.map((one) =>
        h("button", { "aria-pressed": String(one.code === business.code), onclick: tapped(() => state.choose(place, one)) }, one.name)))],
      h("h4", {}, "日期"),
      state.days ? [days(state), slots(state)] : h("p", { class: "quiet empty" }, "正在查询…"),
      place.booking ? h("p", { class: "quiet rules" }, ruleWords(place.booking)) : null),
  ];
}

function ruleWords({ window_workdays: ahead, cancel_minutes: minutes, active_limit: most }) {
  const before = minutes % 60 ? `${minutes} 分钟` : `${minutes / 60} 小时`;
  return `可约未来 ${ahead} 个工作日；开始前 ${before}可取消或改约；每人最多 ${most} 个未办理的预约。`;
}

function days(state) {
  return h("div", { class: "days" }, state.days.map((one) =>
    h("button", { class: one.open ? "" : "shut", "aria-pressed": String(one.date === state.date), onclick: () => state.pick(one.date) },
      weekDay(one.date), h("small", {}, one.date.slice(5).replace("-", "/")))));
}

function slots(state) {
  const day = state.days.find((one) => one.date === state.date);
  if (!day?.slots.length) return h("p", { class: "quiet empty" }, "这一天不能预约，请换一天");
  const half = (label, inside) => {
    const found = day.slots.filter((slot) => inside(clockTime(slot.starts_at) < "12:00"));
    if (!found.length) return null;
    return [h("h4", {}, label), h("div", { class: "slots" }, found.map((slot) =>
      h("button", { disabled: slot.remaining < 1, onclick: tapped(() => state.take(slot)) },
        clockTime(slot.starts_at), h("small", {}, slot.remaining > 0 ? `余 ${slot.remaining}` : "约满"))))];
  };
  return [half("上午", (isMorning) => isMorning), half("下午", (isMorning) => !isMorning)];
}

function success(state) {
  const { booked, moving } = state;
  return h("div", { class: "panel success" },
    h("h3", {}, moving ? "改约成功" : "预约成功"),
    h("p", { class: "number" }, booked.number),
    h("p", { class: "quiet" }, "预约号"),
    facts(["办事大厅", booked.hall.name], ["地址", booked.hall.address], ["办理业务", booked.business.name], ["预约时间", span(booked)]),
    h("p", { class: "quiet" }, `请在 ${clockTime(booked.check_in_from)} 后到大厅签到`),
    state.refused ? h("p", { class: "refused" }, "您没有允许发送消息：预约不受影响，但微信里收不到提醒。要收提醒，可关注公众号，或下次预约时选“允许”。") : null,
    h("button", { class: "wide", onclick: () => state.open("mine") }, "查看我的预约"));
}

function appointment(state, one) {
  const isOver = !ACTIVE.includes(one.status);
  return h("div", { class: isOver ? "panel appointment over" : "panel appointment" },
    h("header", {}, h("strong", {}, one.number), h("span", { class: isOver ? "tag off" : "tag" }, STATUS[one.status] ?? one.status)),
    facts(["办事大厅", one.hall.name], ["地址", state.detail && one.hall.address], ["办理业务", one.business.name], ["预约时间", span(one)]),
    one.status === "booked" ? acts(state, one) : null);
}

function mine(state) {
  if (state.detail) {
    return [appointment(state, state.detail), h("div", { class: "empty" },
      h("button", { class: "plain", onclick: () => state.open("mine") }, "全部预约"))];
  }
  if (!state.mine) return state.error ? null : h("p", { class: "quiet empty" }, "正在查询…");
  if (!state.mine.length) {
    return h("div", { class: "empty" }, h("p", { class: "quiet" }, "还没有预约"), h("button", { onclick: () => state.open("halls") }, "去预约"));
  }
  return state.mine.map((one) => appointment(state, one));
}

function acts(state, one) {
  const mayChange = Date.now() <= Date.parse(one.cancel_until);
  return h("div", { class: "acts" },
    mayChange ? h("button", { class: "plain warn", onclick: tapped(() => state.cancel(one)) }, "取消预约") : null,
    mayChange ? h("button", { class: "plain", onclick: tapped(() => state.move(one)) }, "改约") : null,
    h("button", { class: "main", onclick: tapped(() => state.showPass(one)) }, "签到码"));
}

/** The subscribe prompt as WeChat shows it over a mini-program. */
export function prompt(templates, close) {
  return [
    h("p", { class: "asker" }, face("微"), "微办", h("span", { class: "quiet" }, "申请")),
    h("h3", {}, "发送以下消息"),
    h("ul", { class: "asked" }, templates.map((template) =>
      h("li", {}, icon("check"), h("span", { class: "grow" }, template.title), h("span", { class: "quiet" }, template.long_term ? "长期订阅" : "一次性订阅")))),
    h("div", { class: "row" },
      h("button", { class: "plain", onclick: () => close("reject") }, "拒绝"),
      h("button", { onclick: () => close("accept") }, "允许")),
  ];
}

export function pass(appointment, picture, close) {
  return [
    h("h3", {}, "签到码"),
    h("div", { class: "pass" },
      h("img", { src: picture, alt: "签到二维码" }),
      h("p", { class: "number" }, appointment.number),
      h("p", { class: "quiet" }, `五分钟内有效 · ${clockTime(appointment.check_in_from)} 起可签到`)),
    h("div", { class: "row" },
      h("button", { class: "plain", onclick: () => close(false) }, "关闭"),
      h("button", { onclick: () => close(true) }, "我已到厅，签到")),
  ];
}

function me(state) {
  const known = state.me;
  if (!known) return state.error ? null : h("p", { class: "quiet empty" }, "正在查询…");
  const line = (label, value, action, act) => h("div", { class: "line" }, h("span", {}, h("div", {}, label), h("div", { class: "quiet" }, value)),
    act ? h("button", { onclick: tapped(act) }, action) : null);
  const acting = known.enterprises.find((one) => one.enterprise_id === known.enterprise_id);
  return [
    h("div", { class: "hero" }, h("div", { class: "who" }, h("span", { class: "face" }, initial(known.name?.at(-1) ?? state.person)),
      h("div", {}, h("h3", {}, known.name ?? state.person), h("p", {}, acting ? `代表 ${acting.name}` : LEVELS[known.level])))),
    h("div", { class: "panel" },
      line("手机号", known.phone ?? "未绑定", known.phone ? "更换" : "绑定微信手机号", () => state.bindPhone()),
      line("实名", known.id_number ? `${known.name}　${known.id_number}` : "未核验", "去核验", known.id_number ? null : () => state.proveName()),
      line("企业", known.enterprises.length ? `已绑定 ${known.enterprises.length} 个` : "未绑定", "绑定企业", () => state.bindEnterprise()),
      known.enterprises.map((one) => line(one.name, ROLES[one.role],
        one === acting ? "换回本人" : "代表它办事", () => state.actAs(one === acting ? null : one.enterprise_id)))),
    h("div", { class: "panel" },
      state.standing ? line("预约信用", standingWords(state.standing)) : null,
      line("客服", "在微信里提问", "联系客服", () => state.contact())),
  ];
}

function standingWords({ ban, strikes }) {
  if (ban) return `限制预约至 ${span({ starts_at: ban.ends_at, ends_at: ban.ends_at }).split("–")[0]}`;
  if (!strikes.length) return "近 90 天没有爽约或取消";
  const count = (kind) => strikes.filter((one) => one.kind === kind).length;
  return `近 90 天爽约 ${count("no_show")} 次，取消 ${count("cancel")} 次`;
}

const field = (label, control) => h("label", { class: "field" }, label, control);
const answers = (fill) => h("div", { class: "row" }, h("button", { type: "button", class: "plain", onclick: fill }, "填入示例"), h("button", {}, "提交"));
const form = (close, ...content) => {
  const shown = h("form", { onsubmit: (event) => { event.preventDefault(); close(Object.fromEntries(new FormData(shown))); } }, ...content);
  return shown;
};

export function realName(person, close) {
  const name = h("input", { name: "name", required: true, maxlength: 50, autocomplete: "off" });
  const number = h("input", { name: "id_number", required: true, maxlength: 18, autocomplete: "off" });
  const fill = () => { name.value = "李娜"; number.value = idNumber(person); };
  return [h("h3", {}, "实名核验"), form(close, field("姓名", name), field("身份证号", number), answers(fill))];
}

export function enterprise(close) {
  const code = h("input", { name: "uscc", required: true, maxlength: 18, autocomplete: "off" });
  const role = h("select", { name: "role" }, Object.entries(ROLES).map(([value, label]) => h("option", { value }, label)));
  return [h("h3", {}, "绑定企业"), form(close, field("统一社会信用代码", code), field("办税身份", role), answers(() => { code.value = ENTERPRISE; }))];
}
