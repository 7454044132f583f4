import { type Static, Type } from 'typebox'
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
  /** How busy it is: the largest of its shares of what it shall have; 1 is all of it. */
  score: amount,
  /** Ready for clients, and for so long that balancers know it. */
  ready: Type.Boolean(),
  draining: Type.Boolean()
})

/** Load of a gateway, as it is published on `gw.<site>.load`; a `score` above 1 is overload. */
export type GatewayLoad = Static<typeof loadSchema>

/** Bytes of a load at most: it has a handful of members. */
const MAX_BYTES = 2_000

/** A load that a gateway published; undefined for what is none: anybody on the broker may publish there. */
export function parseGatewayLoad(data: Uint8Array): GatewayLoad | undefined {
  if (data.length > MAX_BYTES) return undefined
  try {
    const load: unknown = JSON.parse(new TextDecoder().decode(data))
    return Check(loadSchema, load) ? load : undefined
  } catch {
    return undefined
  }
}
