import type { GatewayLoad } from '@meridian/protocol/live'

/** What a gateway decides from: what it published, and how much of it is on its way elsewhere. */
export interface OwnLoad extends Pick<GatewayLoad, 'conns' | 'score' | 'ready' | 'draining'> {
  /** Of `conns`, those that were hinted away and are not gone yet. */
  readonly leaving: number
}

/** A peer as far as the decision looks at it. */
export type PeerLoad = Pick<GatewayLoad, 'score' | 'ready' | 'draining'>

/** How far above the mean is still even: a share of the mean, and connections. */
const EVEN_SHARE = 0.1
const EVEN_CONNECTIONS = 2
/** Of the excess, and of all connections, how many leave at once at most. */
const SHARE_OF_EXCESS = 0.25
const SHARE_OF_MINE = 0.1

/**
 * How many connections a gateway hints away now [docs/adr/0013-shedding.md]. The mean is that of all ready
 * gateways, itself included; what is leaving is not counted twice. None where it is alone, not ready itself, or
 * somebody drains: what leaves there comes to the others first.
 */
export function connectionsToShed(mine: OwnLoad, peers: readonly PeerLoad[]): number {
  const ready = peers.filter(peer => peer.ready)
  if (!mine.ready || mine.draining || ready.length === 0 || peers.some(peer => peer.draining)) return 0
  const mean = ready.reduce((sum, { score }) => sum + score, mine.score) / (ready.length + 1)
  const staying = mine.conns - mine.leaving
  const score = (mine.score * staying) / Math.max(1, mine.conns)
  if (score <= mean * (1 + EVEN_SHARE)) return 0
  const excess = staying * (1 - mean / score)
  if (excess <= EVEN_CONNECTIONS) return 0
  return Math.min(Math.ceil(excess * SHARE_OF_EXCESS), Math.ceil(staying * SHARE_OF_MINE))
}
