import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { brotliCompressSync, gzipSync } from 'node:zlib'
import type { Test } from 'tap'

const script = 'export {}'

/** A built console of one page and one script, `assets/app-1a2b3c4d.js`, compressed too; it is removed with the test. */
export function makeConsole(t: Test): { readonly folder: string; readonly script: string } {
  const folder = mkdtempSync(join(tmpdir(), 'meridian-console-'))
  t.teardown(() => rmSync(folder, { recursive: true }))
  mkdirSync(join(folder, 'assets'))
  writeFileSync(join(folder, 'index.html'), '<!doctype html><title>console</title>')
  const file = join(folder, 'assets', 'app-1a2b3c4d.js')
  writeFileSync(file, script)
  writeFileSync(`${file}.br`, brotliCompressSync(script))
  writeFileSync(`${file}.gz`, gzipSync(script))
  return { folder, script }
}
