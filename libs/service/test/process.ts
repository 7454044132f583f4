// Only what it needs: each test starts it anew.
import { createLog } from '../src/log.ts'
import { runProcess } from '../src/run-process.ts'

const [mode = 'good'] = process.argv.slice(2)
const log = createLog({ name: 'probe', level: 'info', pretty: false })
let keepAlive: NodeJS.Timeout | undefined

// As modules do that take long to load: the end of the channel is told to nobody.
if (mode === 'late') while (process.connected) await new Promise(resolve => setTimeout(resolve, 10))

await runProcess(
  {
    async start() {
      if (mode.endsWith('bad-start')) throw new Error('port is taken')
      keepAlive = setInterval(() => {}, 1000)
      if (mode === 'rejects') queueMicrotask(() => void Promise.reject(new Error('nobody caught me')))
    },
    async stop() {
      if (mode.startsWith('stuck')) await new Promise(() => {})
      clearInterval(keepAlive)
      log.info('stopped in order')
    }
  },
  { log, graceMs: 500 }
)
