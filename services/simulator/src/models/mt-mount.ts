import { createModel, type Model, type ModelContext } from '../model.ts'
import type { SharedState } from '../shared-state.ts'
import { SUMMARY, type SummaryState } from '../summary-state.ts'
import type { Tick } from '../tick.ts'
import { coverTelemetry, stepCovers } from './mirror-covers.ts'
import { createMount, type Mount } from './mt-mount-axes.ts'
import { follow, haltAxes, isSettled, type MountTarget, mountCommands } from './mt-mount-commands.ts'
import { mountStartEvents, publishMotion } from './mt-mount-events.ts'
import { mountTelemetry } from './mt-mount-telemetry.ts'

/** The telescope mount: two axes, camera cable wrap, mirror covers. */
export interface MtMount extends Model {
  /** Called by the drive: follows a target. False while the mount is not ENABLED, or locked. */
  track(target: MountTarget): boolean
  inPosition(): boolean
}

/** Creates the mount, at rest and with open mirror covers. */
export function createMtMount(context: ModelContext, shared: SharedState): MtMount {
  const mount = createMount(context, shared)
  const telemetry = { ...mountTelemetry, ...coverTelemetry }
  const events = mountStartEvents(mount)
  const notAtStart = ['target', 'cameraCableWrapTarget', 'clockOffset']
  return {
    ...createModel(mount, { step, entered, telemetry, commands: mountCommands, events, notAtStart }),
    inPosition: () => isSettled(mount),
    track(target) {
      if (context.state() !== SUMMARY.ENABLED || mount.locked) return false
      follow(mount, target)
      return true
    }
  }
}

function step(mount: Mount, at: Tick): void {
  const { azimuth, elevation, cableWrap, shared } = mount
  azimuth.advance(at.seconds)
  elevation.advance(at.seconds)
  if (mount.wrapFollows) cableWrap.moveTo(shared.rotator.position)
  cableWrap.advance(at.seconds)
  stepCovers(mount, at)
  shared.mount = {
    azimuth: azimuth.position(),
    elevation: elevation.position(),
    azimuthVelocity: azimuth.velocity(),
    elevationVelocity: elevation.velocity(),
    tracking: mount.tracking
  }
  if (mount.context.state() === SUMMARY.ENABLED) publishMotion(mount, at)
}

function entered(mount: Mount, next: SummaryState): void {
  if (next !== SUMMARY.ENABLED) haltAxes(mount)
}
