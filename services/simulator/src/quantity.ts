import type { Field } from '@meridian/catalogue'

/**
 * The usual values of a numeric field: their centre, the spread between fields of its kind, and the swing of
 * one field over time.
 */
export interface Quantity {
  readonly base: number
  readonly spread: number
  readonly swing: number
  readonly least?: number
  readonly most?: number
}

type Rule = readonly [units: RegExp, name: RegExp, quantity: Quantity]

const ANY = /./
const q = (base: number, spread: number, swing: number, least?: number, most?: number): Quantity => ({
  base,
  spread,
  swing,
  ...(least !== undefined && { least }),
  ...(most !== undefined && { most })
})

const CELSIUS = /^(celsius|deg[ _]?c|°c|c)$/i
const PERCENT = /^(%|pct|percent)$/i
const DEGREE = /^(deg|degree|degrees|°)$/i
const PASCAL = /^(pa|pascal)$/i
const NONE = /^(unitless|dimensionless|)$/i

/** The first rule that fits units and name counts, so special rules come before general ones. */
const rules: readonly Rule[] = [
  [CELSIUS, /ccd|cryo|coldplate|cold_?plate/i, q(-95, 4, 0.2)],
  [CELSIUS, /dew/i, q(-8, 1, 1)],
  [CELSIUS, /coil|drive|motor|cpu|fpga|board/i, q(24, 4, 1)],
  [CELSIUS, /gradient|differential|error|rate/i, q(0, 0.2, 0.1)],
  [CELSIUS, ANY, q(10, 2.5, 1.2, -40, 60)],
  [PERCENT, /humid/i, q(28, 5, 4, 0, 100)],
  [PERCENT, /torque|error/i, q(0, 4, 2, -100, 100)],
  [PERCENT, /battery|charge|free/i, q(92, 5, 1, 0, 100)],
  [PERCENT, ANY, q(45, 25, 6, 0, 100)],
  [DEGREE, /sunAlt/i, q(-38, 0, 4)],
  [DEGREE, /error|offset|tilt|rot(ation)?[xyz]|[xyz]rot/i, q(0, 0.002, 0.0005)],
  [DEGREE, /^(el|alt)|elevation|altitude|inclin/i, q(62, 4, 3, 0, 90)],
  [DEGREE, /latitude/i, q(-30.2446, 0, 0)],
  [DEGREE, /longitude/i, q(-70.7494, 0, 0)],
  [DEGREE, /nasmyth|rot/i, q(0, 20, 10, -90, 90)],
  [DEGREE, /decl|^dec/i, q(-30, 10, 2, -90, 90)],
  [DEGREE, /phase|angle/i, q(30, 20, 5, -180, 180)],
  [DEGREE, ANY, q(150, 60, 10, 0, 360)],
  [/^deg ?\/ ?s(econd)?$/i, ANY, q(0, 0.002, 0.004)],
  [/^deg ?\/ ?s(\^|\*\*)?[23]$/i, ANY, q(0, 0.001, 0.002)],
  [/^arcsec/i, /fwhm|seeing/i, q(0.75, 0.1, 0.15, 0.3, 3)],
  [/^arcsec/i, ANY, q(0, 0.2, 0.1)],
  [/^(rad|radian)$/i, ANY, q(0.5, 0.3, 0.05)],
  [/^(v|volt)$/i, /hv|bias/i, q(48, 6, 0.05)],
  [/^(v|volt)$/i, /publisher|main|phase|van|vbn|vcn|rms|l[123]/i, q(228, 3, 1.5)],
  [/^(v|volt)$/i, ANY, q(24, 10, 0.1, 0)],
  [/^mv$/i, ANY, q(120, 60, 2)],
  [/^ma$/i, ANY, q(320, 180, 12, 0)],
  [/^(a|amp|ampere)$/i, ANY, q(3.2, 2.4, 0.3, 0)],
  [PASCAL, /differential|delta|fan|duct/i, q(20, 8, 2)],
  [PASCAL, ANY, q(74_300, 60, 80)],
  [/^kpa$/i, ANY, q(320, 60, 4, 0)],
  [/^mbar$/i, ANY, q(743, 1, 1)],
  [/^bar$/i, ANY, q(3.4, 1.2, 0.08, 0)],
  [/^psi[ag]?$/i, ANY, q(42, 15, 0.6, 0)],
  [/^torr/i, ANY, q(2e-6, 1e-6, 2e-7, 0)],
  [/^in\.? ?h/i, ANY, q(0.4, 0.2, 0.03)],
  [/^(um|micron|µm|micrometer)$/i, ANY, q(0, 40, 2)],
  [/^(mm|millimeter)$/i, ANY, q(12, 8, 0.2)],
  [/^(nm|nanometer)$/i, ANY, q(620, 60, 0.2, 0)],
  [/^(m|meter)$/i, ANY, q(1.2, 0.6, 0.01)],
  [/^(n|newton)$/i, ANY, q(0, 120, 9)],
  [/^mn$/i, ANY, q(0, 20, 2)],
  [/^(n m|n\*m|nm|newton\*meter)$/i, ANY, q(0, 60, 6)],
  [/^rpm$|^min-1$/i, ANY, q(1450, 350, 12, 0)],
  [/^rpm\/s$/i, ANY, q(0, 2, 1)],
  [/^(l\/min|gallon\/min|m3\/h|m3\/min)$/i, ANY, q(38, 15, 1, 0)],
  [/^hz$/i, /publisher|main|input|output|bypass|system|inlet|outlet|frequencyl/i, q(50, 0.02, 0.02)],
  [/^hz$/i, ANY, q(36, 12, 0.4, 0)],
  [/^(kw|kva|kvar)$/i, ANY, q(14, 9, 1, 0)],
  [/^(w|watt|va|v ?\* ?a)$/i, ANY, q(140, 90, 6, 0)],
  [/^(m\/s|meter\/second)$/i, ANY, q(4.5, 1, 2, 0)],
  [/^mm\/s$/i, ANY, q(0, 0.05, 0.02)],
  [/^(m\/s2|m\/s\^2|m\/s\*\*2|g0|g|mm\/s2)$/i, ANY, q(0, 0.004, 0.01)],
  [/^(ms|millisecond)$/i, ANY, q(18, 6, 2, 0)],
  [/^(mg|ug)\/m3$/i, ANY, q(2, 1, 0.4, 0)],
  [/^(ppm)$/i, ANY, q(480, 60, 20, 0)],
  [/^kv ?\/ ?m$/i, ANY, q(0.12, 0.04, 0.03, 0)],
  [/^mm\/h/i, ANY, q(0, 0, 0)],
  [/^(gbyte|gb)$/i, ANY, q(5200, 900, 10, 0)],
  [/^(kg)$/i, ANY, q(320, 60, 0.1, 0)],
  [/^(pixel)$/i, /fwhm|rms|sigma/i, q(4.2, 0.6, 0.4, 0)],
  [/^(pixel)$/i, ANY, q(512, 40, 0.5, 0)],
  [/^(day|hour|h|min|minute)$/i, ANY, q(6, 3, 0.05, 0)],
  [/hz/i, ANY, q(1e-7, 5e-8, 2e-8, 0)],
  [NONE, /fraction|ratio|factor|efficien|probab/i, q(0.9, 0.06, 0.02, 0, 1)],
  [NONE, /airmass/i, q(1.2, 0.1, 0.05, 1, 3)],
  [NONE, /temperature|temp$/i, q(14, 4, 1)],
  [NONE, /pressure/i, q(7, 1, 0.1, 0)],
  [NONE, /speed|rpm/i, q(1450, 300, 12, 0)],
  [NONE, /current/i, q(12, 5, 0.5, 0)],
  [NONE, /voltage/i, q(228, 4, 1, 0)],
  [NONE, /power/i, q(30, 10, 1, 0)],
  [NONE, /mode|state|status|switch|select|contact|code|fault|alarm|error/i, q(0, 0, 0)],
  [NONE, ANY, q(0.5, 0.3, 0.05)]
]

