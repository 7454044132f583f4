import { defineConfig } from 'vite'
import { bundleOf } from './bundle.ts'

/** The SDK for programs outside of the repository: `pnpm build:sdk DIR` writes DIR/client.js. */
export default defineConfig(bundleOf({ client: 'libs/client/src/index.ts' }))
