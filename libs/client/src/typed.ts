import type { PatternRequest } from '@meridian/protocol/live'
import type {
  Client,
  CommandHandle,
  CommandHandlers,
  CommandOptions,
  Subscription,
  SubscriptionHandlers
} from './types.ts'

/**
 * A client that knows the fields of topics and the parameters of commands. `Topics` and `Commands` are the
 * interfaces that `pnpm types` writes. Types alone: any client may be taken for one,
 * `const client: TypedClient<Topics, Commands> = createClient({ url })`.
 */
export interface TypedClient<Topics, Commands> extends Omit<Client, 'subscribe' | 'command'> {
  /**
   * As `Client.subscribe`. A pattern that names a topic gives its fields, those of `fields` where it has some;
   * several patterns give what either may bring. Any other pattern gives fields of which nothing is known.
   */
  subscribe<const P extends string | PatternRequest>(
    patterns: readonly P[],
    handlers: SubscriptionHandlers<FieldsOf<Topics, P>>
  ): Subscription
  /** As `Client.command`, for the commands of `Commands` alone, with parameters of their names and types. */
  command<C extends keyof Commands & string, N extends keyof Commands[C] & string>(
    options: TypedCommand<Commands, C, N>,
    handlers?: CommandHandlers
  ): CommandHandle
}

type Unknown = Readonly<Record<string, unknown>>

type FieldsOfSubject<Topics, Subject> = Subject extends keyof Topics ? Topics[Subject] & object : Unknown

type Chosen<Fields, Names> = Pick<Fields, Names & keyof Fields>

type FieldsOf<Topics, P> = P extends { readonly pattern: infer Subject }
  ? P extends { readonly fields: readonly (infer Names)[] }
    ? Chosen<FieldsOfSubject<Topics, Subject>, Names>
    : FieldsOfSubject<Topics, Subject>
  : FieldsOfSubject<Topics, P>

type TypedCommand<Commands, C extends keyof Commands, N extends keyof Commands[C]> = Omit<
  CommandOptions,
  'csc' | 'command' | 'params'
> & { readonly csc: C; readonly command: N; readonly params?: TypedParams<Commands[C][N]> }

/** Parameters that are left out get SAL's defaults; a command without parameters takes none. */
type TypedParams<Params> = keyof Params extends never ? Record<string, never> : Partial<Params>
