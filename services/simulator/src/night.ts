import type { Component } from './component.ts'
import type { AtDome } from './models/at-dome.ts'
import type { Camera } from './models/camera.ts'
import type { MtDome } from './models/mt-dome.ts'
import type { MtHexapod } from './models/mt-hexapod.ts'
import type { Drive, MtPtg } from './models/mt-ptg.ts'
import type { Scheduler } from './models/scheduler.ts'
import { standardScripts } from './models/script-events.ts'
import type { ScriptQueue } from './models/script-queue.ts'
import { createRandom } from './random.ts'
import type { SharedState, Target } from './shared-state.ts'
import { turned } from './sky.ts'
import type { Tick } from './tick.ts'

/** An instance together with its model. */
export interface ModelledInstance<M> {
  readonly component: Component
  readonly model: M
}

/** Instances that the night commands; a site may lack any of them. */
export interface NightInstances {
  readonly mount: Component | undefined
  readonly pointing: ModelledInstance<MtPtg> | undefined
  readonly dome: ModelledInstance<MtDome> | undefined
  readonly camera: ModelledInstance<Camera> | undefined
  readonly scheduler: ModelledInstance<Scheduler> | undefined
  readonly atDome: ModelledInstance<AtDome> | undefined
  readonly atCamera: ModelledInstance<Camera> | undefined
  readonly hexapods: readonly ModelledInstance<MtHexapod>[]
  readonly queues: readonly ModelledInstance<ScriptQueue>[]
}

export interface NightOptions {
  readonly seed: number
  readonly shared: SharedState
  readonly instances: NightInstances
  readonly drive: Drive
}

/**
 * The state of the automatic survey. choosing -> slewing to a target; slewing -> exposing when mount, rotator
 * and dome are in position, or choosing when that takes too long; exposing -> choosing when the image is read
 * out. While an operator's command holds the mount, the survey waits in choosing.
 */
type Visit =
  | { readonly kind: 'choosing' }
  | { readonly kind: 'slewing'; readonly since: number }
  | { readonly kind: 'exposing'; readonly until: number }

const EXPOSURE_SECONDS = 30
const SLEW_LIMIT_SECONDS = 180
const AT_SECONDS = 140
const SCRIPT_SECONDS = 45

/** Creates the night program; the function it returns must be called a few times a second. */
export function createNight({ seed, shared, instances, drive }: NightOptions): (at: Tick) => void {
  const random = createRandom(seed)
  let visit: Visit = { kind: 'choosing' }
  let targets = 0
  let nextAt = 20
  let nextScript = 6

  const free = (modelled: { component: Component } | undefined, at: Tick): boolean =>
    modelled !== undefined && !modelled.component.held(at)
  const surveying = (at: Tick): boolean =>
    free(instances.pointing, at) &&
    instances.mount?.held(at) === false &&
    (instances.scheduler?.model.running() ?? true)

  const choose = (at: Tick): void => {
    const target = nextTarget(random, shared, { id: ++targets, tai: at.tai })
    if (instances.pointing?.model.point(target, at) !== true) return
    instances.scheduler?.model.chosen(target, at)
    visit = { kind: 'slewing', since: at.seconds }
  }
  const slew = (since: number, at: Tick): void => {
    const domeThere = !free(instances.dome, at) || instances.dome?.model.inPosition() === true
    if (drive.inPosition() && domeThere && at.seconds - since > 2) expose(at)
    else if (at.seconds - since > SLEW_LIMIT_SECONDS) visit = { kind: 'choosing' }
  }
  const expose = (at: Tick): void => {
    if (free(instances.camera, at)) instances.camera?.model.expose(1, EXPOSURE_SECONDS, at)
    visit = { kind: 'exposing', until: at.seconds + EXPOSURE_SECONDS + 2 }
  }
  const survey = (at: Tick): void => {
    if (!surveying(at)) visit = { kind: 'choosing' }
    else if (visit.kind === 'choosing') choose(at)
    else if (visit.kind === 'slewing') slew(visit.since, at)
    else if (at.seconds >= visit.until && instances.camera?.model.busy() !== true)
      visit = { kind: 'choosing' }
  }
  const follow = (at: Tick): void => {
    if (instances.mount === undefined || !free(instances.dome, at)) return
    const { azimuth } =
      visit.kind === 'slewing' && shared.target !== undefined
        ? shared.sky.horizontalOf(shared.target, at.tai)
        : shared.mount
    const off = Math.abs(turned(azimuth - shared.dome.azimuth + 180) - 180)
    if (off > 0.4) instances.dome?.model.pointTo(turned(azimuth))
    for (const hexapod of instances.hexapods) if (free(hexapod, at)) hexapod.model.compensate(at)
  }
  const auxiliary = (at: Tick): void => {
    if (at.seconds < nextAt) return
    nextAt = at.seconds + AT_SECONDS * (0.7 + 0.6 * random())
    if (free(instances.atDome, at)) instances.atDome?.model.pointTo(360 * random())
    if (free(instances.atCamera, at)) instances.atCamera?.model.expose(2, 15, at)
  }
  const scripts = (at: Tick): void => {
    if (at.seconds < nextScript) return
    nextScript = at.seconds + SCRIPT_SECONDS * (0.7 + 0.6 * random())
    for (const queue of instances.queues)
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

/** Chooses the next target: mostly near the telescope's position, as surveys do, sometimes anywhere. */
function nextTarget(
  random: () => number,
  shared: SharedState,
  { id, tai }: { id: number; tai: number }
): Target {
  const far = id === 1 || random() < 0.08
  const elevation = far ? 40 + 38 * random() : within(shared.mount.elevation + 8 * (random() - 0.5), 35, 80)
  const azimuth = far ? 360 * random() : shared.mount.azimuth + 14 * (random() - 0.5)
  return {
    id,
    name: `survey-${String(id).padStart(5, '0')}`,
    rotator: 90 * (random() - 0.5),
    filter: shared.filter,
    ...shared.sky.equatorialOf({ azimuth: turned(azimuth), elevation }, tai)
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
