// Halls near the reader: the phone is asked for its place only when the button is pressed.

const DECIMALS = 3; // About a hundred metres: enough to sort halls by, and no address.

const near = document.querySelector("[data-near]");
if (near && "geolocation" in navigator) {
  const button = near.querySelector("button");
  const words = near.querySelector("[role=status]");
  near.hidden = false;
  button.addEventListener("click", () => {
    button.disabled = true;
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => {
        const asked = new URLSearchParams(location.search);
        asked.delete("cursor");
        asked.set("near", `${coords.latitude.toFixed(DECIMALS)},${coords.longitude.toFixed(DECIMALS)}`);
        location.search = asked;
      },
      (failed) => {
        button.disabled = false;
        words.textContent = failed.code === failed.PERMISSION_DENIED ? words.dataset.refused : words.dataset.unknown;
      },
      { timeout: 10_000, maximumAge: 60_000 },
    );
  });
}
