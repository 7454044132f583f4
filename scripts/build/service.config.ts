import { defineConfig } from 'vite'
import { bundleOf } from './bundle.ts'

export default defineConfig(bundleOf({ main: 'src/main.ts' }))
