// Plots of the boards, each drawn from the table beneath it: the table says all of it without them.

const style = getComputedStyle(document.documentElement);
const [ink, line, paper] = ["--ink", "--line", "--paper"].map((name) => style.getPropertyValue(name).trim());
// Neighbours differ also for eyes that do not tell red from green, and each stands out at 3:1 from the paper.
const COLOURS = ["#04713a", "#c77700", "#7a828b", "#8a4fa3", "#2f5fb3"];
const LINE = ink;
const text = { color: ink, fontSize: parseFloat(style.fontSize) * 0.8 };

const number = (cell) => {
  const told = cell.textContent.trim();
  return told === "" || Number.isNaN(Number(told)) ? null : Number(told);
};

function read(table, most) {
  const heads = [...table.tHead.rows[0].cells];
  const rows = [...table.tBodies[0].rows].slice(0, most);
  const column = (place) => ({ name: heads[place].textContent, data: rows.map((row) => number(row.cells[place])), warmth: rows.map((row) => row.cells[place].dataset.warmth) });
  const places = (mark) => heads.flatMap((head, place) => (mark in head.dataset ? [place] : []));
  return {
    names: rows.map((row) => row.cells[0].textContent),
    drawn: places("drawn").map(column),
    lines: places("line").map(column),
  };
}

const EDGE = { borderColor: paper, borderWidth: 1 };
const common = { animation: false, color: COLOURS, textStyle: text };
const value = { type: "value", minInterval: 1, axisLabel: text, splitLine: { lineStyle: { color: line } } };

function columns({ names, drawn, lines }, stack) {
  return {
    ...common,
    legend: { top: 0, type: "scroll", textStyle: text },
    grid: { left: 8, right: 8, top: 40, bottom: 4, containLabel: true },
    tooltip: { trigger: "axis", renderMode: "richText", confine: true },
    xAxis: { type: "category", data: names, axisLabel: { ...text, hideOverlap: true } },
    yAxis: [value, { ...value, minInterval: 0, splitLine: { show: false }, show: lines.length > 0, axisLabel: { ...text, formatter: "{value}%" } }],
    series: [
      ...drawn.map(({ name, data }) => ({ name, data, type: "bar", stack, barMaxWidth: 40, itemStyle: EDGE })),
      ...lines.map(({ name, data }) => ({ name, data, type: "line", yAxisIndex: 1, connectNulls: true, symbolSize: 5, lineStyle: { color: LINE, width: 2 }, itemStyle: { color: LINE } })),
    ],
  };
}

function bars({ names, drawn }) {
  const width = Math.min(innerWidth * 0.35, 260);
  return {
    ...common,
    legend: { top: 0, type: "scroll", textStyle: text, show: drawn.length > 1 },
    grid: { left: 8, right: 16, top: drawn.length > 1 ? 40 : 8, bottom: 4, containLabel: true },
    tooltip: { trigger: "axis", axisPointer: { type: "shadow" }, renderMode: "richText", confine: true },
    xAxis: { ...value, minInterval: 0 },
    yAxis: { type: "category", data: names, inverse: true, axisLabel: { ...text, width, overflow: "truncate", interval: 0 } },
    series: drawn.map(({ name, data }) => ({ name, data, type: "bar", stack: "all", barMaxWidth: 22, itemStyle: EDGE })),
  };
}

function heat({ names, drawn }) {
  const cells = drawn.flatMap(({ data, warmth }, x) => data.flatMap((told, y) => (warmth[y] === undefined ? [] : [[x, y, Number(warmth[y]), told]])));
  return {
    ...common,
    grid: { left: 8, right: 8, top: 8, bottom: 48, containLabel: true },
    tooltip: { renderMode: "richText", confine: true, formatter: ({ value: [x, y, share, told] }) => `${names[y]} ${drawn[x].name}\n${told} · ${share}%` },
    xAxis: { type: "category", data: drawn.map((one) => one.name), axisLabel: text },
    yAxis: { type: "category", data: names, inverse: true, axisLabel: { ...text, width: Math.min(innerWidth * 0.3, 260), overflow: "truncate", interval: 0 } },
    visualMap: { min: 0, max: 100, dimension: 2, text: ["100%", "0%"], orient: "horizontal", left: "center", bottom: 0, textStyle: text, itemHeight: 160, inRange: { color: ["#f6d9d7", "#fff6dc", "#bfe5cd"] } },
    series: [{ type: "heatmap", data: cells, label: { ...text, show: innerWidth > 760, formatter: ({ value: [, , , told] }) => String(told) }, itemStyle: EDGE }],
  };
}

const KINDS = { stacked: (seen) => columns(seen, "all"), beside: (seen) => columns(seen), bars, heat };
const FIXED = ["stacked", "beside"];
const ROW = 2.2; // In the size of the text: so high is a row of what lies.

for (const place of document.querySelectorAll("[data-plot]")) {
  const { plot, table, rows, said } = place.dataset;
  const seen = read(document.getElementById(table), Number(rows));
  const canvas = document.createElement("div");
  if (!FIXED.includes(plot)) canvas.style.height = `${Math.max(180, 90 + seen.names.length * ROW * parseFloat(style.fontSize))}px`;
  place.append(canvas);
  place.setAttribute("role", "img");
  place.setAttribute("aria-label", said);
  const chart = globalThis.echarts.init(canvas, null, { renderer: "canvas" });
  chart.setOption(KINDS[plot](seen));
  addEventListener("resize", () => chart.resize());
}
