import { createClient } from '@meridian/client'

// The smallest page that uses the client, for its size.
Object.assign(globalThis, { createClient })
