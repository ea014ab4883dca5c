// What happens behind the phone: calls our server made to WeChat, and events WeChat pushed to it.
import { clockTime, h } from "./parts.js";

const CALLS = {
  "/cgi-bin/stable_token": "取得接口凭证", "/cgi-bin/token": "取得接口凭证", "/cgi-bin/user/info": "查询关注者",
  "/cgi-bin/user/get": "列出关注者", "/sns/jscode2session": "小程序登录", "/wxa/business/getuserphonenumber": "取得手机号",
  "/cgi-bin/message/template/send": "发送模板消息", "/wxa/msg_sec_check": "内容安全检查",
  "/cgi-bin/message/subscribe/send": "发送订阅消息", "/cgi-bin/message/custom/send": "发送客服消息",
  "/cgi-bin/menu/create": "推送菜单", "/cgi-bin/menu/addconditional": "推送个性化菜单", "/cgi-bin/get_current_selfmenu_info": "读取菜单",
  "/cgi-bin/menu/get": "读取菜单", "/cgi-bin/tags/get": "读取标签", "/cgi-bin/tags/create": "建立标签",
  "/cgi-bin/tags/members/batchtagging": "打标签", "/cgi-bin/tags/members/batchuntagging": "取消标签",
  "/cgi-bin/template/get_all_private_template": "同步模板库", "/wxaapi/newtmpl/gettemplate": "同步订阅模板",
  "/cgi-bin/qrcode/create": "生成公众号二维码", "/wxa/getwxacodeunlimit": "生成小程序码",
  "/connect/oauth2/authorize": "网页授权", "/sns/oauth2/access_token": "网页登录", "/cgi-bin/ticket/getticket": "取得网页票据",
};
const EVENTS = {
  subscribe: "关注公众号", unsubscribe: "取消关注", text: "文字消息", image: "图片消息", voice: "语音消息", location: "位置消息",
  CLICK: "点击菜单", VIEW: "打开菜单网页", view_miniprogram: "打开小程序", SCAN: "扫码", LOCATION: "上报位置",
  scancode_waitmsg: "菜单扫码", scancode_push: "菜单扫码", location_select: "菜单选位置",
  TEMPLATESENDJOBFINISH: "模板消息回执", subscribe_msg_sent_event: "订阅消息回执", subscribe_msg_popup_event: "订阅授权",
  subscribe_msg_change_event: "订阅设置", user_enter_tempsession: "进入客服会话",
  user_authorization_revoke: "撤回授权", user_info_modified: "资料变更",
};
const SHOWN = 5;

const none = (words) => h("li", { class: "none" }, words);

export function drawBehind(calls, pushes) {
  const called = Object.entries(calls).sort((a, b) => b[1] - a[1]).slice(0, SHOWN).map(([path, count]) =>
    h("li", {}, h("b", {}, CALLS[path] ?? "接口调用"), h("span", {}, `${count} 次`), h("code", {}, path)));
  document.getElementById("calls").replaceChildren(...(called.length ? called : [none("还没有调用")]));
  const pushed = pushes.slice(-SHOWN).reverse().map((push) => {
    const state = push.delivered ? "done" : push.error ? "failed" : "waiting";
    const result = push.delivered ? "已接收" : push.error ? `第 ${push.attempts || 1} 次未接收` : "等待应答";
    return h("li", { class: state }, h("b", {}, EVENTS[push.what] ?? "事件"), h("span", {}, `${clockTime(push.at)} ${result}`),
      h("code", {}, push.error ? `${push.what} · ${push.error}` : push.what));
  });
  document.getElementById("pushes").replaceChildren(...(pushed.length ? pushed : [none("还没有事件")]));
}
