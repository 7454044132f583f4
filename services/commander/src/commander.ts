import { type AuditPart, auditPart } from '@meridian/auth/audit'
import { createFollower, createRarely, type Follower } from '@meridian/broker'
import type { AckRecord } from '@meridian/protocol/commands'
import {
  type Metrics,
  partGroup,
  processBeat,
  type ServiceContext,
  type ServicePart,
  type ServiceParts
} from '@meridian/service'
import { commandsOf } from '@meridian/subjects'
import { systemClock } from '@meridian/time'
import type { Logger } from 'pino'
import { newId } from './accept.ts'
import { type AdoptContext, adoptOrphans } from './adopt.ts'
import { createCommandTraces } from './command-traces.ts'
import { type CommanderRegistry, createCommanderRegistry } from './commander-registry.ts'
import type { CommanderConfig } from './config.ts'
import { createExecutions, type Executions } from './executions.ts'
import { createHeartbeatMonitor } from './heartbeat-monitor.ts'
import { type Commandable, loadCommandable } from './load-observatory.ts'
import { createOpenCommands } from './open-commands.ts'
import { consumePartitions } from './partitions.ts'
import { recordLiveness } from './record-liveness.ts'
import { createRecordLog, LOG_EVERY_MS } from './record-log.ts'
import { COMMANDS } from './records.ts'
import { createServer, QUEUE, type Server } from './serve.ts'
import { sinks } from './sinks/sinks.ts'
import { createStageRelays } from './stage-relays.ts'
import { createStandstill, type Standstill } from './standstill.ts'
import { watchHeartbeats } from './watch-heartbeats.ts'

/** Age of the oldest record that is read to find open commands, ms. */
const LOOK_BACK_MS = 86_400_000
const ADOPT_EVERY_MS = 1_000
/** Share of DRAIN_MS reserved for closing connections after the dispatched commands have ended. */
const CLOSING_SHARE = 0.2

/** The parts of a commander. Throws CAT_… where catalogue or site list cannot be read. */
export function commanderParts(config: CommanderConfig, log: Logger): ServiceParts {
  const commandable = loadCommandable(config, log)
  const audit = auditPart(config.SITE)
  return [
    ...commandable.accessParts,
    audit,
    partGroup('the record of commands', context => workParts(config, { ...commandable, audit }, context)),
    processBeat('Commander', config)
  ]
}

/**
 * The parts in the order of their start: heartbeats and component answers, the other commanders, the open
 * commands, their adoption, dispatch, requests. Stopping runs in the reverse order: requests and partitions
 * first; then the dispatched commands are followed to their end, for at most 80 % of DRAIN_MS; the rest is
 * left to other commanders.
 */
