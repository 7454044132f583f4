import { everythingBelow, patternOf } from '@meridian/subjects'
import { effect, type ReadonlySignal, signal } from '@preact/signals'
import { createContext } from 'preact'
import { useContext } from 'preact/hooks'
import { type Announcer, createAnnouncer } from './announcer.ts'
import { readComponentNames, readSite } from './api.ts'
import { askUntilAnswered } from './ask-until-answered.ts'
import { type CommandLog, createCommandLog } from './command/command-log.ts'
import { rememberStops } from './command/stops.ts'
import { type Connection, createConnection } from './connection.ts'
import { createFrameQueue, type FrameQueue } from './frame-queue.ts'
import { createPageClock, type PageClock } from './page-clock.ts'
import { ALARM_LABELS } from './site/alarm.ts'
import { CONDITION_LABELS, SUMMARY_STATES } from './site/condition.ts'
import { createFleet, type Fleet } from './site/fleet.ts'
import type { SiteFacts } from './site/site-facts.ts'

/**
 * The parts that the whole page shares, created once in `main` and reached by `useShell`: link, site, clock,
 * command log.
 */
export interface Shell {
  readonly clock: PageClock
  readonly connection: Connection
  /** What the api tells of the site; undefined until it has answered. */
  readonly site: ReadonlySignal<SiteFacts>
  readonly fleet: Fleet
  readonly frames: FrameQueue
  readonly announcer: Announcer
  readonly commands: CommandLog
  start(): void
}

/** All the overview lives on: heartbeats, states, errors, alarms. */
const OVERVIEW_PATTERNS = [
  { pattern: patternOf('hb', {}), quality: 'latest', rate: 1 },
  { pattern: patternOf('evt', { topic: 'summaryState' }), quality: 'all' },
  { pattern: patternOf('evt', { topic: 'errorCode' }), quality: 'all' },
  { pattern: patternOf('evt', { csc: 'Watcher', topic: 'alarm' }), quality: 'all' }
] as const

/** Names only, no values: what sends telemetry without ever having been heard of. */
const DISCOVERY_PATTERNS = [
  { pattern: everythingBelow('tel', {}), quality: 'latest', rate: 0.2, fields: [] }
] as const

function announceChanges({ fleet, announcer }: Pick<Shell, 'fleet' | 'announcer'>): void {
  let spoken = 0
  effect(() => {
    const fresh = fleet.changes.entries.value.filter(change => change.time > spoken)
    spoken = Math.max(spoken, ...fresh.map(change => change.time))
    for (const { id, after } of fresh.reverse())
      announcer.say(`${id} is ${CONDITION_LABELS[SUMMARY_STATES[after] ?? 'nodata']}`)
  })
}

function announceAlarms({ fleet, announcer }: Pick<Shell, 'fleet' | 'announcer'>): void {
  const spoken = new Map<string, number>()
  effect(() => {
    for (const { name, severity } of fleet.alarms.value.values()) {
      if (severity > (spoken.get(name) ?? 1)) announcer.say(`Alarm ${name}: ${ALARM_LABELS[severity]}`)
      spoken.set(name, severity)
    }
  })
}

/** Creates what the page lives on; nothing is opened before `start`. */
export function createShell(): Shell {
  const clock = createPageClock()
  const site = signal<SiteFacts>(undefined)
  const frames = createFrameQueue()
  const connection = createConnection({ clock, frames })
  let names: ReadonlySet<string> | undefined
  const fleet = createFleet({
    clock,
    judgedAtMs: connection.judgedAtMs,
    catalogued: () => names
  })
  const announcer = createAnnouncer()

  return {
    clock,
    connection,
    site,
    fleet,
    frames,
    announcer,
    commands: createCommandLog({ connection, clock, announcer }),
    start() {
      askUntilAnswered({
        ask: readSite,
        onAnswer: answer => {
          rememberStops(answer)
          site.value = answer
          fleet.expect(answer.instances)
        }
      })
      askUntilAnswered({
        ask: readComponentNames,
        onAnswer: known => {
          names = known
        }
      })
      connection.subscribe(OVERVIEW_PATTERNS, { onData: fleet.apply })
      connection.subscribe(DISCOVERY_PATTERNS, { onData: fleet.apply })
      announceChanges({ fleet, announcer })
      announceAlarms({ fleet, announcer })
      connection.start()
    }
  }
}

/** Hands the shell down the tree. */
export const ShellContext = createContext<Shell | undefined>(undefined)

/** The shell, inside any component of the page. */
export function useShell(): Shell {
  const shell = useContext(ShellContext)
  if (shell === undefined) throw new Error('a component stands outside the shell')
  return shell
}
