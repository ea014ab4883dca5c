// Two numbers of each month as bars, drawn from the table beneath; the table stays for whoever reads that.

const style = getComputedStyle(document.documentElement);
const [green, pale, ink, line] = ["--green", "--pale", "--ink", "--line"].map((name) => style.getPropertyValue(name).trim());
const text = { color: ink, fontSize: parseFloat(style.fontSize) * 0.8 };

for (const place of document.querySelectorAll(".plot")) {
  const months = [...document.getElementById(place.dataset.table).tBodies[0].rows].map((row) => row.dataset).reverse();
  if (!globalThis.echarts || !months.some((one) => Number(one.first) || Number(one.second))) continue;
  place.hidden = false;
  const bars = (name, color, key) => ({
    name,
    type: "bar",
    itemStyle: { color },
    data: months.map((one) => (one[key] === "" ? null : Number(one[key]))),
  });
  const chart = globalThis.echarts.init(place, null, { renderer: "canvas" });
  chart.setOption({
    animation: false,
    grid: { left: 8, right: 8, top: 40, bottom: 4, containLabel: true },
    legend: { top: 0, left: 0, textStyle: text },
    tooltip: { trigger: "axis", renderMode: "richText" },
    xAxis: { type: "category", data: months.map((one) => one.month), axisLabel: text, axisTick: { show: false } },
    yAxis: { type: "value", axisLabel: text, splitLine: { lineStyle: { color: line } } },
    series: [bars(place.dataset.first, pale, "first"), bars(place.dataset.second, green, "second")],
  });
  addEventListener("resize", () => chart.resize());
}
