// The menu of the public account: three buttons, each with what comes up from it.
import { ACCOUNT } from "./boxes.js";
import { sendPlace } from "./compose.js";
import { ask, h, icon, tapped, tool } from "./parts.js";
import { scan } from "./scan.js";

export function menuBar(phone, toKeyboard) {
  const buttons = h("div", { class: "buttons" });
  const element = h("nav", { class: "menu", "aria-label": "公众号菜单" }, tool("keyboard", "切换到键盘", toKeyboard), buttons);
  let drawn = "";
  element.addEventListener("keydown", (event) => {
    const open = element.querySelector("[aria-expanded=true]");
    if (event.key !== "Escape" || !open) return;
    close(element);
    open.focus();
  });
  element.addEventListener("focusout", (event) => { if (!element.contains(event.relatedTarget)) close(element); });
  return {
    element,
    focus: () => element.querySelector("button").focus({ preventScroll: true }),
    /** Ask for the menu this person sees; true if there is one. */
    async load() {
      const { button } = await ask("GET", `/_sandbox/menu?person=${phone.name}&account=${ACCOUNT}`);
      const now = JSON.stringify(button);
      if (now !== drawn) buttons.replaceChildren(...button.map((one) => top(phone, element, one)));
      drawn = now;
      return button.length > 0;
    },
  };
}

function close(element) {
  for (const button of element.querySelectorAll("[aria-expanded=true]")) {
    button.setAttribute("aria-expanded", "false");
    button.nextElementSibling.hidden = true;
  }
}

function top(phone, element, button) {
  const under = button.sub_button ?? [];
  if (!under.length) return h("div", {}, leaf(phone, element, button));
  const list = h("ul", { hidden: true }, under.map((one) => h("li", {}, leaf(phone, element, one))));
  const opener = h("button", { type: "button", "aria-expanded": "false" }, icon("lines"), button.name);
  opener.addEventListener("click", () => {
    const isOpen = opener.getAttribute("aria-expanded") === "true";
    close(element);
    opener.setAttribute("aria-expanded", String(!isOpen));
    list.hidden = isOpen;
  });
  return h("div", {}, opener, list);
}

function leaf(phone, element, button) {
  const act = tapped(() => press(phone, button));
  return h("button", { type: "button", onclick: (event) => { close(element); return act(event); } }, button.name);
}

/** Tell the platform, and do what the kind of button does on a phone. */
async function press(phone, button) {
  switch (button.type) {
    case "miniprogram":
      await phone.tap("miniprogram", { page: button.pagepath });
      return phone.openProgram(button.pagepath);
    case "view":
      await phone.tap("menu", { key: button.url });
      return phone.openWeb(button.url, button.name);
    case "location_select":
      await phone.tap("menu", { key: button.key });
      return sendPlace(phone, "oa");
    case "scancode_push":
    case "scancode_waitmsg":
      return phone.open(scan(phone, (result) => phone.tap("menu", { key: button.key, scan_result: result })));
    default:
      return phone.tap("menu", { key: button.key ?? button.media_id ?? button.article_id });
  }
}
