/**
 * A service as its process sees it. Its states, what enters and what leaves each:
 *
 * - `made`: nothing is open. `start` leaves it.
 * - `preparing`: makes the parts, which read what they need from files, then the HTTP server listens: from
 * now on the probes are answered. What
 *   is wrong with a file or a setting ends `start` here, before anything waits for the broker.
 * - `connecting`: waits for the broker, as long as it takes, also where that refuses the key. Left when the connection is there; then the
 * broker's metrics and `$SRV` answer.
 * - `awaiting`: the broker lacks a stream that the service lists, or does not let it look. Left when the last of them is there, however
 * long that takes.
 * - `starting`: starts the parts one after the other, the door last. A part that fails ends `start` with its
 * error.
 * - `serving`: entered once, when all parts have started; `/startupz` says yes from now on. `/readyz` asks
 * the parts, and whether the broker is
 *   there. Left by `stop` alone: a lost broker comes back by itself.
 * - `stopping`: entered by `stop` from any state, and never left. `/readyz` says no, `context.stopping` is
 * aborted; then the parts stop in the reverse
 *   order, the door first: each refuses new work, drains its consumers, flushes what it publishes and closes its sockets with a code. After them
 *   `$SRV`, the broker and the HTTP server are closed. A part that fails to stop holds up no other; its error is thrown at the end.
 */
import {
  type Broker,
  type BrokerRefusal,
  type ServiceResponder,
  startServiceResponder
} from '@meridian/broker'
import { AppError } from '@meridian/errors'
import type { Logger } from 'pino'
import { awaitStreams } from './await-streams.ts'
import type { CommonConfig } from './config.ts'
import { connectWhenThere } from './connect-when-there.ts'
import type { ServiceAccess } from './health-routes.ts'
import { type HttpDoor, isHttpDoor } from './http-door.ts'
import { createHttpServer, type HttpServer } from './http-server.ts'
import { createMetrics, type Metrics } from './metrics.ts'
import { createPartList, type PartList, stopAll } from './part-list.ts'
import { notReady, type Readiness, withRefusal } from './readiness.ts'
import type { Startable } from './run-process.ts'
import type { ProcessContext, ServiceParts } from './service-part.ts'
import { openTracer } from './tracing/open-tracer.ts'
import { noTracer } from './tracing/tracer.ts'
import { VERSION } from './version.ts'

/** Name, settings and parts of a service. */
export interface ServiceOptions {
  /** Name of the service: in `$SRV`, and the label `service` of all its metrics. */
  readonly name: string
  /** What the service does, one sentence, for `$SRV.INFO`. */
  readonly description: string
  readonly config: CommonConfig
  readonly log: Logger
  /** Makes the parts; called once, when the service starts. */
  readonly parts: () => ServiceParts
  /**
   * Streams that the parts read or write: they start when the broker has all of these, and until then
   * `/readyz` names the one that is awaited. Default: none.
   */
  readonly streams?: readonly string[]
  /** Prefix of reply subjects, for brokers whose permissions need one per service; default: `_INBOX`. */
  readonly inboxPrefix?: string
  /** Whether it stays ready while the connection to the broker is lost; default: false. */
  readonly readyWithoutBroker?: boolean
  /** Mode and role in which it serves, told on `/readyz`. Default: it serves nobody by rights, and tells nothing. */
  readonly access?: ServiceAccess
}

/**
 * A whole process without its signals: `start` resolves when it serves, `stop` when all is closed, and may be
 * called twice.
 */
export interface Service extends Startable {
  /** Base URL of its HTTP server, such as `http://127.0.0.1:4123`; empty before it listens. */
  address(): string
  /** Answer of `/readyz`: ready in state `serving` when all parts and the broker are. */
  readiness(): Readiness
}

type State =
  | { readonly kind: 'made' }
  | { readonly kind: 'preparing' }
  | { readonly kind: 'connecting'; readonly why?: AppError }
  | { readonly kind: 'awaiting'; readonly stream: string; readonly why: AppError }
  | { readonly kind: 'starting'; readonly parts: PartList }
  | { readonly kind: 'serving'; readonly parts: PartList }
  | { readonly kind: 'stopping'; readonly done: Promise<void> }

const made = (): State => ({ kind: 'made' })
const preparing = (): State => ({ kind: 'preparing' })
const connecting = (why?: AppError): State => ({ kind: 'connecting', ...(why && { why }) })
const awaiting = (stream: string, why: AppError): State => ({ kind: 'awaiting', stream, why })
const starting = (parts: PartList): State => ({ kind: 'starting', parts })
const serving = (parts: PartList): State => ({ kind: 'serving', parts })
const stopping = (done: Promise<void>): State => ({ kind: 'stopping', done })

/** Creates a service in state `made`. It opens nothing before `start`. */
export function createService(options: ServiceOptions): Service {
  return new PartsService(options)
}

class PartsService implements Service {
  readonly #options: ServiceOptions
  readonly #name: string
  readonly #metrics: Metrics
  readonly #stopping = new AbortController()
  #state = made()
  #hasStarted = false
  /** Before the first connection; those after it are the broker's to count. */
  #keyRefusals = 0
  #tracer = noTracer
  #server: HttpServer | undefined
  #broker: Broker | undefined
  #responder: ServiceResponder | undefined
  #parts: PartList | undefined

