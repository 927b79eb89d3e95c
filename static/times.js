// Times in the reader's own zone, beside UTC: on pages behind every time that is known to the minute, in the form below
// every moment that is filled in. Without this file everything is in UTC and says so.

// The pages put the day before the month, as English is written in most places.
const language = document.documentElement.lang === "en" ? "en-GB" : document.documentElement.lang || undefined;
const format = (options) => new Intl.DateTimeFormat(language, { hourCycle: "h23", ...options });
const clock = format({ hour: "2-digit", minute: "2-digit" });
const day = format({ day: "numeric", month: "long", year: "numeric" });
const dayInUtc = format({ day: "numeric", month: "long", year: "numeric", timeZone: "UTC" });
const shortDay = format({ day: "numeric", month: "short" });
const full = format({ day: "numeric", month: "long", year: "numeric", hour: "2-digit", minute: "2-digit", timeZoneName: "longOffset" });
const shortInUtc = format({ day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit", timeZone: "UTC" });
const fullInUtc = format({ day: "numeric", month: "long", year: "numeric", hour: "2-digit", minute: "2-digit", timeZone: "UTC" });

/** "22:03 your time", with the day where it is another one there; nothing where the reader lives by UTC. */
const yours = (moment) => {
  if (moment.getTimezoneOffset() === 0) return null;
  const other = day.format(moment) === dayInUtc.format(moment) ? "" : `${shortDay.format(moment)}, `;
  return `${other}${clock.format(moment)} your time`;
};

/* ---------- pages ---------- */

for (const time of document.querySelectorAll("main time[datetime]")) {
  if (!/T\d\d:\d\d/.test(time.dateTime)) continue;
  const moment = new Date(time.dateTime);
  if (Number.isNaN(moment.getTime())) continue;
  const own = yours(moment);
  if (own === null) continue;
  time.title = `${fullInUtc.format(moment)} UTC, ${full.format(moment)}`;
  // Where only the day is told, the title is enough.
  if (!/\d:\d\d/.test(time.textContent)) continue;
  const beside = document.createElement("span");
  beside.className = "time-own";
  beside.textContent = own;
  time.append(" ", beside);
}

/* ---------- the form ---------- */

const form = document.getElementById("story-form");
const moments = "#started_at, #detected_at, #resolved_at, [name=timeline_at]";

/** What the server reads as a moment: a day with a time, in UTC unless it says otherwise. */
const read = (text) => {
  const parts = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d)(?::\d\d(?:\.\d+)?)? ?(Z|UTC|[+-]\d\d(?::?\d\d)?)?$/.exec(text.trim());
  if (parts === null) return null;
  const [, date, minute, zone = "Z"] = parts;
  const digits = zone.replace(":", "");
  const offset = digits.length === 3 ? `${digits}:00` : digits.length === 5 ? `${digits.slice(0, 3)}:${digits.slice(3)}` : "Z";
  const moment = new Date(`${date}T${minute}:00${offset}`);
  return Number.isNaN(moment.getTime()) ? null : { moment, isUtc: offset === "Z" };
};

const explain = (field) => {
  const found = read(field.value);
  const own = found === null ? null : yours(found.moment);
  // A time in UTC, for a reader who lives by it, says all there is to say.
  const words = found === null || (found.isUtc && own === null) ? "" : `${shortInUtc.format(found.moment)} UTC${own === null ? "" : ` · ${own}`}`;
  const next = field.nextElementSibling;
  let place = next?.classList.contains("field-moment") ? next : null;
  if (words === "") {
    place?.remove();
    return;
  }
  if (place === null) {
    place = document.createElement("p");
    place.className = "field-moment";
    field.after(place);
  }
  place.textContent = words;
};

if (form !== null) {
  const explainAll = () => form.querySelectorAll(moments).forEach(explain);
  explainAll();
  form.addEventListener("input", (event) => {
    if (event.target instanceof HTMLInputElement && event.target.matches(moments)) explain(event.target);
    // Whoever fills in many fields at once says so to the form itself.
    else if (event.target === form) explainAll();
  });
  // A new row is a copy of the one above, with what stands below its field.
  form.addEventListener("click", () => queueMicrotask(explainAll));
}
