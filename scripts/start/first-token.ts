import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'

const PAUSE_MS = 100
/** A busy machine may write the lines of a log seconds after they were logged. */
const WAIT_MS = 10_000

/**
 * The token by which the first administrator is made, as the api has logged it in this run or the one before; undefined
 * where it logged none: then somebody may manage users. The api logs it before it says that it is ready, so this waits
 * for the one line or the other, `waitMs` at most (10 s).
 */
export async function firstTokenIn(logs: string, waitMs = WAIT_MS): Promise<string | undefined> {
  const lines = (file: string): readonly string[] => linesOf(join(logs, file))
  let now = lines('api.log')
  for (let waitedMs = 0; !now.some(isTold) && waitedMs < waitMs; waitedMs += PAUSE_MS) {
    await pause(PAUSE_MS)
    now = lines('api.log')
  }
  const told = now.findLast(saysNobody)
  return told && [told, lines('api.log.1').findLast(hasToken)].map(tokenOf).find(isText)
}

const linesOf = (file: string): readonly string[] =>
  existsSync(file) ? readFileSync(file, 'utf8').split('\n') : []

const saysNobody = (line: string): boolean => line.includes('"nobody may manage users: ')
const isTold = (line: string): boolean => saysNobody(line) || line.includes('"msg":"ready"')
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
