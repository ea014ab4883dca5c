// The counter by keyboard: every key that a part of the page names presses it, what a scanner types goes to
// its field wherever the focus was, and the field gets the focus back when the lists came anew without it.

const field = document.getElementById("said");

// What stands there is marked, so that the next scan replaces it.
const go = (to) => {
  to.focus();
  to.select?.();
};
const ready = () => go(field);
go(document.querySelector("[aria-invalid=true]") ?? field);

// Opens a part of the page that was folded away, at its first field.
const enter = (folded) => {
  folded.open = true;
  (folded.querySelector("select, input:not([type=hidden])") ?? folded.querySelector("summary")).focus();
};

const act = (wanted) => {
  if (wanted === field) ready();
  else if (wanted.matches("summary")) enter(wanted.parentElement);
  else wanted.click();
};

document.addEventListener("keydown", (pressed) => {
  if (pressed.ctrlKey || pressed.altKey || pressed.metaKey) return;
  if (pressed.key.length === 1) {
    // A scanner ends with Enter, which would press whatever button had the focus.
    if (pressed.key !== " " && !pressed.target.closest("input, select, textarea")) ready();
    return;
  }
  const wanted = document.querySelector(`[aria-keyshortcuts="${CSS.escape(pressed.key)}"]`);
  if (!wanted || pressed.repeat || pressed.shiftKey) return;
  pressed.preventDefault();
  act(wanted);
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
  if (document.activeElement === document.body) ready();
});
