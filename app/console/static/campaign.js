// Says whether the progress, or an errand, keeps itself up. A campaign that is over closes its line, and nothing is amiss.

// What keeps itself up changes with the page: an errand that ends has all of it read anew.
const place = () => document.getElementById("live");
const say = (state) => {
  const live = place();
  if (!live) return;
  for (const name of ["live", "still", "over"]) live.querySelector(`[data-${name}]`).hidden = name !== state;
};
document.body.addEventListener("htmx:sseOpen", () => say("live"));
document.body.addEventListener("htmx:sseError", () => say("still"));
document.body.addEventListener("htmx:sseClose", (closed) => {
  if (closed.detail.type === "message") say(place()?.querySelector("[data-moving]") ? "over" : "still");
});
