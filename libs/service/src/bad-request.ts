import { AppError, briefly } from '@meridian/errors'

/** Where a parameter of a request stands. */
export type RequestPart = 'querystring' | 'params' | 'headers' | 'body'

/** A parameter that is not as it should be, and what came in its place. */
export interface BadParameter {
  readonly part?: RequestPart
  readonly name: string
  /** What came, in words where it is not shown as it is: "is empty", "has 300 characters". */
  readonly came: string
  readonly expected: string
}

/** NET_BAD_REQUEST in one sentence; `facts.where` is part and name. Default: a parameter of the query. */
export const badParameter = ({ part = 'querystring', name, came, expected }: BadParameter): AppError =>
  new AppError('NET_BAD_REQUEST', {
    detail: `'${name.slice(0, 80)}' ${came}; expected: ${expected}`,
    where: `${part}/${name.slice(0, 80)}`
  })

/** A value that came, as a sentence continues with it: `is 'soon'`, `is empty`, `came 2 times`. */
export function cameAs(value: unknown): string {
  if (value === undefined) return 'is missing'
  if (value === '') return 'is empty'
  return Array.isArray(value) ? `came ${value.length} times` : `is ${briefly(value)}`
}
