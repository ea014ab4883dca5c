// Scanning: the codes our accounts had made, as if they hung on a wall in front of the phone.
import { ask, h, tapped, tool } from "./parts.js";

const POSTERS = ["oa", "mp"];

/** `take(text)` is given what was scanned instead of WeChat, for menu buttons that scan. */
export function scan(phone, take = null) {
  const wall = h("div", { class: "wall" });
  const load = async () => wall.replaceChildren(...codes(phone, take, (await ask("GET", "/_sandbox/codes")).items, load));
  const input = h("input", { name: "scene", maxlength: 64, required: true, autocomplete: "off", autocapitalize: "none",
    placeholder: take ? "二维码里的文字" : "公众号二维码的场景值", "aria-label": take ? "二维码里的文字" : "场景值" });
  const typed = tapped(() => (take ? taken(phone, take, input.value.trim()) : scanAccount(phone, { scene: input.value.trim() })));
  return {
    name: "scan", title: "扫一扫", tools: [tool("refresh", "刷新二维码", tapped(load))],
    element: h("div", { class: "view scan" },
      h("div", { class: "scroll" }, h("p", { class: "quiet" }, "点一个二维码，就像用相机对准它"), wall),
      h("form", { class: "row", onsubmit: typed }, input, h("button", {}, "扫码"))),
    shown: tapped(load),
  };
}

function codes(phone, take, items, load) {
  if (!items.length) {
    return [h("div", { class: "empty" }, h("p", { class: "quiet" }, "还没有二维码"),
      h("button", { type: "button", onclick: tapped(async () => { await hangPosters(); await load(); }) }, "挂一张大厅海报"))];
  }
  return items.map((one) => {
    const isAccount = one.kind === "scene";
    const words = isAccount ? "公众号" : "小程序";
    const read = take ? () => taken(phone, take, one.scene) : () => (isAccount ? scanAccount(phone, one) : scanProgram(phone, one));
    return h("button", { type: "button", class: "code", "aria-label": `扫描${words}二维码 ${one.scene}`, onclick: tapped(read) },
      h("img", { src: one.image, alt: "", loading: "lazy" }), h("strong", {}, words), h("span", { class: "quiet cut" }, one.scene));
  });
}

async function scanAccount(phone, { scene, ticket }) {
  await phone.tap("scan", ticket ? { ticket } : { scene });
  phone.openBox("account");
}

function scanProgram(phone, { page, scene }) {
  return phone.openProgram(`${page}?scene=${encodeURIComponent(scene)}`);
}

async function taken(phone, take, text) {
  phone.back();
  await take(text);
}

/** The posters of the first hall, made by our server as for a real wall. */
async function hangPosters() {
  const { items: [hall] } = await ask("GET", "/_app/api/v1/halls?limit=1");
  for (const medium of POSTERS) await ask("GET", `/_app/api/v1/halls/${hall.id}/poster?medium=${medium}`, undefined, { asText: true });
}
