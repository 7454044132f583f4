import { createClient } from '../src/index.ts'

// The smallest consumer, for measuring the bundle: whatever a page adds is its own.
Object.assign(globalThis, { createClient })
