import type { Component } from './component.ts'
import type { AtDome } from './models/at-dome.ts'
import type { Camera } from './models/camera.ts'
import type { MtDome } from './models/mt-dome.ts'
import type { MtHexapod } from './models/mt-hexapod.ts'
import type { Drive, MtPtg } from './models/mt-ptg.ts'
import type { Scheduler } from './models/scheduler.ts'
import { standardScripts } from './models/script-events.ts'
import type { ScriptQueue } from './models/script-queue.ts'
import type { Moment } from './moment.ts'
import { createRandom } from './random.ts'
import type { Scene, Target } from './scene.ts'
import { equatorialOf, horizontalOf, turned } from './sky.ts'

/** A component together with its model. */
export interface Player<M> {
  readonly component: Component
  readonly model: M
}

/** Who takes part in the night; a site may lack any of them. */
export interface Crew {
  readonly mount: Component | undefined
  readonly pointing: Player<MtPtg> | undefined
  readonly dome: Player<MtDome> | undefined
  readonly camera: Player<Camera> | undefined
  readonly scheduler: Player<Scheduler> | undefined
  readonly atDome: Player<AtDome> | undefined
  readonly atCamera: Player<Camera> | undefined
  readonly hexapods: readonly Player<MtHexapod>[]
  readonly queues: readonly Player<ScriptQueue>[]
}

export interface NightOptions {
  readonly seed: number
  readonly scene: Scene
  readonly crew: Crew
  readonly drive: Drive
}

/**
 * What goes on by itself. choosing -> slewing to a target; slewing -> exposing when mount, rotator and dome are there, or choosing when that
 * takes too long; exposing -> choosing when the image is read out. While the mount is held by an operator the survey waits in choosing.
 */
type Visit =
  | { readonly kind: 'choosing' }
  | { readonly kind: 'slewing'; readonly since: number }
  | { readonly kind: 'exposing'; readonly until: number }

const EXPOSURE_SECONDS = 30
const SLEW_LIMIT_SECONDS = 180
const AT_SECONDS = 140
const SCRIPT_SECONDS = 45

/** Makes the night; `advance` is called a few times a second. */
export function createNight({ seed, scene, crew, drive }: NightOptions): (at: Moment) => void {
  const random = createRandom(seed)
  let visit: Visit = { kind: 'choosing' }
  let targets = 0
  let nextAt = 20
  let nextScript = 6

  const free = (player: { component: Component } | undefined, at: Moment): boolean =>
    player !== undefined && !player.component.held(at)
  const surveying = (at: Moment): boolean =>
    free(crew.pointing, at) && crew.mount?.held(at) === false && (crew.scheduler?.model.running() ?? true)

  const choose = (at: Moment): void => {
    const target = nextTarget(random, scene, { id: ++targets, tai: at.tai })
    if (crew.pointing?.model.point(target, at) !== true) return
    crew.scheduler?.model.chosen(target, at)
    visit = { kind: 'slewing', since: at.seconds }
  }
  const slew = (since: number, at: Moment): void => {
    const domeThere = !free(crew.dome, at) || crew.dome?.model.inPosition() === true
    if (drive.inPosition() && domeThere && at.seconds - since > 2) expose(at)
    else if (at.seconds - since > SLEW_LIMIT_SECONDS) visit = { kind: 'choosing' }
  }
  const expose = (at: Moment): void => {
    if (free(crew.camera, at)) crew.camera?.model.expose(1, EXPOSURE_SECONDS, at)
    visit = { kind: 'exposing', until: at.seconds + EXPOSURE_SECONDS + 2 }
  }
  const survey = (at: Moment): void => {
    if (!surveying(at)) visit = { kind: 'choosing' }
    else if (visit.kind === 'choosing') choose(at)
    else if (visit.kind === 'slewing') slew(visit.since, at)
    else if (at.seconds >= visit.until && crew.camera?.model.busy() !== true) visit = { kind: 'choosing' }
  }
  const follow = (at: Moment): void => {
    if (crew.mount === undefined || !free(crew.dome, at)) return
    const { azimuth } =
      visit.kind === 'slewing' && scene.target !== undefined
        ? horizontalOf(scene.target, at.tai)
        : scene.mount
    const off = Math.abs(turned(azimuth - scene.dome.azimuth + 180) - 180)
    if (off > 0.4) crew.dome?.model.pointTo(turned(azimuth))
    for (const hexapod of crew.hexapods) if (free(hexapod, at)) hexapod.model.compensate(at)
  }
  const auxiliary = (at: Moment): void => {
    if (at.seconds < nextAt) return
    nextAt = at.seconds + AT_SECONDS * (0.7 + 0.6 * random())
    if (free(crew.atDome, at)) crew.atDome?.model.pointTo(360 * random())
    if (free(crew.atCamera, at)) crew.atCamera?.model.expose(2, 15, at)
  }
  const scripts = (at: Moment): void => {
    if (at.seconds < nextScript) return
    nextScript = at.seconds + SCRIPT_SECONDS * (0.7 + 0.6 * random())
    for (const queue of crew.queues)
      if (free(queue, at) && queue.model.waiting() < 3)
        queue.model.add(scriptRequest(random, queue.component.index), at)
  }
  return at => {
    survey(at)
    follow(at)
    auxiliary(at)
    scripts(at)
  }
}

/** Mostly near where the telescope is, as a survey goes; now and then anywhere. */
function nextTarget(random: () => number, scene: Scene, { id, tai }: { id: number; tai: number }): Target {
  const far = id === 1 || random() < 0.08
  const elevation = far ? 40 + 38 * random() : within(scene.mount.elevation + 8 * (random() - 0.5), 35, 80)
  const azimuth = far ? 360 * random() : scene.mount.azimuth + 14 * (random() - 0.5)
  return {
    id,
    name: `survey-${String(id).padStart(5, '0')}`,
    rotator: 90 * (random() - 0.5),
    filter: scene.filter,
    ...equatorialOf({ azimuth: turned(azimuth), elevation }, tai)
  }
}

const within = (value: number, least: number, most: number): number => Math.min(most, Math.max(least, value))

function scriptRequest(random: () => number, queue: number): Parameters<ScriptQueue['add']>[0] {
  const prefix = queue === 2 ? 'auxtel/' : 'maintel/'
  const paths = standardScripts.filter(path => path.startsWith(prefix))
  return {
    path: paths[Math.floor(random() * paths.length)] ?? 'sleep.py',
    isStandard: true,
    config: `duration: ${Math.round(60 * random())}\nreason: survey`,
    descr: 'simulated survey',
    logLevel: 20,
    pauseCheckpoint: '',
    stopCheckpoint: '',
    block: 'BLOCK-365',
    blockSize: 1,
    executionId: ''
  }
}
