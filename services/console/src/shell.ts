import type { Outcome } from '@meridian/client'
import { subjectTable } from '@meridian/subjects'
import { effect, type ReadonlySignal, signal } from '@preact/signals'
import { createContext } from 'preact'
import { useContext } from 'preact/hooks'
import { type Announcer, createAnnouncer } from './announcer.ts'
import { readComponentNames, readEvents, readSite } from './api.ts'
import { askUntilAnswered } from './ask-until-answered.ts'
import { type CommandLog, createCommandLog } from './command/command-log.ts'
import { rememberStops } from './command/stops.ts'
import { type Connection, createConnection } from './connection.ts'
import { createFrameQueue, type FrameQueue } from './frame-queue.ts'
import { changePatterns, DISCOVERY_PATTERNS, OVERVIEW_PATTERNS } from './overview-patterns.ts'
import { createPageClock, type PageClock } from './page-clock.ts'
import { keepLinkLoggedIn } from './session/keep-link-logged-in.ts'
import { createReading, type Reading } from './session/reading.ts'
import type { Session } from './session/session.ts'
import { ALARM_LABELS } from './site/alarm.ts'
import { CONDITION_LABELS } from './site/condition.ts'
import { createFleet, type Fleet } from './site/fleet.ts'
import type { SiteFacts } from './site/site-facts.ts'
import type { StateChange } from './site/state-log.ts'

/**
 * The parts that the whole page shares, created once in `main` and reached by `useShell`: link, site, clock,
 * command log.
 */
export interface Shell {
  readonly clock: PageClock
  readonly connection: Connection
  /** What the api tells of the site; undefined until it has answered. */
  readonly site: ReadonlySignal<SiteFacts>
  /** Who the page speaks for; undefined until the api has answered. */
  readonly me: Session['me']
  /** What he may read. */
  readonly reading: Reading
  readonly session: Session
  readonly fleet: Fleet
  readonly frames: FrameQueue
  readonly announcer: Announcer
  readonly commands: CommandLog
  start(): void
}

/** Events of the record that are asked for to fill the list of changes. */
const RECORDED = 200

const sentenceOf = ({ id, after, isBack }: StateChange): string =>
  `${id} is ${isBack ? 'heard again, ' : ''}${CONDITION_LABELS[after]}`

function announceAlarms({ fleet, announcer }: Pick<Shell, 'fleet' | 'announcer'>): void {
  const spoken = new Map<string, number>()
  effect(() => {
    for (const { name, severity } of fleet.alarms.value.values()) {
      if (severity > (spoken.get(name) ?? 1)) announcer.say(`Alarm ${name}: ${ALARM_LABELS[severity]}`)
      spoken.set(name, severity)
    }
  })
}

/** Creates what the page of whoever is logged in lives on; nothing is opened before `start`. */
export function createShell(session: Session): Shell {
  const clock = createPageClock()
  const site = signal<SiteFacts>(undefined)
  const frames = createFrameQueue()
  const reading = createReading(session.me)
  const connection = createConnection({ clock, frames, reading })
  let names: ReadonlySet<string> | undefined
  const announcer = createAnnouncer()
  const fleet = createFleet({
    judgedAtMs: connection.judgedAtMs,
    lastStall: connection.lastStall,
    reading,
    catalogued: () => names,
    onChange: change => announcer.say(sentenceOf(change))
  })
  let giveUp = (): void => undefined

  const commands = createCommandLog({ connection, clock, announcer })

  /** What happened before, or while the page was away: asked for anew after each reconnection. */
  function recallChanges(): void {
    const patterns = changePatterns(connection.status.peek().site)
    giveUp()
    if (reading.refusalOf(patterns) !== undefined) return
    giveUp = askUntilAnswered({
      ask: abort => readEvents(patterns.filter(reading.may), RECORDED, abort),
      onAnswer: ({ events }) => void fleet.changes.recall(events.toReversed())
    })
  }

  return {
    clock,
    connection,
    site,
    me: session.me,
    reading,
    session,
    fleet,
    frames,
    announcer,
    commands,
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
      const onLive = (): void => {
        fleet.complete()
        recallChanges()
      }
      const onOutcome = ({ kind, stream }: Outcome): void => {
        if (kind === 'reset' && stream === subjectTable.evt.stream) fleet.forgetEvents()
      }
      connection.subscribe(OVERVIEW_PATTERNS, { onData: fleet.apply, onLive, onOutcome })
      connection.subscribe(DISCOVERY_PATTERNS, { onData: fleet.apply })
      announceAlarms({ fleet, announcer })
      commands.start()
      keepLinkLoggedIn(connection, session)
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
