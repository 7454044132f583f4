import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { runTool } from '../../run-tool.ts'
import { deployCache } from '../go-tool.ts'

/** Paths of the programs of which a Kubernetes that only judges consists. */
export interface ServerPrograms {
  readonly etcd: string
  readonly apiServer: string
  readonly kubectl: string
}

/** The module that pins their versions: they are the main package of it and packages that it requires. */
const MODULE = fileURLToPath(new URL('go', import.meta.url))
const PACKAGES: Readonly<Record<keyof ServerPrograms, string>> = {
  etcd: 'go.etcd.io/etcd/server/v3',
  kubectl: 'k8s.io/kubernetes/cmd/kubectl',
  apiServer: '.'
}
/** Each: kube-apiserver takes minutes and 2 GB of memory where nothing of it is built yet. */
const BUILD_MS = 20 * 60_000

/**
 * The programs, from the cache or built into it from Go modules, which takes some minutes once; each is told when
 * it begins. Throws where Go is missing.
 */
export async function obtainServerPrograms(tell: (line: string) => void): Promise<ServerPrograms> {
  const folder = join(deployCache, `server-${versionOf(MODULE)}`)
  if (!existsSync(folder)) await buildInto(folder, tell)
  return {
    etcd: join(folder, 'etcd'),
    apiServer: join(folder, 'apiServer'),
    kubectl: join(folder, 'kubectl')
  }
}

async function buildInto(folder: string, tell: (line: string) => void): Promise<void> {
  const making = `${folder}.${process.pid}`
  mkdirSync(making, { recursive: true })
  try {
    for (const [name, from] of Object.entries(PACKAGES)) {
      tell(
        `building ${from === '.' ? 'kube-apiserver' : from}, once; minutes where nothing of it is built yet`
      )
      await build(from, join(making, name))
    }
    renameSync(making, folder)
  } finally {
    rmSync(making, { recursive: true, force: true })
  }
}

const build = (from: string, to: string): Promise<string> =>
  runTool('go', ['build', '-trimpath', '-ldflags', '-s -w', '-o', to, from], {
    timeoutMs: BUILD_MS,
    cwd: MODULE,
    env: { ...process.env, GOFLAGS: '-buildvcs=false' }
  })

function versionOf(module: string): string {
  const hash = createHash('sha256')
  for (const file of ['go.mod', 'go.sum', 'main.go']) hash.update(readFileSync(join(module, file)))
  return hash.digest('hex').slice(0, 12)
}
