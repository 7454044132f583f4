import Type, { type Static } from 'typebox'
import { Check } from 'typebox/schema'

const amount = Type.Number({ minimum: 0, maximum: 1e15 })

const loadSchema = Type.Object({
  /** Name of the gateway. */
  id: Type.String({ minLength: 1, maxLength: 128 }),
  /** Version of this form. A later one keeps these members. */
  v: Type.Integer({ minimum: 1, maximum: 1e6 }),
  conns: Type.Integer({ minimum: 0, maximum: 1e7 }),
  /** Bytes per second that were sent to clients, smoothed over some seconds. */
  egressBps: amount,
  /** Event loop utilisation, 0 to 1, smoothed over some seconds. */
  elu: Type.Number({ minimum: 0, maximum: 1 }),
  /** How busy it is, made by `scoreOf`. */
  score: amount,
  /** Ready for clients, and for so long that balancers know it. */
  ready: Type.Boolean(),
  draining: Type.Boolean()
})

/** Load of a gateway, as published on `gw.<site>.load`. */
export type Load = Static<typeof loadSchema>

/** Bytes of a load at most: it has a handful of members. */
const MAX_BYTES = 2_000

/** A load that a gateway published; undefined for what is none: anybody on the broker may publish there. */
export function parseLoad(data: Uint8Array): Load | undefined {
  if (data.length > MAX_BYTES) return undefined
  try {
    const load: unknown = JSON.parse(Buffer.from(data).toString())
    return Check(loadSchema, load) ? load : undefined
  } catch {
    return undefined
  }
}

/** Of what a gateway shall have at most in everyday work: 1 in the score. */
export interface LoadTargets {
  readonly connections: number
  readonly egressBps: number
  /** Event loop utilisation, 0 to 1. */
  readonly elu: number
}

/** Part of its target below which egress or event loop say nothing: so far, who has more is chance. */
const QUIET_SHARE = 0.5

/** How busy a gateway is: the largest of its shares; 1 is all that it shall have. */
export function scoreOf(
  { conns, egressBps, elu }: Pick<Load, 'conns' | 'egressBps' | 'elu'>,
  targets: LoadTargets
): number {
  const busy = (share: number): number => Math.max(0, (share - QUIET_SHARE) / (1 - QUIET_SHARE))
  return Math.max(conns / targets.connections, busy(egressBps / targets.egressBps), busy(elu / targets.elu))
}
