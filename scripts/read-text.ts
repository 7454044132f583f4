import { readFileSync, statSync } from 'node:fs'
import { AppError } from '@meridian/errors'

/**
 * The text of a file that somebody named. Throws what the system says, which names the file, and RUN_BAD_FILE
 * for a folder: of that the system does not say which.
 */
export function readText(file: string): string {
  if (statSync(file).isDirectory())
    throw new AppError('RUN_BAD_FILE', { detail: `${file} is a folder, and no file` })
  return readFileSync(file, 'utf8')
}
