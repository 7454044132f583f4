import type { SourceStamps } from './source.ts'

const MAX_TEXT = 200

/** What a message says of itself, before it is known to be of the right types. */
export type UncheckedStamps = { readonly [Name in keyof SourceStamps]: unknown }

/**
 * SAL's private fields of a message. What is absent, of the wrong type or too long is undefined, and so is a stamp that is
 * not above 0: SAL writes 0 where nothing was set.
 */
export const stampsOf = ({ sndStamp, seqNum, origin, identity, revCode }: UncheckedStamps): SourceStamps => ({
  sndStamp: instantOf(sndStamp),
  seqNum: int32Of(seqNum),
  origin: int32Of(origin),
  identity: textOf(identity),
  revCode: textOf(revCode)
})

const instantOf = (value: unknown): number | undefined =>
  typeof value === 'number' && Number.isFinite(value) && value > 0 ? value : undefined
const int32Of = (value: unknown): number | undefined =>
  typeof value === 'number' && (value | 0) === value ? value : undefined
const textOf = (value: unknown): string | undefined =>
  typeof value === 'string' && value.length <= MAX_TEXT ? value : undefined
