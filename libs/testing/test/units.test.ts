/**
 * The tests that lie beside the code of the package in whose folder this runs (`src/**\/*.test.ts`), in one
 * process: a process for each file costs 0.9 s of CPU before its first test. `tap src/some.test.ts` runs one
 * file by itself.
 */
import { readdirSync } from 'node:fs'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'

const files = readdirSync('src', { recursive: true, encoding: 'utf8' }).filter(name =>
  name.endsWith('.test.ts')
)
for (const file of files.sort()) await import(pathToFileURL(resolve('src', file)).href)
