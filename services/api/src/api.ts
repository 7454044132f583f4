import { loadObservatory } from '@meridian/catalogue'
import { COMMAND_LIMITS } from '@meridian/protocol/commands'
import { httpDoor, type ServiceParts, VERSION } from '@meridian/service'
import { systemClock } from '@meridian/time'
import type { Logger } from 'pino'
import { addCatalogueRoutes } from './catalogue-routes.ts'
import { addCommandRoutes } from './command-routes.ts'
import type { ApiConfig } from './config.ts'
import { addConsoleFiles, hasConsole, isPageRequest, sendPage } from './console-files.ts'
import { addDescription } from './describe-api.ts'
import { addHistoryRoutes } from './history-routes.ts'
import { measureRequests } from './measure-requests.ts'

const HISTORY_BYTES = 536_870_912

/** Server options that differ from the defaults of `httpDoor`; bodies are at most as large as a command. */
const server = {
  bodyLimit: COMMAND_LIMITS.payloadBytes,
  routerOptions: { maxParamLength: 256 },
  // A body is used as it was sent or refused: no value is converted, no property removed.
  ajv: { customOptions: { coerceTypes: false, removeAdditional: false, allErrors: false } }
}

/** The parts of the api: its door alone. Throws CAT_… where catalogue or site list cannot be read. */
export function apiParts(config: ApiConfig, log: Logger): ServiceParts {
  const { SITE: site, CONSOLE_DIR: consoleFolder } = config
  const observatory = loadObservatory(config)
  if (observatory.site.file === undefined) log.warn({ site }, 'no site file: no instances are listed')
  const door = httpDoor(
    async (app, { broker, metrics, stopping }) => {
      app.setSerializerCompiler(() => data => JSON.stringify(data))
      measureRequests(app, metrics)
      await addDescription(app, VERSION)
      addCommandRoutes(app, {
        broker,
        site,
        answerMs: config.COMMAND_MS,
        stopping,
        onBadRecord(err, subject) {
          metrics.counter('meridian_api_bad_records_total').inc()
          log.debug({ code: err.code, subject: subject.slice(0, 120) }, 'message in COMMANDS is not a record')
        }
      })
      addCatalogueRoutes(app, observatory)
      addHistoryRoutes(app, {
        broker,
        site,
        catalogue: observatory.catalogue,
        clock: systemClock,
        limits: {
          maxMessages: config.HISTORY_MESSAGES,
          maxBytes: HISTORY_BYTES,
          timeoutMs: config.HISTORY_MS
        },
        atATime: config.HISTORY_AT_A_TIME,
        stopping,
        onRead: messages => metrics.counter('meridian_api_history_messages_total').inc(messages)
      })
      await addConsoleFiles(app, consoleFolder, log)
    },
    {
      server,
      fallback: (request, reply) =>
        hasConsole(consoleFolder) && isPageRequest(request) ? sendPage(reply) : undefined
    }
  )
  return [door]
}
