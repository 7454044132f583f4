import { existsSync, readdirSync, statSync } from 'node:fs'
import { homedir } from 'node:os'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const REPOSITORY = fileURLToPath(new URL('../../..', import.meta.url))
const NAME = 'nats-server'

/**
 * The nats-server that tests run: `NATS_SERVER_BIN`, then the repository's cache, then PATH, then Go's folder
 * of binaries. Throws an Error that names every place searched.
 */
export function findNatsServer(env: NodeJS.ProcessEnv = process.env): string {
  const cache = join(REPOSITORY, 'node_modules', '.cache', NAME)
  const path = (env['PATH'] ?? '').split(delimiter).filter(folder => folder !== '')
  const goBin = env['GOBIN'] ?? join(env['GOPATH'] ?? join(homedir(), 'go'), 'bin')
  const candidates = [
    env['NATS_SERVER_BIN'],
    binaryUnder(cache),
    ...[...path, goBin].map(folder => join(folder, NAME))
  ]
  const found = candidates.find(file => file !== undefined && isFile(file))
  if (found !== undefined) return found
  throw new Error(
    `no nats-server: NATS_SERVER_BIN, ${cache}, PATH and ${goBin} have none; run 'npm start' once`
  )
}

function binaryUnder(folder: string): string | undefined {
  if (!existsSync(folder)) return undefined
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  const newest = files
    .filter(file => file.split(/[\\/]/).at(-1) === NAME)
    .sort(byVersion)
    .at(-1)
  return newest === undefined ? undefined : join(folder, newest)
}

const byVersion = (a: string, b: string): number => a.localeCompare(b, 'en', { numeric: true })
const isFile = (file: string): boolean => statSync(file, { throwIfNoEntry: false })?.isFile() ?? false
