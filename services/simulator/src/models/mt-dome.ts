import { createModel, type Model, type ModelContext } from '../model.ts'
import type { SharedState } from '../shared-state.ts'
import { turned } from '../sky.ts'
import { SUMMARY, type SummaryState } from '../summary-state.ts'
import type { Tick } from '../tick.ts'
import { createDome, type Dome } from './mt-dome-axes.ts'
import { domeCommands } from './mt-dome-commands.ts'
import { domeStartEvents, publishMotion } from './mt-dome-events.ts'
import { domeTelemetry } from './mt-dome-telemetry.ts'

/** Largest error with which the night program goes on, degrees. */
const NIGHT_TOLERANCE = 2
const LOUVER_TICKS = 5

/** The dome: azimuth, light and wind screen, two shutter doors, 34 louvers. */
export interface MtDome extends Model {
  /** Called by the night program: turns towards an azimuth. */
  pointTo(azimuth: number): void
  inPosition(): boolean
}

/** Creates the dome, open as at night. */
export function createMtDome(context: ModelContext, shared: SharedState): MtDome {
  const dome = createDome(context, shared)
  const events = domeStartEvents(context)
  const notAtStart = ['azTarget', 'elTarget']
  const tables = { step, entered, telemetry: domeTelemetry, commands: domeCommands, events, notAtStart }
  return {
    ...createModel(dome, tables),
    inPosition: () => dome.azimuth.settled(NIGHT_TOLERANCE),
    pointTo(azimuth) {
      if (context.state() !== SUMMARY.ENABLED) return
      dome.parked = false
      dome.azimuth.moveTo(azimuth)
    }
  }
}

function step(dome: Dome, at: Tick): void {
  const { azimuth, screen, doors, louvers, shared } = dome
  azimuth.advance(at.seconds)
  screen.advance(at.seconds)
  for (const door of doors) door.advance(at.seconds)
  if (at.tick % LOUVER_TICKS === 0) for (const louver of louvers) louver.advance(at.seconds)
  shared.dome = { azimuth: turned(azimuth.position()), open: (doors[0]?.position() ?? 0) > 50 }
  if (dome.context.state() === SUMMARY.ENABLED) publishMotion(dome, at)
}

function entered({ azimuth }: Dome, next: SummaryState): void {
  if (next !== SUMMARY.ENABLED) azimuth.stop()
}
