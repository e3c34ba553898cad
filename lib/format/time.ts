/** Younger than this needs no mention: the number is live. */
export const FRESH_MS = 5_000;

/** Whole milliseconds between an instant of the wire and `nowMs`; never negative, since clocks differ a little. */
export function ageMs(iso: string, nowMs: number): number {
  return Math.max(0, nowMs - Date.parse(iso));
}

/** "8 s", "3 min", "2 h", "5 d". */
export function formatAge(milliseconds: number): string {
  const seconds = Math.floor(milliseconds / 1000);
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3_600) return `${Math.floor(seconds / 60)} min`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3_600)} h`;
  return `${Math.floor(seconds / 86_400)} d`;
}

const TIME = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" });
const DAY = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short" });
const FULL = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "long" });

/** Local time; with the day in front when it was not today. */
export function formatTime(iso: string, nowMs: number = Date.now()): string {
  const date = new Date(iso);
  const sameDay = new Date(nowMs).toDateString() === date.toDateString();
  return sameDay ? TIME.format(date) : `${DAY.format(date)}, ${TIME.format(date)}`;
}

/** Date, time and zone, for titles. */
export function formatFullTime(iso: string): string {
  return FULL.format(new Date(iso));
}

/** Time with milliseconds, for the steps of an order. */
export function formatStepTime(iso: string): string {
  const date = new Date(iso);
  return `${TIME.format(date)}.${String(date.getMilliseconds()).padStart(3, "0")}`;
}

const UNITS = [
  { name: "day", ms: 86_400_000 },
  { name: "hour", ms: 3_600_000 },
  { name: "minute", ms: 60_000 },
  { name: "second", ms: 1_000 },
] as const;

/** "10 minutes", "1 hour 30 minutes", "50 seconds": the two largest units that say something. */
export function durationWords(milliseconds: number): string {
  let left = Math.max(0, Math.round(milliseconds / 1_000)) * 1_000;
  const parts: string[] = [];
  for (const { name, ms } of UNITS) {
    const count = Math.floor(left / ms);
    left -= count * ms;
    if (count > 0) parts.push(`${count} ${name}${count === 1 ? "" : "s"}`);
    // A unit after a gap says nothing that anybody wants to know.
    else if (parts.length > 0) break;
  }
  return parts.slice(0, 2).join(" ") || "less than a second";
}

/** "0:42", "12:05", "1:02:05": what is left until something happens. */
export function countdown(milliseconds: number): string {
  const seconds = Math.max(0, Math.ceil(milliseconds / 1_000));
  const two = (value: number): string => String(value).padStart(2, "0");
  const [hours, minutes] = [Math.floor(seconds / 3_600), Math.floor(seconds / 60) % 60];
  return hours > 0 ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`;
}
