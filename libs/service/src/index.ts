export {
  type CommonConfig,
  type ConfigSpec,
  commonSettings,
  helpOf,
  parseConfig,
  readConfig
} from './config.ts'
export {
  type AddRoutes,
  type DoorContext,
  type HttpDoor,
  type HttpDoorOptions,
  httpDoor
} from './http-door.ts'
export { sendError } from './http-errors.ts'
export { createLog, type LogOptions } from './log.ts'
export { createMetrics, type Metrics } from './metrics.ts'
export { type MetricEntry, type MetricName, metricsTable } from './metrics-table.ts'
export { partGroup } from './part-list.ts'
export { notReady, type Readiness, ready } from './readiness.ts'
export { runProcess, type Startable } from './run-process.ts'
export { runService } from './run-service.ts'
export { createService, type Service, type ServiceOptions } from './service.ts'
export type { ProcessContext, ServiceContext, ServicePart, ServiceParts } from './service-part.ts'
export { VERSION } from './version.ts'
