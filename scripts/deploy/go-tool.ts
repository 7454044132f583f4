import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { root } from '../root.ts'
import { runTool } from '../run-tool.ts'

/** What `deploy:check` builds and downloads once. */
export const deployCache = join(root, 'node_modules/.cache/deploy')

/** A program written in Go, at the version that we check with. */
export interface GoTool {
  readonly name: string
  /** Package that `go install` builds. */
  readonly from: string
  readonly version: string
}

/** Renders overlays; that of kubectl before 1.36 takes twice as long or three times. */
export const kustomize: GoTool = {
  name: 'kustomize',
  from: 'sigs.k8s.io/kustomize/kustomize/v5',
  version: 'v5.8.1'
}

/** Holds objects against schemas. */
export const kubeconform: GoTool = {
  name: 'kubeconform',
  from: 'github.com/yannh/kubeconform/cmd/kubeconform',
  version: 'v0.8.0'
}

/** Path of a tool, from the cache or built into it within some seconds. Throws where Go is missing. */
export async function obtainGoTool({ name, from, version }: GoTool): Promise<string> {
  const folder = join(deployCache, `${name}-${version}`)
  const path = join(folder, name)
  if (!existsSync(path))
    await runTool('go', ['install', `${from}@${version}`], {
      timeoutMs: 300_000,
      env: { ...process.env, GOBIN: folder, GOFLAGS: '-buildvcs=false' }
    })
  return path
}
