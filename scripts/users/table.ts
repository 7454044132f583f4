import { utcMsOf } from '@meridian/time'

/** Lines with columns as wide as their widest cell, below a line of headings. */
export function tableOf(headings: readonly string[], rows: readonly (readonly string[])[]): string {
  const all = [headings, ...rows]
  const widths = headings.map((_, at) => Math.max(...all.map(row => row[at]?.length ?? 0)))
  const lineOf = (row: readonly string[]): string =>
    row
      .map((cell, at) => cell.padEnd(widths[at] ?? 0))
      .join('  ')
      .trimEnd()
  return `${all.map(lineOf).join('\n')}\n`
}

/** A time of the api, TAI seconds, as UTC to the second. */
export const utcOf = (tai: number): string =>
  `${new Date(utcMsOf(tai)).toISOString().slice(0, 19).replace('T', ' ')} UTC`
