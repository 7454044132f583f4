/**
 * Runs the tests that lie beside the code of the package in whose folder it is started (`src/**\/*.test.ts`)
 * in one process: a process for each file costs 0.9 s of CPU before its first test. One file by itself:
 * `npx tap src/some.test.ts`.
 */
import { readdirSync } from 'node:fs'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import '../src/compile-by-tsx.cjs'
import 'tsx'

// Seconds for each test, as in .taprc.
process.env.TAP_TIMEOUT ??= '900'

const files = readdirSync('src', { recursive: true, encoding: 'utf8' }).filter(name =>
  name.endsWith('.test.ts')
)
for (const file of files.sort()) await import(pathToFileURL(resolve('src', file)).href)
