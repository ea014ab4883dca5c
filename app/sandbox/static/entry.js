// The ways into the mini-program: the paths of its pages, and what a scanned code stands for.
import { SERVER } from "./boxes.js";

const TABS = { "pages/appointments/list": "mine", "pages/me/index": "me" };

/** Open the page of a path such as `pages/booking/index?hall=1`; without one, what was last looked at. */
export async function enter(program, path) {
  if (!path) return program.isInside ? program.redraw() : program.open(program.tab);
  const [page, query] = path.replace(/^\//, "").split("?");
  const asked = new URLSearchParams(query);
  if (asked.get("scene")) return enterScene(program, asked.get("scene"));
  if (page === "pages/booking/index" && asked.get("hall")) return enterHall(program, asked);
  if (page === "pages/appointments/detail" && asked.get("id")) return enterDetail(program, asked.get("id"));
  return program.open(TABS[page] ?? "halls");
}

/** A scanned code says what it stands for only to our server. */
async function enterScene(program, scene) {
  const found = await program.api("GET", `/scenes?scene=${encodeURIComponent(scene)}`);
  if (found.hall_id) return enterHall(program, new URLSearchParams({ hall: found.hall_id }));
  if (found.appointment_id) return enterDetail(program, found.appointment_id);
  return found.guide_id ? program.phone.openWeb(`${SERVER}/h5/guides/${found.guide_id}`, "办事指南") : program.open("halls");
}

/** A hall, and if a seat of it is named, the question whether to book it. */
async function enterHall(program, asked) {
  program.tab = "halls";
  program.leaveHall();
  program.redraw({ toTop: true });
  const hall = await program.api("GET", `/halls/${asked.get("hall")}`);
  const wanted = Number(asked.get("slot"));
  await program.choose(hall, hall.businesses.find((one) => one.code === asked.get("business")) ?? hall.businesses[0]);
  if (!wanted) return;
  const day = program.days.find((one) => one.slots.some((slot) => slot.id === wanted && slot.remaining > 0));
  if (!day) {
    program.phone.say("这个时段已不能预约，请选别的时间");
    return;
  }
  program.pick(day.date);
  await program.take(day.slots.find((slot) => slot.id === wanted));
}

async function enterDetail(program, id) {
  program.tab = "mine";
  program.leaveHall();
  program.detail = await program.api("GET", `/appointments/${id}`);
  program.redraw({ toTop: true });
}
