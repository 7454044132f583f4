import { fillArray } from '../fill-array.ts'
import {
  type Call,
  type CommandTable,
  createModel,
  type Model,
  type ModelContext,
  type TelemetryTable,
  type Work
} from '../model.ts'
import type { Values } from '../outlet.ts'
import { createRandom, createWave, type Wave } from '../random.ts'
import { truthOf } from '../refuse.ts'
import type { SharedState } from '../shared-state.ts'
import { SUMMARY } from '../summary-state.ts'
import type { Tick } from '../tick.ts'

const AXIAL = 72
const TANGENT = 6
/** Weight of the mirror in newtons: 1.6 tonnes of glass. */
const WEIGHT = 15_600
const WAVES = 12
const BALANCE_SECONDS = 2

/** Parts and state of the secondary mirror's support. */
interface Mirror {
  readonly context: ModelContext
  readonly shared: SharedState
  /** Share of the weight that each actuator carries. */
  readonly axialShare: readonly number[]
  readonly tangentShare: readonly number[]
  /** Where each axial actuator stands, from -0.5 to 0.5 of its range. */
  readonly rest: readonly number[]
  readonly waves: readonly Wave[]
  /** True while the force balance is on. */
  balanced: boolean
}

/** The secondary mirror's support: forces follow the zenith angle while the force balance is on. */
export function createMtM2(context: ModelContext, shared: SharedState): Model {
  const random = createRandom(context.seed)
  const axialShare = Array.from({ length: AXIAL }, () => (1 + 0.2 * (random() - 0.5)) / AXIAL)
  const tangentShare = Array.from({ length: TANGENT }, (_, i) => Math.cos((Math.PI / 3) * i) / 3)
  const waves = Array.from({ length: WAVES }, (_, i) => createWave(`m2/${i}`, context.seed, 200))
  const rest = Array.from({ length: AXIAL }, () => random() - 0.5)
  const mirror: Mirror = { context, shared, axialShare, tangentShare, rest, waves, balanced: true }
  return createModel(mirror, {
    entered: (mirror, _state, at) => publish(mirror, at),
    telemetry,
    commands,
    events,
    notAtStart: ['limitSwitchRetract', 'limitSwitchExtend', 'actuatorBumpTestStatus']
  })
}

const telemetry: TelemetryTable<Mirror> = {
  axialForce: (mirror, values, at) => putForces(mirror, values, { at, ...axialOf(mirror) }),
  tangentForce: (mirror, values, at) => putForces(mirror, values, { at, ...tangentOf(mirror) }),
  position: putPose,
  positionIMS: putPose,
  zenithAngle: (mirror, values) => {
    const angle = zenithOf(mirror)
    values['measured'] = angle
    values['inclinometerRaw'] = angle
    values['inclinometerProcessed'] = angle
  },
  inclinometerAngleTma: ({ shared }, values) => {
    values['inclinometer'] = shared.mount.elevation
  },
  netForcesTotal: (mirror, values) => {
    values['fx'] = 0
    values['fy'] = tangentOf(mirror).pull
    values['fz'] = axialOf(mirror).pull
  },
  forceBalance: (mirror, values, at) => {
    for (const [i, name] of FORCES.entries()) values[name] = 3 * waveOf(mirror, i, at)
  },
  axialEncoderPositions: (mirror, values, at) =>
    fillArray(values, 'position', AXIAL, i => 20 * (mirror.rest[i] ?? 0) + 0.3 * waveOf(mirror, i, at)),
  axialActuatorSteps: (mirror, values, at) =>
    fillArray(values, 'steps', AXIAL, i =>
      Math.round(4000 * (mirror.rest[i] ?? 0) + 15 * waveOf(mirror, i, at))
    ),
  ilcData: (_mirror, values) => fillArray(values, 'status', AXIAL + TANGENT, () => 0),
  temperature: (mirror, values, at) => {
    const { temperature } = mirror.shared.air
    fillArray(values, 'ring', 12, i => temperature + 0.3 * Math.sin(i) + 0.05 * waveOf(mirror, i, at))
    fillArray(values, 'intake', 2, i => temperature + 0.1 * i)
    fillArray(values, 'exhaust', 2, i => temperature + 0.8 + 0.1 * i)
  }
}

const FORCES = ['fx', 'fy', 'fz', 'mx', 'my', 'mz']

const commands: CommandTable<Mirror> = { switchForceBalanceSystem }

function switchForceBalanceSystem(mirror: Mirror, { params, at }: Call): Work {
  mirror.balanced = truthOf(params, 'status')
  publish(mirror, at)
  return { seconds: BALANCE_SECONDS, group: 'balance', done: now => now.tai >= at.tai + BALANCE_SECONDS }
}

function publish({ context, balanced }: Mirror, at: Tick): void {
  const mode = balanced && context.state() === SUMMARY.ENABLED ? 'ClosedLoop' : 'Idle'
  context.event('forceBalanceSystemStatus').put({ status: balanced }, at)
  context.event('closedLoopControlMode').put({ mode: context.valueOf('ClosedLoopControlMode', mode) }, at)
  context.event('m2AssemblyInPosition').put({ inPosition: balanced }, at)
}

const waveOf = ({ waves }: Mirror, i: number, at: Tick): number => waves[i % WAVES]?.(at.seconds + 3 * i) ?? 0

const zenithOf = ({ shared }: Mirror): number => 90 - shared.mount.elevation

/** One direction of the support: the shares of its actuators and their whole pull in newtons. */
interface Direction {
  readonly share: readonly number[]
  readonly pull: number
}

const axialOf = (mirror: Mirror): Direction => ({
  share: mirror.axialShare,
  pull: -WEIGHT * Math.cos((zenithOf(mirror) * Math.PI) / 180)
})

const tangentOf = (mirror: Mirror): Direction => ({
  share: mirror.tangentShare,
  pull: WEIGHT * Math.sin((zenithOf(mirror) * Math.PI) / 180)
})

function putForces(mirror: Mirror, values: Values, { share, pull, at }: Direction & { at: Tick }): void {
  const count = share.length
  const force = mirror.balanced ? pull : 0
  const warm = 0.2 * (mirror.shared.air.temperature - 10)
  fillArray(values, 'lutGravity', count, i => (share[i] ?? 0) * force)
  fillArray(values, 'lutTemperature', count, i => warm * (i % 2 === 0 ? 1 : -1))
  fillArray(values, 'hardpointCorrection', count, i => 0.4 * waveOf(mirror, i, at))
  fillArray(values, 'applied', count, i => (share[i] ?? 0) * force + 0.4 * waveOf(mirror, i, at))
  fillArray(values, 'measured', count, i => (share[i] ?? 0) * force + 0.5 * waveOf(mirror, i + 5, at))
}

function putPose(mirror: Mirror, values: Values, at: Tick): void {
  for (const [i, name] of ['x', 'y', 'z'].entries()) {
    values[name] = 2 * waveOf(mirror, i, at)
    values[`${name}Rot`] = 0.3 * waveOf(mirror, i + 3, at)
  }
}

const events: Readonly<Record<string, Values>> = {
  interlock: { state: false },
  tcpIpConnected: { isConnected: true },
  summaryFaultsStatus: { status: '0' },
  disabledILC: { ilcs: new Array(84).fill(false) },
  hardpointList: { actuators: [5, 15, 25, 73, 75, 77] }
}
