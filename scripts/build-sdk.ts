import { join, resolve } from 'node:path'
import { build } from 'vite'
import { emitDeclarations } from './build/emit-declarations.ts'
import { PAGE_ENTRIES, PROGRAM_ENTRIES, pageConfig, programConfig } from './build/sdk-configs.ts'
import { writeDeclarations } from './build/sdk-declarations.ts'
import { createCommand, refuse } from './command-line.ts'
import { root } from './root.ts'

createCommand('build:sdk')
  .description('Writes the SDK for programs and pages outside of this repository.')
  .argument('<dir>', 'folder for the modules of Node; those of browsers go into its folder page/')
  .action(async (dir: string) => {
    const folder = resolve(dir)
    await build({ root, ...programConfig(folder) })
    await build({ root, ...pageConfig(join(folder, 'page')) })
    const files = emitDeclarations(
      Object.values({ ...PAGE_ENTRIES, ...PROGRAM_ENTRIES }).map(source => join(root, source))
    )
    writeDeclarations(folder, PROGRAM_ENTRIES, files)
    writeDeclarations(join(folder, 'page'), PAGE_ENTRIES, files)
    console.log(
      `wrote ${folder}: client, frame, kept, minmax and program for Node; page/ has the first four, worker and shared; each with its types`
    )
  })
  .parseAsync()
  .catch(refuse)
