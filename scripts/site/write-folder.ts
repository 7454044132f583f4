import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { identityOf } from '../start/process-identity.ts'
import type { GeneratedFiles } from './generated-files.ts'

/** A file that is not as it should be, and how. */
export interface Drift {
  readonly path: string
  readonly what: 'differs' | 'is missing' | 'is left over'
}

/** In what a folder differs from files; empty where in nothing. */
export function driftOf(folder: string, files: GeneratedFiles): readonly Drift[] {
  const there = existsSync(folder) ? filesIn(folder) : []
  const missing = [...files].flatMap(([path, text]): Drift[] => {
    if (!there.includes(path)) return [{ path, what: 'is missing' }]
    return readFileSync(join(folder, path), 'utf8') === text ? [] : [{ path, what: 'differs' }]
  })
  const leftOver = there
    .filter(path => !files.has(path))
    .map(path => ({ path, what: 'is left over' }) as const)
  return [...missing, ...leftOver].sort((a, b) => (a.path < b.path ? -1 : 1))
}

const filesIn = (folder: string): readonly string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter(entry => !entry.isDirectory())
    .map(entry => join(entry.parentPath, entry.name).slice(folder.length + 1))

/** How what a process writes beside its place is called until it is whole: `generated.4711.new`. */
const DRAFT = /\.(\d+)\.(?:new|old|draft)$/

/** Whether a folder has the name of a draft: one that is written beside the old one and then takes its place. */
export const isDraft = (name: string): boolean => DRAFT.test(name)

/** Removes from a folder what processes left there that were killed while they wrote. */
export function removeLeftOvers(folder: string): void {
  if (!existsSync(folder)) return
  for (const name of readdirSync(folder)) {
    const [, pid] = DRAFT.exec(name) ?? []
    if (pid !== undefined && identityOf(Number(pid)) === undefined)
      rmSync(join(folder, name), { recursive: true, force: true })
  }
}

/**
 * Replaces a folder by files. They are written beside it first, so that it is never half written: a process that is
 * ended leaves the old folder, or the new one; what one that was killed left beside it goes with the next.
 */
export function replaceFolder(folder: string, files: GeneratedFiles): void {
  removeLeftOvers(dirname(folder))
  const [written, replaced] = [`${folder}.${process.pid}.new`, `${folder}.${process.pid}.old`]
  try {
    for (const [path, text] of files) {
      mkdirSync(dirname(join(written, path)), { recursive: true })
      writeFileSync(join(written, path), text)
    }
    if (existsSync(folder)) renameSync(folder, replaced)
    renameSync(written, folder)
  } finally {
    if (!existsSync(folder) && existsSync(replaced)) renameSync(replaced, folder)
    for (const leftOver of [written, replaced]) rmSync(leftOver, { recursive: true, force: true })
  }
}
