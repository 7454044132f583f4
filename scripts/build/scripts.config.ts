import { defineConfig } from 'vite'
import { bundleOf } from './bundle.ts'

/** Commands of the terminal, which `pnpm` runs from their sources and the tests as bundles. */
const commands = [
  'audit-deps',
  'forget',
  'gateways',
  'import-sal',
  'nats-context',
  'site',
  'streams',
  'tail',
  'types',
  'users'
]

export default defineConfig(
  bundleOf({
    start: 'scripts/start.ts',
    front: 'scripts/front.ts',
    sample: 'libs/sample/src/index.ts',
    ...Object.fromEntries(commands.map(name => [name, `scripts/${name}.ts`]))
  })
)
