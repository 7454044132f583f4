import { type Call, type CommandTable, createModel, type Model, type ModelContext } from '../model.ts'
import { createRandom } from '../random.ts'
import { numberOf, refuse, textOf } from '../refuse.ts'
import { SUMMARY, type SummaryState } from '../summary-state.ts'
import type { Tick } from '../tick.ts'
import {
  type Alarm,
  acknowledged,
  alarmFields,
  quietAlarm,
  SEVERITY,
  unacknowledged,
  unmuted,
  withSeverity
} from './watcher-alarm.ts'

/** The state of a component that the Watcher observes. */
export interface Watched {
  readonly name: string
  state(): SummaryState
  sendsHeartbeat(): boolean
}

/** An alarm that a rule asks for, with the reason that it gives. */
interface Cause {
  readonly name: string
  readonly severity: number
  readonly reason: string
}

/** Parts and state of the Watcher. */
interface Watcher {
  readonly context: ModelContext
  readonly watched: () => readonly Watched[]
  readonly random: () => number
  readonly alarms: Map<string, Alarm>
  /** Components that have sent a heartbeat. */
  readonly seenAlive: Set<string>
  /** The alarm about the environment that is raised, and the second at which it ends. */
  ambient: { readonly name: string; readonly until: number } | undefined
  nextAmbient: number
  /** The second of the last step. */
  second: number
}

/**
 * Creates the Watcher. It raises an alarm for each component in FAULT and for each lost heartbeat, and
 * sometimes one about the environment.
 */
export function createWatcher(context: ModelContext, watched: () => readonly Watched[]): Model {
  const random = createRandom(context.seed)
  const watcher: Watcher = {
    context,
    watched,
    random,
    alarms: new Map(),
    seenAlive: new Set(),
    ambient: undefined,
    nextAmbient: 45 + 30 * random(),
    second: -1
  }
  return createModel(watcher, { step, commands, notAtStart: ['alarm', 'notification'] })
}

function step(watcher: Watcher, at: Tick): void {
  const second = Math.floor(at.seconds)
  if (second === watcher.second || watcher.context.state() !== SUMMARY.ENABLED) return
  watcher.second = second
  for (const component of watcher.watched()) judge(watcher, component, at)
  changeAmbient(watcher, at)
  for (const alarm of watcher.alarms.values())
    if (alarm.unmuteAt > 0 && at.tai >= alarm.unmuteAt) publish(watcher, unmuted(alarm), at)
}

const commands: CommandTable<Watcher> = {
  acknowledge: (watcher, call) => change(watcher, call, acknowledge),
  unacknowledge: (watcher, call) => change(watcher, call, unacknowledged),
  mute: (watcher, call) => change(watcher, call, mute),
  unmute: (watcher, call) => change(watcher, call, unmuted),
  makeLogEntry: (watcher, call) =>
    change(watcher, call, alarm => {
      watcher.context.say('info', `alarm ${alarm.name}: ${alarm.reason}`, call.at)
      return alarm
    }),
  showAlarms: (watcher, { at }) => {
    for (const alarm of watcher.alarms.values()) publish(watcher, alarm, at)
  }
}

/** Changes the alarm that a command names, and publishes it. */
function change(watcher: Watcher, call: Call, changed: (alarm: Alarm, call: Call) => Alarm): undefined {
  const name = textOf(call.params, 'name')
  const alarm = watcher.alarms.get(name)
  if (alarm === undefined) throw refuse(`no alarm '${name}'`)
  publish(watcher, changed(alarm, call), call.at)
}

function acknowledge(alarm: Alarm, { params, at }: Call): Alarm {
  if (alarm.maxSeverity === SEVERITY.NONE) throw refuse(`alarm '${alarm.name}' is not raised`)
  return acknowledged(alarm, textOf(params, 'acknowledgedBy') || 'operator', at.tai)
}

const mute = (alarm: Alarm, { params, at }: Call): Alarm => ({
  ...alarm,
  mutedSeverity: numberOf(params, 'severity', [1, 4]),
  mutedBy: textOf(params, 'mutedBy') || 'operator',
  unmuteAt: at.tai + numberOf(params, 'duration', [0, 1e6])
})

// All alarms are messages of one topic, whose key field is `name`.
function publish({ context, alarms }: Watcher, alarm: Alarm, at: Tick): void {
  alarms.set(alarm.name, alarm)
  context.event('alarm').force(alarmFields(alarm), at)
}

function judge(watcher: Watcher, { name, state, sendsHeartbeat }: Watched, at: Tick): void {
  const alive = sendsHeartbeat()
  if (alive) watcher.seenAlive.add(name)
  const fault = state() === SUMMARY.FAULT ? SEVERITY.SERIOUS : SEVERITY.NONE
  const lost = watcher.seenAlive.has(name) && !alive ? SEVERITY.CRITICAL : SEVERITY.NONE
  setAlarm(watcher, { name: `Enabled.${name}`, severity: fault, reason: `${name} is in FAULT` }, at)
  setAlarm(watcher, { name: `Heartbeat.${name}`, severity: lost, reason: `${name} sends no heartbeat` }, at)
}

/** Publishes an alarm whose severity is a new one; it is created when first raised. */
function setAlarm(watcher: Watcher, { name, severity, reason }: Cause, at: Tick): void {
  const known = watcher.alarms.get(name)
  if ((known?.severity ?? SEVERITY.NONE) === severity) return
  publish(watcher, withSeverity(known ?? quietAlarm(name), { severity, reason, tai: at.tai }), at)
}

const AMBIENT: readonly Cause[] = (
  [
    ['DewPointDepression.dome', 2, 'dew point depression 4.1 deg_C is below 5'],
    ['Humidity.weatherTower', 3, 'relative humidity 83 % is above 80'],
    ['Wind.weatherTower', 2, 'wind 14.2 m/s is above 14'],
    ['MTMirrorTemperature.m1m3', 2, 'gradient 0.9 deg_C is above 0.8'],
    ['MTVibration.mount', 2, 'acceleration 0.02 m/s2 is above 0.018'],
    ['PowerOutage.generator2', 4, 'main input lost'],
    ['CameraVacuum.cryostat', 3, 'pressure 4.1e-6 Torr is above 4e-6'],
    ['OverTemperature.mainCabinet', 3, 'temperature 31 deg_C is above 30'],
    ['MTAirCompressor.pressure', 2, 'line pressure 6.4 bar is below 6.5'],
    ['ATCameraDewar.temperature', 3, 'CCD -91 deg_C is above -93']
  ] as const
).map(([name, severity, reason]) => ({ name, severity, reason }))
const BETWEEN_SECONDS = 240
const LASTS_SECONDS = 75

function changeAmbient(watcher: Watcher, at: Tick): void {
  const { ambient, random } = watcher
  if (ambient !== undefined && at.seconds < ambient.until) return
  if (ambient !== undefined)
    setAlarm(watcher, { name: ambient.name, severity: SEVERITY.NONE, reason: '' }, at)
  watcher.ambient = undefined
  if (at.seconds < watcher.nextAmbient) return
  watcher.nextAmbient = at.seconds + BETWEEN_SECONDS * (0.6 + 0.8 * random())
  const cause = AMBIENT[Math.floor(random() * AMBIENT.length)] as Cause
  watcher.ambient = { name: cause.name, until: at.seconds + LASTS_SECONDS * (0.7 + 0.6 * random()) }
  setAlarm(watcher, cause, at)
}
