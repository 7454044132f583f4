import type { ServiceEndpoint } from '@meridian/broker'
import type { Catalogue } from '@meridian/catalogue'
import type { ServiceContext } from '@meridian/service'
import type { Logger } from 'pino'
import type { Component } from '../component.ts'
import type { SimulatorConfig } from '../config.ts'
import type { Executor } from '../executor.ts'
import type { Outlet } from '../outlet.ts'

/** How components are heard, and how they are commanded. */
export interface Transport {
  /** What it waits for while it opens, for `/readyz`. */
  readonly name: string
  /** Where components say what they say, once it is open. */
  readonly outlet: Outlet
  /** Resolves when nothing is missed that components are told from now on, and all that they say is carried. */
  open(context: ServiceContext, components: readonly Component[], executor: Executor): Promise<void>
  /** How far opening is, of one that takes long, for `/readyz`; undefined once it is open. */
  progress?(): string | undefined
  /** Ends when what was said is on its way. */
  close(): Promise<void>
  /** What came in and was no command. */
  badRequests(): number
  /** Messages of components that could not be said. */
  notSaid(): number
  /** Times that what carries it did not answer as it must. */
  failures(): number
  /** Subjects of NATS on which it takes commands; a transport beside NATS has none. */
  readonly endpoints: readonly Pick<ServiceEndpoint, 'name' | 'subject'>[]
}

/** What every transport is made from. */
export interface TransportOptions {
  readonly config: SimulatorConfig
  readonly catalogue: Catalogue
  /** Says on `raw.`. */
  readonly raw: Outlet
  readonly log: Logger
}
