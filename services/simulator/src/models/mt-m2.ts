import { fillArray } from '../fill-array.ts'
import type { Fill, Model, ModelContext } from '../model.ts'
import { createRandom, createWave } from '../random.ts'
import { truthOf } from '../refuse.ts'
import type { SharedState } from '../shared-state.ts'
import { SUMMARY } from '../summary-state.ts'
import type { Tick } from '../tick.ts'

const AXIAL = 72
const TANGENT = 6
/** Weight of the mirror in newtons: 1.6 tonnes of glass. */
const WEIGHT = 15_600

/** The secondary mirror's support: forces follow the zenith angle while the force balance is on. */
export function createMtM2(context: ModelContext, shared: SharedState): Model {
  const random = createRandom(context.seed)
  const axialShare = Array.from({ length: AXIAL }, () => (1 + 0.2 * (random() - 0.5)) / AXIAL)
  const tangentShare = Array.from({ length: TANGENT }, (_, i) => Math.cos((Math.PI / 3) * i) / 3)
  const waves = Array.from({ length: 12 }, (_, i) => createWave(`m2/${i}`, context.seed, 200))
  const rest = Array.from({ length: AXIAL }, () => random() - 0.5)
  let balanced = true

  const wave = (i: number, at: Tick): number => waves[i % 12]?.(at.seconds + 3 * i) ?? 0
  const zenith = (): number => 90 - shared.mount.elevation
  const axial = (): number => -WEIGHT * Math.cos((zenith() * Math.PI) / 180)
  const tangent = (): number => WEIGHT * Math.sin((zenith() * Math.PI) / 180)
  const forces = (count: number, share: readonly number[], pull: () => number): Fill => {
    return (values, at) => {
      const force = balanced ? pull() : 0
      fillArray(values, 'lutGravity', count, i => (share[i] ?? 0) * force)
      fillArray(
        values,
        'lutTemperature',
        count,
        i => 0.2 * (shared.air.temperature - 10) * (i % 2 === 0 ? 1 : -1)
      )
      fillArray(values, 'hardpointCorrection', count, i => 0.4 * wave(i, at))
      fillArray(values, 'applied', count, i => (share[i] ?? 0) * force + 0.4 * wave(i, at))
      fillArray(values, 'measured', count, i => (share[i] ?? 0) * force + 0.5 * wave(i + 5, at))
    }
  }
  const pose: Fill = (values, at) => {
    for (const [i, name] of ['x', 'y', 'z'].entries()) {
      values[name] = 2 * wave(i, at)
      values[`${name}Rot`] = 0.3 * wave(i + 3, at)
    }
  }
  const net: Fill = values => {
    values['fx'] = 0
    values['fy'] = tangent()
    values['fz'] = axial()
  }
  const publish = (at: Tick): void => {
    const mode = balanced && context.state() === SUMMARY.ENABLED ? 'ClosedLoop' : 'Idle'
    context.event('forceBalanceSystemStatus').put({ status: balanced }, at)
    context.event('closedLoopControlMode').put({ mode: context.valueOf('ClosedLoopControlMode', mode) }, at)
    context.event('m2AssemblyInPosition').put({ inPosition: balanced }, at)
  }
  return {
    entered: (_state, at) => publish(at),
    telemetry: {
      axialForce: forces(AXIAL, axialShare, axial),
      tangentForce: forces(TANGENT, tangentShare, tangent),
      position: pose,
      positionIMS: pose,
      zenithAngle: values => {
        values['measured'] = zenith()
        values['inclinometerRaw'] = zenith()
        values['inclinometerProcessed'] = zenith()
      },
      inclinometerAngleTma: values => {
        values['inclinometer'] = shared.mount.elevation
      },
      netForcesTotal: net,
      forceBalance: (values, at) => {
        for (const [i, name] of ['fx', 'fy', 'fz', 'mx', 'my', 'mz'].entries()) values[name] = 3 * wave(i, at)
      },
      axialEncoderPositions: (values, at) =>
        fillArray(values, 'position', AXIAL, i => 20 * (rest[i] ?? 0) + 0.3 * wave(i, at)),
      axialActuatorSteps: (values, at) =>
        fillArray(values, 'steps', AXIAL, i => Math.round(4000 * (rest[i] ?? 0) + 15 * wave(i, at))),
      ilcData: values => fillArray(values, 'status', AXIAL + TANGENT, () => 0),
      temperature: (values, at) => {
        fillArray(values, 'ring', 12, i => shared.air.temperature + 0.3 * Math.sin(i) + 0.05 * wave(i, at))
        fillArray(values, 'intake', 2, i => shared.air.temperature + 0.1 * i)
        fillArray(values, 'exhaust', 2, i => shared.air.temperature + 0.8 + 0.1 * i)
      }
    },
    events: {
      interlock: { state: false },
      tcpIpConnected: { isConnected: true },
      summaryFaultsStatus: { status: '0' },
      disabledILC: { ilcs: new Array(84).fill(false) },
      hardpointList: { actuators: [5, 15, 25, 73, 75, 77] }
    },
    notAtStart: ['limitSwitchRetract', 'limitSwitchExtend', 'actuatorBumpTestStatus'],
    commands: {
      switchForceBalanceSystem: ({ params, at }) => {
        balanced = truthOf(params, 'status')
        publish(at)
        return { seconds: 2, group: 'balance', done: now => now.tai >= at.tai + 2 }
      }
    }
  }
}
