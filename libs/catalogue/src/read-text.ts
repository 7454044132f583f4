import { readFileSync } from 'node:fs'
import { AppError, type Code } from '@meridian/errors'

/** The text of a file; throws `code`, with the path in its facts, where it cannot be read. */
export function readText(file: string, code: Code): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (cause) {
    throw new AppError(code, { cause, detail: `'${file}'`, file })
  }
}
