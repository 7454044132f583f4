import { randomBytes } from 'node:crypto'
import { existsSync, writeFileSync } from 'node:fs'
import { createNkey } from '@meridian/broker'
import { processKinds } from '@meridian/subjects'

/**
 * Writes the keys of the component secrets-local where its file is missing: a seed for each kind of process, and the
 * word of the admin. Only the owner may read it. Returns whether it was written.
 */
export function ensureLocalKeys(file: string): boolean {
  if (existsSync(file)) return false
  const seeds = processKinds.map(kind => `${kind}.seed=${createNkey().seed}`)
  const word = `admin.word=${randomBytes(24).toString('base64url')}`
  writeFileSync(file, `${[...seeds, word].join('\n')}\n`, { mode: 0o600 })
  return true
}
