import { type GatewayLoad, parseGatewayLoad } from '@meridian/protocol/live'

/** What the other gateways of a site said last. */
export interface Peers {
  /** Takes what came on `gw.<site>.load`; what is no load is counted and left out. */
  hear(data: Uint8Array): void
  /** The loads that are not older than 3 s. */
  live(): readonly GatewayLoad[]
  /** Messages that were no load, or of one gateway more than are remembered. */
  bad(): number
}

/** A gateway that was not heard for so long counts no more. */
const REMEMBERED_MS = 3_000
const MAX_PEERS = 200

interface Heard {
  readonly load: GatewayLoad
  readonly atMs: number
}

/** Nobody yet. `own` is the name under which this gateway itself publishes. */
export function createPeers(own: string, nowMs: () => number = () => performance.now()): Peers {
  const heard = new Map<string, Heard>()
  let bad = 0

  const forget = (): void => {
    const oldest = nowMs() - REMEMBERED_MS
    for (const [id, { atMs }] of heard) if (atMs < oldest) heard.delete(id)
  }

  return {
    hear(data) {
      const load = parseGatewayLoad(data)
      if (load?.id === own) return
      if (heard.size >= MAX_PEERS) forget()
      if (load === undefined || (heard.size >= MAX_PEERS && !heard.has(load.id))) bad++
      else heard.set(load.id, { load, atMs: nowMs() })
    },
    live() {
      forget()
      return [...heard.values()].map(({ load }) => load)
    },
    bad: () => bad
  }
}
