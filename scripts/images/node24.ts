/** Node as images have it, from npm: the base of local images is made of it, and bundles are tried under it. */
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { AppError } from '@meridian/errors'
import { root } from '../root.ts'
import { runTool } from '../run-tool.ts'

const VERSION = '24.22.3'
/** Of npm's package node-linux-<processor> of that version. */
const SHA512: Readonly<Record<string, string>> = {
  x64: 'KHsob+Fv9YerATvYujMbiyJqnRCvLtrcr/eTNqRqiOSGp97EOiRP1yP47+knGgQ/xnc3XY8xzkW587dlZzNqRA=='
}

/**
 * The path of a Node 24 of the pinned version; fetched from the registry that npm is set to, at the first time, into
 * node_modules/.cache. Rejects with RUN_TOOL_FAILED where it cannot be had for this machine.
 */
export async function obtainNode24(): Promise<string> {
  const cache = join(root, 'node_modules/.cache/node24')
  const binary = join(cache, VERSION, 'bin/node')
  if (existsSync(binary)) return binary
  mkdirSync(cache, { recursive: true })
  const fresh = mkdtempSync(join(cache, 'fetch-'))
  try {
    await unpackInto(fresh)
    renameSync(join(fresh, 'package'), join(cache, VERSION))
  } catch (error) {
    // Somebody else may have been faster.
    if (!existsSync(binary)) throw error
  } finally {
    rmSync(fresh, { recursive: true, force: true })
  }
  return binary
}

async function unpackInto(folder: string): Promise<void> {
  const { arch, platform } = process
  const expected = platform === 'linux' ? SHA512[arch] : undefined
  if (expected === undefined)
    throw new AppError('RUN_TOOL_FAILED', {
      detail: `no Node ${VERSION} is known for ${platform} on ${arch}`
    })
  await runTool('npm', ['pack', `node-linux-${arch}@${VERSION}`, '--silent'], { cwd: folder })
  const file = join(folder, `node-linux-${arch}-${VERSION}.tgz`)
  const sum = createHash('sha512').update(readFileSync(file)).digest('base64')
  if (sum !== expected)
    throw new AppError('RUN_TOOL_FAILED', {
      detail: `npm: node-linux-${arch}@${VERSION} is not what was pinned: ${sum}`
    })
  await runTool('tar', ['xzf', file, '-C', folder, 'package/bin/node', 'package/LICENSE'])
}
