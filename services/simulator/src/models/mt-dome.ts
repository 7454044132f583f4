import type { Model, ModelContext } from '../model.ts'
import type { SharedState } from '../shared-state.ts'
import { turned } from '../sky.ts'
import { SUMMARY } from '../summary-state.ts'
import type { Tick } from '../tick.ts'
import { createDomeAxes, type DomeAxes } from './mt-dome-axes.ts'
import { domeCommands } from './mt-dome-commands.ts'
import { createDomeMotionEvents, domeStartEvents } from './mt-dome-events.ts'
import { domeTelemetry } from './mt-dome-telemetry.ts'

/** Largest error with which the night program goes on, degrees. */
const NIGHT_TOLERANCE = 2

/** The dome: azimuth, light and wind screen, two shutter doors, 34 louvers. */
export interface MtDome extends Model {
  /** Called by the night program: turns towards an azimuth. */
  pointTo(azimuth: number): void
  inPosition(): boolean
}

/** Creates the dome, open as at night. */
export function createMtDome(context: ModelContext, shared: SharedState): MtDome {
  const axes = createDomeAxes(shared.dome.azimuth)
  const publishMotion = createDomeMotionEvents(context, axes)
  let parked = false
  let lastTick = -1
  return {
    pointTo(to) {
      if (context.state() !== SUMMARY.ENABLED) return
      parked = false
      axes.azimuth.moveTo(to)
    },
    inPosition: () => axes.azimuth.settled(NIGHT_TOLERANCE),
    advance(at) {
      if (at.tick === lastTick) return
      lastTick = at.tick
      advanceAxes(axes, at)
      shared.dome = { azimuth: turned(axes.azimuth.position()), open: (axes.doors[0]?.position() ?? 0) > 50 }
      if (context.state() === SUMMARY.ENABLED) publishMotion(at, parked)
    },
    entered(next) {
      if (next !== SUMMARY.ENABLED) axes.azimuth.stop()
    },
    telemetry: domeTelemetry(axes, shared),
    events: domeStartEvents(context),
    notAtStart: ['azTarget', 'elTarget'],
    commands: domeCommands(context, axes, value => (parked = value))
  }
}

function advanceAxes({ azimuth, screen, doors, louvers }: DomeAxes, at: Tick): void {
  azimuth.advance(at.seconds)
  screen.advance(at.seconds)
  for (const door of doors) door.advance(at.seconds)
  if (at.tick % 5 === 0) for (const louver of louvers) louver.advance(at.seconds)
}
