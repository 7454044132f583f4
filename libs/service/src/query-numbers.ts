import { badParameter, cameAs } from './bad-request.ts'

/** The bounds of a number in a query, and what stands where none was given. */
export interface NumberBounds {
  readonly least: number
  readonly most: number
  readonly usual: number
}

/** A whole number of a query. Throws NET_BAD_REQUEST with a sentence that tells the bounds. */
export function parseWhole(name: string, text: string | undefined, bounds: NumberBounds): number {
  if (text === undefined) return bounds.usual
  if (/^\d{1,12}$/.test(text) && isWithin(Number(text), bounds)) return Number(text)
  throw refuse(name, text, `a whole number, ${bounds.least} to ${bounds.most}`)
}

/** Seconds of a query, decimals allowed. Throws NET_BAD_REQUEST with a sentence that tells the bounds. */
export function parseSeconds(name: string, text: string | undefined, bounds: NumberBounds): number {
  if (text === undefined) return bounds.usual
  if (/^\d{1,9}(\.\d{1,3})?$/.test(text) && isWithin(Number(text), bounds)) return Number(text)
  throw refuse(name, text, `seconds, ${bounds.least} to ${bounds.most}, such as 10 or 2.5`)
}

const isWithin = (value: number, { least, most }: NumberBounds): boolean => value >= least && value <= most

const refuse = (name: string, text: string, expected: string): Error =>
  badParameter({ name, came: cameAs(text), expected })
