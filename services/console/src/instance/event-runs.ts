import { SEVERITIES, type Severity } from './event-severity.ts'
import { hasSameContent, type LogEntry } from './log-entry.ts'

/** Events of a topic that follow each other within this time may share a line. */
const CHATTY_SECONDS = 1

/** Lines that events of a topic with different contents get within that time; further ones share the last. */
const OWN_LINES = 5

/** Where an event goes: onto a line of its own, or onto one that takes the place of `before`. */
interface Placed {
  readonly line: LogEntry
  readonly before?: LogEntry
}

/** The newest line of a topic, and when its last lines began, TAI seconds. */
interface Run {
  readonly line: LogEntry
  readonly begun: readonly number[]
}

/**
 * Says which events share a line, topic by topic. Equal ones that follow each other within a second do. Different
 * ones each have their own, until a topic had five within a second: then all share one, which says that they
 * differ, until the topic is silent for a second. Log messages always have their own.
 */
export interface EventRuns {
  /** Takes the next event of a topic, in the order of receipt. */
  place(event: LogEntry): Placed
  /** Nothing shares this line any more. */
  end(line: LogEntry): void
}

/** The newest line of the topic, if that came just before. */
function chattyBefore({ topic, received }: LogEntry, before: LogEntry | undefined): LogEntry | undefined {
  const isChatty =
    before !== undefined && received >= before.received && received - before.received < CHATTY_SECONDS
  return isChatty && topic !== 'logMessage' ? before : undefined
}

const worse = (a: Severity, b: Severity): Severity => (SEVERITIES.indexOf(a) > SEVERITIES.indexOf(b) ? a : b)

function joined(before: LogEntry, event: LogEntry): LogEntry {
  const severity = worse(before.severity, event.severity)
  const differ = before.differ || !hasSameContent(before, event)
  return { ...event, count: before.count + 1, since: before.since, differ, severity }
}

/** Creates the rule with no event known. */
export function createEventRuns(): EventRuns {
  const runs = new Map<string, Run>()

  function place(event: LogEntry): Placed {
    const run = runs.get(event.subject)
    const before = chattyBefore(event, run?.line)
    const begun = (run?.begun ?? []).filter(at => event.received - at < CHATTY_SECONDS)
    const isShared = before?.differ || begun.length >= OWN_LINES
    if (before === undefined || !(isShared || hasSameContent(before, event))) {
      runs.set(event.subject, { line: event, begun: [...begun, event.received] })
      return { line: event }
    }
    const line = joined(before, event)
    runs.set(event.subject, { line, begun })
    return { line, before }
  }

  function end(line: LogEntry): void {
    if (runs.get(line.subject)?.line === line) runs.delete(line.subject)
  }

  return { place, end }
}
