import type { WireError } from '@meridian/errors'
import { Type } from 'typebox'
import { wireErrorSchema } from '../commands/answer.ts'
import { described } from './described.ts'

/** An error, as every door sends it, with the status of its code. */
export const errorSchema = Type.Object({
  error: described<WireError>(wireErrorSchema, {
    code: 'one of docs/errors.md',
    canRetry: 'whether the same request may succeed later'
  })
})

/** Error answers of a route, for its description: each of these statuses with `errorSchema`. */
export const errorsOf = (...statuses: number[]): Record<number, typeof errorSchema> =>
  Object.fromEntries(statuses.map(status => [status, errorSchema]))
