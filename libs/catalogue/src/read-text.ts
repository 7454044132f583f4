import { readFileSync } from 'node:fs'
import { brotliDecompressSync } from 'node:zlib'
import { AppError, type Code } from '@meridian/errors'

/**
 * The text of a file, of one that ends in `.br` what Brotli has compressed; throws `code`, with the path in its facts,
 * where it cannot be read.
 */
export function readText(file: string, code: Code): string {
  try {
    const bytes = readFileSync(file)
    return String(file.endsWith('.br') ? brotliDecompressSync(bytes) : bytes)
  } catch (cause) {
    throw new AppError(code, { cause, detail: `'${file}'`, file })
  }
}
