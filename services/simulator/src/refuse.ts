import { AppError } from '@meridian/errors'

/**
 * The error of a command that a component does not or cannot do; `reason` becomes the result of CMD_FAILED.
 */
export const refuse = (reason: string): AppError => new AppError('SIM_REFUSED', { reason, detail: reason })

/** A number among the parameters; refuses anything else and what is outside the range. */
export function numberOf(
  params: Readonly<Record<string, unknown>>,
  name: string,
  range: readonly [least: number, most: number] = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY]
): number {
  const value = params[name] ?? 0
  if (typeof value !== 'number' || Number.isNaN(value)) throw refuse(`${name} is not a number`)
  if (value < range[0] || value > range[1])
    throw refuse(`${name}=${value} not in range [${range[0]}, ${range[1]}]`)
  return value
}

/** A text among the parameters; absent means "". */
export function textOf(params: Readonly<Record<string, unknown>>, name: string): string {
  const value = params[name] ?? ''
  if (typeof value !== 'string') throw refuse(`${name} is not text`)
  return value
}

/** A truth value among the parameters; absent means false. */
export function truthOf(params: Readonly<Record<string, unknown>>, name: string): boolean {
  const value = params[name] ?? false
  if (typeof value !== 'boolean') throw refuse(`${name} is not true or false`)
  return value
}

/** An array of numbers among the parameters, cut or filled with zeros to a length. */
export function numbersOf(params: Readonly<Record<string, unknown>>, name: string, count: number): number[] {
  const value = params[name] ?? []
  if (!Array.isArray(value) || value.some(item => typeof item !== 'number'))
    throw refuse(`${name} is not a list of numbers`)
  return Array.from({ length: count }, (_, i) => (value[i] as number | undefined) ?? 0)
}
