import type { Setpoint } from './axis.ts'
import type { MtMount } from './models/mt-mount.ts'
import type { Drive } from './models/mt-ptg.ts'
import type { MtRotator } from './models/mt-rotator.ts'
import type { SharedState, Target } from './shared-state.ts'

/** Models that the drive moves; a site may lack any of them. */
export interface Driven {
  readonly mount: () => MtMount | undefined
  readonly rotator: () => MtRotator | undefined
}

/** Creates the drive that makes mount and rotator follow a target on the sky. */
export function createDrive(shared: SharedState, { mount, rotator }: Driven): Drive {
  return {
    track(target) {
      const telescope = mount()
      if (telescope === undefined) return false
      const taken = telescope.track({
        id: target.id,
        azimuth: movingSetpoint(
          seconds => shared.sky.horizontalOf(target, shared.epoch + seconds).azimuth,
          360
        ),
        elevation: movingSetpoint(
          seconds => shared.sky.horizontalOf(target, shared.epoch + seconds).elevation
        )
      })
      if (!taken) return false
      rotator()?.track(rotatorSetpoint(target, shared))
      return true
    },
    stop() {
      const { azimuth, elevation } = shared.mount
      mount()?.track({
        id: 0,
        azimuth: () => ({ position: azimuth, velocity: 0 }),
        elevation: () => ({ position: elevation, velocity: 0 })
      })
    },
    inPosition: () => mount()?.inPosition() === true && rotator()?.inPosition() !== false
  }
}

/**
 * A setpoint that moves with time. Its velocity is the difference of the positions half a second before and
 * after.
 */
function movingSetpoint(position: (seconds: number) => number, turn?: number): (seconds: number) => Setpoint {
  return seconds => {
    const difference = position(seconds + 0.5) - position(seconds - 0.5)
    const velocity = turn === undefined ? difference : difference - turn * Math.round(difference / turn)
    return { position: position(seconds), velocity }
  }
}

/** Setpoint of the rotator: the target's angle at first, then turning with the sky. */
function rotatorSetpoint(target: Target, shared: SharedState): (seconds: number) => Setpoint {
  const first = shared.sky.parallacticOf(target, shared.now)
  return movingSetpoint(seconds => {
    const turned = shared.sky.parallacticOf(target, shared.epoch + seconds) - first
    return Math.min(90, Math.max(-90, target.rotator + turned - 360 * Math.round(turned / 360)))
  })
}
