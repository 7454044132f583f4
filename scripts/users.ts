/** `pnpm users …`: the users of a site, their sessions and personal tokens, by its api, from the terminal. */
import type {
  FirstUserBody,
  NewUserBody,
  OwnPasswordBody,
  UserAnswer,
  UserChangesBody
} from '@meridian/protocol/http'
import { createCommand, refuse } from './command-line.ts'
import { sessionsTable, tokensTable, usersTable } from './users/answer-tables.ts'
import { type Api, type ApiChoice, assertGivesPasswords, withApi, withUser } from './users/api.ts'
import { createSecrets, type Secrets } from './users/secrets.ts'

interface Named {
  readonly fullName?: string
  readonly role?: readonly string[]
}

interface Change extends Named {
  readonly disable?: true
  readonly enable?: true
}

const program = createCommand('pnpm users')
  .description(
    'Users of a site, their sessions and personal tokens. Passwords are asked for; where standard input is no terminal, each is a line of it, in the order of the questions. Where people log in through a provider, put an access token into MERIDIAN_TOKEN (docs/operations.md).'
  )
  .option(
    '--api <url>',
    "address of the site; default: --data's system, else the one that runs in .meridian, else http://127.0.0.1:8080"
  )
  .option('--data <dir>', 'the system that runs in this data folder')
  .option(
    '--as <name>',
    'who asks, with his password: most needs a role that may manage users; default: whoever the access token in MERIDIAN_TOKEN speaks for'
  )

const secrets = createSecrets()
const say = (text: string): boolean => process.stdout.write(text)
const pathOf = (name: string): string => `/api/users/${encodeURIComponent(name)}`
const asUser = (work: (api: Api, secrets: Secrets) => Promise<string>): Promise<void> =>
  withUser(program.opts<ApiChoice>(), secrets, api => work(api, secrets))
    .then(say)
    .then(finish, refuse)
const finish = (): void => void process.stdin.destroy()

program
  .command('first <name>')
  .description('make the first administrator, with the token that an api has logged')
  .option('--full-name <text>', 'the name that people read')
  .action((name: string, { fullName }: Named) =>
    withApi(program.opts<ApiChoice>(), async api => {
      const token = await secrets.ask('token of the first administrator')
      const password = await secrets.askNew(`password of ${name}`)
      const body: FirstUserBody = { token, name, password, ...(fullName !== undefined && { fullName }) }
      return madeLine(await api.ask('POST', '/api/users/first', body))
    })
      .then(say)
      .then(finish, refuse)
  )

program
  .command('list', { isDefault: true })
  .description('all users')
  .action(() => asUser(async api => usersTable(await api.ask('GET', '/api/users'))))

program
  .command('add <name>')
  .description('make a user')
  .requiredOption('--role <names...>', 'roles of the site')
  .option('--full-name <text>', 'the name that people read')
  .action((name: string, { role = [], fullName }: Named) =>
    asUser(async api => {
      await assertGivesPasswords(api)
      const password = await secrets.askNew(`password of ${name}`)
      const body: NewUserBody = {
        name,
        roles: [...role],
        password,
        ...(fullName !== undefined && { fullName })
      }
      return madeLine(await api.ask('POST', '/api/users', body))
    })
  )

program
  .command('change <name>')
  .description('give a user other roles or another name that people read, disable or enable him')
  .option('--role <names...>', 'the roles that he has from now on')
  .option('--full-name <text>', 'the name that people read')
  .option('--disable', 'he may not log in, and his sessions end')
  .option('--enable', 'he may log in again')
  .action((name: string, change: Change) =>
    asUser(async api => `${userLine(await api.ask('PATCH', pathOf(name), bodyOf(change)))}\n`)
  )

program
  .command('password [name]')
  .description("set a user's password, whose sessions end; without a name one's own")
  .action((name?: string) =>
    asUser(async api => {
      await assertGivesPasswords(api)
      return name === undefined ? changeOwn(api) : setPassword(api, name)
    })
  )

program
  .command('remove <name>')
  .description('remove a user, whose sessions end')
  .action((name: string) =>
    asUser(async api => {
      await api.ask('DELETE', pathOf(name))
      return `${name} is removed\n`
    })
  )

program
  .command('sessions [name]')
  .description('all sessions that go on, or those of one user')
  .action((name?: string) => asUser(async api => sessionsTable(await api.ask('GET', '/api/sessions'), name)))

program
  .command('end <session>')
  // An id of a session may begin with a dash.
  .allowUnknownOption()
  .helpOption(false)
  .description('end a session and its tokens')
  .action((id: string) =>
    asUser(async api => {
      await api.ask('DELETE', `/api/sessions/${encodeURIComponent(id)}`)
      return `session ${id} has ended\n`
    })
  )

program
  .command('tokens [name]')
  .description("one's own personal tokens; whoever may manage users gets those of all, or of one user")
  .action((name?: string) => asUser(async api => tokensTable(await api.ask('GET', '/api/tokens'), name)))

program
  .command('revoke <token>')
  .description('revoke a personal token by its id, as `tokens` lists it')
  .action((id: string) =>
    asUser(async api => {
      await api.ask('DELETE', `/api/tokens/${encodeURIComponent(id)}`)
      return `personal token ${id} is revoked\n`
    })
  )

await program.parseAsync()

async function setPassword(api: Api, name: string): Promise<string> {
  const body: UserChangesBody = { password: await secrets.askNew(`new password of ${name}`) }
  await api.ask('PATCH', pathOf(name), body)
  return `the password of ${name} is set; his sessions have ended\n`
}

async function changeOwn(api: Api): Promise<string> {
  const old = await secrets.ask('your password once more')
  const body: OwnPasswordBody = { old, new: await secrets.askNew('your new password') }
  await api.ask('POST', '/api/me/password', body)
  return 'your password is changed; all your sessions have ended\n'
}

function bodyOf({ role, fullName, disable, enable }: Change): UserChangesBody {
  return {
    ...(role !== undefined && { roles: [...role] }),
    ...(fullName !== undefined && { fullName }),
    ...(disable && { disabled: true }),
    ...(enable && { disabled: false })
  }
}

function userLine({ name, roles, disabled }: UserAnswer): string {
  return `${name}: ${roles.join(', ') || 'no roles'}${disabled ? ', disabled' : ''}`
}

function madeLine(made: UserAnswer): string {
  return `${userLine(made)} (made)\n`
}
