import { extremesOf } from '../format/extremes.ts'
import { formatNumber } from '../format/number-format.ts'

/** Labels with as many decimals as the distance between two of them needs. */
export function shortNumber(value: number, splits: readonly number[]): string {
  const step = Math.abs((splits[1] ?? 1) - (splits[0] ?? 0))
  const { low, high } = extremesOf(splits)
  const size = Math.max(Math.abs(low), Math.abs(high))
  if (size >= 1e6 || (size > 0 && size < 1e-3)) return formatNumber(value)
  const decimals = Math.min(6, Math.max(0, -Math.floor(Math.log10(step || 1))))
  return value.toFixed(decimals)
}

/** UTC time of day, with fractions only where two labels are less than a second apart. */
export function timeLabel(utcSeconds: number, splits: readonly number[]): string {
  const step = (splits[1] ?? 1) - (splits[0] ?? 0)
  const text = new Date(utcSeconds * 1000).toISOString()
  return text.slice(11, step < 1 ? 23 : 19)
}
