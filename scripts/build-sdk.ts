import { resolve } from 'node:path'
import { writeSdk } from './build/write-sdk.ts'
import { createCommand, refuse } from './command-line.ts'

createCommand('build:sdk')
  .description('Writes the SDK for programs and pages outside of this repository.')
  .argument('<dir>', 'folder for the modules of Node; those of browsers go into its folder page/')
  .action(async (dir: string) => {
    const folder = resolve(dir)
    await writeSdk(folder)
    console.log(
      `wrote ${folder}: client, frame, kept, minmax and program for Node; page/ has the first four, worker and shared; each with its types`
    )
  })
  .parseAsync()
  .catch(refuse)
