// The scores of the years as a line, drawn from the table beneath it; the table stays for whoever reads that.

import { load } from "./load.js";

const NEARLY_SEEN = "400px";

const place = document.getElementById("plot");
const table = document.getElementById(place.dataset.table);
const years = [...table.tBodies[0].rows].map((row) => row.dataset).reverse();

function options() {
  const style = getComputedStyle(document.documentElement);
  const [green, ink, line] = ["--deep", "--ink", "--line"].map((name) => style.getPropertyValue(name).trim());
  const text = { color: ink, fontSize: parseFloat(style.fontSize) * 0.8 };
  return {
    animation: false,
    grid: { left: 8, right: 20, top: 34, bottom: 4, containLabel: true },
    tooltip: { trigger: "axis", renderMode: "richText" },
    xAxis: { type: "category", data: years.map((one) => one.year), axisLabel: text, axisTick: { show: false } },
    yAxis: { type: "value", min: 0, max: 100, interval: 20, axisLabel: text, splitLine: { lineStyle: { color: line } } },
    series: [
      {
        name: place.dataset.score,
        type: "line",
        data: years.map((one) => (one.score === "" ? null : Number(one.score))),
        symbolSize: 9,
        lineStyle: { color: green, width: 2 },
        itemStyle: { color: green },
        label: { ...text, show: true, position: "top", formatter: ({ dataIndex }) => years[dataIndex].level },
        markLine: { silent: true, symbol: "none", label: { show: false }, lineStyle: { color: "#8e8e96" }, data: [90, 70, 40].map((yAxis) => ({ yAxis })) },
      },
    ],
  };
}

async function draw() {
  await load(place.dataset.charts);
  place.hidden = false;
  const chart = globalThis.echarts.init(place, null, { renderer: "canvas" });
  chart.setOption(options());
  addEventListener("resize", () => chart.resize());
}

// The library weighs as much as a hundred of these pages: it comes when the years come into sight.
const sight = new IntersectionObserver(
  ([{ isIntersecting }]) => {
    if (!isIntersecting) return;
    sight.disconnect();
    // Where it does not come, the table says the same.
    draw().catch(() => {});
  },
  { rootMargin: NEARLY_SEEN },
);
if (years.some((one) => one.score !== "")) sight.observe(table);
