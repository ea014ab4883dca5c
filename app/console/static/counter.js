// The counter by keyboard: every key that a part of the page names presses it, and the scanner's field gets
// the focus back whenever the lists came anew and nobody was typing elsewhere.

const field = document.getElementById("said");

document.addEventListener("keydown", (pressed) => {
  if (pressed.repeat || pressed.ctrlKey || pressed.altKey || pressed.metaKey || pressed.shiftKey) return;
  const wanted = document.querySelector(`[aria-keyshortcuts="${CSS.escape(pressed.key)}"]`);
  if (!wanted) return;
  pressed.preventDefault();
  if (wanted.matches("button, a")) wanted.click();
  else wanted.focus();
});

// A key pressed twice sends a form once.
document.addEventListener("submit", (sent) => {
  if (sent.defaultPrevented) return;
  if (sent.target.dataset.sent) sent.preventDefault();
  sent.target.dataset.sent = "yes";
});
window.addEventListener("pageshow", () => {
  for (const form of document.forms) delete form.dataset.sent;
});

const live = document.getElementById("live");
const say = (state) => {
  for (const name of ["live", "still", "over"]) live.querySelector(`[data-${name}]`).hidden = name !== state;
};
document.body.addEventListener("htmx:sseOpen", () => say("live"));
document.body.addEventListener("htmx:sseError", () => say("still"));
document.body.addEventListener("htmx:sseClose", (closed) => {
  if (closed.detail.type === "message") say("over");
});

document.body.addEventListener("htmx:afterSwap", () => {
  if (document.activeElement === document.body) field?.focus();
});
