import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

/** The version that Meridian is tested with. */
export const PINNED = '2.15.2'
/** The least that production accepts; an older one runs for development, with a warning. */
export const LEAST = '2.14.9'

/** A nats-server that was run on this machine, and the version that it gave. */
export interface Found {
  readonly path: string
  readonly version: string
}

const run = promisify(execFile)

/** Asks a binary for its version; undefined when it is not a nats-server that runs here. */
export async function probe(path: string): Promise<Found | undefined> {
  try {
    const { stdout } = await run(path, ['--version'], { timeout: 5000 })
    const version = /v?(\d+\.\d+\.\d+)/.exec(stdout)?.[1]
    return version === undefined ? undefined : { path, version }
  } catch {
    return undefined
  }
}

/** Whether version `a` is at least `b`; both `major.minor.patch`. */
export function atLeast(a: string, b: string): boolean {
  const [left, right] = [a, b].map(v => v.split('.').map(Number)) as [number[], number[]]
  for (let i = 0; i < 3; i++) {
    const difference = (left[i] ?? 0) - (right[i] ?? 0)
    if (difference !== 0) return difference > 0
  }
  return true
}
