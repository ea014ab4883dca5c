// Copies the few files our pages load from node_modules to app/assets, from where the server serves them.
import { copyFileSync, mkdirSync, rmSync } from "node:fs";
import { basename } from "node:path";

const files = [
  "htmx.org/dist/htmx.min.js",
  "htmx-ext-sse/dist/sse.min.js",
  "weixin-js-sdk/index.js",
  "@zxing/library/umd/index.min.js",
  "echarts/dist/echarts.min.js",
  "swagger-ui-dist/swagger-ui-bundle.js",
  "swagger-ui-dist/swagger-ui.css",
];

// Two packages call their file index.
const renamed = { "weixin-js-sdk/index.js": "weixin.js", "@zxing/library/umd/index.min.js": "zxing.min.js" };

rmSync("app/assets", { recursive: true, force: true });
mkdirSync("app/assets", { recursive: true });
for (const file of files) copyFileSync(`node_modules/${file}`, `app/assets/${renamed[file] ?? basename(file)}`);
