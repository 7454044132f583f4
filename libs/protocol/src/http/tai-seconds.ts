import { Type } from 'typebox'

/** A number of TAI seconds; `description` says of what. */
export const taiSeconds = (description: string) => Type.Number({ description: `${description}, TAI seconds` })
