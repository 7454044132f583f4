import { openRights } from '@meridian/auth'
import { type Broker, consumePartition, createFollower, type Partition, serveMicro } from '@meridian/broker'
import type { AppError } from '@meridian/errors'
import { type AckRecord, isTerminal } from '@meridian/protocol/commands'
import { type Metrics, VERSION } from '@meridian/service'
import { commandsOf, PARTITIONS, partitionFilterOf } from '@meridian/subjects'
import { systemClock } from '@meridian/time'
import type { Logger } from 'pino'
import { newId } from './accept.ts'
import { adoptOrphans } from './adopt.ts'
import type { CommanderConfig } from './config.ts'
import type { ConversationContext } from './conversation.ts'
import { type DispatchContext, dispatchCommand } from './dispatch.ts'
import { createFollowing, type Following } from './following.ts'
import { hearHeartbeats } from './hear-heartbeats.ts'
import { createHeartbeats } from './heartbeats.ts'
import { loadCommandable } from './load-observatory.ts'
import { createOpenCommands } from './open-commands.ts'
import { createPeers } from './peers.ts'
import { COMMANDS } from './records.ts'
import { createRelays } from './relays.ts'
import { createServer, QUEUE } from './serve.ts'

/** The parts of a commander at work. */
export interface CommandDesk {
  /** Drains; leaves what is still open at the end of its time to the other commanders. */
  close(): Promise<void>
}

/** What the desk is made of. */
export interface DeskOptions {
  readonly config: CommanderConfig
  readonly log: Logger
  readonly metrics: Metrics
  readonly broker: Broker
  /** Name of this commander in records and logs. */
  readonly name: string
}

/** How far back open commands are looked for. */
const LOOK_BACK_MS = 86_400_000
const ADOPT_EVERY_MS = 1_000
/**
 * A partition stands still for so long when the commander that holds its message dies; commands behind it must not expire meanwhile. A dispatch
 * takes milliseconds, and one that takes longer is not repeated: the record forbids it.
 */
const PARTITION_WAIT_MS = 2_000
/** Part of DRAIN_MS that is given to commands on their way; the rest is for closing. */
const FOLLOWING_SHARE = 0.8

/** Opens all parts, in this order: what is heard, what is known, what is adopted, what is dispatched, what is asked. */
export async function openDesk(options: DeskOptions): Promise<CommandDesk> {
  const parts = assemble(options)
  const { broker, log, site, peers, following, follower, server, metrics } = parts
  log.warn('open mode: whoever reaches the broker or a door may command')
  const hearing = await hearHeartbeats(parts)
  following.start()
  peers.start()
  await follower.start()
  await follower.whenReady()
  const adopting = setInterval(
    () => metrics.counter('meridian_commander_adopted_total').inc(adoptOrphans(parts)),
    ADOPT_EVERY_MS
  )
  const partitions = openPartitions(parts)
  server.start()
  const micro = serveMicro(broker, {
    name: 'commander',
    version: VERSION,
    description: `accepts and dispatches the commands of ${site}`,
    endpoints: [{ name: 'command', subject: commandsOf(site), queueGroup: QUEUE }],
    metadata: { commander: options.name, site },
    stats: server.stats
  })

  async function close(): Promise<void> {
    const untilMs = performance.now() + options.config.DRAIN_MS * FOLLOWING_SHARE
    const limit = setTimeout(() => parts.abort.abort(), untilMs - performance.now())
    await server.drain()
    await Promise.all(partitions.map(partition => partition.stop()))
    clearInterval(adopting)
    await finishOrLeave(following, untilMs - performance.now(), log)
    clearTimeout(limit)
    peers.leave()
    parts.abort.abort()
    following.stop()
    hearing.unsubscribe()
    await follower.stop()
    await micro.stop()
  }
  let closed: Promise<void> | undefined
  return {
    close: () => {
      closed ??= close()
      return closed
    }
  }
}

/** Makes the parts and joins them; opens nothing. */
function assemble({ config, log, metrics, broker, name }: DeskOptions) {
  const site = config.SITE
  const boot = newId()
  const clock = systemClock
  const replyMs = config.REPLY_MS
  const abort = new AbortController()
  const heartbeats = createHeartbeats(clock)
  const relays = createRelays(broker, site)
  const open = createOpenCommands(relays.onStage, (subject, err) => noteBad({ log, metrics }, subject, err))
  const onStage = (record: AckRecord): void => noteStage({ log, metrics }, record)
  const conversation: ConversationContext = { clock, log, commander: name, boot, replyMs, onStage }
  const following = createFollowing({ broker, site, log, metrics, context: conversation })
  const follower = createFollower(broker, {
    name: `commander_${boot}`,
    stream: COMMANDS,
    start: { kind: 'since', ms: LOOK_BACK_MS },
    onMessage: open.observe,
    onReset: open.reset,
    log
  })
  const facts = { ...loadCommandable(config, log), heartbeats, rights: openRights }
  const accept = { broker, site, name, clock }
  const maxOpen = config.MAX_OPEN
  const server = createServer({ broker, site, log, metrics, facts, accept, open, relays, maxOpen })
  const peers = createPeers({ broker, site, name, boot, clock })
  metrics.read('meridian_commander_open', open.size)
  metrics.read('meridian_commander_following', following.size)
  const shared = { broker, site, log, metrics, signal: abort.signal, abort, replyMs }
  return { ...shared, heartbeats, open, conversation, following, follower, server, peers }
}

function openPartitions(context: DispatchContext): readonly Partition[] {
  const { broker, site, log } = context
  return Array.from({ length: PARTITIONS }, (_, partition) =>
    consumePartition(broker, {
      stream: COMMANDS,
      // Durables keep this name: under a new one a running site's partitions would be handed the whole record again.
      durable: `commander-${site}-lane-${partition}`,
      filter: partitionFilterOf(site, partition),
      ackWaitMs: PARTITION_WAIT_MS,
      onMessage: message => dispatchCommand(context, message),
      log
    })
  )
}

function noteStage({ log, metrics }: Pick<DeskOptions, 'log' | 'metrics'>, record: AckRecord): void {
  metrics.counter('meridian_commander_stages_total').inc({ state: record.state })
  const { id, csc, index, command, state, ack, result } = record
  const facts = { id, csc, index, command, state, ack, result }
  if (isTerminal(state)) log.info(facts, 'command ended')
  else log.debug(facts, 'command stage')
}

/** A record that nobody of us wrote is left where it is; its text may be anything, so the log gets only where it stands. */
function noteBad(
  { log, metrics }: Pick<DeskOptions, 'log' | 'metrics'>,
  subject: string,
  err: AppError
): void {
  metrics.counter('meridian_commander_bad_records_total').inc()
  log.debug({ code: err.code, subject: subject.slice(0, 120) }, 'message in the record is no record')
}

async function finishOrLeave(following: Following, limitMs: number, log: Logger): Promise<void> {
  const count = following.size()
  if (count > 0) log.info({ count }, 'following open commands to their end')
  for (const { command } of await following.drain(limitMs))
    log.warn({ ...command }, 'command left open, for another commander to adopt')
}
