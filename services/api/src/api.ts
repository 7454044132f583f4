import { setMaxListeners } from 'node:events'
import { createAccess } from '@meridian/auth'
import { auditPart } from '@meridian/auth/audit'
import { readOidcOptions } from '@meridian/auth/oidc'
import { loadObservatory } from '@meridian/catalogue'
import { AppError } from '@meridian/errors'
import { jsonOf } from '@meridian/msgpack'
import { COMMAND_SIZES, createCommanderClock } from '@meridian/protocol/commands'
import { httpDoor, parseOrigins, processBeat, type ServiceParts, VERSION } from '@meridian/service'
import { systemClock } from '@meridian/time'
import type { Logger } from 'pino'
import { accountsPart } from './auth/accounts.ts'
import { addAuditOfRefusals } from './auth/audit-of-refusals.ts'
import { addAuditRoute } from './auth/audit-route.ts'
import { addAuthRoutes } from './auth/auth-routes.ts'
import { addOriginCheck } from './auth/origin-check.ts'
import { takePersonalTokens } from './auth/personal-token-bearer.ts'
import { addCatalogueRoutes } from './catalogue-routes.ts'
import { addCommandListRoutes } from './command-list-routes.ts'
import { addCommandRoutes } from './command-routes.ts'
import type { ApiConfig } from './config.ts'
import { addConsoleFiles, hasConsole, isPageRequest, sendPage } from './console-files.ts'
import { addDescription } from './describe-api.ts'
import { addEventRoutes } from './event-routes.ts'
import { addHistoryRoutes } from './history-routes.ts'
import { addMeRoute } from './me-route.ts'
import { measureRequests } from './measure-requests.ts'
import { createRecordReads } from './record-reads.ts'
import { createRequestLimits } from './request-limits.ts'
import { identifyRequests } from './request-rights.ts'
import { addSnapshotRoute } from './snapshot-route.ts'

const HISTORY_BYTES = 536_870_912
/** What one list of events or of commands may read, and how many are read at a time. */
const LIST_LIMITS = { maxMessages: 20_000, maxBytes: 67_108_864 }
const LISTS_AT_A_TIME = 4

/** Server options that differ from the defaults of `httpDoor`; bodies are at most as large as a command. */
const server = {
  bodyLimit: COMMAND_SIZES.payloadBytes,
  routerOptions: { maxParamLength: 256 }
}

/**
 * The parts of the api: its door, and the heartbeat that vouches for it. Throws CAT_… where catalogue or site
 * list cannot be read.
 */
export function apiParts(config: ApiConfig, log: Logger): ServiceParts {
  const { SITE: site, CONSOLE_DIR: consoleFolder } = config
  const allowedOrigins = parseOrigins(config.ALLOWED_ORIGINS)
  const observatory = loadObservatory(config)
  if (observatory.site.file === undefined) log.warn({ site }, 'no site file: no instances are listed')
  const { access, parts: accessParts } = createAccess(config, observatory.site, log)
  const oidc = readOidcOptions(config, observatory.site.roles)
  const audit = auditPart(site)
  const accounts = accessParts.map(access => accountsPart({ site: observatory.site, access, oidc, audit }))
  const identify = takePersonalTokens(access, async (text, address) => {
    if (accounts[0] === undefined) throw new AppError('AUT_NO_LOGIN')
    return accounts[0].accounts().tokens.exchange(text, address)
  })
  const commanderClock = createCommanderClock(site, systemClock.taiSeconds)
  const door = httpDoor(
    async (app, { broker, log, metrics, stopping, tracer }) => {
      // Each request that waits listens to it; `whileWanted` takes every listener off again.
      setMaxListeners(0, stopping)
      app.setSerializerCompiler(() => jsonOf)
      measureRequests(app, metrics)
      addAuditOfRefusals(app, audit)
      const limits = createRequestLimits(config, { metrics, log })
      limits.limitAddresses(app)
      const rightsOf = await identifyRequests(app, { ...access, identify })
      limits.limitPrincipals(app)
      addOriginCheck(app, allowedOrigins)
      await addDescription(app, VERSION)
      const onBadRecord = (err: AppError, subject: string): void => {
        metrics.counter('meridian_api_bad_records_total').inc()
        log.debug({ code: err.code, subject: subject.slice(0, 120) }, 'message in COMMANDS is not a record')
      }
      const { COMMAND_MS: answerMs, HISTORY_MS: readMs } = config
      addCommandRoutes(app, {
        ...{ broker, site, rightsOf, answerMs, readMs, commanderClock, stopping, tracer, onBadRecord }
      })
      const lists = {
        ...{ broker, site, rightsOf, limits: { ...LIST_LIMITS, timeoutMs: readMs } },
        reads: createRecordReads(LISTS_AT_A_TIME, stopping)
      }
      addCommandListRoutes(app, { ...lists, onBadRecord })
      addEventRoutes(app, lists)
      addSnapshotRoute(app, { ...lists, clock: systemClock, tracer })
      addCatalogueRoutes(app, observatory)
      addAuditRoute(app, lists)
      addAuthRoutes(app, { access, rightsOf, part: accounts[0] })
      addMeRoute(app, { rightsOf, mode: access.mode, site: observatory.site })
      addHistoryRoutes(app, {
        ...{ broker, site, rightsOf },
        catalogue: observatory.catalogue,
        clock: systemClock,
        limits: {
          maxMessages: config.HISTORY_MESSAGES,
          maxBytes: HISTORY_BYTES,
          timeoutMs: readMs
        },
        reads: createRecordReads(config.HISTORY_AT_A_TIME, stopping),
        onRead: messages => metrics.counter('meridian_api_history_messages_total').inc(messages),
        log
      })
      await addConsoleFiles(app, consoleFolder, log)
    },
    {
      server,
      listedAt: '/api/openapi.json',
      fallback: (request, reply) =>
        hasConsole(consoleFolder) && isPageRequest(request) ? sendPage(reply) : undefined
    }
  )
  return [...accessParts, audit, ...accounts, commanderClock, door, processBeat('Api', config)]
}
