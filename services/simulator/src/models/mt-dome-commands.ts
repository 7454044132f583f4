import type { Axis } from '../axis.ts'
import type { Handler, ModelContext, Work } from '../model.ts'
import { numberOf, numbersOf } from '../refuse.ts'
import type { Tick } from '../tick.ts'
import { type DomeAxes, LOUVERS, SCREEN, TOLERANCE } from './mt-dome-axes.ts'

const PARK_AZIMUTH = 285

type Handlers = Readonly<Record<string, Handler>>

/** Handlers of the dome's commands; `setParked` hears whether the azimuth goes to its park position. */
export const domeCommands = (
  context: ModelContext,
  axes: DomeAxes,
  setParked: (parked: boolean) => void
): Handlers => ({
  ...azimuthCommands(context, axes.azimuth, setParked),
  ...screenCommands(axes.screen),
  ...openingCommands(axes),
  stop: stopHandler(axes)
})

function turn(axis: Axis, to: number, group: string): Work {
  const seconds = axis.secondsTo(to)
  axis.moveTo(to)
  return { seconds, group, done: () => axis.settled(TOLERANCE) }
}

function moveAll(axes: readonly Axis[], to: (i: number) => number, group: string): Work {
  const seconds = Math.max(...axes.map((axis, i) => axis.secondsTo(to(i))))
  for (const [i, axis] of axes.entries()) axis.moveTo(to(i))
  return { seconds, group, done: () => axes.every(axis => axis.settled(TOLERANCE)) }
}

function azimuthCommands(
  context: ModelContext,
  azimuth: Axis,
  setParked: (parked: boolean) => void
): Handlers {
  const move = (target: { position: number; velocity: number }, at: Tick, parked: boolean): Work => {
    setParked(parked)
    context.event('azTarget').put(target, at)
    return turn(azimuth, target.position, 'azimuth')
  }
  return {
    moveAz: ({ params, at }) => {
      const position = numberOf(params, 'position', [0, 360])
      return move({ position, velocity: numberOf(params, 'velocity', [-1.5, 1.5]) }, at, false)
    },
    crawlAz: ({ params, abort }) => {
      abort('azimuth', 'superseded by crawlAz')
      azimuth.crawl(numberOf(params, 'velocity', [-1.5, 1.5]))
    },
    park: ({ at }) => move({ position: PARK_AZIMUTH, velocity: 0 }, at, true)
  }
}

const screenCommands = (screen: Axis): Handlers => ({
  moveEl: ({ params }) => turn(screen, numberOf(params, 'position', [SCREEN.min, SCREEN.max]), 'elevation'),
  crawlEl: ({ params, abort }) => {
    abort('elevation', 'superseded by crawlEl')
    screen.crawl(numberOf(params, 'velocity', [-1, 1]))
  }
})

const openingCommands = ({ doors, louvers }: DomeAxes): Handlers => ({
  openShutter: () => moveAll(doors, () => 100, 'shutter'),
  closeShutter: () => moveAll(doors, () => 0, 'shutter'),
  setLouvers: ({ params }) => {
    const wanted = numbersOf(params, 'position', LOUVERS)
    // A negative value leaves a louver where it is.
    const to = (i: number): number =>
      (wanted[i] ?? -1) < 0 ? (louvers[i]?.demand().position ?? 0) : (wanted[i] ?? 0)
    return moveAll(louvers, to, 'louvers')
  },
  closeLouvers: () => moveAll(louvers, () => 0, 'louvers')
})

/** Stops the subsystems whose bits are set in `subSystemIds`; 0 means all. */
function stopHandler({ azimuth, screen, doors, louvers }: DomeAxes): Handler {
  const subsystems = [
    [1, 'azimuth', [azimuth]],
    [2, 'elevation', [screen]],
    [4, 'shutter', doors],
    [8, 'louvers', louvers]
  ] as const
  return ({ params, abort }) => {
    const which = numberOf(params, 'subSystemIds')
    const chosen = subsystems.filter(([bit]) => which === 0 || (which & bit) !== 0)
    for (const [, group, axes] of chosen) {
      abort(group, 'stop')
      for (const axis of axes) axis.stop()
    }
    const stopped = chosen.flatMap(([, , axes]) => axes)
    return { seconds: 3, done: () => stopped.every(axis => axis.mode() !== 'stopping') }
  }
}
