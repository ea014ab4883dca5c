// Halls near the reader: the phone is asked for its place only when the button is pressed.

const DECIMALS = 3; // About a hundred metres: enough to sort halls by, and no address.
const OF_PLACE = ["near", "cursor"];

// An address is copied, sent on and kept by the browser; what it said of the place stays with the open tab alone,
// so that coming back from a hall finds the same order.
const asked = new URL(location.href);
if (asked.searchParams.has("near")) {
  const said = OF_PLACE.filter((name) => asked.searchParams.has(name)).map((name) => [name, asked.searchParams.get(name)]);
  for (const name of OF_PLACE) asked.searchParams.delete(name);
  history.replaceState({ place: said }, "", asked);
} else if (history.state?.place) {
  for (const [name, value] of history.state.place) asked.searchParams.set(name, value);
  location.replace(asked);
}

// A link to this very address asks for all halls again; the browser takes it for coming back.
document.addEventListener("click", ({ target }) => {
  if (target.closest("a")?.href === location.href) history.replaceState(null, "");
});

const near = document.querySelector("[data-near]");
if (near && "geolocation" in navigator) {
  const button = near.querySelector("button");
  const words = near.querySelector("[role=status]");
  near.hidden = false;
  button.addEventListener("click", () => {
    button.disabled = true;
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => {
        asked.searchParams.delete("cursor");
        asked.searchParams.set("near", `${coords.latitude.toFixed(DECIMALS)},${coords.longitude.toFixed(DECIMALS)}`);
        location.assign(asked);
      },
      (failed) => {
        button.disabled = false;
        words.textContent = failed.code === failed.PERMISSION_DENIED ? words.dataset.refused : words.dataset.unknown;
      },
      { timeout: 10_000, maximumAge: 60_000 },
    );
  });
}
