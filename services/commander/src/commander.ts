import { openRights } from '@meridian/auth'
import { type BrokerSubscription, createFollower, type Follower } from '@meridian/broker'
import {
  type Metrics,
  partGroup,
  type ServiceContext,
  type ServicePart,
  type ServiceParts
} from '@meridian/service'
import { commandsOf } from '@meridian/subjects'
import { systemClock } from '@meridian/time'
import type { Logger } from 'pino'
import { newId } from './accept.ts'
import { type AdoptContext, adoptOrphans } from './adopt.ts'
import type { CommanderConfig } from './config.ts'
import { createExecutions, type Executions } from './executions.ts'
import { createHeartbeatMonitor } from './heartbeat-monitor.ts'
import { loadCommandable } from './load-observatory.ts'
import { createOpenCommands } from './open-commands.ts'
import { consumePartitions } from './partitions.ts'
import { createPeers, type Peers } from './peers.ts'
import { createRecordLog } from './record-log.ts'
import { COMMANDS } from './records.ts'
import { createRelays } from './relays.ts'
import { createServer, QUEUE, type Server } from './serve.ts'
import { type WatchHeartbeatsOptions, watchHeartbeats } from './watch-heartbeats.ts'

/** How far back open commands are looked for. */
const LOOK_BACK_MS = 86_400_000
const ADOPT_EVERY_MS = 1_000
/** Part of DRAIN_MS that is kept for closing once the commands on their way have ended. */
const CLOSING_SHARE = 0.2

/** The parts of a commander. Throws CAT_… where catalogue or site list cannot be read. */
export function commanderParts(config: CommanderConfig, log: Logger): ServiceParts {
  const commandable = loadCommandable(config, log)
  log.warn('open mode: whoever reaches the broker or a door may command')
  return [partGroup('the record of commands', context => workParts(config, commandable, context))]
}

/**
 * What is heard, what is known, what is followed, what is adopted, what is dispatched, what is asked. In the reverse order: no request is taken any
 * more, no partition consumed; what was dispatched is followed to its end or for most of DRAIN_MS, and what is left is for the other commanders.
 */
function workParts(
  config: CommanderConfig,
  commandable: ReturnType<typeof loadCommandable>,
  context: ServiceContext
): ServiceParts {
  const { broker, log, metrics, name, stopping } = context
  const { SITE: site, REPLY_MS: replyMs, MAX_OPEN: maxOpen } = config
  const clock = systemClock
  const boot = newId()
  const giveUp = new AbortController()
  const { signal } = giveUp
  const { onStage, onBadRecord } = createRecordLog(log, metrics)
  const heartbeats = createHeartbeatMonitor(clock)
  const relays = createRelays(broker, site)
  const open = createOpenCommands(relays.onStage, onBadRecord)
  const executionContext = { clock, log, commander: name, boot, replyMs, onStage }
  const executions = createExecutions({ broker, site, log, metrics, context: executionContext })
  const peers = createPeers({ broker, site, name, boot, clock })
  const record = createFollower(broker, {
    name: `commander_${boot}`,
    stream: COMMANDS,
    start: { kind: 'since', ms: LOOK_BACK_MS },
    onMessage: open.observe,
    onReset: open.reset,
    log
  })
  const facts = { ...commandable, heartbeats, rights: openRights }
  const accept = { broker, site, name, clock }
  const server = createServer({ broker, site, log, metrics, facts, accept, open, relays, maxOpen })
  metrics.read('meridian_commander_open', open.size)
  metrics.read('meridian_commander_following', executions.size)
  return [
    hearing({ broker, site, heartbeats, log }),
    { name: 'the answers of components', start: executions.start, stop: executions.stop },
    presence(peers),
    knowing(record),
    finishing(executions, { log, stopping, drainMs: config.DRAIN_MS, giveUp }),
    adopting({ broker, site, log, open, peers, executions, replyMs, signal }, metrics),
    consumePartitions({ broker, site, log, executions, executionContext, signal }),
    serving(server, site)
  ]
}

/** Which components are alive. */
function hearing(options: WatchHeartbeatsOptions): ServicePart {
  let subscription: BrokerSubscription | undefined
  return {
    name: 'the heartbeats of components',
    async start() {
      subscription = await watchHeartbeats(options)
    },
    stop: () => subscription?.unsubscribe()
  }
}

/** Tells the other commanders that this one lives, and that it leaves. */
const presence = (peers: Peers): ServicePart => ({
  name: 'the other commanders',
  start: peers.start,
  stop: peers.leave
})

/** Which commands are open, from the stream. */
const knowing = (record: Follower): ServicePart => ({
  name: 'the open commands of the last day',
  async start() {
    await record.start()
    await record.whenReady()
  },
  stop: () => record.stop()
})

interface FinishingOptions {
  readonly log: Logger
  readonly stopping: AbortSignal
  readonly drainMs: number
  /** Ends every wait for the broker when the time is nearly over. */
  readonly giveUp: AbortController
}

/** Follows what was dispatched to its end, or leaves it to the others when the time is nearly over. */
function finishing(executions: Executions, options: FinishingOptions): ServicePart {
  const { log, stopping, drainMs, giveUp } = options
  const closingMs = drainMs * CLOSING_SHARE
  let limit: NodeJS.Timeout | undefined
  return {
    name: 'the commands on their way',
    start() {
      const onStopping = (): void => {
        limit = setTimeout(() => giveUp.abort(), drainMs - closingMs)
      }
      stopping.addEventListener('abort', onStopping, { once: true })
    },
    async stop(untilMs) {
      const count = executions.size()
      if (count > 0) log.info({ count }, 'following open commands to their end')
      for (const { command } of await executions.drain(untilMs - closingMs - performance.now()))
        log.warn({ ...command }, 'command left open, for another commander to adopt')
      clearTimeout(limit)
      giveUp.abort()
    }
  }
}

/** Takes over the commands of commanders that fell silent. */
function adopting(context: AdoptContext, metrics: Metrics): ServicePart {
  let timer: NodeJS.Timeout | undefined
  return {
    name: 'the commands of lost commanders',
    start() {
      const adopted = metrics.counter('meridian_commander_adopted_total')
      timer = setInterval(() => adopted.inc(adoptOrphans(context)), ADOPT_EVERY_MS)
    },
    stop: () => clearInterval(timer)
  }
}

/** Answers requests on `cmd.`. */
const serving = (server: Server, site: string): ServicePart => ({
  name: 'the requests',
  start: server.start,
  stop: server.drain,
  endpoints: () => [{ name: 'command', subject: commandsOf(site), queueGroup: QUEUE, stats: server.stats }]
})
