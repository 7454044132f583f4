import type { Axis } from '../axis.ts'
import type { ModelContext } from '../model.ts'
import type { Values } from '../outlet.ts'
import type { Tick } from '../tick.ts'
import { DOME_AZIMUTH, type Dome, TOLERANCE } from './mt-dome-axes.ts'

/** Publishes the events about motion; call it at each tick. */
export function publishMotion({ context, azimuth, screen, doors, louvers, parked }: Dome, at: Tick): void {
  const motion = (item: string): number => context.valueOf('MotionState', item)
  const put = (topic: string, state: number | number[], inPosition: boolean | boolean[]): void =>
    void context.event(topic).put({ state, inPosition }, at)
  const putOpenings = (topic: string, axes: readonly Axis[]): void =>
    put(
      topic,
      axes.map(axis => motion(openingStateOf(axis))),
      axes.map(isSettled)
    )
  put('azMotion', motion(azimuthStateOf(azimuth, parked)), isSettled(azimuth))
  put('elMotion', motion(isSettled(screen) ? 'Stopped' : 'Moving'), isSettled(screen))
  putOpenings('shutterMotion', doors)
  putOpenings('louversMotion', louvers)
}

const isSettled = (axis: Axis): boolean => axis.settled(TOLERANCE)

function azimuthStateOf(azimuth: Axis, parked: boolean): string {
  if (azimuth.mode() === 'crawling') return 'Crawling'
  if (azimuth.mode() === 'stopping') return 'Stopping'
  if (!isSettled(azimuth)) return parked ? 'Parking' : 'Moving'
  return parked ? 'Parked' : 'Stopped'
}

function openingStateOf(axis: Axis): string {
  if (isSettled(axis)) return axis.position() < 0.5 ? 'Closed' : 'Open'
  return axis.demand().position > axis.position() ? 'Opening' : 'Closing'
}

/** Fields of the dome's events at start: enabled, stopped, unlocked. */
export function domeStartEvents(context: ModelContext): Readonly<Record<string, Values>> {
  const state = context.valueOf('EnabledState', 'Enabled')
  const enabled = [
    'azEnabled',
    'elEnabled',
    'shutterEnabled',
    'louversEnabled',
    'radEnabled',
    'calibrationScreenEnabled'
  ]
  const parked = context.valueOf('MotionState', 'Stopped')
  return {
    ...Object.fromEntries(enabled.map(topic => [topic, { state, faultCode: '' }])),
    azMotion: { state: parked, inPosition: true },
    elMotion: { state: parked, inPosition: true },
    radMotion: { state: [parked, parked], inPosition: [true, true] },
    calibrationScreenMotion: { state: parked, inPosition: true },
    brakesEngaged: { brakes: '' },
    lockingPinsEngaged: { engaged: 0 },
    interlocks: { interlocks: 0 },
    operationalMode: { operationalMode: context.valueOf('OperationalMode', 'Normal'), subSystemId: 1 },
    controlMode: { mode: context.valueOf('ControlMode', 'Remote') },
    powerManagementMode: { mode: context.valueOf('PowerManagementMode', 'OPERATIONS') },
    azConfigurationApplied: {
      jmax: DOME_AZIMUTH.jerk,
      amax: DOME_AZIMUTH.acceleration,
      vmax: DOME_AZIMUTH.velocity
    }
  }
}
