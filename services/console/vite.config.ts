import { defineConfig } from 'vite'
import { listPackages, notePackages } from '../../scripts/build/list-packages.ts'
import { precompress } from './precompress.ts'

/** Where `vite dev` finds a running system; `npm start` prints this address. */
const backend = 'http://127.0.0.1:8080'

const packages = new Set<string>()

export default defineConfig({
  plugins: [precompress(), listPackages(packages)],
  worker: { plugins: () => [notePackages(packages)] },
  build: { target: 'es2023', assetsInlineLimit: 0, modulePreload: { polyfill: false } },
  server: {
    proxy: {
      '/api': { target: backend, changeOrigin: true },
      '/live': { target: backend, changeOrigin: true, ws: true }
    }
  }
})
