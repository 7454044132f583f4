import { defineConfig } from 'vite'
import { bundleOf } from './bundle.ts'

const config = bundleOf({ client: 'libs/client/src/index.ts' })

/** The SDK for programs outside of the repository: `pnpm build:sdk DIR` writes DIR/client.js. */
export default defineConfig({
  ...config,
  // The folder is somebody's own: nothing else in it is touched.
  build: { ...config.build, emptyOutDir: false }
})
