// WeChat's own functions, for pages that are open inside WeChat.

import { load } from "./load.js";

export const isInside = /micromessenger/i.test(navigator.userAgent);

/** The JS-SDK, signed for this page and allowed to call these functions. */
export async function sdk(address, functions) {
  const page = location.href.split("#")[0];
  const answer = await fetch(`/h5/js-sdk?url=${encodeURIComponent(page)}`);
  if (!answer.ok) throw new Error("no signature");
  const signed = await answer.json();
  // It is written as a module of Node, and asks for no more of one than this.
  globalThis.module = {};
  await load(address);
  const wx = globalThis.module.exports;
  delete globalThis.module;
  await new Promise((resolve, reject) => {
    wx.ready(resolve);
    wx.error(reject);
    wx.config({ ...signed, jsApiList: functions });
  });
  return wx;
}
