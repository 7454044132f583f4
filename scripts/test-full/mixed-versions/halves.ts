import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type * as Program from '@meridian/client/program'
import { createClient } from '@meridian/client/program'
import { scriptCommand, serviceCommand } from '@meridian/testing'
import { unpackKept } from '../../release/kept-release.ts'

/** One of the two versions that a site has at once. */
export interface Half {
  readonly name: 'old' | 'new'
  /** The arguments with which Node starts a service of it. */
  service(name: string): readonly string[]
  /** The same of a command of the terminal. */
  script(name: string): readonly string[]
  /** Of its SDK. */
  readonly createClient: typeof createClient
}

/** What stands in this repository. */
const NEW: Half = { name: 'new', service: serviceCommand, script: scriptCommand, createClient }

/** The kept release, unpacked into this folder, and what stands here. */
export async function bothHalves(folder: string): Promise<{ readonly old: Half; readonly new: Half }> {
  await unpackKept(folder)
  const sdk = (await import(pathToFileURL(join(folder, 'sdk/program.js')).href)) as typeof Program
  const old: Half = {
    name: 'old',
    service: name => [join(folder, 'services', name, 'dist/main.js')],
    script: name => [join(folder, 'scripts/dist', `${name}.js`)],
    createClient: sdk.createClient
  }
  return { old, new: NEW }
}
