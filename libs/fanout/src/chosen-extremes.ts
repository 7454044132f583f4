import type { Extreme, MinMax } from '@meridian/protocol/live'

/** The part of it that belongs to chosen fields. */
export function chosenOf({ from, count, min, max }: MinMax, names: readonly string[]): MinMax {
  const choose = (all: Readonly<Record<string, Extreme>>): Record<string, Extreme> =>
    Object.fromEntries(
      names.flatMap(name => (Object.hasOwn(all, name) ? [[name, all[name] as Extreme]] : []))
    )
  return { from, count, min: choose(min), max: choose(max) }
}
