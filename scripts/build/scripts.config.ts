import { defineConfig } from 'vite'
import { bundleOf } from './bundle.ts'

export default defineConfig({
  ...bundleOf({ start: 'scripts/start.ts', front: 'scripts/front.ts', sample: 'libs/sample/src/index.ts' })
})
