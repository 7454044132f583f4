import type { Fault } from '../policy/rule.ts'
import type { Rendering } from '../render.ts'
import { obtainDefinitions } from '../schemas/obtain.ts'
import { startApiServer } from './api-server.ts'
import { faultsOfDryRun } from './dry-run.ts'
import { obtainServerPrograms } from './programs.ts'

/**
 * What a kube-apiserver of our own has against renderings, each beside the name of its rendering. Its programs are
 * built where they are not yet, which is told on standard error. Throws where Go is missing.
 */
export async function faultsOfServer(
  renderings: readonly Rendering[]
): Promise<readonly (Fault & { readonly name: string })[]> {
  const programs = await obtainServerPrograms(line => console.error(line))
  const definitions = await obtainDefinitions()
  const server = await startApiServer(programs)
  try {
    const faults = []
    for (const rendering of renderings)
      for (const fault of await faultsOfDryRun(server, rendering, definitions))
        faults.push({ ...fault, name: rendering.name })
    return faults
  } finally {
    await server.stop()
  }
}
