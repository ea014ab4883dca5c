// Says whether the progress keeps itself up. A campaign that is over closes its line, and nothing is amiss.

const live = document.getElementById("live");
const say = (state) => {
  for (const name of ["live", "still", "over"]) live.querySelector(`[data-${name}]`).hidden = name !== state;
};
document.body.addEventListener("htmx:sseOpen", () => say("live"));
document.body.addEventListener("htmx:sseError", () => say("still"));
document.body.addEventListener("htmx:sseClose", (closed) => {
  if (closed.detail.type === "message") say(live.querySelector("[data-moving]") ? "over" : "still");
});
