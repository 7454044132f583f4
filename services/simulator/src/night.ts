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

/** The instances that take part in the night; the same `seed` makes the same night. */
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
/** Scripts that wait on a queue before the night adds no more. */
const MAX_WAITING = 3
/** Degrees by which the dome may lag behind the telescope before it is moved. */
const DOME_LAG = 0.4

/** State of the night program. */
interface Night extends NightOptions {
  readonly random: () => number
  visit: Visit
  /** Number of targets so far. */
  targets: number
  /** Seconds at which the auxiliary telescope and the queues get something new to do. */
  nextAt: number
  nextScript: number
}

const CHOOSING: Visit = { kind: 'choosing' }

/** Creates the night program; the function it returns must be called a few times a second. */
export function createNight(options: NightOptions): (at: Tick) => void {
  const random = createRandom(options.seed)
  const night: Night = { ...options, random, visit: CHOOSING, targets: 0, nextAt: 20, nextScript: 6 }
  return at => {
    survey(night, at)
    follow(night, at)
    auxiliary(night, at)
    scripts(night, at)
  }
}

/** True for an instance that is there and that no operator holds. */
const isFree = (modelled: { component: Component } | undefined, at: Tick): boolean =>
  modelled !== undefined && !modelled.component.held(at)

function survey(night: Night, at: Tick): void {
  const { visit, instances } = night
  if (!isSurveying(night, at)) night.visit = CHOOSING
  else if (visit.kind === 'choosing') choose(night, at)
  else if (visit.kind === 'slewing') slew(night, visit.since, at)
  else if (at.seconds >= visit.until && instances.camera?.model.busy() !== true) night.visit = CHOOSING
}

const isSurveying = ({ instances }: Night, at: Tick): boolean =>
  isFree(instances.pointing, at) &&
  instances.mount?.held(at) === false &&
  (instances.scheduler?.model.running() ?? true)

function choose(night: Night, at: Tick): void {
  const { random, shared, instances } = night
  const target = nextTarget(random, shared, { id: ++night.targets, tai: at.tai })
  if (instances.pointing?.model.point(target, at) !== true) return
  instances.scheduler?.model.chosen(target, at)
  night.visit = { kind: 'slewing', since: at.seconds }
}

function slew(night: Night, since: number, at: Tick): void {
  const { dome } = night.instances
  const domeThere = !isFree(dome, at) || dome?.model.inPosition() === true
  if (night.drive.inPosition() && domeThere && at.seconds - since > 2) expose(night, at)
  else if (at.seconds - since > SLEW_LIMIT_SECONDS) night.visit = CHOOSING
}

function expose(night: Night, at: Tick): void {
  const { camera } = night.instances
  if (isFree(camera, at)) camera?.model.expose(1, EXPOSURE_SECONDS, at)
  night.visit = { kind: 'exposing', until: at.seconds + EXPOSURE_SECONDS + 2 }
}

/** Dome and hexapods follow the mount, the dome ahead of it during a slew. */
function follow(night: Night, at: Tick): void {
  const { instances, shared } = night
  if (instances.mount === undefined || !isFree(instances.dome, at)) return
  const { azimuth } = aimOf(night, at)
  const off = Math.abs(turned(azimuth - shared.dome.azimuth + 180) - 180)
  if (off > DOME_LAG) instances.dome?.model.pointTo(turned(azimuth))
  for (const hexapod of instances.hexapods) if (isFree(hexapod, at)) hexapod.model.compensate(at)
}

const aimOf = ({ visit, shared }: Night, at: Tick): { readonly azimuth: number } =>
  visit.kind === 'slewing' && shared.target !== undefined
    ? shared.sky.horizontalOf(shared.target, at.tai)
    : shared.mount

function auxiliary(night: Night, at: Tick): void {
  const { random, instances } = night
  if (at.seconds < night.nextAt) return
  night.nextAt = at.seconds + AT_SECONDS * (0.7 + 0.6 * random())
  if (isFree(instances.atDome, at)) instances.atDome?.model.pointTo(360 * random())
  if (isFree(instances.atCamera, at)) instances.atCamera?.model.expose(2, 15, at)
}

function scripts(night: Night, at: Tick): void {
  const { random, instances } = night
  if (at.seconds < night.nextScript) return
  night.nextScript = at.seconds + SCRIPT_SECONDS * (0.7 + 0.6 * random())
  for (const queue of instances.queues)
    if (isFree(queue, at) && queue.model.waiting() < MAX_WAITING)
      queue.model.add(scriptRequest(random, queue.component.index), at)
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
