// What happens behind the phone: calls our server made to WeChat, and events WeChat pushed to it.
import { clockTime, find, h } from "./parts.js";

const CALLS = {
  "/cgi-bin/stable_token": "取得接口凭证", "/cgi-bin/token": "取得接口凭证", "/cgi-bin/user/info": "查询关注者",
  "/sns/jscode2session": "小程序登录", "/wxa/business/getuserphonenumber": "取得手机号",
  "/cgi-bin/message/template/send": "发送模板消息", "/cgi-bin/message/subscribe/send": "发送订阅消息",
};
const EVENTS = {
  subscribe: "关注公众号", unsubscribe: "取消关注", text: "文字消息", CLICK: "点击菜单", VIEW: "打开菜单网页", SCAN: "扫码",
  TEMPLATESENDJOBFINISH: "模板消息回执", subscribe_msg_sent_event: "订阅消息回执", subscribe_msg_popup_event: "订阅授权",
};

const none = (words) => h("li", { class: "none" }, words);

export function drawBehind(calls, pushes) {
  const called = Object.entries(calls).sort((a, b) => b[1] - a[1]).map(([path, count]) =>
    h("li", {}, h("b", {}, CALLS[path] ?? "接口调用"), h("span", {}, `${count} 次`), h("code", {}, path)));
  find("calls").replaceChildren(...(called.length ? called : [none("还没有调用")]));
  const pushed = pushes.slice(-6).reverse().map((push) => {
    const state = push.delivered ? "done" : push.error ? "failed" : "waiting";
    const result = push.delivered ? "已接收" : push.error ? `第 ${push.attempts || 1} 次未接收` : "等待应答";
    return h("li", { class: state }, h("b", {}, EVENTS[push.what] ?? "事件"), h("span", {}, `${clockTime(push.at)} ${result}`),
      h("code", {}, push.error ? `${push.what} · ${push.error}` : push.what));
  });
  find("pushes").replaceChildren(...(pushed.length ? pushed : [none("还没有事件")]));
}
