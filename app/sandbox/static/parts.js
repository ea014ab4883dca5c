// Small parts every screen uses: building elements, asking servers, telling times.

/** Build an element; text never becomes markup. `on*` properties become listeners. */
export function h(tag, properties = {}, ...children) {
  return built(document.createElement(tag), properties, children);
}

function built(element, properties, children) {
  for (const [name, value] of Object.entries(properties)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? "" : String(value));
  }
  element.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

const SVG = "http://www.w3.org/2000/svg";
const DRAWN = {
  back: "M15 5l-7 7 7 7",
  close: "M6 6l12 12M18 6L6 18",
  check: "M6 12.5l4 4 8-9",
  forward: "M9 5l7 7-7 7",
  keyboard: "M3 6h18v12H3zM7 10h.01M11 10h.01M15 10h.01M17.5 10h.01M8 14h8",
  lines: "M5 7h14M5 12h14M5 17h14",
  person: "M12 11a4 4 0 100-8 4 4 0 000 8zM4 21c0-5 3.5-7.5 8-7.5s8 2.5 8 7.5",
  photo: "M3 5h18v14H3zM3 16l5-5 4 4 3-3 6 5M15.5 9h.01",
  place: "M12 21c5-6 7-9 7-12a7 7 0 00-14 0c0 3 2 6 7 12zM12 11.5a2.5 2.5 0 100-5 2.5 2.5 0 000 5z",
  plus: "M12 7v10M7 12h10M12 2.5a9.5 9.5 0 100 19 9.5 9.5 0 000-19z",
  refresh: "M19 8a8 8 0 10 .5 7M20 3.5V8.5h-5",
  scan: "M4 8V4h4M16 4h4v4M20 16v4h-4M8 20H4v-4M4 12h16",
  service: "M5 14v-2a7 7 0 0114 0v2M5 13h3v5H5zM16 13h3v5h-3zM18 18c0 2-2 3-5 3",
};

/** A drawing of one colour, for the eye only: what carries it has its own label. */
export function icon(name) {
  const look = { viewBox: "0 0 24 24", class: "icon", "aria-hidden": "true", fill: "none", stroke: "currentColor" };
  const path = built(document.createElementNS(SVG, "path"), { d: DRAWN[name] }, []);
  return built(document.createElementNS(SVG, "svg"), look, [path]);
}

/** A button that shows a drawing and is called by its label. */
export const tool = (name, label, onclick, more = {}) =>
  h("button", { type: "button", class: "tool", "aria-label": label, title: label, onclick, ...more }, icon(name));

export const face = (letter, tint = "") => h("span", { class: `face ${tint}`, "aria-hidden": "true" }, letter);

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

/** Run a person's action once at a time; a refusal is told on the phone it happened on. */
export function tapped(action) {
  return async (event) => {
    event?.preventDefault?.();
    const button = event?.submitter ?? event?.currentTarget;
    const place = button?.closest(".phone") ?? document.body;
    if (button) button.disabled = true;
    try {
      await action(event);
    } catch (refusal) {
      if (!(refusal instanceof Refusal)) throw refusal;
      place.dispatchEvent(new CustomEvent("refused", { detail: refusal.message }));
    } finally {
      if (button) button.disabled = false;
    }
  };
}

/** Fill a place and empty it again after a while. */
export function shownFor(place, ms) {
  let timer;
  return (...content) => {
    place.replaceChildren(...content);
    place.hidden = content.length === 0;
    clearTimeout(timer);
    timer = setTimeout(() => { place.hidden = true; }, ms);
  };
}

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
