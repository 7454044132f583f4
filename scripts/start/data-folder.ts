import { accessSync, constants, lstatSync, type Stats } from 'node:fs'
import { join } from 'node:path'
import { AppError } from '@meridian/errors'
import { makeFolder } from '../make-folder.ts'

/**
 * Makes the data folder and looks whether it can be used: what a start writes in it must be files and folders
 * of its own, because opening a pipe or a device can wait for ever. Throws RUN_BAD_FOLDER.
 */
export function openDataFolder(data: string): void {
  const refuse = (why: string, cause?: unknown): never => {
    throw new AppError('RUN_BAD_FOLDER', { detail: `${data}: ${why}`, cause })
  }
  const earlier = statsOf(data)
  if (earlier !== undefined && !earlier.isDirectory() && !earlier.isSymbolicLink()) refuse('not a folder')
  try {
    makeFolder(data)
    accessSync(data, constants.R_OK | constants.W_OK | constants.X_OK)
    for (const name of FOLDERS) makeFolder(join(data, name))
  } catch (cause) {
    refuse(cause instanceof Error ? cause.message : String(cause), cause)
  }
  for (const name of FILES)
    if (statsOf(join(data, name))?.isFile() === false) refuse(`${name} in it is not a file`)
}

const FOLDERS = ['log', 'claims']
const FILES = ['nats.conf', 'run.json']

function statsOf(path: string): Stats | undefined {
  try {
    return lstatSync(path)
  } catch {
    return undefined
  }
}
