import type { ComponentAnswer, EnumerationAnswer, FieldAnswer, TopicAnswer } from '@meridian/protocol/http'
import { type Signal, signal } from '@preact/signals'
import { readComponent } from './api.ts'

/** All of one kind of component, as the api tells it. */
export type ComponentSpec = ComponentAnswer
/** One topic or command of it. */
export type TopicSpec = TopicAnswer
/** One field or parameter of it. */
export type FieldSpec = FieldAnswer
/** One enumeration of it. */
export type EnumerationSpec = EnumerationAnswer

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

/**
 * The facts about one kind of component, asked for once per page; a failure is asked again on the next visit.
 */
export function specOf(csc: string): Signal<SpecState> {
  const held = specs.get(csc)
  if (held !== undefined && held.peek().kind !== 'failed') return held
  const state = held ?? signal<SpecState>({ kind: 'loading' })
  specs.set(csc, state)
  void load(csc, state)
  return state
}