const OTHER = q(5, 2, 0.3)
const SHAKING = q(0, 0.001, 0.004)
const CARBON_DIOXIDE = q(480, 60, 20, 0)

/** The usual values of a field; set points do not change with time. */
export function quantityOf({ name, units }: Pick<Field, 'name' | 'units'>): Quantity {
  const text = units.trim()
  const found =
    particularOf(name) ?? rules.find(([unit, like]) => unit.test(text) && like.test(name))?.[2] ?? OTHER
  return /set_?point|limit|config|max|min|coef|gain|tolerance/i.test(name) ? { ...found, swing: 0 } : found
}

/** Rules for names that say more than their units. */
function particularOf(name: string): Quantity | undefined {
  if (/co2/i.test(name)) return CARBON_DIOXIDE
  return /^acceleration(EastWest|NorthSouth|Zenith)$/.test(name) ? SHAKING : undefined
}

/** True for times of day and stamps in seconds, as against durations. */
export const isTime = ({ name, type }: Pick<Field, 'name' | 'type'>): boolean =>
  type === 'double' &&
  (/timestamp|sunset|sunrise|twilight|moonrise|moonset/i.test(name) || INSTANT.test(name))

const INSTANT =
  /^(tai|utc|time|taiTime|taiDataStart|.*Tai|startTime|endTime|requestTime|currentTime|obsTime)$/

/** True for whole numbers that only grow. */
export const isCounter = (name: string): boolean =>
  /count|counter|ticks|odometer|totalizer|number$|sequence|_rx|_tx|heartbeats|energy|hours$/i.test(name) &&
  !/version|concentration|discount|error|fault|fail|miss|overflow|down/i.test(name)

/** True for flags that say that something is wrong, or forbidden, or off. */
export const isTrouble = (name: string): boolean =>
  /warn|fault|error|alarm|fail|trip|interlock|emergency|lost|invalid|mismatch|overload|low|high|blown|breaker|disabled|stale|critical|alert|smoke|door|leak|panic|test|island|block|manual|heating|homing|moving|busy|brak|abort|simul|off$|override|bypass|limit|timeout|reject|violat|overheat|missing|raining|snowing/i.test(
    name
  )
