const ISO =
  /^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?)?(?:(Z)|([+-])(\d\d):?(\d\d))?$/

/**
 * UTC ms since 1970 of an ISO time such as `2026-02-28`, `2026-02-28T03:04:05.678Z` or `…T03:04+03:00`; UTC
 * where it names no zone. Undefined for any other text, and for days and hours that do not exist: Date.parse
 * takes 30 February for 2 March.
 */
export function parseIsoTime(text: string): number | undefined {
  const parts = ISO.exec(text)
  if (parts === null) return undefined
  const utcMs = msOf(parts.slice(1, 7).map(part => Number(part ?? 0)) as unknown as DateAndTime)
  if (utcMs === undefined) return undefined
  const fraction = Number(`0.${parts[7] ?? 0}`) * 1000
  const zoneMs = zoneMsOf(parts[9], parts[10], parts[11])
  return zoneMs === undefined ? undefined : utcMs + fraction - zoneMs
}

type DateAndTime = readonly [y: number, month: number, d: number, h: number, m: number, s: number]

/** Undefined where the calendar or the clock has no such moment: it would be carried over to another one. */
function msOf([year, month, day, hour, minute, second]: DateAndTime): number | undefined {
  const date = new Date(0)
  date.setUTCFullYear(year, month - 1, day)
  date.setUTCHours(hour, minute, second)
  const exists =
    date.getUTCMonth() === month - 1 &&
    date.getUTCDate() === day &&
    date.getUTCHours() === hour &&
    date.getUTCMinutes() === minute &&
    date.getUTCSeconds() === second
  return exists ? date.getTime() : undefined
}

function zoneMsOf(sign = '+', hours = '0', minutes = '0'): number | undefined {
  const [h, m] = [Number(hours), Number(minutes)]
  if (h > 23 || m > 59) return undefined
  return (sign === '-' ? -1 : 1) * (h * 60 + m) * 60_000
}
