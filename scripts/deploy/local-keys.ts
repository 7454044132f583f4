import { existsSync } from 'node:fs'
import { newKeys, textOfKeys } from '../site/key-lines.ts'
import { writePrivateFile } from '../start/private-files.ts'

/**
 * Writes the keys of the component secrets-local where its file is missing: a seed for each kind of process, and the
 * word of the admin. Only the owner may read it. Returns whether it was written.
 */
export function ensureLocalKeys(file: string): boolean {
  if (existsSync(file)) return false
  writePrivateFile(file, textOfKeys(newKeys('').all))
  return true
}
