import { AppError } from '@meridian/errors'

/** A topic of one instance of a component at a site. `key` is the encoded token of its key fields, where it has any. */
export interface TopicRef {
  readonly site: string
  readonly csc: string
  readonly index: number
  readonly topic: string
  readonly key?: string | undefined
}

/** One instance of a component at a site. */
export interface InstanceRef {
  readonly site: string
  readonly csc: string
  readonly index: number
}

/** Partitions of the command record: a component's commands always share one [docs/commands.md#dispatch]. */
export const PARTITIONS = 8

const TOKEN = /^[A-Za-z0-9_=-]{1,120}$/

/** Checks one token of a subject; throws WIR_BAD_SUBJECT. Case is kept: names that differ only by case exist [docs/sal.md#camera-rows]. */
export function token(text: string): string {
  if (!TOKEN.test(text))
    throw new AppError('WIR_BAD_SUBJECT', {
      detail: `'${text.slice(0, 40)}' is not letters, digits, '_', '-' or '='`
    })
  return text
}

const keyed = (subject: string, key: string | undefined): string =>
  key === undefined ? subject : `${subject}.${token(key)}`
const instance = (i: InstanceRef): string => `${token(i.site)}.${token(i.csc)}.${i.index}`

/** `tel.<site>.<CSC>.<index>.<topic>[.<key>]`: telemetry, in TEL. */
export const telemetryOf = (t: TopicRef): string => keyed(`tel.${instance(t)}.${token(t.topic)}`, t.key)
/** `evt.<site>.<CSC>.<index>.<topic>[.<key>]`: events, in EVT. */
export const eventOf = (t: TopicRef): string => keyed(`evt.${instance(t)}.${token(t.topic)}`, t.key)
/** `hb.<site>.<CSC>.<index>`: heartbeats, in TEL. */
export const heartbeatOf = (i: InstanceRef): string => `hb.${instance(i)}`
/** `script.<site>.<queue>.<scriptIndex>.<topic>`: events of one Script run, in SCRIPT. */
export const scriptOf = (s: { site: string; queue: number; scriptIndex: number; topic: string }): string =>
  `script.${token(s.site)}.${s.queue}.${s.scriptIndex}.${token(s.topic)}`
/** `cmd.<site>.<CSC>.<index>.<command>`: a client asks; request and reply. */
export const commandOf = (i: InstanceRef, command: string): string => `cmd.${instance(i)}.${token(command)}`
/** `exec.<site>.<CSC>.<index>.<command>`: a component on NATS is told to execute; request and several replies. */
export const execOf = (i: InstanceRef, command: string): string => `exec.${instance(i)}.${token(command)}`
/** `intake.<site>.<partition>.<CSC>.<index>.<id>`: the accepted command, in COMMANDS. */
export const intakeOf = (i: InstanceRef, id: string): string =>
  `intake.${token(i.site)}.${partitionOf(i)}.${token(i.csc)}.${i.index}.${token(id)}`
/** `ack.<site>.<CSC>.<index>.<id>`: every later stage of a command, in COMMANDS. */
export const ackOf = (i: InstanceRef, id: string): string => `ack.${instance(i)}.${token(id)}`
/** `raw.<site>.<CSC>.<index>.tel.<topic>`: telemetry as a component on NATS says it. */
export const rawTelemetryOf = (t: TopicRef): string => `raw.${instance(t)}.tel.${token(t.topic)}`
/** `raw.<site>.<CSC>.<index>.evt.<topic>`: an event as a component on NATS says it. */
export const rawEventOf = (t: TopicRef): string => `raw.${instance(t)}.evt.${token(t.topic)}`
/** `raw.<site>.<CSC>.<index>.hb`: a heartbeat as a component on NATS says it. */
export const rawHeartbeatOf = (i: InstanceRef): string => `raw.${instance(i)}.hb`
/** `gw.<site>.load`: gateways tell each other their load. */
export const gatewayLoadOf = (site: string): string => `gw.${token(site)}.load`
/** `audit.<site>.<kind>`: log-ins, refusals, changes, in AUDIT. */
export const auditOf = (site: string, kind: string): string => `audit.${token(site)}.${token(kind)}`

/** `cmd.<site>.>`: what the commanders of a site serve. */
export const commandsOf = (site: string): string => `cmd.${token(site)}.>`
/** `hb.<site>.>`: all heartbeats of a site. */
export const heartbeatsOf = (site: string): string => `hb.${token(site)}.>`
/** `intake.<site>.<partition>.>`: the accepted commands of one partition. */
export const partitionFilterOf = (site: string, partition: number): string =>
  `intake.${token(site)}.${partition}.>`
/** `intake.<site>.*.*.*.<id>`: an accepted command by its id alone, whatever its component. */
export const intakeByIdOf = (site: string, id: string): string => `intake.${token(site)}.*.*.*.${token(id)}`
/** `ack.<site>.*.*.<id>`: the stages of a command by its id alone. */
export const ackByIdOf = (site: string, id: string): string => `ack.${token(site)}.*.*.${token(id)}`
/** `cmdr.<site>.alive`: commanders tell each other that they live. */
export const commanderAliveOf = (site: string): string => `cmdr.${token(site)}.alive`
/** Prefix of the commanders' inboxes: shared, so that any of them hears the answers to a command of another that was lost. */
export const COMMANDER_INBOX = '_INBOX_cmdr'
/** `_INBOX_cmdr.exec.<site>.<id>`: where a component answers an `exec.`; `*` as id means those of all. */
export const execReplyOf = (site: string, id: string): string =>
  `${COMMANDER_INBOX}.exec.${token(site)}.${id === '*' ? id : token(id)}`

/** The partition of an instance's commands, 0 to 7: FNV-1a over `CSC:index`, so every commander agrees. */
export function partitionOf(i: Pick<InstanceRef, 'csc' | 'index'>): number {
  let hash = 0x811c9dc5
  for (const char of `${i.csc}:${i.index}`) hash = Math.imul(hash ^ char.charCodeAt(0), 0x01000193)
  return (hash >>> 0) % PARTITIONS
}
