import type { Aim } from './axis.ts'
import type { MtMount } from './models/mt-mount.ts'
import type { Drive } from './models/mt-ptg.ts'
import type { MtRotator } from './models/mt-rotator.ts'
import type { Scene, Target } from './scene.ts'
import { horizontalOf, parallacticOf } from './sky.ts'

/** Who is driven; a site may lack some. */
export interface Driven {
  readonly mount: () => MtMount | undefined
  readonly rotator: () => MtRotator | undefined
}

/** Makes what follows a target on the sky with mount and rotator. */
export function createDrive(scene: Scene, { mount, rotator }: Driven): Drive {
  return {
    track(target) {
      const telescope = mount()
      if (telescope === undefined) return false
      const taken = telescope.track({
        id: target.id,
        azimuth: aimOf(seconds => horizontalOf(target, scene.epoch + seconds).azimuth, 360),
        elevation: aimOf(seconds => horizontalOf(target, scene.epoch + seconds).elevation)
      })
      if (!taken) return false
      rotator()?.track(rotatorAim(target, scene))
      return true
    },
    stop() {
      const { azimuth, elevation } = scene.mount
      mount()?.track({
        id: 0,
        azimuth: () => ({ position: azimuth, velocity: 0 }),
        elevation: () => ({ position: elevation, velocity: 0 })
      })
    },
    inPosition: () => mount()?.inPosition() === true && rotator()?.inPosition() !== false
  }
}

/** A position that moves, with its velocity from the positions half a second around. */
function aimOf(position: (seconds: number) => number, turn?: number): (seconds: number) => Aim {
  return seconds => {
    const difference = position(seconds + 0.5) - position(seconds - 0.5)
    const velocity = turn === undefined ? difference : difference - turn * Math.round(difference / turn)
    return { position: position(seconds), velocity }
  }
}

/** The rotator starts at the target's angle and turns as the sky does. */
function rotatorAim(target: Target, scene: Scene): (seconds: number) => Aim {
  const first = parallacticOf(target, scene.now)
  return aimOf(seconds => {
    const turned = parallacticOf(target, scene.epoch + seconds) - first
    return Math.min(90, Math.max(-90, target.rotator + turned - 360 * Math.round(turned / 360)))
  })
}
