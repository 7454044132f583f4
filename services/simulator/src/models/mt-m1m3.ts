import type { Handler, Model, ModelContext, Work } from '../model.ts'
import { refuse } from '../refuse.ts'
import type { SharedState } from '../shared-state.ts'
import { SUMMARY } from '../summary-state.ts'
import type { Tick } from '../tick.ts'
import { mirrorTelemetry } from './mt-m1m3-telemetry.ts'

/** Seconds for the mirror to go up or down. */
const LIFT_SECONDS = 60
const LIFT = 'lift'

/**
 * The primary mirror's support. Parked -> Raising (raiseM1M3) -> Active; Active -> Lowering (lowerM1M3) ->
 * Parked; pause and resume halt the lift; abortRaiseM1M3 turns Raising into Lowering; each of parked and
 * active has an engineering twin; panic is a fault. The night begins Active.
 */
type Lift = 'Parked' | 'Raising' | 'Active' | 'Lowering'

/** Creates the mirror support, active as at night. */
export function createMtM1m3(context: ModelContext, shared: SharedState): Model {
  let lift: Lift = 'Active'
  let engineering = false
  let paused = false
  /** Share of the weight that the pneumatic support carries, 0 to 1. */
  let support = 1
  let lastTick = -1
  let lastSeconds = 0

  const detailed = (): string => {
    const pause = paused && (lift === 'Raising' || lift === 'Lowering') ? 'Paused' : ''
    return `${pause}${lift}${engineering ? 'Engineering' : ''}State`
  }
  const publish = (at: Tick): void => {
    const enabled = context.state() === SUMMARY.ENABLED
    const name = enabled ? detailed() : OTHER_STATE[context.state()]
    const detailedState = context.valueOf('DetailedStates', name ?? 'StandbyState')
    context.event('detailedState').put({ timestamp: at.tai, detailedState }, at)
  }
  const report = (at: Tick): void => {
    if (lift !== 'Raising' && lift !== 'Lowering') return
    context
      .event('raisingLoweringInfo')
      .put(
        { weightSupportedPercent: Math.round(1000 * support) / 10, timeTimeout: at.tai + LIFT_SECONDS },
        at
      )
  }
  const goTo = (next: Lift, at: Tick): void => {
    lift = next
    publish(at)
  }
  const raiseOrLower =
    (from: Lift, through: Lift, to: Lift): Handler =>
    ({ at }) => {
      if (lift !== from) throw refuse(`the mirror is ${lift}, not ${from}`)
      paused = false
      goTo(through, at)
      return { seconds: LIFT_SECONDS, group: LIFT, done: () => lift === to }
    }
  const advance = (at: Tick): void => {
    const dt = Math.min(1, at.seconds - lastSeconds)
    lastSeconds = at.seconds
    if (paused) return
    if (lift === 'Raising') support = Math.min(1, support + dt / LIFT_SECONDS)
    if (lift === 'Lowering') support = Math.max(0, support - dt / LIFT_SECONDS)
    if (lift === 'Raising' && support === 1) goTo('Active', at)
    if (lift === 'Lowering' && support === 0) goTo('Parked', at)
    if (at.tick % 50 === 0) report(at)
  }
  const toggle =
    (name: string): Handler =>
    ({ at }) =>
      void context.event('forceControllerState').put({ slewFlag: name === 'set' }, at)
  return {
    advance(at) {
      if (at.tick === lastTick) return
      lastTick = at.tick
      advance(at)
    },
    entered: (_state, at) => publish(at),
    telemetry: mirrorTelemetry(context, shared, () => support),
    events: {
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
    },
    notAtStart: ['detailedState', 'commandRejectionWarning'],
    commands: {
      raiseM1M3: raiseOrLower('Parked', 'Raising', 'Active'),
      lowerM1M3: raiseOrLower('Active', 'Lowering', 'Parked'),
      abortRaiseM1M3: ({ at, abort }): Work => {
        if (lift !== 'Raising') throw refuse(`the mirror is ${lift}, not Raising`)
        abort(LIFT, 'abortRaiseM1M3')
        paused = false
        goTo('Lowering', at)
        return { seconds: LIFT_SECONDS, group: LIFT, done: () => lift === 'Parked' }
      },
      pauseM1M3RaisingLowering: ({ at }) => {
        paused = true
        publish(at)
      },
      resumeM1M3RaisingLowering: ({ at }) => {
        paused = false
        publish(at)
      },
      enterEngineering: ({ at }) => {
        engineering = true
        publish(at)
      },
      exitEngineering: ({ at }) => {
        engineering = false
        publish(at)
      },
      setSlewFlag: toggle('set'),
      clearSlewFlag: toggle('clear'),
      panic: ({ at }) => {
        lift = 'Lowering'
        context.fault(6001, 'panic command: the mirror goes down', at)
      }
    }
  }
}

const OTHER_STATE: Readonly<Record<number, string>> = {
  [SUMMARY.DISABLED]: 'DisabledState',
  [SUMMARY.FAULT]: 'FaultState',
  [SUMMARY.OFFLINE]: 'OfflineState',
  [SUMMARY.STANDBY]: 'StandbyState'
}
