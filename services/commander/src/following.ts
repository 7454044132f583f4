import type { Broker, BrokerMessage, BrokerSubscription } from '@meridian/broker'
import { isTerminal, parseExecReply } from '@meridian/protocol/commands'
import type { Metrics } from '@meridian/service'
import { execRepliesOf, readSubject } from '@meridian/subjects'
import type { Logger } from 'pino'
import {
  type Conversation,
  type ConversationContext,
  type ConversationOptions,
  createConversation
} from './conversation.ts'
import { type Stage, stageOf } from './records.ts'

/** The commands that this commander follows, and the one subscription on which their components answer. */
export interface Following {
  /** Begins to listen; before the first dispatch. */
  start(): void
  /** Follows one command from now on; an end that was heard before, while its commander was lost, counts. */
  open(options: ConversationOptions): void
  has(id: string): boolean
  size(): number
  /** Waits until all have ended, at most `limitMs`; releases the rest and returns them. */
  drain(limitMs: number): Promise<readonly Conversation[]>
  stop(): void
}

/** What following needs besides what each conversation does. */
export interface FollowingOptions {
  readonly broker: Broker
  readonly site: string
  readonly log: Logger
  readonly context: ConversationContext
  readonly metrics: Metrics
}

/** Ends of other commanders' commands that are remembered, should their commander be lost. */
const HEARD = 5_000

/** Makes an empty list. */
export function createFollowing(options: FollowingOptions): Following {
  const { broker, site, log, metrics, context } = options
  const conversations = new Map<string, Conversation>()
  const heard = new Map<string, Stage>()
  let subscription: BrokerSubscription | undefined

  function onReply(message: BrokerMessage): void {
    const to = readSubject(message.subject)
    if (to?.class !== '_INBOX_cmdr') return
    const { id } = to
    const conversation = conversations.get(id)
    if (message.noResponders) {
      conversation?.offline()
      return
    }
    const stage = readStage(id, message.data)
    if (stage === undefined) return
    if (conversation === undefined) remember(id, stage)
    else if (!conversation.reply(stage)) metrics.counter('meridian_commander_late_replies_total').inc()
  }

  function readStage(id: string, data: Uint8Array): Stage | undefined {
    try {
      return stageOf(parseExecReply(data))
    } catch (err) {
      metrics.counter('meridian_commander_bad_replies_total').inc()
      log.warn({ err, id, bytes: data.length }, 'answer of a component is no acknowledgement')
      return undefined
    }
  }

  function remember(id: string, stage: Stage): void {
    if (!isTerminal(stage.state)) return
    const [oldest] = heard.keys()
    if (heard.size >= HEARD && oldest !== undefined) heard.delete(oldest)
    heard.set(id, stage)
  }

  return {
    start() {
      subscription = broker.subscribe(execRepliesOf(site), onReply)
    },
    open(conversationOptions) {
      const { id } = conversationOptions.command
      const conversation = createConversation(context, conversationOptions)
      conversations.set(id, conversation)
      void conversation.ended.then(() => conversations.delete(id))
      const end = heard.get(id)
      if (end !== undefined) conversation.reply(end)
      heard.delete(id)
    },
    has: id => conversations.has(id),
    size: () => conversations.size,
    async drain(limitMs) {
      const open = [...conversations.values()]
      let timer: NodeJS.Timeout | undefined
      const limit = new Promise(resolve => {
        timer = setTimeout(resolve, limitMs)
      })
      await Promise.race([Promise.all(open.map(one => one.ended)), limit])
      clearTimeout(timer)
      const left = [...conversations.values()]
      for (const conversation of left) conversation.release()
      return left
    },
    stop: () => subscription?.unsubscribe()
  }
}
