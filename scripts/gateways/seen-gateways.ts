import { type GatewayLoad, parseGatewayLoad } from '@meridian/protocol/live'

/** The gateways that were heard, and what each said last. */
export interface SeenGateways {
  /** Takes a message of `gw.`; what is no load is passed over. */
  hear(data: Uint8Array): void
  /** One line about all of them; undefined where nobody was heard yet. */
  line(): string | undefined
}

/** A gateway that is silent for so long is gone: it speaks twice a second. */
const GONE_MS = 3_000

/** Nobody yet. A gateway that is gone stays in the line, so that its end is seen. */
export function createSeenGateways(nowMs: () => number = () => performance.now()): SeenGateways {
  const seen = new Map<string, { readonly load: GatewayLoad; readonly atMs: number }>()
  return {
    hear(data) {
      const load = parseGatewayLoad(data)
      if (load !== undefined) seen.set(load.id, { load, atMs: nowMs() })
    },
    line() {
      const oldest = nowMs() - GONE_MS
      const all = [...seen.values()].sort((a, b) =>
        a.load.id.localeCompare(b.load.id, 'en', { numeric: true })
      )
      return all.length === 0
        ? undefined
        : all.map(({ load, atMs }) => `${load.id} ${atMs < oldest ? 'gone' : describe(load)}`).join(' · ')
    }
  }
}

function describe({ conns, egressBps, elu, ready, draining }: GatewayLoad): string {
  const state = draining ? ', draining' : ready ? '' : ', not ready'
  return `${conns} (${(egressBps / 1e6).toFixed(1)} MB/s, ${Math.round(elu * 100)} %${state})`
}
