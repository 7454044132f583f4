import type { SiteAnswer, SiteComponentAnswer } from '@meridian/protocol/http'
import type { ComponentSpec } from '../catalogue.ts'
import { recall, remember } from '../remembered.ts'

/** A command that ends motion or work, with the parameters that one press sends. */
export interface Stop {
  readonly command: string
  readonly params: Readonly<Record<string, unknown>>
}

/** By component, then by command: the parameters that one press sends. */
type StopTable = Readonly<Record<string, NonNullable<SiteComponentAnswer['stops']>>>

/** The stops of a site as this browser was last told. */
interface RememberedStops {
  readonly site: string
  readonly stops: StopTable
}

const KEY = 'stops'

/** Remembers the stops of a site in this browser: a page that finds no api can still stop what moves. */
export function rememberStops({ name, components }: SiteAnswer): void {
  const stops = Object.fromEntries(
    Object.entries(components).flatMap(([csc, facts]) => (facts.stops ? [[csc, facts.stops]] : []))
  )
  remember('browser', KEY, { site: name, stops } satisfies RememberedStops)
}

/** What this browser remembers of the stops of a component, if it was of this very site. */
export function recallStops(site: string | undefined, csc: string): SiteComponentAnswer['stops'] {
  const held = recall('browser', KEY) as Partial<RememberedStops> | undefined
  if (site === undefined || held?.site !== site || typeof held.stops !== 'object') return undefined
  return Object.hasOwn(held.stops, csc) ? held.stops[csc] : undefined
}

/** `stop` itself goes first, for the keyboard sends the first one; then by name. */
const before = (a: Stop, b: Stop): number =>
  Number(b.command === 'stop') - Number(a.command === 'stop') || a.command.localeCompare(b.command)

/** Where the stops of a component are told; each source may be missing while the api is away. */
export interface StopSources {
  /** What the catalogue says of the component; undefined until it has answered. */
  readonly spec?: Pick<ComponentSpec, 'commands'> | undefined
  /** What the site tells of the component, or what this browser remembers of that. */
  readonly stops?: SiteComponentAnswer['stops'] | undefined
}

/** The stops and aborts of a component, the most general first. */
export function stopsOf({ spec, stops = {} }: StopSources): readonly Stop[] {
  const catalogued = (spec?.commands ?? []).flatMap(({ name, stop }) =>
    stop === undefined ? [] : [[name, stop.parameters] as const]
  )
  const all = { ...stops, ...Object.fromEntries(catalogued) }
  return Object.entries(all)
    .map(([command, params]) => ({ command, params }))
    .sort(before)
}

/** What a keyboard sends the first stop of a page with: three keys at once, which nobody presses by accident. */
export const STOP_KEYS = ['Alt', 'Shift', 'S'] as const

/** True for the chord of `STOP_KEYS`, wherever the letter stands on the keyboard; a key held down counts once. */
export const isStopChord = ({
  altKey,
  shiftKey,
  ctrlKey,
  metaKey,
  code,
  key,
  repeat
}: Pick<KeyboardEvent, 'altKey' | 'shiftKey' | 'ctrlKey' | 'metaKey' | 'code' | 'key' | 'repeat'>): boolean =>
  altKey && shiftKey && !ctrlKey && !metaKey && !repeat && (code === 'KeyS' || key.toLowerCase() === 's')
