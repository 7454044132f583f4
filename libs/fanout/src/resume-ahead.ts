import type { Message } from './message.ts'
import type { RememberedWants } from './remembered-wants.ts'
import type { Plans } from './resume-plan.ts'
import type { Sender } from './sender.ts'
import type { Stream } from './stream.ts'
import { wantsEvery } from './subscribed-pattern.ts'
import type { Work } from './work-turns.ts'

/** Messages that are encoded in one piece: JSON takes some ten microseconds for each. */
const ENCODED_AT_ONCE = 100

/** Messages that are looked at, and patterns that are held against topics, in one piece: about a millisecond. */
const LOOKED_AT_ONCE = 5_000

/** So few messages, with so few patterns, are encoded in the answer itself: thousands of clients may come back at once with little missed. */
const FEW_MESSAGES = 200
const FEW_PATTERNS = 64

/** What came in during one pass is encoded in the next, which is shorter; after so many the answer takes the rest. */
const MOST_PASSES = 5

/** One stream's replay, and up to where it is encoded. */
interface Walk {
  readonly stream: Stream
  at: number
}

/** Keeps what plans replay from leaving the rings, within their bounds, until the function that it gives is called. */
export function holdReplays(plans: Plans): () => void {
  const held = [...plans].filter(([, { kind }]) => kind === 'replay').map(([{ ring }]) => ring.hold())
  return () => {
    for (const release of held) release()
  }
}

/**
 * Encodes what plans replay, in pieces: sending it is quick after that. It follows the streams to their heads,
 * so that little is left to encode in the answer, and ends when nobody waits for it any more. What cannot be
 * encoded is counted in the answer. What is wanted of each topic is remembered for the answer too.
 */
export function* encodeReplays(plans: Plans, wants: RememberedWants, sender: Sender): Work<void> {
  if (wants.patterns <= FEW_PATTERNS && isShort(plans)) return
  const encode = createEncode(wants, sender)
  const walks: Walk[] = []
  for (const [stream, plan] of plans) {
    if (plan.kind !== 'replay') continue
    yield* encodeAll(plan.messages, encode, sender)
    walks.push({ stream, at: plan.upTo })
  }
  for (let pass = 0; pass < MOST_PASSES && sender.open; pass++)
    for (const walk of walks) yield* encodeRing(walk, encode, sender)
}

/** Whether no more than a few messages come after the cursor, wanted or not. */
function isShort(plans: Plans): boolean {
  let messages = 0
  for (const [{ seq }, plan] of plans)
    if (plan.kind === 'replay') messages += plan.messages.length + Math.max(0, seq - plan.upTo)
  return messages <= FEW_MESSAGES
}

/** Encodes a message that is wanted; whether that ends a piece. */
type Encode = (message: Message) => boolean

/** The ring from where the walk is up to the head of this moment. */
function* encodeRing(walk: Walk, encode: Encode, sender: Sender): Work<void> {
  const { ring, seq: head } = walk.stream
  while (walk.at < head && sender.open) {
    const messages = ring.after(walk.at, ENCODED_AT_ONCE)
    const last = messages.at(-1)
    if (last === undefined) return
    walk.at = last.seq
    yield* encodeAll(messages, encode, sender)
  }
}

function* encodeAll(messages: readonly Message[], encode: Encode, sender: Sender): Work<void> {
  for (const message of messages) {
    if (!sender.open) return
    if (encode(message)) yield
  }
}

function createEncode(wanted: RememberedWants, sender: Sender): Encode {
  let encoded = 0
  let messages = 0
  let lookedBefore = wanted.looked
  return message => {
    const wants = wanted.of(message.topic)
    messages++
    if (wants !== undefined && wantsEvery(wants)) {
      sender.encodeAhead(message, wants.projection)
      encoded++
    }
    const looked = messages + wanted.looked - lookedBefore
    if (encoded < ENCODED_AT_ONCE && looked < LOOKED_AT_ONCE) return false
    encoded = 0
    messages = 0
    lookedBefore = wanted.looked
    return true
  }
}