  constructor(options: ServiceOptions) {
    this.#options = options
    const { name, config } = options
    this.#name = config.NAME === '' ? `${name}-${process.pid}` : config.NAME
    this.#metrics = createMetrics(name)
  }

  address(): string {
    return this.#server?.address() ?? ''
  }

  async start(): Promise<void> {
    this.#enter(preparing())
    this.#tracer = await openTracer(this.#options.name, this.#name, process.env)
    const parts = this.#options.parts()
    this.#server = this.#createServer(parts.find(isHttpDoor))
    await this.#server.start()
    this.#enter(connecting())
    const broker = await this.#connect()
    if (broker === undefined) return
    await this.#startParts(
      createPartList(() => parts),
      broker
    )
  }

  stop(): Promise<void> {
    if (this.#state.kind === 'stopping') return this.#state.done
    this.#stopping.abort()
    const done = this.#close(performance.now() + this.#options.config.DRAIN_MS)
    this.#state = stopping(done)
    return done
  }

  readiness(): Readiness {
    const state = this.#state
    if (state.kind === 'connecting') return notReady(withRefusal('waiting for the broker', state.why))
    if (state.kind === 'awaiting')
      return notReady(withRefusal(`waiting for stream ${state.stream}`, state.why))
    if (state.kind === 'stopping') return notReady('stopping')
    if (state.kind === 'made' || state.kind === 'preparing') return notReady('starting')
    const said = state.parts.readiness()
    if (!said.ready || this.#isBrokerThere()) return said
    return notReady(withRefusal('waiting for the broker to come back', this.#broker?.refusal()))
  }

  /**
   * Enters the next state; false where the service was stopped in between, because nothing leaves `stopping`.
   */
  #enter(next: State): boolean {
    if (this.#state.kind === 'stopping') return false
    this.#state = next
    return true
  }

  async #startParts(parts: PartList, broker: Broker): Promise<void> {
    this.#parts = parts
    this.#introduce(broker, parts)
    await this.#awaitStreams(broker)
    if (!this.#enter(starting(parts))) return
    await parts.start({ ...this.#processContext(), broker })
    if (this.#enter(serving(parts))) this.#hasStarted = true
  }

  #awaitStreams(broker: Broker): Promise<void> {
    const { streams = [], log } = this.#options
    const onAwaited = (stream: string, why: AppError): void => void this.#enter(awaiting(stream, why))
    return awaitStreams(broker, { streams, log, onAwaited, stopping: this.#stopping.signal })
  }

  #isBrokerThere(): boolean {
    return this.#options.readyWithoutBroker === true || this.#broker?.state() === 'connected'
  }

  #createServer(door: HttpDoor | undefined): HttpServer {
    const { config, log, access } = this.#options
    return createHttpServer({
      host: config.HOST,
      port: config.PORT,
      hosts: config.HOSTS,
      trustedProxies: config.TRUSTED_PROXIES,
      log,
      door,
      context: { ...this.#processContext(), broker: () => this.#connected() },
      health: {
        metrics: this.#metrics,
        readiness: () => this.readiness(),
        hasStarted: () => this.#hasStarted,
        access,
        revision: config.REVISION
      }
    })
  }

  #connect(): Promise<Broker | undefined> {
    const { config, log, inboxPrefix } = this.#options
    const { signal } = this.#stopping
    this.#countRefusals()
    return connectWhenThere({
      servers: config.NATS_URL,
      name: this.#name,
      log,
      inboxPrefix,
      nkeyFile: config.NATS_NKEY_FILE,
      caFile: config.NATS_CA_FILE,
      site: config.BROKER_SITE || config.SITE,
      origin: config.SITE,
      onWaiting: why => {
        if (why.code === 'BRK_WRONG_KEY') this.#keyRefusals++
        this.#enter(connecting(why))
      },
      stopping: signal
    })
  }

  #countRefusals(): void {
    const read = (what: BrokerRefusal, before = () => 0): void =>
      this.#metrics.read(
        'meridian_broker_refusals_total',
        () => before() + (this.#broker?.stats().refusals[what] ?? 0),
        { what }
      )
    read('key', () => this.#keyRefusals)
    read('publish')
    read('subscription')
  }

  #connected(): Broker {
    if (this.#broker?.state() === 'connected') return this.#broker
    throw new AppError('BRK_UNAVAILABLE')
  }

  /** Metrics of the connection, and `$SRV` for the `nats` tool. */
  #introduce(broker: Broker, parts: PartList): void {
    const { name, description, config } = this.#options
    this.#broker = broker
    this.#metrics.read('meridian_broker_connected', () => Number(broker.state() === 'connected'))
    this.#metrics.read('meridian_broker_reconnects_total', () => broker.stats().reconnects)
    this.#metrics.read('meridian_broker_callback_errors_total', () => broker.stats().callbackErrors)
    this.#responder = startServiceResponder(broker, {
      name,
      version: VERSION,
      description,
      metadata: { site: config.SITE, process: this.#name },
      endpoints: parts.endpoints
    })
  }

  #close(untilMs: number): Promise<void> {
    return stopAll([
      () => this.#parts?.stop(untilMs),
      () => this.#responder?.stop(),
      () => this.#broker?.drain(),
      () => this.#server?.stop(),
      () => this.#tracer.stop()
    ])
  }

  #processContext(): ProcessContext {
    const { log } = this.#options
    return {
      name: this.#name,
      log,
      metrics: this.#metrics,
      tracer: this.#tracer,
      stopping: this.#stopping.signal
    }
  }
}
