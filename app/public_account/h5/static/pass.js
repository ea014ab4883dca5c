// The check-in code on an open page: it is good for five minutes and fetched anew before they are over.

const EVERY_MS = 240_000;
const SOON_MS = 20_000;

let shownAt = Date.now();

async function renew() {
  const shown = document.querySelector("[data-pass]");
  if (!shown) return;
  try {
    const answer = await fetch(location.href, { cache: "no-store" });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const fresh = page.querySelector("[data-pass]");
    // Without a code the appointment has gone on: the page as it is now says how.
    if (!fresh) return location.reload();
    shown.replaceWith(document.adoptNode(fresh));
    shownAt = Date.now();
  } catch {
    // The phone is offline for a moment; the code is tried again soon.
    setTimeout(renew, SOON_MS);
  }
}

setInterval(renew, EVERY_MS);
// A phone that was in a pocket ran no timers.
document.addEventListener("visibilitychange", () => {
  if (!document.hidden && Date.now() - shownAt > EVERY_MS) renew();
});
