import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { brotliCompressSync, constants, gzipSync } from 'node:zlib'
import type { Plugin } from 'vite'

const TEXT = /\.(html|js|css|svg)$/

/**
 * Writes each text file of a build once more as `.br` and `.gz`, so that the api sends it small and compresses
 * nothing itself.
 */
export function precompress(): Plugin {
  return {
    name: 'precompress',
    apply: 'build',
    writeBundle({ dir = 'dist' }) {
      for (const name of readdirSync(dir, { recursive: true, encoding: 'utf8' })) {
        if (!TEXT.test(name)) continue
        const text = readFileSync(join(dir, name))
        const size = { [constants.BROTLI_PARAM_SIZE_HINT]: text.length }
        writeFileSync(join(dir, `${name}.br`), brotliCompressSync(text, { params: size }))
        writeFileSync(join(dir, `${name}.gz`), gzipSync(text, { level: 9 }))
      }
    }
  }
}
