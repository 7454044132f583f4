import { join, resolve } from 'node:path'
import { build } from 'vite'
import { pageConfig, programConfig } from './build/sdk-configs.ts'
import { createCommand, refuse } from './command-line.ts'
import { root } from './root.ts'

createCommand('build:sdk')
  .description('Writes the SDK for programs and pages outside of this repository.')
  .argument('<dir>', 'folder for the modules of Node; those of browsers go into its folder page/')
  .action(async (dir: string) => {
    const folder = resolve(dir)
    await build({ root, ...programConfig(folder) })
    await build({ root, ...pageConfig(join(folder, 'page')) })
    console.log(
      `wrote ${folder}: client, frame, kept and minmax for Node; page/ has them and worker and shared`
    )
  })
  .parseAsync()
  .catch(refuse)
