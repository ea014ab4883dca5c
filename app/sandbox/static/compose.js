// Writing to an account: words, a picture, a place.
import { h, icon, tapped, tool } from "./parts.js";
import { PLACES } from "./samples.js";

const LONGEST = 600;
const WIDEST_PX = 1280;

export function compose(phone, box, toMenu, toEnd) {
  const input = h("input", { name: "text", maxlength: LONGEST, autocomplete: "off", "aria-label": `发消息给${box.title}` });
  const send = h("button", { hidden: true }, "发送");
  const more = tool("plus", "更多", () => open(panel.hidden), { "aria-expanded": "false" });
  const panel = h("div", { class: "panel-more", hidden: true }, picture(phone, box), box.kind === "oa" ? place(phone, box) : null);
  const menu = tool("lines", "切换到菜单", () => { open(false); toMenu(); }, { hidden: true });
  const open = (isOpen) => {
    panel.hidden = !isOpen;
    more.setAttribute("aria-expanded", String(isOpen));
    if (isOpen) toEnd();
  };
  const typed = () => {
    send.hidden = input.value.trim() === "";
    more.hidden = !send.hidden;
  };
  const say = tapped(async () => {
    const text = input.value.trim();
    if (!text) return;
    input.value = "";
    typed();
    await phone.tap("text", { text, account: box.kind });
  });
  input.addEventListener("input", typed);
  panel.addEventListener("keydown", (event) => { if (event.key === "Escape") { open(false); more.focus(); } });
  panel.addEventListener("done", () => open(false));
  return {
    element: h("div", { class: "compose" }, h("form", { onsubmit: say }, menu, input, send, more), panel),
    focus: () => input.focus({ preventScroll: true }),
    mayMenu: (hasMenu) => { menu.hidden = !hasMenu; },
  };
}

function picture(phone, box) {
  const file = h("input", { type: "file", accept: "image/*", class: "spoken", tabindex: -1, "aria-label": "选择图片" });
  const done = () => button.dispatchEvent(new Event("done", { bubbles: true }));
  const button = h("button", { type: "button", onclick: () => file.click() }, icon("photo"), "图片");
  file.addEventListener("change", tapped(async () => {
    const content = file.files[0] && await asPng(file.files[0]);
    file.value = "";
    done();
    if (content) await phone.tap("image", { content, account: box.kind });
  }));
  return h("div", {}, button, file);
}

/** A picture as the platform keeps it: PNG in base64, not wider than a phone would send it. */
async function asPng(file) {
  const image = await createImageBitmap(file);
  const scale = Math.min(1, WIDEST_PX / Math.max(image.width, image.height));
  const canvas = h("canvas", { width: Math.round(image.width * scale), height: Math.round(image.height * scale) });
  canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
  return canvas.toDataURL("image/png").split(",")[1];
}

function place(phone, box) {
  const send = tapped(async () => {
    button.dispatchEvent(new Event("done", { bubbles: true }));
    await sendPlace(phone, box.kind);
  });
  const button = h("button", { type: "button", onclick: send }, icon("place"), "位置");
  return h("div", {}, button);
}

/** Choose where one is and send it. */
export async function sendPlace(phone, kind) {
  const chosen = await phone.sheet((close) => [
    h("h3", {}, "发送位置"),
    h("ul", { class: "choices" }, PLACES.map((one) => h("li", {}, h("button", { type: "button", onclick: () => close(one) },
      icon("place"), h("span", { class: "grow" }, one.label, h("span", { class: "quiet" }, `${one.latitude}，${one.longitude}`)))))),
    h("div", { class: "row" }, h("button", { class: "plain", onclick: () => close(null) }, "取消")),
  ]);
  if (chosen) await phone.tap("location", { ...chosen, account: kind });
}
