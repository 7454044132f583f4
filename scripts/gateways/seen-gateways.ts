import Type, { type Static } from 'typebox'
import { Check } from 'typebox/schema'

/** What is read of a gateway's load, of all that it says there. */
const loadSchema = Type.Object({
  id: Type.String(),
  conns: Type.Integer(),
  egressBps: Type.Number(),
  elu: Type.Number(),
  ready: Type.Boolean(),
  draining: Type.Boolean()
})
type Load = Static<typeof loadSchema>

/** The gateways that were heard, and what each said last. */
export interface SeenGateways {
  hear(text: string): void
  /** One line about all of them; undefined where nobody was heard yet. */
  line(): string | undefined
}

/** A gateway that is silent for so long is gone: it speaks twice a second. */
const GONE_MS = 3_000

/** Nobody yet. A gateway that is gone stays in the line, so that its end is seen. */
export function createSeenGateways(nowMs: () => number = () => performance.now()): SeenGateways {
  const seen = new Map<string, { readonly load: Load; readonly atMs: number }>()
  return {
    hear(text) {
      const load = parseLoad(text)
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

function parseLoad(text: string): Load | undefined {
  try {
    const load: unknown = JSON.parse(text)
    return Check(loadSchema, load) ? load : undefined
  } catch {
    return undefined
  }
}

function describe({ conns, egressBps, elu, ready, draining }: Load): string {
  const state = draining ? ', draining' : ready ? '' : ', not ready'
  return `${conns} (${(egressBps / 1e6).toFixed(1)} MB/s, ${Math.round(elu * 100)} %${state})`
}
