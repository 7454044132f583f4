import type { AppError } from '@meridian/errors'
import type { NatsConnection, Status } from '@nats-io/nats-core'
import type { Broker, BrokerState } from './broker.ts'
import type { Internals } from './internals.ts'
import { leaveLameDuck } from './lame-duck.ts'
import { tellError } from './tell-error.ts'

/** How a connection stands, and how it ends: as `Broker` says. */
export interface ConnectionState extends Pick<Broker, 'state' | 'onState' | 'refusal' | 'drain'> {
  /** How often it was lost and regained. */
  reconnects(): number
}

/** Follows what becomes of a connection, and logs it; calls `onLost` each time that it is lost, and when it is closed. */
export function followConnection(internals: Internals, onLost: () => void): ConnectionState {
  const { nc, log } = internals
  const { state, onState, become } = createStates()
  let refusal: AppError | undefined
  let reconnects = 0
  let drained: Promise<void> | undefined

  void followStatus(nc, status => {
    if (status.type === 'disconnect') {
      log.warn({ server: status.server }, 'broker connection lost')
      become('disconnected')
      onLost()
    } else if (status.type === 'reconnect') {
      reconnects++
      refusal = undefined
      log.info({ server: status.server }, 'broker connection regained')
      become('connected')
    } else if (status.type === 'ldm') leaveLameDuck(internals)
    else if (status.type === 'error') refusal = tellError(internals, status.error) ?? refusal
  })
  void nc.closed().then(err => {
    if (err instanceof Error) log.error({ err }, 'broker connection closed')
    become('closed')
    // The client forgets what is still asked on a connection that is closed under it.
    onLost()
  })

  return {
    state,
    onState,
    refusal: () => (state() === 'disconnected' ? refusal : undefined),
    reconnects: () => reconnects,
    drain() {
      become('draining')
      drained ??= nc.isClosed() ? Promise.resolve() : nc.drain().catch(() => nc.close())
      return drained
    }
  }
}

async function followStatus(nc: NatsConnection, handle: (status: Status) => void): Promise<void> {
  for await (const status of nc.status()) handle(status)
}

/** The states of a connection that was just made; one that drains can only become closed, and a closed one nothing else. */
function createStates() {
  const listeners = new Set<(state: BrokerState) => void>()
  let state: BrokerState = 'connected'
  return {
    state: (): BrokerState => state,
    onState(listener: (state: BrokerState) => void) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    become(next: BrokerState): void {
      if (state === next || state === 'closed' || (state === 'draining' && next !== 'closed')) return
      state = next
      for (const listener of listeners) listener(next)
    }
  }
}
