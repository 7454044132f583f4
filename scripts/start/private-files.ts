import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'

const OWNER_ALONE = 0o600

/** Makes a folder that its owner alone may enter, or takes the right to do so from all others. */
export function makePrivateFolder(path: string): void {
  mkdirSync(path, { recursive: true, mode: 0o700 })
  chmodSync(path, 0o700)
}

/**
 * Writes a file that its owner alone may read; a reader sees the old text or the new one, never a part. What stands in its way under the
 * name of the draft, such as a link to another file, is removed and never written through.
 */
export function writePrivateFile(path: string, text: string): void {
  const next = `${path}.new`
  rmSync(next, { force: true })
  writeFileSync(next, text, { mode: OWNER_ALONE, flag: 'wx' })
  chmodSync(next, OWNER_ALONE)
  renameSync(next, path)
}

/** The text of a private file, which `make` gives where there is none yet; no others may read it afterwards. */
export function keepPrivateFile(path: string, make: () => string): string {
  if (!existsSync(path)) writePrivateFile(path, make())
  chmodSync(path, OWNER_ALONE)
  return readFileSync(path, 'utf8')
}
