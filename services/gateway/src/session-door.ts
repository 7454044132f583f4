import type { IncomingMessage } from 'node:http'
import type { Principal, Rights } from '@meridian/auth'
import type { AppError } from '@meridian/errors'
import type { Hub } from '@meridian/fanout'
import type { CommandDoor } from './command-door.ts'
import type { GatewayConfig } from './config.ts'
import { createFrameRate } from './frame-rate.ts'
import { createLiveDoor, type LiveDoor } from './live-door.ts'
import { Session } from './session.ts'

/** What the door and every session behind it are made from. */
export interface SessionDoorParts {
  readonly config: GatewayConfig
  /** What this gateway is called. */
  readonly name: string
  readonly hub: Hub
  readonly rights: Rights
  readonly authenticate: (request: IncomingMessage) => Principal
  readonly commands: () => CommandDoor
  readonly broker: () => 'connected' | 'lost'
  readonly closedFor: () => AppError | undefined
  readonly onRefused: (code: string) => void
}

/** The door at `/live` with the limits of the configuration; each connection becomes a session of the hub. */
export function createSessionDoor(parts: SessionDoorParts): LiveDoor {
  const { config, name, hub, rights, authenticate, commands, broker, closedFor, onRefused } = parts
  return createLiveDoor({
    allowedOrigins: listOf(config.ALLOWED_ORIGINS),
    maxConnections: config.MAX_CONNECTIONS,
    maxFrameBytes: config.MAX_FRAME_BYTES,
    pingMs: config.PING_MS,
    idleMs: config.IDLE_MS,
    authenticate,
    onRefused,
    closedFor,
    open: (ws, codec, principal) =>
      new Session({
        ws,
        codec,
        principal,
        hub,
        rights,
        commands: commands(),
        rate: createFrameRate(config.MAX_FRAMES_PER_SECOND),
        maxFrameBytes: config.MAX_FRAME_BYTES,
        gateway: name,
        site: config.SITE,
        broker,
        onRefused
      })
  })
}

const listOf = (text: string): readonly string[] =>
  text
    .split(',')
    .map(item => item.trim())
    .filter(item => item !== '')
