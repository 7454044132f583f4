import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { root } from '../root.ts'

/** Where `.ci/install` unpacks Debian's package. */
const UNPACKED = join(root, 'node_modules/.cache/prometheus/usr/bin/promtool')

/** Path of promtool, from the PATH or as `.ci/install` unpacked it; undefined where there is none. */
export function findPromtool(): string | undefined {
  if (spawnSync('promtool', ['--version']).status === 0) return 'promtool'
  return existsSync(UNPACKED) ? UNPACKED : undefined
}
