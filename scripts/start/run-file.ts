import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** What runs where, once all is up: for `pnpm tail` and the benches. */
interface RunFile {
  readonly url: string
  readonly nats: string
  /** Folder of the keys by which the broker knows its processes and tools; undefined: it knows nobody. */
  readonly keys: string | undefined
  readonly site: string
  /** `host:port` of Kafka, and the address of its registry of schemas, where components speak SAL on it. */
  readonly kafka?: string | undefined
  readonly registry?: string | undefined
  readonly pids: Readonly<Record<string, number>>
  /** Where each process says whether it is ready. */
  readonly ready: Readonly<Record<string, string>>
}

/** What runs in a data folder, as far as its file says it; undefined: nothing. */
export function readRunFile(data: string): Partial<RunFile> | undefined {
  const file = runFileOf(data)
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined
}

/** The file in which a start says what runs in a data folder. */
export const runFileOf = (data: string): string => join(data, 'run.json')

/** The file `run.json` of a data folder: what an earlier start left is removed at once. */
export interface RunFileOwner {
  write(run: RunFile): void
  remove(): void
}

/** Takes over the file of a folder that this process owns. */
export function createRunFile(data: string): RunFileOwner {
  const file = runFileOf(data)
  const remove = (): void => rmSync(file, { force: true })
  remove()
  return {
    write: run => writeFileSync(file, `${JSON.stringify({ starter: process.pid, ...run }, null, 2)}\n`),
    remove
  }
}
