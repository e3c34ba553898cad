const OPENS_MINUTE = 9 * 60 + 30;
const CLOSES_MINUTE = 16 * 60;
const DAY_MS = 86_400_000;

const PARTS = new Intl.DateTimeFormat("en-US", {
  timeZone: "America/New_York",
  weekday: "short",
  year: "numeric",
  month: "2-digit",
  day: "2-digit",
  hour: "2-digit",
  minute: "2-digit",
  hourCycle: "h23",
  timeZoneName: "longOffset",
});

interface LocalTime {
  readonly date: string; // "2026-06-01"
  readonly isWeekday: boolean;
  readonly minute: number; // of the day
  readonly offset: string; // "-04:00"
}

function localTime(at: number): LocalTime {
  const parts = new Map(PARTS.formatToParts(at).map(({ type, value }) => [type, value]));
  const part = (type: Intl.DateTimeFormatPartTypes) => parts.get(type) ?? "";
  return {
    date: `${part("year")}-${part("month")}-${part("day")}`,
    isWeekday: !["Sat", "Sun"].includes(part("weekday")),
    minute: Number(part("hour")) * 60 + Number(part("minute")),
    offset: part("timeZoneName").replace("GMT", ""),
  };
}

/** The venue keeps its books by this city's days. */
export function newYorkDate(at: number): string {
  return localTime(at).date;
}

/** The answer of /v2/clock: the present, and the hours of the stock exchange (holidays aside). Crypto trades around them. */
export function newYorkClock(at: number): Record<string, unknown> {
  const { offset, isWeekday, minute } = localTime(at);
  const shifted = new Date(at + Date.parse("1970-01-01T00:00:00Z") - Date.parse(`1970-01-01T00:00:00${offset}`));
  return {
    // Nine digits of a second and the offset, as the venue writes it: some clients cut the text by position.
    timestamp: `${shifted.toISOString().slice(0, 23)}000000${offset}`,
    is_open: isWeekday && minute >= OPENS_MINUTE && minute < CLOSES_MINUTE,
    next_open: nextWeekdayAt(at, OPENS_MINUTE),
    next_close: nextWeekdayAt(at, CLOSES_MINUTE),
  };
}

function nextWeekdayAt(from: number, minute: number): string {
  for (let day = 0; ; day += 1) {
    const { date, isWeekday, offset, minute: present } = localTime(from + day * DAY_MS);
    if (!isWeekday || (day === 0 && present >= minute)) continue;
    const hours = String(Math.floor(minute / 60)).padStart(2, "0");
    return `${date}T${hours}:${String(minute % 60).padStart(2, "0")}:00${offset}`;
  }
}
