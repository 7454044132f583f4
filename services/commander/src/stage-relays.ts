import { type Broker, readStream } from '@meridian/broker'
import { AppError } from '@meridian/errors'
import { type AckRecord, isTerminal, parseAckRecord, readRecord } from '@meridian/protocol/commands'
import { ackByIdOf } from '@meridian/subjects'
import { COMMANDS, MAX_STAGES } from './records.ts'

/**
 * Publishes the later stages of each command on the reply subject of its request, so that `nats req --replies
 * 0` sees them all. An empty message follows the last stage.
 */
export interface StageRelays {
  /**
   * Collects the stages of a command for a reply subject until the request is answered, because the answer
   * must come first. Undefined where as many as allowed are relayed for this command, or through this door:
   * a repeated request must not multiply the messages of a command without end.
   */
  hold(id: string, asker: { readonly reply: string; readonly door: string }): StageRelay | undefined
  /**
   * Called for each stage stored in COMMANDS; passes it to every relay of the command. `seq` is its sequence
   * there.
   */
  onStage(record: AckRecord, seq: number): void
}

/**
 * holding -> sending -> gone. `send` or `sendAll` ends holding; the terminal stage, or a `sendAll` that
 * fails, ends sending; `drop` ends either.
 */
interface StageRelay {
  /** Publishes the held stages, then each new one as it is stored. Call it once the answer was sent. */
  send(): void
  /**
   * As `send`, but reads the earlier stages from COMMANDS first: for a request that repeats an accepted
   * command. Where they cannot all be read, and the command is not open any more, its end will not come: the
   * relay is gone. Rejects with what went wrong.
   */
  sendAll(isOpen: () => boolean): Promise<void>
  /** Forgets the relay without publishing anything, because the request was refused. */
  drop(): void
}

/** Reply subjects of one command at a time. */
const MAX_PER_COMMAND = 8
/** Reply subjects of all commands that came through one door. */
const MAX_PER_DOOR = 1_000

/** More than a stage is, its `result` included. */
const MAX_RECORD_BYTES = 65_536
/** As much as the record of one command can be: MAX_STAGES in progress, its dispatch and its end. */
const READ = { from: { seq: 1 }, maxMessages: MAX_STAGES + 2, maxBytes: 4_194_304, timeoutMs: 2_000 }

/** Creates an empty set of relays; `hold` adds one for each request that has a reply subject. */
export function createStageRelays(broker: Broker, site: string): StageRelays {
  const relays = new Map<string, Set<HeldRelay>>()
  const perDoor = new Map<string, number>()

  function count(door: string, by: number): void {
    const left = (perDoor.get(door) ?? 0) + by
    if (left > 0) perDoor.set(door, left)
    else perDoor.delete(door)
  }

  function forget(relay: HeldRelay): void {
    const others = relays.get(relay.id)
    if (others?.delete(relay) !== true) return
    count(relay.door, -1)
    if (others.size === 0) relays.delete(relay.id)
  }

  return {
    hold(id, { reply, door }) {
      const others = relays.get(id) ?? new Set()
      if (others.size >= MAX_PER_COMMAND || (perDoor.get(door) ?? 0) >= MAX_PER_DOOR) return undefined
      const relay = new HeldRelay({ broker, site, id, reply, door, forget })
      relays.set(id, others.add(relay))
      count(door, 1)
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
  readonly door: string
  readonly forget: (relay: HeldRelay) => void
}

class HeldRelay implements StageRelay {
  readonly id: string
  readonly door: string
  readonly #options: RelayOptions
  #held: { readonly record: AckRecord; readonly seq: number }[] | undefined = []

  constructor(options: RelayOptions) {
    this.id = options.id
    this.door = options.door
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

  async sendAll(isOpen: () => boolean): Promise<void> {
    const { broker, site, id } = this.#options
    let lastSeq = 0
    let leftBytes = READ.maxBytes
    let left: number = READ.maxMessages
    try {
      for await (const message of readStream(broker, {
        stream: COMMANDS,
        subjects: [ackByIdOf(site, id)],
        ...READ
      })) {
        const record = readRecord(parseAckRecord, message)
        if (record !== undefined) this.#publish(record)
        lastSeq = message.seq
        leftBytes -= message.data.length
        left--
      }
      if (left === 0 || leftBytes < MAX_RECORD_BYTES)
        throw new AppError('GEN_INTERNAL', { detail: 'too much to read' })
    } catch (err) {
      this.send(lastSeq)
      if (!isOpen()) this.drop()
      throw err
    }
    this.send(lastSeq)
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
