import { matches, splitPattern } from '@meridian/subjects'
import type { Hole } from './holes.ts'

// Where a stream drops messages inside itself every day, by its limit per subject, its holes do not tell what was
// removed by hand. So of each message that was read its subject is remembered: four bytes a message. What was
// read and is not stored any more is lost to a client that resumes, whatever removed it.

/** A message that was read, as it is remembered: without its data. */
export interface ReadMessage {
  readonly seq: number
  readonly subject: string
}

/** Messages in order, by their sequence alone. */
type Sequences = readonly Pick<ReadMessage, 'seq'>[]

/** What was read of one subject and is not stored any more: the first and the last of it. */
export interface MissingSubject extends Hole {
  readonly subject: string
}

/** Which subject each of the last million sequences of a stream had. */
export interface ReadLog {
  /** The first sequence that is known; undefined: none is, and `note` does nothing. */
  readonly from: number | undefined
  /** Where `begin` began: before it stands what was prepended. */
  readonly begun: number
  /** Begins to remember, at this sequence; what was known is forgotten. */
  begin(from: number): void
  /** The next message that was read, in order. */
  note(seq: number, subject: string): void
  /**
   * Adds all that the stream still holds from `from` on up to what is known. `lastSeq`: the last one that the
   * stream had stored behind that read.
   */
  prepend(from: number, stored: readonly ReadMessage[], lastSeq: number): void
  /** What is known under these NATS filters, from one sequence to another, and not among `stored`. */
  missing(range: Hole, filters: readonly string[], stored: Sequences): readonly MissingSubject[]
  /**
   * The sequences of which the stream held nothing when they were prepended, behind the last one that a limit
   * of so many messages of a subject may explain.
   */
  unexplained(maxPerSubject: number): readonly number[]
  /** Knows nothing any more. */
  clear(): void
}

const CHUNK = 1 << 14
const MOST_CHUNKS = 64
/** Of this sequence no message was read. */
const NOTHING = 0

const NO_REACH = { last: 0, least: 0, seq: 0 }

/** Creates a log that knows nothing. */
export const createReadLog = (): ReadLog => new ChunkedLog()

class ChunkedLog implements ReadLog {
  from: number | undefined
  begun = 0
  #last = 0
  /** What the stream had stored when its past was read. */
  #storedThen = 0
  /** Sequences before the begin of which it held nothing then. */
  #pastHoles: number[] = []
  /** What `reachOf` gave last: thousands resume at one moment. */
  #reach = NO_REACH
  readonly #chunks = new Map<number, Uint32Array>()
  readonly #codes = new Map<string, number>()
  /** By code; of the code for nothing there is no subject. */
  #subjects = ['']

  begin(seq: number): void {
    this.clear()
    this.from = seq
    this.begun = seq
    this.#last = seq - 1
    this.#storedThen = 0
  }

  note(seq: number, subject: string): void {
    if (this.from === undefined) return
    this.#put(seq, subject)
    this.#last = seq
    while (seq - this.from > CHUNK * MOST_CHUNKS) {
      const oldest = Math.floor(this.from / CHUNK)
      this.#chunks.delete(oldest)
      this.from = (oldest + 1) * CHUNK
    }
  }

  prepend(first: number, stored: readonly ReadMessage[], lastSeq: number): void {
    if (this.from === undefined || first >= this.from) return
    this.#storedThen = lastSeq
    for (const { seq, subject } of stored) if (seq >= first && seq < this.from) this.#put(seq, subject)
    this.from = first
    this.#pastHoles = []
    for (let seq = first; seq < this.begun; seq++) if (this.#at(seq) === NOTHING) this.#pastHoles.push(seq)
    this.#reach = NO_REACH
  }

  missing(range: Hole, filters: readonly string[], stored: Sequences): readonly MissingSubject[] {
    if (this.from === undefined) return []
    const isWanted = createSelector(filters, this.#subjects)
    const isStored = createWalk(stored)
    const found = new Map<number, { subject: string; from: number; to: number }>()
    const to = Math.min(range.to, this.#last)
    for (let seq = Math.max(range.from, this.from); seq <= to; seq++) {
      const code = this.#at(seq)
      if (code === NOTHING || isStored(seq) || !isWanted(code)) continue
      const known = found.get(code)
      if (known === undefined)
        found.set(code, { subject: this.#subjects[code] as string, from: seq, to: seq })
      else known.to = seq
    }
    return [...found.values()]
  }

  unexplained(maxPerSubject: number): readonly number[] {
    if (this.#pastHoles.length === 0) return []
    // The limit drops messages by what was perhaps not read yet.
    const least = maxPerSubject - Math.max(0, this.#storedThen - this.#last)
    if (this.#reach.last !== this.#last || this.#reach.least !== least)
      this.#reach = { last: this.#last, least, seq: this.#reachOf(least) }
    // What was pushed out is not counted any more: the limit may have made any hole before it.
    const reach = Math.max(this.#reach.seq, (this.from ?? 0) - 1)
    return this.#pastHoles.filter(seq => seq > reach)
  }

  clear(): void {
    this.from = undefined
    this.#pastHoles = []
    this.#reach = NO_REACH
    this.#chunks.clear()
    this.#codes.clear()
    this.#subjects = ['']
  }

  #at(seq: number): number {
    return this.#chunks.get(Math.floor(seq / CHUNK))?.[seq % CHUNK] ?? NOTHING
  }

  #put(seq: number, subject: string): void {
    const key = Math.floor(seq / CHUNK)
    const chunk = this.#chunks.get(key) ?? new Uint32Array(CHUNK)
    chunk[seq % CHUNK] = this.#codeOf(subject)
    this.#chunks.set(key, chunk)
  }

  #codeOf(subject: string): number {
    const known = this.#codes.get(subject)
    if (known !== undefined) return known
    const code = this.#subjects.push(subject) - 1
    this.#codes.set(subject, code)
    return code
  }

  /** The last sequence from which on some subject has so many messages; 0: none has. */
  #reachOf(maxPerSubject: number): number {
    const counts = new Uint32Array(this.#subjects.length)
    for (let seq = this.#last; seq >= (this.from ?? seq + 1); seq--) {
      const code = this.#at(seq)
      if (code === NOTHING) continue
      const count = (counts[code] as number) + 1
      if (count >= maxPerSubject) return seq
      counts[code] = count
    }
    return 0
  }
}

/** Whether a subject is under some of the filters; each is held against them once. */
function createSelector(filters: readonly string[], subjects: readonly string[]): (code: number) => boolean {
  const patterns = filters.map(text => ({ ...splitPattern(text), keyed: false }))
  const answers: boolean[] = []
  return code => {
    const known = answers[code]
    if (known !== undefined) return known
    const subject = subjects[code] as string
    const answer = patterns.length === 0 || patterns.some(pattern => matches(pattern, subject))
    answers[code] = answer
    return answer
  }
}

/** Whether sequences, asked in order, are among these. */
function createWalk(stored: Sequences): (seq: number) => boolean {
  let next = 0
  return seq => {
    while ((stored[next]?.seq ?? seq) < seq) next++
    return stored[next]?.seq === seq
  }
}
