// Texts with WeChat's own links in them: what is a link becomes one, everything else stays text.
import { PROGRAM } from "./boxes.js";
import { h, tapped } from "./parts.js";

const LINK = /<a\s+([^<>]*)>(.*?)<\/a>/gis;
const ATTRIBUTE = /([a-z-]+)\s*=\s*(?:"([^"]*)"|'([^']*)')/gi;
const MENU = "weixin://bizmsgmenu?";

/** The pieces of a text, for an element to hold. */
export function linked(phone, text) {
  const pieces = [];
  let end = 0;
  for (const found of text.matchAll(LINK)) {
    const target = targetOf(phone, found[1], found[2]);
    pieces.push(text.slice(end, found.index), target ? anchor(found[2], target) : found[2]);
    end = found.index + found[0].length;
  }
  return [...pieces, text.slice(end)];
}

const anchor = (words, open) => h("button", { type: "button", class: "link", onclick: tapped(open) }, words);

/** What a tap on a link does; null for a link WeChat would not follow. */
function targetOf(phone, attributes, words) {
  const given = Object.fromEntries([...attributes.matchAll(ATTRIBUTE)].map(([, name, one, other]) =>
    [name.toLowerCase(), (one ?? other).replaceAll("&amp;", "&")]));
  const { href = "", "data-miniprogram-path": page, "data-miniprogram-appid": appid } = given;
  if (page && (!appid || appid === PROGRAM)) return () => phone.openProgram(page);
  if (/^https?:\/\//i.test(href)) return async () => phone.openWeb(href, words);
  if (href.startsWith(MENU)) {
    const asked = new URLSearchParams(href.slice(MENU.length));
    return () => phone.tap("text", { text: asked.get("msgmenucontent") ?? words, menu_id: asked.get("msgmenuid") });
  }
  return null;
}