function workParts(
  config: CommanderConfig,
  commandable: Commandable & { readonly audit: AuditPart },
  context: ServiceContext
): ServiceParts {
  const { broker, log, metrics, name, stopping, tracer } = context
  const { SITE: site, REPLY_MS: replyMs, MAX_OPEN: maxOpen } = config
  const clock = systemClock
  const boot = newId()
  const giveUp = new AbortController()
  const { signal } = giveUp
  const { onBadRecord, onBadIntake, onWriteFailed, ...recordLog } = createRecordLog(log, metrics)
  const traces = createCommandTraces(tracer)
  const onStage = (record: AckRecord): void => {
    recordLog.onStage(record)
    traces.onStage(record)
  }
  const heartbeats = createHeartbeatMonitor(clock)
  const relays = createStageRelays(broker, site)
  const open = createOpenCommands(relays.onStage, onBadRecord)
  const executionContext = { clock, log, commander: name, boot, replyMs, onStage, onWriteFailed }
  const sink = sinks[config.SINK]({ site, catalogue: commandable.catalogue, config })
  const executions = createExecutions({ sink, log, metrics, context: executionContext, ...traces })
  const commanders = createCommanderRegistry({ broker, site, name, boot, clock })
  const record = createFollower(broker, {
    name: `commander_${boot}`,
    stream: COMMANDS,
    start: { kind: 'since', ms: LOOK_BACK_MS },
    onMessage: open.observe,
    onReset: open.reset,
    log
  })
  const facts = { ...commandable, rights: commandable.access.rights, heartbeats }
  const accept = { broker, site, name, clock, rights: commandable.access.rights }
  const rarely = createRarely({ everyMs: LOG_EVERY_MS })
  const standstill = createStandstill({
    broker,
    onStandstill: ms => log.warn({ ms: Math.round(ms) }, 'stood still; what waited meanwhile is refused')
  })
  const shared = {
    ...{ broker, site, log, metrics },
    facts,
    access: commandable.access,
    audit: commandable.audit,
    accept,
    open,
    relays,
    standstill,
    maxOpen,
    rarely,
    tracer
  }
  const server = createServer(shared)
  metrics.read('meridian_commander_open', open.size)
  metrics.read('meridian_commander_following', executions.size)
  return [
    watchHeartbeats({ broker, site, heartbeats, clock, log }),
    recordLiveness({ broker, site, name, clock, log, heartbeats }),
    { name: 'the traces of commands', start: () => {}, stop: traces.stop },
    answersPart(executions),
    registryPart(commanders),
    openCommandsPart(record),
    executionsPart(executions, { log, stopping, drainMs: config.DRAIN_MS, giveUp }),
    adoptionPart(
      { broker, site, log, open, commanders, executions, traces, clock, replyMs, onWriteFailed, signal },
      metrics
    ),
    consumePartitions({ broker, site, log, executions, traces, executionContext, onBadIntake, signal }),
    standstillPart(standstill),
    requestsPart(server, site)
  ]
}

/** The sink: commands go out by it, and acknowledgements come in. */
const answersPart = ({ start, stop, readiness }: Executions): ServicePart => ({
  name: 'the answers of components',
  ...{ start, stop, readiness }
})

/** Publishes this commander's heartbeat, and at the stop that it leaves. */
const registryPart = (commanders: CommanderRegistry): ServicePart => ({
  name: 'the other commanders',
  start: commanders.start,
  stop: commanders.leave
})

/**
 * Reads COMMANDS back to LOOK_BACK_MS before it is ready, so that every open command is known; then follows
 * it.
 */
const openCommandsPart = (record: Follower): ServicePart => ({
  name: 'the open commands of the last day',
  async start() {
    await record.start()
    await record.whenReady()
  },
  stop: () => record.stop()
})

interface ExecutionsPartOptions {
  readonly log: Logger
  readonly stopping: AbortSignal
  readonly drainMs: number
  /** Aborted when only the closing share of DRAIN_MS is left: ends every wait for the broker. */
  readonly giveUp: AbortController
}

/**
 * At the stop, waits for the dispatched commands to end; those still open near the end of DRAIN_MS are left
 * to other commanders.
 */
function executionsPart(executions: Executions, options: ExecutionsPartOptions): ServicePart {
  const { log, stopping, drainMs, giveUp } = options
  const closingMs = drainMs * CLOSING_SHARE
  let limit: NodeJS.Timeout | undefined
  return {
    name: 'the dispatched commands',
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

/** Takes over the open commands of silent commanders, once a second. */
function adoptionPart(context: AdoptContext, metrics: Metrics): ServicePart {
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

/** Notices that the process stood still, before the requests that waited are read. */
const standstillPart = ({ start, stop }: Standstill): ServicePart => ({
  name: 'the watch over standstills',
  start,
  stop
})

/** Answers requests on `cmd.<site>.>`; the endpoint that `$SRV` lists. */
const requestsPart = (server: Server, site: string): ServicePart => ({
  name: 'the requests',
  start: server.start,
  stop: server.drain,
  endpoints: () => [{ name: 'command', subject: commandsOf(site), queueGroup: QUEUE, stats: server.stats }]
})
