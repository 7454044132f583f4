import type { StreamOutcome } from '@meridian/protocol/live'
import { announce } from './flusher.ts'
import type { HubCounts } from './hub-counts.ts'
import type { Message, TopicName } from './message.ts'
import type { RememberedWants } from './remembered-wants.ts'
import type { Plan, Plans } from './resume-plan.ts'
import { type AnswerData, noData, type Sender } from './sender.ts'
import { liveRecord, subscribedRecord, type TakenSubscription, type WantedSubscription } from './snapshot.ts'
import type { Stream } from './stream.ts'
import { wantsEvery } from './subscribed-pattern.ts'
import type { View } from './view.ts'

/** What an answer to a resume is made from. */
export interface ResumeParts {
  readonly streams: ReadonlyMap<string, Stream>
  readonly counts: HubCounts
  /** What was wanted of each topic when the replay was encoded. */
  readonly wants: RememberedWants
  readonly taken: (wanted: WantedSubscription, view: View | undefined) => TakenSubscription
}

/** Data of an answer, the last number of each topic in it, and the topics that have ended meanwhile. */
interface Replay {
  readonly data: AnswerData
  readonly lasts: Map<TopicName, number>
  readonly ended: Set<TopicName>
}

/**
 * Sends the whole answer to a resume: what was reset, what became of each stream, the subscriptions and their
 * topics, then what came after the cursor in each stream's order, the last values of what is not replayed,
 * and the cursor from which `view` goes on.
 */
export function sendResumed(
  sender: Sender,
  wanted: readonly WantedSubscription[],
  plans: Plans,
  view: View | undefined,
  parts: ResumeParts
): void {
  const { data, ended } = replay(sender, plans, view, parts)
  const records: Uint8Array[] = []
  for (const [{ name }, plan] of plans)
    if (plan.kind === 'snapshot' && plan.reset) records.push(sender.encode({ op: 'reset', stream: name }))
  records.push(sender.encode({ op: 'resumed', streams: countOutcomes(plans, parts.counts) }))
  for (const one of wanted) records.push(sender.encode(subscribedRecord(parts.taken(one, view))))
  announce(sender.codec, [...(view?.interests.keys() ?? []), ...ended], records)
  const tail = wanted.map(({ id }) => sender.encode(liveRecord(id, view)))
  sender.sendAnswer(records, data, tail)
}

function replay(sender: Sender, plans: Plans, view: View | undefined, parts: ResumeParts): Replay {
  const made: Replay = { data: noData(), lasts: new Map(), ended: new Set() }
  if (view === undefined) return made
  for (const [stream, plan] of plans)
    if (plan.kind === 'replay')
      for (const message of messagesAfter(stream, plan))
        addReplayed(made, message, view, { sender, wants: parts.wants })
  addLastValues(made, plans, view, sender, parts)
  return made
}

/** What came after the cursor, in the stream's order. */
function* messagesAfter(
  stream: Stream,
  { after, messages, upTo }: Extract<Plan, { kind: 'replay' }>
): Iterable<Message> {
  for (const message of messages) if (message.seq > after && message.seq <= upTo) yield message
  yield* stream.ring.after(upTo)
}

function addReplayed(
  { data, lasts, ended }: Replay,
  message: Message,
  view: View,
  { sender, wants: remembered }: { readonly sender: Sender; readonly wants: RememberedWants }
): void {
  if (message.seq <= message.topic.forgottenUpTo) return
  const interest = view.interests.get(message.topic)
  const wants = interest ?? remembered.of(message.topic)
  if (wants === undefined || !wantsEvery(wants)) return
  if (interest === undefined) ended.add(message.topic)
  lasts.set(message.topic, message.seq)
  sender.add(data, message, wants.projection)
}

function addLastValues(
  { data, lasts }: Replay,
  plans: Plans,
  view: View,
  sender: Sender,
  { streams }: ResumeParts
): void {
  for (const interest of view.interests.values()) {
    const { topic, projection } = interest
    const stream = streams.get(topic.stream)
    const plan = wantsEvery(interest) && stream !== undefined ? plans.get(stream) : undefined
    const had = plan?.kind === 'replay' ? (lasts.get(topic) ?? plan.after) : 0
    if (topic.last !== undefined && topic.last.seq > had) sender.add(data, topic.last, projection)
  }
}

function countOutcomes(plans: Plans, counts: HubCounts): Record<string, StreamOutcome> {
  const outcomes: Record<string, StreamOutcome> = {}
  for (const [{ name }, plan] of plans) {
    const outcome = outcomeOf(plan)
    counts.resumes[typeof outcome === 'string' ? outcome : 'gap']++
    outcomes[name] = outcome
  }
  return outcomes
}

function outcomeOf(plan: Plan): StreamOutcome {
  if (plan.kind === 'snapshot') return 'snapshot'
  if (plan.gap === undefined) return 'resumed'
  const { from, to, subjects } = plan.gap
  return { gap: subjects === undefined ? { from, to } : { from, to, subjects } }
}
