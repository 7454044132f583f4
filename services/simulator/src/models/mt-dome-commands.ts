import type { Axis } from '../axis.ts'
import type { Call, CommandTable, Work } from '../model.ts'
import { numberOf, numbersOf } from '../refuse.ts'
import { type Dome, LOUVERS, SCREEN, TOLERANCE } from './mt-dome-axes.ts'

const PARK_AZIMUTH = 285

/** Commands of the dome; the groups are azimuth, elevation, shutter and louvers. */
export const domeCommands: CommandTable<Dome> = {
  moveAz: (dome, call) => {
    const position = numberOf(call.params, 'position', [0, 360])
    return turn(dome, { position, velocity: numberOf(call.params, 'velocity', [-1.5, 1.5]) }, call)
  },
  crawlAz: ({ azimuth }, { params, abort }) => {
    abort('azimuth', 'superseded by crawlAz')
    azimuth.crawl(numberOf(params, 'velocity', [-1.5, 1.5]))
  },
  park: (dome, call) => {
    const work = turn(dome, { position: PARK_AZIMUTH, velocity: 0 }, call)
    dome.parked = true
    return work
  },
  moveEl: ({ screen }, { params }) => {
    const position = numberOf(params, 'position', [SCREEN.min, SCREEN.max])
    return moveAll([screen], () => position, 'elevation')
  },
  crawlEl: ({ screen }, { params, abort }) => {
    abort('elevation', 'superseded by crawlEl')
    screen.crawl(numberOf(params, 'velocity', [-1, 1]))
  },
  openShutter: ({ doors }) => moveAll(doors, () => 100, 'shutter'),
  closeShutter: ({ doors }) => moveAll(doors, () => 0, 'shutter'),
  setLouvers: ({ louvers }, { params }) => {
    const wanted = numbersOf(params, 'position', LOUVERS)
    // A negative value leaves a louver where it is.
    const to = (i: number): number =>
      (wanted[i] ?? -1) < 0 ? (louvers[i]?.demand().position ?? 0) : (wanted[i] ?? 0)
    return moveAll(louvers, to, 'louvers')
  },
  closeLouvers: ({ louvers }) => moveAll(louvers, () => 0, 'louvers'),
  stop
}

function turn(dome: Dome, target: { position: number; velocity: number }, { at }: Call): Work {
  dome.parked = false
  dome.context.event('azTarget').put(target, at)
  return moveAll([dome.azimuth], () => target.position, 'azimuth')
}

function moveAll(axes: readonly Axis[], to: (i: number) => number, group: string): Work {
  const seconds = Math.max(...axes.map((axis, i) => axis.secondsTo(to(i))))
  for (const [i, axis] of axes.entries()) axis.moveTo(to(i))
  return { seconds, group, done: () => axes.every(axis => axis.settled(TOLERANCE)) }
}

/** Stops the subsystems whose bits are set in `subSystemIds`; 0 means all. */
function stop({ azimuth, screen, doors, louvers }: Dome, { params, abort }: Call): Work {
  const subsystems = [
    [1, 'azimuth', [azimuth]],
    [2, 'elevation', [screen]],
    [4, 'shutter', doors],
    [8, 'louvers', louvers]
  ] as const
  const which = numberOf(params, 'subSystemIds')
  const chosen = subsystems.filter(([bit]) => which === 0 || (which & bit) !== 0)
  for (const [, group, axes] of chosen) {
    abort(group, 'stop')
    for (const axis of axes) axis.stop()
  }
  const stopped = chosen.flatMap(([, , axes]) => axes)
  return { seconds: 3, done: () => stopped.every(axis => axis.mode() !== 'stopping') }
}
