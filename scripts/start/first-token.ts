import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'

const TRIES = 5
const PAUSE_MS = 100

/**
 * The token by which the first administrator is made, as the api has logged it in this run or the one before; undefined
 * where it logged none: then somebody may manage users. The api logs it before it is ready, and the file follows a moment later.
 */
export async function firstTokenIn(logs: string): Promise<string | undefined> {
  for (let tries = 0; tries < TRIES; tries++) {
    const [now, before] = ['api.log', 'api.log.1'].map(file => linesOf(join(logs, file)))
    const told = now?.findLast(saysNobody)
    if (told !== undefined) return [told, before?.findLast(hasToken)].map(tokenOf).find(isText)
    await pause(PAUSE_MS)
  }
  return undefined
}

const linesOf = (file: string): readonly string[] =>
  existsSync(file) ? readFileSync(file, 'utf8').split('\n') : []

const saysNobody = (line: string): boolean => line.includes('"nobody may manage users: ')
const hasToken = (line: string): boolean => saysNobody(line) && tokenOf(line) !== undefined
const isText = (value: unknown): value is string => typeof value === 'string'

function tokenOf(line: string | undefined): string | undefined {
  try {
    const { token } = JSON.parse(line ?? '') as { readonly token?: unknown }
    return isText(token) ? token : undefined
  } catch {
    return undefined
  }
}
