import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { AppError } from '@meridian/errors'
import { type Buildah, createBuildah } from './buildah.ts'
import { startContainer } from './container.ts'
import { writeBase } from './local-base.ts'
import { readOciImage } from './oci-layout.ts'

/**
 * Makes the local base in this folder and runs Node in it, as an image would. Rejects with RUN_TOOL_FAILED where
 * buildah or runc is missing, or cannot work on this machine.
 */
export async function prepareBase(folder: string): Promise<Buildah> {
  const buildah = createBuildah(join(folder, 'buildah'))
  await writeBase(join(folder, 'base'))
  await buildah.buildBase(join(folder, 'base'))
  await buildah.save('base', join(folder, 'base-layout'))
  const image = {
    ...readOciImage(join(folder, 'base-layout')),
    user: '65532:65532',
    env: ['PATH=/nodejs/bin']
  }
  const trial = { folder: join(folder, 'base-trial'), rootFolder: join(folder, 'base'), image, env: {} }
  const container = await startContainer({ ...trial, args: ['node', '--version'] })
  const { code, printed } = await container.ended
  if (code !== 0) throw new AppError('RUN_TOOL_FAILED', { detail: `runc cannot run Node: ${printed.trim()}` })
  return buildah
}

/** Why images can be neither built nor run on this machine; undefined: they can. */
export async function whyNoImages(): Promise<string | undefined> {
  const folder = mkdtempSync(join(tmpdir(), 'meridian-images-'))
  try {
    await prepareBase(folder)
    return undefined
  } catch (error) {
    if (error instanceof AppError && error.code === 'RUN_TOOL_FAILED') return error.message
    throw error
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
