import { randomBytes } from 'node:crypto'
import { apiPrefixOf, createNkey } from '@meridian/broker'
import { type ProcessKind, processKinds } from '@meridian/subjects'

/**
 * The secrets of a site as `NAME=value` lines, by name: `<kind>.seed` of each kind of process, `leaf.seed` of the broker itself,
 * `admin.word`; and `admin.conf` and `leaf.conf`, the lines of these that the broker's nats.conf includes. Those that `text` has
 * are kept, but for the seeds of kinds that are renewed. `kept` counts them.
 */
export function newKeys(text: string, renew: readonly ProcessKind[] = []) {
  const there = linesIn(text)
  for (const kind of renew) there.delete(`${kind}.seed`)
  const keep = (name: string, make: () => string): string => there.get(name) ?? make()
  const seed = (name: string) => [`${name}.seed`, keep(`${name}.seed`, () => createNkey().seed)] as const
  const word = keep('admin.word', () => randomBytes(24).toString('base64url'))
  const leaf = seed('leaf')
  const all: ReadonlyMap<string, string> = new Map([
    ...processKinds.map(seed),
    ['admin.word', word],
    // Kept where somebody lists a second word.
    ['admin.conf', keep('admin.conf', () => `"${apiPrefixOf(word)}.>": "${apiPrefixOf('>')}"`)],
    leaf,
    ['leaf.conf', `nkey: ${leaf[1]}`]
  ])
  return { all, kept: [...all].filter(([name, value]) => there.get(name) === value).length }
}

/** The lines of a file for `kustomize` and for secret stores. */
export const textOfKeys = (keys: ReadonlyMap<string, string>): string =>
  [...keys].map(([name, value]) => `${name}=${value}\n`).join('')

const linesIn = (text: string): Map<string, string> =>
  new Map(
    text
      .split('\n')
      .filter(line => line.includes('='))
      .map(line => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)])
  )
