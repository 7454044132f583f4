import { join } from 'node:path'
import { build } from 'vite'
import { root } from '../root.ts'
import { emitDeclarations } from './emit-declarations.ts'
import { PAGE_ENTRIES, PROGRAM_ENTRIES, pageConfig, programConfig } from './sdk-configs.ts'
import { writeDeclarations } from './sdk-declarations.ts'

/** Writes the SDK's modules for Node into a folder, and those of browsers into `page/` in it, each with its types. */
export async function writeSdk(folder: string): Promise<void> {
  await build({ root, ...programConfig(folder) })
  await build({ root, ...pageConfig(join(folder, 'page')) })
  const files = emitDeclarations(
    Object.values({ ...PAGE_ENTRIES, ...PROGRAM_ENTRIES }).map(source => join(root, source))
  )
  writeDeclarations(folder, PROGRAM_ENTRIES, files)
  writeDeclarations(join(folder, 'page'), PAGE_ENTRIES, files)
}
