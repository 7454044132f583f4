import { Type } from 'typebox'

/** An error, as every door sends it. */
export const errorSchema = Type.Object({
  error: Type.Object({
    code: Type.String({ description: 'one of docs/errors.md' }),
    message: Type.String(),
    canRetry: Type.Boolean({ description: 'whether the same request may succeed later' }),
    facts: Type.Optional(Type.Record(Type.String(), Type.Unknown()))
  })
})

/** Error answers of a route, by status. */
export const errorsOf = (...statuses: number[]): Record<number, typeof errorSchema> =>
  Object.fromEntries(statuses.map(status => [status, errorSchema]))
