import {
  type Call,
  type CommandTable,
  createModel,
  type Model,
  type ModelContext,
  type Work
} from '../model.ts'
import type { Values } from '../outlet.ts'
import { refuse } from '../refuse.ts'
import type { SharedState } from '../shared-state.ts'
import { SUMMARY } from '../summary-state.ts'
import type { Tick } from '../tick.ts'
import {
  ACTIVE,
  detailedStateOf,
  isMoving,
  LIFT_SECONDS,
  type Lift,
  type LiftStage,
  liftAfter
} from './mt-m1m3-lift.ts'
import { type MirrorForces, mirrorForces, mirrorTelemetry } from './mt-m1m3-telemetry.ts'

const LIFT = 'lift'
const REPORT_TICKS = 50
/** After a longer silence the lift goes on as if it had been this many seconds. */
const LONGEST_STEP = 1

/** Parts and state of the primary mirror's support. */
interface Mirror extends MirrorForces {
  readonly context: ModelContext
  lift: Lift
  /** Second of the last step. */
  seconds: number
}

/** Creates the mirror support, active as at night. */
export function createMtM1m3(context: ModelContext, shared: SharedState): Model {
  const mirror: Mirror = { ...mirrorForces(context, shared), context, lift: ACTIVE, seconds: 0 }
  return createModel(mirror, {
    step,
    entered: (mirror, _state, at) => publish(mirror, at),
    telemetry: mirrorTelemetry,
    commands,
    events,
    notAtStart: ['detailedState', 'commandRejectionWarning']
  })
}

function step(mirror: Mirror, at: Tick): void {
  const dt = Math.min(LONGEST_STEP, at.seconds - mirror.seconds)
  mirror.seconds = at.seconds
  const { stage } = mirror.lift
  mirror.lift = liftAfter(mirror.lift, dt)
  if (mirror.lift.stage !== stage) publish(mirror, at)
  if (!mirror.lift.paused && isMoving(mirror.lift) && at.tick % REPORT_TICKS === 0) report(mirror, at)
}

const commands: CommandTable<Mirror> = {
  raiseM1M3: (mirror, call) => go(mirror, ['Parked', 'Raising', 'Active'], call),
  lowerM1M3: (mirror, call) => go(mirror, ['Active', 'Lowering', 'Parked'], call),
  abortRaiseM1M3: (mirror, call) => {
    requireStage(mirror, 'Raising')
    call.abort(LIFT, 'abortRaiseM1M3')
    return go(mirror, ['Raising', 'Lowering', 'Parked'], call)
  },
  pauseM1M3RaisingLowering: (mirror, { at }) => change(mirror, { paused: true }, at),
  resumeM1M3RaisingLowering: (mirror, { at }) => change(mirror, { paused: false }, at),
  enterEngineering: (mirror, { at }) => change(mirror, { engineering: true }, at),
  exitEngineering: (mirror, { at }) => change(mirror, { engineering: false }, at),
  setSlewFlag: (mirror, { at }) => setSlewFlag(mirror, true, at),
  clearSlewFlag: (mirror, { at }) => setSlewFlag(mirror, false, at),
  panic: (mirror, { at }) => {
    mirror.lift = { ...mirror.lift, stage: 'Lowering' }
    mirror.context.fault(6001, 'panic command: the mirror goes down', at)
  }
}

function requireStage({ lift }: Mirror, stage: LiftStage): void {
  if (lift.stage !== stage) throw refuse(`the mirror is ${lift.stage}, not ${stage}`)
}

type Way = readonly [from: LiftStage, through: LiftStage, to: LiftStage]

function go(mirror: Mirror, [from, through, to]: Way, { at }: Call): Work {
  requireStage(mirror, from)
  change(mirror, { stage: through, paused: false }, at)
  return { seconds: LIFT_SECONDS, group: LIFT, done: () => mirror.lift.stage === to }
}

function change(mirror: Mirror, lift: Partial<Lift>, at: Tick): undefined {
  mirror.lift = { ...mirror.lift, ...lift }
  publish(mirror, at)
}

const setSlewFlag = ({ context }: Mirror, slewFlag: boolean, at: Tick): undefined =>
  void context.event('forceControllerState').put({ slewFlag }, at)

function publish({ context, lift }: Mirror, at: Tick): void {
  const state = context.state()
  const name = state === SUMMARY.ENABLED ? detailedStateOf(lift) : OTHER_STATE[state]
  const detailedState = context.valueOf('DetailedStates', name ?? 'StandbyState')
  context.event('detailedState').put({ timestamp: at.tai, detailedState }, at)
}

const OTHER_STATE: Readonly<Record<number, string>> = {
  [SUMMARY.DISABLED]: 'DisabledState',
  [SUMMARY.FAULT]: 'FaultState',
  [SUMMARY.OFFLINE]: 'OfflineState',
  [SUMMARY.STANDBY]: 'StandbyState'
}

function report({ context, lift }: Mirror, at: Tick): void {
  const weightSupportedPercent = Math.round(1000 * lift.support) / 10
  const timeTimeout = at.tai + LIFT_SECONDS
  context.event('raisingLoweringInfo').put({ weightSupportedPercent, timeTimeout }, at)
}

const events: Readonly<Record<string, Values>> = {
  forceControllerState: {
    slewFlag: false,
    staticForcesApplied: true,
    elevationForcesApplied: true,
    balanceForcesApplied: true
  },
  raisingLoweringInfo: { weightSupportedPercent: 100, timeTimeout: 0 },
  airSupplyStatus: {
    airCommandedOn: true,
    airCommandOutputOn: true,
    airValveOpened: true,
    airValveClosed: false
  },
  boosterValveStatus: { opened: false, slewTriggered: false, userTriggered: false }
}
