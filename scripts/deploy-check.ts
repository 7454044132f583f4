import { AppError } from '@meridian/errors'
import { createCommand, refuse } from './command-line.ts'
import { checkDeploy } from './deploy/check.ts'
import { ensureLocalKeys } from './deploy/local-keys.ts'
import { kustomizationText, localKeysFile, overlays, takesLocalKeys } from './deploy/render.ts'

interface Options {
  readonly server: boolean
  readonly release?: true
  readonly write?: true
}

createCommand('pnpm deploy:check')
  .description(
    'Renders every overlay and all components, or the overlays that are named, and holds them against schemas, rules and a kube-apiserver. Exit code 1: something is wrong.'
  )
  .argument('[overlay...]', `places; default: all (${overlays().join(', ')}), and the components`)
  .option('--no-server', 'asks no kube-apiserver; one is built for it once, in some minutes')
  .option('--release', 'refuses images that are not named by a digest')
  .option('--write', 'writes the table of requests in deploy/README.md anew')
  .action(async (named: string[], options: Options) => {
    const unknown = named.find(place => !overlays().includes(place))
    if (unknown !== undefined)
      throw new AppError('RUN_BAD_OPTION', { detail: `no overlay is called '${unknown}'` })
    const places = named.length > 0 ? named : overlays()
    if (places.map(kustomizationText).some(takesLocalKeys) && ensureLocalKeys(localKeysFile))
      console.log('wrote new keys into deploy/components/secrets-local/keys.env')
    const chosen = { ...(named.length > 0 && { places: named }), ...options }
    const isGood = await checkDeploy(chosen, line => console.log(line))
    process.exitCode = isGood ? 0 : 1
  })
  .parseAsync()
  .catch(refuse)
