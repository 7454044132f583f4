import { type Broker, readStream } from '@meridian/broker'
import { type AckRecord, isTerminal, parseAckRecord, readRecord } from '@meridian/protocol/commands'
import { ackByIdOf } from '@meridian/subjects'
import { COMMANDS } from './records.ts'

/**
 * Publishes the later stages of each command on the reply subject of its request, so that `nats req --replies
 * 0` sees them all. An empty message follows the last stage.
 */
export interface StageRelays {
  /**
   * Collects the stages of a command for a reply subject until the request is answered, because the answer
   * must come first.
   */
  hold(id: string, reply: string): StageRelay
  /**
   * Called for each stage stored in COMMANDS; passes it to every relay of the command. `seq` is its sequence
   * there.
   */
  onStage(record: AckRecord, seq: number): void
}

/**
 * holding -> sending -> gone. `send` or `sendAll` ends holding; the terminal stage ends sending; `drop` ends
 * either.
 */
interface StageRelay {
  /** Publishes the held stages, then each new one as it is stored. Call it once the answer was sent. */
  send(): void
  /**
   * As `send`, but reads the earlier stages from COMMANDS first: for a request that repeats an accepted
   * command.
   */
  sendAll(): Promise<void>
  /** Forgets the relay without publishing anything, because the request was refused. */
  drop(): void
}

const READ = { from: { seq: 1 }, maxMessages: 1_000, maxBytes: 4_194_304, timeoutMs: 2_000 }

/** Creates an empty set of relays; `hold` adds one for each request that has a reply subject. */
export function createStageRelays(broker: Broker, site: string): StageRelays {
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

class HeldRelay implements StageRelay {
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
