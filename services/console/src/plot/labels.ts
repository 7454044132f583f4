import { extremesOf } from '../format/extremes.ts'

/** From this magnitude on, and below the other, labels have an exponent. */
const HUGE = 1e7
const TINY = 1e-4

/** Distance between two labels; of a lone one as much as shows what it is. */
const stepOf = ([first = 0, second]: readonly number[], ifLone: number): number =>
  second === undefined ? ifLone : Math.abs(second - first)

/** Decimals that tell labels apart which are a step from each other, and none of them wrong: two for 0.25. */
function decimalsOf(step: number): number {
  const least = Math.max(0, -Math.floor(Math.log10(step || 1) + 1e-9))
  const isWhole = (digits: number): boolean => {
    const scaled = step * 10 ** digits
    return Math.abs(scaled - Math.round(scaled)) < 1e-6 * scaled
  }
  return [least, least + 1, least + 2].find(isWhole) ?? least
}

/** Labels of an axis of numbers, with as many decimals as the distance between two of them needs. */
export function numberLabels(splits: readonly number[]): string[] {
  const { low, high } = extremesOf(splits)
  const size = Math.max(Math.abs(low), Math.abs(high))
  const step = stepOf(splits, size / 1e4)
  const hasExponent = size >= HUGE || (size > 0 && size < TINY)
  const digits = hasExponent ? decimalsOf(step / 10 ** Math.floor(Math.log10(size))) : decimalsOf(step)
  return splits.map(value => {
    if (value === 0) return '0'
    return hasExponent ? value.toExponential(Math.min(20, digits)) : value.toFixed(Math.min(20, digits))
  })
}

const DAY_SECONDS = 86_400

const MINUTE = 60
const HOUR = 3600

/**
 * Distances that two labels of time may have, seconds: close enough to each other for some labels on a narrow
 * plot.
 */
export const TIME_STEPS: readonly number[] = [
  ...[0.001, 0.01, 0.1].flatMap(unit => [unit, 2 * unit, 5 * unit]),
  ...[1, MINUTE].flatMap(unit => [1, 2, 5, 10, 15, 30].map(count => count * unit)),
  ...[1, 2, 3, 4, 6, 12].map(count => count * HOUR),
  ...[1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 10_000].map(count => count * DAY_SECONDS)
]

const isoOf = (utcSeconds: number): string => new Date(utcSeconds * 1000).toISOString()

/** The UTC date of an instant, `2026-11-26`. */
export const dateLabel = (utcSeconds: number): string => isoOf(utcSeconds).slice(0, 10)

/**
 * Labels of the axis of time, UTC: the time of day, with fractions only where two labels are less than a
 * second apart, and the date wherever a day begins that the label before did not have. Where they are days
 * apart, the date alone.
 */
export function timeLabels(splits: readonly number[]): string[] {
  const step = stepOf(splits, 1)
  if (step >= DAY_SECONDS) return splits.map(dateLabel)
  const spansDays = splits.length > 1 && dateLabel(splits[0] as number) !== dateLabel(splits.at(-1) as number)
  return splits.map((seconds, i) => {
    const time = isoOf(seconds).slice(11, step < 1 ? 23 : 19)
    const isNewDay = i === 0 || dateLabel(splits[i - 1] as number) !== dateLabel(seconds)
    return spansDays && isNewDay ? `${time}\n${dateLabel(seconds)}` : time
  })
}
