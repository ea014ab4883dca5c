// Where messages lie on a phone, and what the page was told about the accounts it plays.

/** The origin of our server, and the appids of the public account and the mini-program. */
export const { server: SERVER, account: ACCOUNT, program: PROGRAM } = document.documentElement.dataset;

const isNotice = (message) => message.kind === "subscribe";
const isService = (message) => !isNotice(message) && message.appid === PROGRAM;

/** Three boxes of one WeChat. `kind` is the account that is spoken to; one does not speak in the notices. */
export const BOXES = {
  account: {
    name: "account", title: "微办政务服务", letter: "办", tint: "green", kind: "oa",
    holds: (message) => !isNotice(message) && !isService(message),
    empty: "已关注。点下面的菜单，或直接说要办什么",
  },
  notices: {
    name: "notices", title: "服务通知", letter: "通", tint: "amber", kind: null,
    holds: isNotice,
    empty: "没有关注公众号的人，预约时允许订阅消息，通知会到这里",
  },
  service: {
    name: "service", title: "微办客服", letter: "微", tint: "", kind: "mp",
    holds: isService,
    empty: "您好，请描述您的问题",
  },
};

const SHORT = { image: "[图片]", voice: "[语音]", video: "[视频]", location: "[位置]", music: "[音乐]" };

/** One line that says what a message is about. */
export function gist(message) {
  if (!message) return "";
  const text = message.text?.replace(/<a\s[^>]*>(.*?)<\/a>/gis, "$1");
  return message.title || message.articles?.[0]?.title || SHORT[message.kind] || text || "";
}
