// Large scripts of others, fetched only where somebody comes to need them.

/** Load a script of ours when it is wanted, not before. */
export function load(address) {
  return new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = address;
    script.onload = resolve;
    script.onerror = reject;
    document.head.append(script);
  });
}
