import { type Broker, readStream } from '@meridian/broker'
import { type AckRecord, isTerminal, parseAckRecord, readRecord } from '@meridian/protocol/commands'
import { ackByIdOf } from '@meridian/subjects'
import { COMMANDS } from './records.ts'

/**
 * Publishes the later stages of commands on the reply subjects of those who asked, so that `nats req --replies 0` sees them all; an empty
 * message follows the last.
 */
export interface Relays {
  /** Begins to hold the stages of a command for a reply subject: the answer to the request must come first. */
  hold(id: string, reply: string): Relay
  /** A stage was stored. */
  onStage(record: AckRecord, seq: number): void
}

/** holding -> sending -> gone; `send` leaves the first, the last stage or `drop` the second. */
interface Relay {
  /** The answer has gone out: sends what was held, and from now on each stage as it comes. */
  send(): void
  /** As send, for a request that repeats a command: the stages that it had already come first. */
  sendAll(): Promise<void>
  /** The request was refused. */
  drop(): void
}

const READ = { from: { seq: 1 }, maxMessages: 1_000, maxBytes: 4_194_304, timeoutMs: 2_000 }

/** No relays yet; one is made for each request that has a reply subject. */
export function createRelays(broker: Broker, site: string): Relays {
  const relays = new Map<string, Set<HeldRelay>>()

  function forget(relay: HeldRelay): void {
    const others = relays.get(relay.id)
    others?.delete(relay)
    if (others?.size === 0) relays.delete(relay.id)
  }

  return {
    hold(id, reply) {
      const relay = new HeldRelay({ broker, site, id, reply, forget })
      relays.set(id, (relays.get(id) ?? new Set()).add(relay))
      return relay
    },
    onStage(record, seq) {
      for (const relay of relays.get(record.id) ?? []) relay.onStage(record, seq)
    }
  }
}

interface RelayOptions {
  readonly broker: Broker
  readonly site: string
  readonly id: string
  readonly reply: string
  readonly forget: (relay: HeldRelay) => void
}

class HeldRelay implements Relay {
  readonly id: string
  readonly #options: RelayOptions
  #held: { readonly record: AckRecord; readonly seq: number }[] | undefined = []

  constructor(options: RelayOptions) {
    this.id = options.id
    this.#options = options
  }

  onStage(record: AckRecord, seq: number): void {
    if (this.#held === undefined) this.#publish(record)
    else this.#held.push({ record, seq })
  }

  send(afterSeq = 0): void {
    const held = this.#held ?? []
    this.#held = undefined
    for (const { record, seq } of held) if (seq > afterSeq) this.#publish(record)
  }

  async sendAll(): Promise<void> {
    const { broker, site, id } = this.#options
    let lastSeq = 0
    try {
      for await (const message of readStream(broker, {
        stream: COMMANDS,
        subjects: [ackByIdOf(site, id)],
        ...READ
      })) {
        const record = readRecord(parseAckRecord, message)
        if (record !== undefined) this.#publish(record)
        lastSeq = message.seq
      }
    } finally {
      this.send(lastSeq)
    }
  }

  drop(): void {
    this.#options.forget(this)
  }

  #publish(record: AckRecord): void {
    const { broker, reply } = this.#options
    broker.publish(reply, JSON.stringify(record))
    if (!isTerminal(record.state)) return
    // No more will come: `nats req --wait-for-empty` ends here.
    broker.publish(reply, '')
    this.drop()
  }
}
