import type { ComponentAnswer, EnumerationAnswer, FieldAnswer, TopicAnswer } from '@meridian/protocol/http'
import { type Signal, signal } from '@preact/signals'
import { isUnknownToApi, readComponent } from './api.ts'
import { askUntilAnswered } from './ask-until-answered.ts'

/** All of one kind of component, as the api tells it. */
export type ComponentSpec = ComponentAnswer
/** One topic or command of it. */
export type TopicSpec = TopicAnswer
/** One field or parameter of it. */
export type FieldSpec = FieldAnswer
/** Names and numbers that a field of it may hold. */
export type EnumerationSpec = EnumerationAnswer

/**
 * Where the facts about one kind of component stand on this page. failed: the last question got no answer;
 * the next one is on its way.
 */
export type SpecState =
  | { readonly kind: 'loading' }
  | { readonly kind: 'known'; readonly spec: ComponentSpec }
  | { readonly kind: 'uncatalogued' }
  | { readonly kind: 'failed'; readonly message: string }

const specs = new Map<string, Signal<SpecState>>()

async function readSpec(csc: string): Promise<SpecState> {
  try {
    return { kind: 'known', spec: await readComponent(csc) }
  } catch (caught) {
    if (isUnknownToApi(caught)) return { kind: 'uncatalogued' }
    throw caught
  }
}

/** The facts about one kind of component, asked for once per page, until the api has answered. */
export function specOf(csc: string): Signal<SpecState> {
  const held = specs.get(csc)
  if (held !== undefined) return held
  const state = signal<SpecState>({ kind: 'loading' })
  specs.set(csc, state)
  askUntilAnswered({
    ask: () => readSpec(csc),
    onAnswer: answer => {
      state.value = answer
    },
    onFailure: caught => {
      state.value = { kind: 'failed', message: caught instanceof Error ? caught.message : String(caught) }
    }
  })
  return state
}
