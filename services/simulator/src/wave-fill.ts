import type { Field, Topic } from '@meridian/catalogue'
import { INTEGER_RANGES } from '@meridian/msgpack'
import { numbersIn } from './fill-array.ts'
import type { Fill } from './model.ts'
import { quantityOf } from './quantity.ts'
import { createRandom } from './random.ts'

/**
 * How a field oscillates: an offset per element, plus a swing over time. Elements differ in phase through an
 * angle sum, so that an array costs two multiplications per element.
 */
interface Oscillation {
  readonly swing: number
  /** Angular frequencies, radians per second. */
  readonly slow: number
  readonly quick: number
  readonly offsets: Float64Array
  /** Sine and cosine of the phase of each element. */
  readonly sines: Float64Array
  readonly cosines: Float64Array
}

/** The topic of a field, and the seed of its values. */
interface Setting {
  readonly topic: Topic
  readonly seed: number
}

/** Creates the fill of a numeric field that oscillates as its name and units let expect. */
export function createWaveFill(field: Field, setting: Setting): Fill {
  const { count } = field
  const wave = oscillationOf(field, setting)
  const shape = shapeOf(field)
  return count > 1 ? arrayFill(field, wave, shape) : scalarFill(field, wave, shape)
}

function scalarFill({ name }: Field, wave: Oscillation, shape: (value: number) => number): Fill {
  const { swing, slow, quick } = wave
  const [offset, sine, cosine] = [
    wave.offsets[0] as number,
    wave.sines[0] as number,
    wave.cosines[0] as number
  ]
  return (values, { seconds }) => {
    const main = Math.sin(slow * seconds) * cosine + Math.cos(slow * seconds) * sine
    values[name] = shape(offset + swing * (0.8 * main + 0.2 * Math.sin(quick * seconds)))
  }
}

function arrayFill({ name, count }: Field, wave: Oscillation, shape: (value: number) => number): Fill {
  const { swing, slow, quick, offsets, sines, cosines } = wave
  return (values, at) => {
    const array = numbersIn(values, name, count)
    const s = swing * 0.8 * Math.sin(slow * at.seconds)
    const c = swing * 0.8 * Math.cos(slow * at.seconds)
    const common = swing * 0.2 * Math.sin(quick * at.seconds)
    for (let i = 0; i < count; i++)
      array[i] = shape(
        (offsets[i] as number) + s * (cosines[i] as number) + c * (sines[i] as number) + common
      )
  }
}

function oscillationOf(field: Field, { topic, seed }: Setting): Oscillation {
  const { count } = field
  const { base, spread, swing } = quantityOf(field)
  const random = createRandom(seed)
  const period = 240 + 900 * random()
  const slow = (2 * Math.PI) / period
  const quick = slow * (5 + 4 * random())
  const common = base + spread * (2 * random() - 1)
  const [trace, curve] = [isTrace(field, topic), isCurve(field)]
  const alike = trace || curve || count === 1
  const step = stepOf(topic, slow) / count
  const offsets = new Float64Array(count)
  const phases = new Float64Array(count)
  for (let i = 0; i < count; i++) {
    const offset = alike ? common : base + spread * (2 * random() - 1)
    offsets[i] = curve ? Math.abs(base) * (0.2 + 1 / (1 + i / 12)) : offset
    phases[i] = trace ? step * i : 2 * Math.PI * random()
  }
  return { swing, slow, quick, offsets, sines: phases.map(Math.sin), cosines: phases.map(Math.cos) }
}

const TRACE = /^(ATMCS|MTVMS)$/
const SLOW_TRACE = 'ATMCS'
const TRACE_TOPIC = /acceleromet|earthquake/i
const CURVE_FIELD = /PSD|spectrum/i

/** True for an array of successive times, not of devices. */
const isTrace = ({ count }: Field, topic: Topic): boolean =>
  count > 1 && (TRACE.test(topic.csc) || TRACE_TOPIC.test(topic.name))

/** True for an array over frequency. */
const isCurve = ({ name, count }: Field): boolean => count > 1 && CURVE_FIELD.test(name)

/** Change of phase along a trace: an axis changes little within a second, a vibration record has ten periods. */
const stepOf = ({ csc }: Topic, slow: number): number => (csc === SLOW_TRACE ? slow : 20 * Math.PI)

/** Cuts a value to what its type and units can hold, and rounds it where the type is an integer. */
function shapeOf(field: Field): (value: number) => number {
  const { least, most } = quantityOf(field)
  const [low, high] = rangeOf(field)
  const floor = Math.max(low, least ?? low)
  const ceiling = Math.min(high, most ?? high)
  const integer = isInteger(field)
  return value => {
    const cut = Math.min(ceiling, Math.max(floor, value))
    return integer ? Math.round(cut) : cut
  }
}

/** True for a field of a numeric type without fractions. */
export const isInteger = ({ type }: Field): boolean => type !== 'float' && type !== 'double'

/** What the type of a field can hold; a byte as both of its readings have it. */
function rangeOf({ type }: Field): readonly [low: number, high: number] {
  const range = INTEGER_RANGES[type]
  if (range === undefined) return [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY]
  return [Number(range[0]), type === 'byte' ? 127 : Number(range[1])]
}
