import type { GatewayLoad } from '@meridian/protocol/live'

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
  { conns, egressBps, elu }: Pick<GatewayLoad, 'conns' | 'egressBps' | 'elu'>,
  targets: LoadTargets
): number {
  const busy = (share: number): number => Math.max(0, (share - QUIET_SHARE) / (1 - QUIET_SHARE))
  return Math.max(conns / targets.connections, busy(egressBps / targets.egressBps), busy(elu / targets.elu))
}
