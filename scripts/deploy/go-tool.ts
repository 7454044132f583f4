import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from '../root.ts'
import { runTool } from '../run-tool.ts'

/** What `deploy:check` builds and downloads once. */
export const deployCache = join(root, 'node_modules/.cache/deploy')

/** Where each program that is written in Go comes from, at the version that we check with: a line for each. */
export const goToolsFile = join(root, 'scripts/deploy/go-tools.txt')

/**
 * `kustomize` renders overlays; that of kubectl before 1.36 takes twice as long or three times. `kubeconform` holds
 * objects against schemas.
 */
type GoTool = 'kustomize' | 'kubeconform'

/** Path of a tool, from the cache or built into it within some seconds. Throws RUN_TOOL_FAILED where Go is missing. */
export async function obtainGoTool(name: GoTool): Promise<string> {
  const { from, version } = sourceOf(name)
  const folder = join(deployCache, `${name}-${version}`)
  const path = join(folder, name)
  if (!existsSync(path))
    await runTool('go', ['install', `${from}@${version}`], {
      timeoutMs: 300_000,
      env: { ...process.env, GOBIN: folder, GOFLAGS: '-buildvcs=false' }
    })
  return path
}

function sourceOf(tool: GoTool): { readonly from: string; readonly version: string } {
  const lines = readFileSync(goToolsFile, 'utf8').split('\n')
  const [, from, version] = lines.map(line => line.split(' ')).find(([name]) => name === tool) ?? []
  if (from === undefined || version === undefined) throw new Error(`${goToolsFile} has no line of ${tool}`)
  return { from, version }
}
