// Made-up data the demonstration registry accepts: an ID number of one's own for each person, and an enterprise.

export const ENTERPRISE = "91440101MA5DEMQ01M";

const WEIGHTS = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
const CHECKS = "10X98765432";

/** A well-formed ID number that is the same for a name every time (GB 11643-1999: region, birthday, order, check digit). */
export function idNumber(name) {
  let seed = 7;
  for (const letter of name) seed = (seed * 31 + letter.codePointAt(0)) % 1_000_000_007;
  const two = (number) => String(number).padStart(2, "0");
  const birthday = `${1970 + (seed % 30)}${two(1 + (seed % 12))}${two(1 + (seed % 28))}`;
  const body = `440106${birthday}${String(Math.floor(seed / 1000) % 1000).padStart(3, "0")}`;
  const sum = [...body].reduce((total, digit, place) => total + Number(digit) * WEIGHTS[place], 0);
  return body + CHECKS[sum % 11];
}

/** Where a person of the demonstration may stand: near its halls. Degrees, GCJ-02 as WeChat sends them. */
export const PLACES = [
  { label: "广州市天河区体育中心", latitude: 23.1365, longitude: 113.3248 },
  { label: "广州市越秀区北京路", latitude: 23.1252, longitude: 113.2695 },
  { label: "深圳市福田区市民中心", latitude: 22.5431, longitude: 114.0579 },
];
