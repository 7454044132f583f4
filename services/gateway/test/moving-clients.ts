import { type Client, createClient } from '@meridian/client'
import { CLOSE } from '@meridian/protocol/live'
import { createHistory, FAULTS, type History, type PublicationLog } from '@meridian/testing'
import { WebSocket } from 'ws'

/** A client with the SDK, and all that happened to it. */
export interface MovingClient {
  readonly client: Client
  readonly history: History
  /** Names of its gateways, one after the other. */
  readonly gateways: string[]
  /** When it came to each of them, ms of `performance.now()`. */
  readonly arrivedMs: number[]
  /** Close codes of its connections that were open. */
  readonly codes: number[]
  /** States of its connection after the first `live`. */
  readonly states: Set<string>
  isLive: boolean
}

/** How clients connect and what they watch. */
export interface MovingClientsOptions {
  readonly count: number
  /** Address of the next connection: of a proxy, or of the gateway that the test chooses. */
  readonly url: () => string
  readonly pattern: string
  /** What was published there; ids are values of the field `n`. */
  readonly log: PublicationLog
  /** Never answers a hint, as clients did that do not know it; default: false. */
  readonly isDeaf?: boolean
}

/** Creates clients and connects them all; they watch in quality `all`. */
export function startClients(options: MovingClientsOptions): readonly MovingClient[] {
  return Array.from({ length: options.count }, () => startOne(options))
}

function startOne({ url, pattern, log, isDeaf = false }: MovingClientsOptions): MovingClient {
  const codes: number[] = []
  const client = createClient({ url: url(), WebSocket: socketOf({ url, codes, isDeaf }), pingMs: 15_000 })
  const moving: MovingClient = {
    client,
    history: createHistory(log),
    gateways: [],
    arrivedMs: [],
    codes,
    states: new Set(),
    isLive: false
  }
  client.subscribe([{ pattern, quality: 'all' }], {
    onData: ({ subject, fields }) => moving.history.received(subject, String(fields['n'])),
    onLive: () => {
      moving.isLive = true
    },
    onOutcome: outcome => {
      if (outcome.kind === 'gap') moving.history.toldGap(outcome)
      else if (outcome.kind !== 'resumed') moving.history.beganAnew(outcome.kind)
    }
  })
  client.onStatus(({ state, gateway }) => {
    if (moving.isLive) moving.states.add(state)
    if (state !== 'live' || gateway === undefined || moving.gateways.at(-1) === gateway) return
    moving.gateways.push(gateway)
    moving.arrivedMs.push(performance.now())
  })
  client.connect()
  return moving
}

interface SocketOptions extends Pick<MovingClientsOptions, 'url'> {
  readonly codes: number[]
  readonly isDeaf: boolean
}

/** The class of the client's sockets: goes where the test says, keeps how each ended. */
function socketOf({ url, codes, isDeaf }: SocketOptions) {
  return class extends WebSocket {
    constructor(_url: string, protocols: string[]) {
      // Certificates of tests are nobody's.
      super(url(), protocols, { rejectUnauthorized: false })
      // A balancer that has not noticed yet that a gateway goes may pass its refusal on: nothing broke.
      this.once('open', () => this.on('close', code => codes.push(code)))
    }
    override emit(event: string | symbol, ...args: unknown[]): boolean {
      if (isDeaf && event === 'message') hideHints(args[0])
      return super.emit(event, ...args)
    }
  } as unknown as NonNullable<Parameters<typeof createClient>[0]['WebSocket']>
}

const HINT = 'reconnect'

/** Makes a hint one of the operations that a client does not know, and passes over. */
function hideHints(message: unknown): void {
  if (!(message instanceof ArrayBuffer)) throw new TypeError('clients of the SDK take array buffers')
  const bytes = Buffer.from(message)
  const at = bytes.indexOf(HINT)
  if (at >= 0) bytes.write(HINT.toUpperCase(), at)
}

/** How many connections each gateway has; `names` are those that are to be there. */
export function spreadOf(clients: readonly MovingClient[], names: readonly string[]): number[] {
  const at = clients.map(({ gateways }) => gateways.at(-1))
  return names.map(name => at.filter(gateway => gateway === name).length)
}

/** Connections that clients have ended to go on with another one, also with one to the same gateway. */
export const movesOf = (clients: readonly MovingClient[]): number =>
  clients.reduce((sum, { codes }) => sum + codes.filter(code => code === CLOSE.normal.code).length, 0)

/** Faults of all histories, by kind. */
export function faultsOf(clients: readonly MovingClient[]): Record<string, readonly string[]> {
  const reports = clients.map(({ history }) => history.report('all'))
  return Object.fromEntries(FAULTS.map(kind => [kind, reports.flatMap(report => report[kind])]))
}

/** What `faultsOf` gives where nothing is wrong. */
export const NO_FAULTS = Object.fromEntries(FAULTS.map(kind => [kind, []]))
