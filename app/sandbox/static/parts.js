// Small parts every screen uses: building elements, asking servers, telling the person.

/** Build an element; text never becomes markup. `on*` properties become listeners. */
export function h(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name === "class") element.className = value;
    else element.setAttribute(name, value === true ? "" : String(value));
  }
  element.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

export const find = (id) => document.getElementById(id);

/** Pairs of label and value as a definition list; pairs without a value are left out. */
export const facts = (...pairs) =>
  h("dl", { class: "facts" }, pairs.filter(([, value]) => value).flatMap(([label, value]) => [h("dt", {}, label), h("dd", {}, value)]));

/** A refusal with words for the person; `status` tells a lost login from the rest. */
export class Refusal extends Error {
  constructor(status, detail) {
    super(detail);
    this.status = status;
  }
}

/** Ask a server of this origin; gives the JSON (or the plain text, if wanted), or throws a Refusal with the server's own words. */
export async function ask(method, path, body, { headers = {}, asText = false } = {}) {
  const options = { method, headers: { ...headers } };
  if (body !== undefined) {
    options.headers["Content-Type"] = "application/json";
    options.body = JSON.stringify(body);
  }
  let answer;
  try {
    answer = await fetch(path, options);
  } catch {
    throw new Refusal(0, "沙箱没有响应，请确认它还在运行");
  }
  const text = await answer.text();
  if (answer.ok && asText) return text;
  let data = null;
  try {
    data = text ? JSON.parse(text) : null;
  } catch {
    if (answer.ok) throw new Refusal(answer.status, "服务返回了无法识别的内容");
  }
  if (!answer.ok) {
    const reasons = Object.values(data?.fields ?? {}).flat().filter((reason) => typeof reason === "string");
    throw new Refusal(answer.status, reasons[0] ?? data?.detail ?? data?.title ?? `服务返回 ${answer.status}`);
  }
  return data;
}

function shownFor(place, ms) {
  let timer;
  return (...content) => {
    place.replaceChildren(...content);
    place.hidden = false;
    clearTimeout(timer);
    timer = setTimeout(() => { place.hidden = true; }, ms);
  };
}

export const toast = shownFor(find("toast"), 3500);
export const banner = shownFor(find("banner"), 4500);

/** Run a person's action once at a time; a refusal becomes a toast. */
export function tapped(action) {
  return async (event) => {
    event?.preventDefault?.();
    const button = event?.submitter ?? event?.currentTarget;
    if (button) button.disabled = true;
    find("toast").hidden = true;
    try {
      await action(event);
    } catch (refusal) {
      toast(refusal.message);
    } finally {
      if (button) button.disabled = false;
    }
  };
}

/** Show a sheet from the bottom of the phone; `build(close)` gives its content, the answer is what it closes with. */
export function sheet(build) {
  const place = find("sheet");
  const before = document.activeElement;
  return new Promise((resolve) => {
    const close = (answer) => {
      place.hidden = true;
      place.replaceChildren();
      place.onkeydown = place.onclick = null;
      before?.focus?.();
      resolve(answer);
    };
    place.onkeydown = (event) => { if (event.key === "Escape") close(null); };
    place.onclick = (event) => { if (event.target === place) close(null); };
    place.replaceChildren(h("div", { role: "dialog", "aria-modal": true }, build(close)));
    place.hidden = false;
    place.querySelector("input, button")?.focus({ preventScroll: true });
  });
}

/** A question with two answers; true if the person says yes. */
export const confirmed = (title, content, yes, no) => sheet((close) => [
  h("h3", {}, title), content,
  h("div", { class: "row" },
    h("button", { class: "plain", onclick: () => close(false) }, no),
    h("button", { id: "confirm", onclick: () => close(true) }, yes)),
]);

const inShanghai = (options) => new Intl.DateTimeFormat("zh-CN", { timeZone: "Asia/Shanghai", ...options });
const hour = inShanghai({ hour: "2-digit", minute: "2-digit", hour12: false });
const day = inShanghai({ month: "long", day: "numeric" });
const week = inShanghai({ weekday: "short" });
const iso = new Intl.DateTimeFormat("en-CA", { timeZone: "Asia/Shanghai" });
export const clockTime = (moment) => hour.format(new Date(moment));
export const dayName = (moment) => `${day.format(new Date(moment))} ${week.format(new Date(moment))}`;
export const today = () => iso.format(new Date());
/** 今天, 明天 or the weekday of a date. */
export function weekDay(date) {
  const days = Math.round((Date.parse(date) - Date.parse(today())) / 86_400_000);
  return ["今天", "明天"][days] ?? week.format(new Date(`${date}T12:00:00+08:00`));
}
export const span = ({ starts_at: from, ends_at: until }) => `${dayName(from)} ${clockTime(from)}–${clockTime(until)}`;
/** When a message came: the time of day for today's, the day and time for older ones. */
export const whenIt = (moment) => (iso.format(new Date(moment)) === today() ? clockTime(moment) : `${dayName(moment)} ${clockTime(moment)}`);

export const initial = (name) => name.slice(0, 1).toUpperCase();
