import { type Signal, signal } from '@preact/signals'
import { readComponent } from './api.ts'

/** One field, as the catalogue has it. */
export interface FieldSpec {
  readonly name: string
  readonly type: string
  /** More than 1: an array of this length. */
  readonly count: number
  readonly units: string
  readonly enumeration?: string
  readonly description?: string
}

/** One topic, as the catalogue has it. */
export interface TopicSpec {
  readonly name: string
  readonly fields: readonly FieldSpec[]
  readonly keyFields?: readonly string[]
  readonly rateHz?: number
  readonly description?: string
}

/** One enumeration, as the catalogue has it. */
export interface EnumerationSpec {
  readonly name: string
  readonly items: ReadonlyArray<{ readonly name: string; readonly value: number | string }>
  readonly bitmask?: boolean
}

/** `GET /api/catalogue/<CSC>`. */
export interface ComponentSpec {
  readonly name: string
  readonly indexed: boolean
  readonly commands: readonly TopicSpec[]
  readonly events: readonly TopicSpec[]
  readonly telemetry: readonly TopicSpec[]
  readonly enumerations: readonly EnumerationSpec[]
}

/** Where the facts about one kind of component stand on this page. */
export type SpecState =
  | { readonly kind: 'loading' }
  | { readonly kind: 'known'; readonly spec: ComponentSpec }
  | { readonly kind: 'uncatalogued' }
  | { readonly kind: 'failed'; readonly message: string }

const specs = new Map<string, Signal<SpecState>>()

async function load(csc: string, state: Signal<SpecState>): Promise<void> {
  try {
    state.value = { kind: 'known', spec: await readComponent(csc) }
  } catch (caught) {
    const code = (caught as { wire?: { code?: string } }).wire?.code ?? ''
    const unknown = code !== 'CON_API_UNREACHABLE' && /UNKNOWN|NOT_FOUND/.test(code)
    state.value = unknown ? { kind: 'uncatalogued' } : { kind: 'failed', message: String(caught) }
  }
}

/** The facts about one kind of component, asked for once per page; a failure is asked again on the next visit. */
export function specOf(csc: string): Signal<SpecState> {
  const held = specs.get(csc)
  if (held !== undefined && held.peek().kind !== 'failed') return held
  const state = held ?? signal<SpecState>({ kind: 'loading' })
  specs.set(csc, state)
  void load(csc, state)
  return state
}
