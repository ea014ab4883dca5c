// The profile of the public account: where one follows it, and stops following.
import { BOXES } from "./boxes.js";
import { face, h, tapped } from "./parts.js";

export function profile(phone) {
  const { title, letter, tint } = BOXES.account;
  const acts = h("div", { class: "acts" });
  let drawnFor;
  const draw = () => {
    const { following } = phone.person;
    if (drawnFor === following) return;
    drawnFor = following;
    acts.replaceChildren(...(following
      ? [h("button", { onclick: () => phone.openBox("account") }, "发消息"),
        h("button", { class: "plain warn", onclick: tapped(() => unfollow(phone)) }, "不再关注")]
      : [h("button", { onclick: tapped(() => follow(phone)) }, "关注公众号")]));
  };
  draw();
  return {
    name: "profile", title: "", heard: draw,
    element: h("div", { class: "view" }, h("div", { class: "scroll profile" },
      face(letter, tint),
      h("h3", {}, title),
      h("p", { class: "quiet" }, "预约办事，消息通知"),
      h("dl", { class: "facts" }, h("dt", {}, "类型"), h("dd", {}, "服务号"), h("dt", {}, "账号主体"), h("dd", {}, "演示税务局")),
      acts)),
  };
}

async function follow(phone) {
  await phone.tap("follow");
  phone.openBox("account");
}

async function unfollow(phone) {
  const words = h("p", { class: "quiet" }, "不再关注后，将不再收到这个公众号下发的消息");
  if (!await phone.confirmed(`不再关注“${BOXES.account.title}”？`, words, "不再关注", "取消")) return;
  await phone.tap("unfollow");
  phone.openBox("account");
}
