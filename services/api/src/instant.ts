import { AppError } from '@meridian/errors'
import { cameAs } from '@meridian/service'
import { parseIsoTime, taiSecondsOf } from '@meridian/time'

const NUMBER = /^\d{1,12}(\.\d{1,9})?$/
/** The year 10000: later dates have no ISO form that a server reads. */
const MOST_SECONDS = 253_402_300_800

/** A moment of a query in TAI seconds; `what` is the name of the parameter. Throws API_BAD_RANGE. */
export function instantOf(what: string, text: string): number {
  const seconds = NUMBER.test(text) ? Number(text) : secondsOfIso(text)
  if (seconds !== undefined && seconds >= 0 && seconds < MOST_SECONDS) return seconds
  throw new AppError('API_BAD_RANGE', {
    detail: `'${what}' ${cameAs(text)}; expected: TAI seconds or an ISO time of a day that exists, 1970 to 9999`
  })
}

function secondsOfIso(text: string): number | undefined {
  const utcMs = parseIsoTime(text)
  return utcMs === undefined ? undefined : taiSecondsOf(utcMs)
}
