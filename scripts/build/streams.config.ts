import { defineConfig } from 'vite'
import { bundleOf } from './bundle.ts'

/** The streams step as one file, for the image of the Job that takes it on Kubernetes. */
export default defineConfig(bundleOf({ main: 'scripts/streams.ts' }))
