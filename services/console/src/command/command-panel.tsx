import { type Signal, useSignal } from '@preact/signals'
import type { ComponentSpec, SpecState, TopicSpec } from '../catalogue.ts'
import type { TopicStore } from '../instance/topic-store.ts'
import { PanelFrame, type PanelName } from '../panel.tsx'
import { useShell } from '../shell.ts'
import { CONDITION_LABELS } from '../site/condition.ts'
import { type InstanceModel, instanceIdOf } from '../site/instance-model.ts'
import { ownTextOf } from '../site/own-component.ts'
import { componentFactsOf } from '../site/site-facts.ts'
import { CommandForm } from './command-form.tsx'
import { CommandHistory } from './command-history.tsx'
import type { CommandRecord } from './command-record.ts'
import { type AskedParameter, ConfirmDialog, type Question } from './confirm-dialog.tsx'
import { isAllowed, needsConfirmation, STATE_COMMANDS } from './confirmation.ts'
import { problemsOf } from './parse-params.ts'
import { presentValueOf } from './present-value.ts'
import { useRefusals, useRefusalTexts } from './refusal.ts'
import { useStops } from './use-stops.ts'

interface CommandPanelProps {
  readonly panel: PanelName
  readonly csc: string
  readonly index: number
  readonly spec: SpecState
  readonly model: InstanceModel | undefined
  readonly record: CommandRecord
  readonly store: TopicStore
}

type Params = Readonly<Record<string, unknown>>

type Asked = Question & { readonly answer: (yes: boolean) => void }

/** What should make a person think twice, beside the command itself. */
function warningOf(model: InstanceModel | undefined, command: string): string | undefined {
  const condition = model?.condition.peek() ?? 'nodata'
  if (condition === 'silent')
    return 'The component is SILENT: its heartbeat stopped. It will probably not answer.'
  if (STATE_COMMANDS[command] === undefined && condition !== 'enabled')
    return `The component is ${CONDITION_LABELS[condition]}, not ENABLED: it will probably refuse.`
  return undefined
}

interface QuickButtonsProps {
  readonly component: ComponentSpec
  readonly state: number | undefined
  readonly enabled: boolean
  readonly chosen: string
  /** Why a command will be refused; undefined where it will not. */
  readonly refusal: (command: string) => string | undefined
  readonly onChoose: (command: TopicSpec) => void
}

const isState = ({ name }: TopicSpec): boolean => STATE_COMMANDS[name] !== undefined

/** The commands of the state machine, one press away. */
function QuickButtons({ component, state, enabled, chosen, refusal, onChoose }: QuickButtonsProps) {
  const quick = component.commands.filter(isState)
  return (
    <div class="quick">
      {quick.map(command => (
        <button
          type="button"
          key={command.name}
          aria-pressed={chosen === command.name}
          disabled={!enabled || !isAllowed(command.name, state) || refusal(command.name) !== undefined}
          title={refusal(command.name)}
          onClick={() => onChoose(command)}
        >
          {command.name}
        </button>
      ))}
    </div>
  )
}

function CommandSelect(props: {
  component: ComponentSpec
  chosen: string
  refusal: QuickButtonsProps['refusal']
  onChoose: (name: string) => void
}) {
  const names = props.component.commands.map(c => c.name).sort((a, b) => a.localeCompare(b))
  return (
    <label class="command-select">
      Command
      <select value={props.chosen} onChange={event => props.onChoose(event.currentTarget.value)}>
        <option value="">choose one of {names.length}…</option>
        {names.map(name => (
          <option key={name} value={name}>
            {name}
            {props.refusal(name) !== undefined && ' (not yours to send)'}
          </option>
        ))}
      </select>
    </label>
  )
}

/** Why some buttons are grey, for whoever has no pointer to rest on them. */
function RefusedQuick({ csc, component }: { readonly csc: string; readonly component: ComponentSpec }) {
  const texts = useRefusalTexts(
    csc,
    component.commands.filter(isState).map(({ name }) => name)
  )
  return texts.map(text => (
    <p key={text} class="calm">
      {text}
    </p>
  ))
}

interface CommandChoiceProps extends Omit<QuickButtonsProps, 'chosen' | 'onChoose'> {
  readonly csc: string
  readonly chosen: Signal<string>
  readonly onQuick: (command: TopicSpec) => void
}

