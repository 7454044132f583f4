import { joinTokens } from './join-subject.ts'
import { everythingBelow, patternOf, subjectOf } from './subject-of.ts'
import type { SubjectValues } from './subject-table.ts'

/** One instance of a component at a site; `index` is 0 for a component that is not indexed. */
export type InstanceRef = SubjectValues<'hb'>

/**
 * A topic of one instance of a component at a site. `key` is the encoded token of its key fields, where it
 * has any.
 */
export type TopicRef = SubjectValues<'tel'>

/** Partitions of the command record: the commands of one component always share one. */
export const PARTITIONS = 8

/** The partition of an instance's commands, 0 to 7: FNV-1a over `CSC:index`, so every commander agrees. */
export function partitionOf(i: Pick<InstanceRef, 'csc' | 'index'>): number {
  let hash = 0x811c9dc5
  for (const char of `${i.csc}:${i.index}`) hash = Math.imul(hash ^ char.charCodeAt(0), 0x01000193)
  return (hash >>> 0) % PARTITIONS
}

// Every builder throws WIR_BAD_SUBJECT for a value that cannot be a token.

/** `tel.<site>.<CSC>.<index>.<topic>[.<key>]`: a sample of telemetry. */
export const telemetryOf = (t: TopicRef): string => subjectOf('tel', t)
/** `evt.<site>.<CSC>.<index>.<topic>[.<key>]`: an event. */
export const eventOf = (t: TopicRef): string => subjectOf('evt', t)
/** `hb.<site>.<CSC>.<index>`: the heartbeat of a component. */
export const heartbeatOf = (i: InstanceRef): string => subjectOf('hb', i)
/** `script.<site>.<queue>.<scriptIndex>.<topic>`: an event of one script. */
export const scriptOf = (s: SubjectValues<'script'>): string => subjectOf('script', s)
/** `cmd.<site>.<CSC>.<index>.<command>`: a client asks; request and reply. */
export const commandOf = (i: InstanceRef, command: string): string => subjectOf('cmd', { ...i, command })
/**
 * `exec.<site>.<CSC>.<index>.<command>`: a component on NATS is told to execute; request and several replies.
 */
export const execOf = (i: InstanceRef, command: string): string => subjectOf('exec', { ...i, command })
/** `_INBOX_cmdr.exec.<site>.<id>`: where a component on NATS answers an `exec`. */
export const execReplyOf = (site: string, id: string): string => subjectOf('execReply', { site, id })
/** `intake.<site>.<partition>.<CSC>.<index>.<id>`: a command as it was accepted, in its partition. */
export const intakeOf = (i: InstanceRef, id: string): string =>
  subjectOf('intake', { ...i, partition: partitionOf(i), id })
/** `ack.<site>.<CSC>.<index>.<id>`: every later stage of a command. */
export const ackOf = (i: InstanceRef, id: string): string => subjectOf('ack', { ...i, id })
/** `raw.<site>.<CSC>.<index>.tel.<topic>`: telemetry as a component on NATS says it. */
export const rawTelemetryOf = (t: TopicRef): string => subjectOf('rawTelemetry', t)
/** `raw.<site>.<CSC>.<index>.evt.<topic>`: an event as a component on NATS says it. */
export const rawEventOf = (t: TopicRef): string => subjectOf('rawEvent', t)
/** `raw.<site>.<CSC>.<index>.hb`: a heartbeat as a component on NATS says it. */
export const rawHeartbeatOf = (i: InstanceRef): string => subjectOf('rawHeartbeat', i)
/** `forget.<site>.<CSC>.<index>`: the names of a component are removed from the streams. */
export const forgetOf = (i: InstanceRef): string => subjectOf('forget', { ...i })
/** `gw.<site>.load`: gateways tell each other their load. */
export const gatewayLoadOf = (site: string): string => subjectOf('gw', { site })
/** `gw.<site>.clients`: gateways are asked who watches what; request, and one reply of each gateway. */
export const gatewayClientsOf = (site: string): string => subjectOf('gwClients', { site })
/** `cmdr.<site>.alive`: commanders tell each other that they live. */
export const commanderAliveOf = (site: string): string => subjectOf('cmdr', { site })
/** `audit.<site>.<kind>`: what was done and refused, of one AuditKind. */
export const auditOf = (site: string, kind: string): string => subjectOf('audit', { site, kind })
/** `audit.<site>.forget`: what was removed from streams on purpose, which is no loss for anybody. */
export const removalsOf = (site: string): string => auditOf(site, 'forget')

/** `forget.<site>.>`: what components are forgotten. */
export const forgetsOf = (site: string): string => everythingBelow('forget', { site })
/** `cmd.<site>.>`: what the commanders of a site serve. */
export const commandsOf = (site: string): string => everythingBelow('cmd', { site })
/** `hb.<site>.>`: all heartbeats of a site. */
export const heartbeatsOf = (site: string): string => everythingBelow('hb', { site })
/** What an instance says, as patterns: its heartbeats, telemetry and events. Those of a script's run are not among them. */
export const samplesOf = (i: InstanceRef): readonly string[] => [
  heartbeatOf(i),
  everythingBelow('tel', { ...i }),
  everythingBelow('evt', { ...i })
]
/** `intake.<site>.<partition>.>`: the accepted commands of one partition. */
export const partitionFilterOf = (site: string, partition: number): string =>
  everythingBelow('intake', { site, partition })
/** `intake.<site>.*.*.*.<id>`: an accepted command by its id alone, whatever its component. */
export const intakeByIdOf = (site: string, id: string): string => patternOf('intake', { site, id })
/** `ack.<site>.*.*.<id>`: the stages of a command by its id alone. */
export const ackByIdOf = (site: string, id: string): string => patternOf('ack', { site, id })
/** `_INBOX_cmdr.exec.<site>.*`: the answers to every `exec` of a site. */
export const execRepliesOf = (site: string): string => patternOf('execReply', { site })

/** The pattern of the accepted commands whose stages fall under a pattern of `ack.<site>.<csc>.<index>.<id>`. */
export function intakesOf(acks: string): string {
  const [, site, csc, index, id] = acks.split('.')
  return joinTokens('intake', name => ({ site, csc, index, id })[name] ?? '*')
}
