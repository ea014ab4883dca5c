// Scanning an invoice: with WeChat's scanner inside WeChat, else from a photo that stays on the phone.

import { load } from "./load.js";
import { isInside, sdk } from "./wechat.js";

const panel = document.getElementById("scan");
const form = document.getElementById("scanned");
const [button, photo, told] = ["button", "input[type=file]", "[role=status]"].map((which) => panel.querySelector(which));
// A code is found best where its squares are a few points wide, and nobody knows how near it was taken.
const SIZES = [1600, 1000, 2600, 600];

function check(text) {
  form.elements.text.value = text;
  told.textContent = "";
  form.requestSubmit();
}

async function scan() {
  const isDown = () => (told.textContent = panel.dataset.down);
  told.textContent = "";
  try {
    const wx = await sdk(panel.dataset.sdk, ["scanQRCode"]);
    wx.scanQRCode({ needResult: 1, scanType: ["qrCode"], success: ({ resultStr }) => check(resultStr), fail: isDown });
  } catch {
    isDown();
  }
}

function drawn(image, size) {
  const shrink = Math.min(1, size / Math.max(image.width, image.height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(image.width * shrink));
  canvas.height = Math.max(1, Math.round(image.height * shrink));
  canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
  return canvas.toDataURL("image/png");
}

async function read(file) {
  if (!globalThis.ZXing) await load(panel.dataset.reader);
  const reader = new globalThis.ZXing.BrowserQRCodeReader();
  const image = await createImageBitmap(file);
  for (const size of SIZES) {
    try {
      return (await reader.decodeFromImageUrl(drawn(image, size))).getText();
    } catch {
      // Not to be read at this size; the next one may be.
    }
  }
  throw new Error("no code");
}

photo.addEventListener("change", async () => {
  const [file] = photo.files;
  if (!file) return;
  told.textContent = panel.dataset.reading;
  try {
    check(await read(file));
  } catch {
    told.textContent = panel.dataset.failed;
  }
  photo.value = "";
});
button.addEventListener("click", scan);
button.hidden = !isInside;
panel.hidden = false;