/** All commands of a component: those of the state machine as buttons, and a list of every one. */
function CommandChoice({ csc, chosen, onQuick, ...shared }: CommandChoiceProps) {
  const { component, refusal } = shared
  return (
    <>
      <QuickButtons {...shared} chosen={chosen.value} onChoose={onQuick} />
      <RefusedQuick csc={csc} component={component} />
      <CommandSelect
        component={component}
        chosen={chosen.value}
        refusal={refusal}
        onChoose={name => {
          chosen.value = name
        }}
      />
    </>
  )
}

interface ConfirmationProps extends Pick<CommandPanelProps, 'csc' | 'index' | 'model' | 'store'> {
  readonly component: ComponentSpec | undefined
}

/** Asks a person before a command that needs it; `asked` is the question that waits for an answer. */
function useConfirmation({ csc, index, component, model, store }: ConfirmationProps) {
  const { site, clock } = useShell()
  const facts = componentFactsOf(site.value, csc)
  const asked = useSignal<Asked | undefined>(undefined)

  function askedParameters(command: string, params: Params): readonly AskedParameter[] {
    const fields = component?.commands.find(({ name }) => name === command)?.fields ?? []
    const parts = { topics: store.topics.peek(), component, nowMs: clock.nowMs.peek() }
    return fields.map(field => ({
      field,
      value: params[field.name],
      present: presentValueOf(parts, field)
    }))
  }

  function confirmed(command: string, params: Params): Promise<boolean> {
    if (!needsConfirmation(facts, command)) return Promise.resolve(true)
    return new Promise(resolve => {
      const answer = (yes: boolean): void => {
        asked.value = undefined
        resolve(yes)
      }
      const parameters = askedParameters(command, params)
      const warning = warningOf(model, command)
      asked.value = { target: instanceIdOf(csc, index), command, component, parameters, warning, answer }
    })
  }

  return { asked, confirmed }
}

/** Sends commands and shows what becomes of them. */
export function CommandPanel({ panel, csc, index, spec, model, record, store }: CommandPanelProps) {
  const { connection, commands } = useShell()
  const chosen = useSignal('')
  const refusal = useRefusals(csc)
  const { asked, confirmed } = useConfirmation({
    csc,
    index,
    component: spec.kind === 'known' ? spec.spec : undefined,
    model,
    store
  })
  const { stops, sendStop } = useStops(csc, index, spec)
  const { kind } = connection.health.value
  const enabled = kind === 'sound' || kind === 'resuming' || kind === 'quiet'
  const component = spec.kind === 'known' ? spec.spec : undefined

  async function send(command: string, params: Readonly<Record<string, unknown>>) {
    if (!(await confirmed(command, params))) return {}
    const refusal = await commands.send({ csc, index, command, params })
    return problemsOf(refusal?.facts)
  }

  function quick(command: TopicSpec): void {
    if (command.fields.length === 0) void send(command.name, {})
    else chosen.value = command.name
  }

  const command = component?.commands.find(c => c.name === chosen.value)
  return (
    <PanelFrame panel={panel}>
      {component === undefined ? (
        <p class="calm">{noCommandsText(csc, spec)}</p>
      ) : (
        <CommandChoice
          csc={csc}
          component={component}
          state={model?.summaryState.value}
          enabled={enabled}
          chosen={chosen}
          refusal={refusal}
          onQuick={quick}
        />
      )}
      {component !== undefined && command !== undefined && (
        <CommandForm
          key={command.name}
          component={component}
          command={command}
          enabled={enabled}
          refusal={refusal(command.name)}
          onSend={params => send(command.name, params)}
        />
      )}
      <CommandHistory csc={csc} index={index} record={record} />
      {asked.value !== undefined && (
        <ConfirmDialog
          question={asked.value}
          stops={stops}
          onAnswer={yes => asked.peek()?.answer(yes)}
          onStop={stop => {
            sendStop(stop)
            asked.peek()?.answer(false)
          }}
        />
      )}
    </PanelFrame>
  )
}

function noCommandsText(csc: string, spec: SpecState): string {
  if (ownTextOf(csc) !== undefined) return `${csc} is part of Meridian and takes no commands here.`
  switch (spec.kind) {
    case 'uncatalogued':
      return `The catalogue does not know ${csc}: there are no forms for its commands here. What is sent to it in other ways is listed below.`
    case 'failed':
      return `Waiting for the api, which is asked again until it answers: ${spec.message}`
    default:
      return 'Reading the catalogue…'
  }
}
