import type {Anchor, AppRef, Login} from '../anchor/index.ts'
import {
  deleteLogin,
  formatRef,
  isLoginName,
  listLogins,
  loginPassword,
  loginSecretName,
  readAnchor,
  writeLogin,
} from '../anchor/index.ts'
import {generateSecret} from '../keys/index.ts'
import type {Kube} from '../kube/index.ts'
import {askDatabases, type DatabaseRow, databaseEndpoints, eachProvider, type ListOptions} from './databases.ts'
import {badUserName, databaseNotFound, notOurUser, providerRefuses, userExists} from './errors.ts'
import {requireScript, runScript} from './script.ts'

export type DatabaseAccess = Login['access']

/** A login to a database. */
export interface DatabaseUserRow {
  provider: AppRef
  interface: string
  database: string
  name: string
  /** Null where others made it: what it may do there they know. */
  access: DatabaseAccess | null
  /** `app`: berth made it for an app. `person`: `database user create` did. */
  madeFor: 'app' | 'person' | 'others'
  consumer: DatabaseRow['consumer']
  /** The Secret in the provider's namespace that has its password. */
  secret: string | null
  /** False where the server does not have it (any more): it was recorded, and then something went wrong. */
  there: boolean
}

/** Every login to every database of the providers that are looked at, whoever made it. */
export const listDatabaseUsers = (kube: Kube, where: ListOptions): Promise<DatabaseUserRow[]> =>
  eachProvider(kube, where, async (anchor, endpoint, kind) => {
    const [{databases}, logins] = await Promise.all([
      askDatabases(kube, anchor, endpoint, kind, where.signal),
      listLogins(kube, anchor.ref, where.signal),
    ])
    const own = logins.filter(login => login.endpoint === endpoint)
    const base = {provider: anchor.ref, interface: kind}
    const rows = databases.flatMap(({name: database, users, consumer}) =>
      users.map((name): DatabaseUserRow => {
        const login = own.find(each => each.name === name && each.database === database)
        if (login !== undefined) return personal(anchor, kind, login, true)
        const ofApp = consumer !== null && new RegExp(`^${database}([_-]2)?$`).test(name)
        return {
          ...base,
          database,
          name,
          access: ofApp ? 'owner' : null,
          madeFor: ofApp ? 'app' : 'others',
          consumer: ofApp ? consumer : null,
          secret: null,
          there: true,
        }
      }),
    )
    const lost = own.filter(({name, database}) => !rows.some(row => row.name === name && row.database === database))
    return [...rows, ...lost.map(login => personal(anchor, kind, login, false))]
  })

const personal = ({ref}: Anchor, kind: string, {name, database, access}: Login, there: boolean): DatabaseUserRow => ({
  provider: ref,
  interface: kind,
  database,
  name,
  access,
  madeFor: 'person',
  consumer: null,
  secret: loginSecretName(ref.name, name),
  there,
})

/** A login for a person; its password goes to whoever may see it. */
export interface MadeUser {
  row: DatabaseUserRow
  password: string
}

/**
 * Makes a person's login to a database, or brings one to another access; the password stays unless another is given. It is recorded in
 * a Secret before the server hears of it, so that a second try goes on from there.
 * @param password generated where it is not given
 * @throws UserError `usage.invalid`, `database.not-found`, `database.user-exists`, `binding.refused`, `binding.failed`
 */
export async function createDatabaseUser(
  kube: Kube,
  ref: AppRef,
  {password: given, ...wanted}: Pick<Login, 'name' | 'database' | 'access'> & {password: string | undefined},
  signal: AbortSignal,
): Promise<MadeUser> {
  if (!isLoginName(wanted.name)) throw badUserName(wanted.name)
  const provider = await readAnchor(kube, ref, signal)
  const {endpoint, kind, logins} = await findDatabase(kube, provider, wanted.database, signal)
  const known = (await listLogins(kube, ref, signal)).find(({name}) => name === wanted.name)
  if (known === undefined && logins.includes(wanted.name)) throw userExists(ref, wanted.name, undefined)
  if (known !== undefined && known.database !== wanted.database) throw userExists(ref, wanted.name, known.database)
  const password = given ?? (known && (await loginPassword(kube, ref, wanted.name))) ?? generateSecret({length: 32})
  return ensureUser(kube, provider, {known, login: {...wanted, endpoint}, kind, password}, signal)
}

/** Gives a person's login another password; the former is shut at once. @throws UserError `database.user-not-found` */
export async function rotateDatabaseUser(
  kube: Kube,
  ref: AppRef,
  name: string,
  {password = generateSecret({length: 32}), signal}: {password: string | undefined; signal: AbortSignal},
): Promise<MadeUser> {
  const provider = await readAnchor(kube, ref, signal)
  const login = await findUser(kube, ref, name, signal)
  const kind = provider.current?.provides[login.endpoint]?.interface ?? ''
  return ensureUser(kube, provider, {known: login, login, kind, password}, signal)
}

/** Drops a person's login; data that it made stays. @throws UserError `database.user-not-found` */
export async function deleteDatabaseUser(kube: Kube, ref: AppRef, name: string, signal: AbortSignal): Promise<void> {
  const provider = await readAnchor(kube, ref, signal)
  const login = await findUser(kube, ref, name, signal)
  await requireScript(kube, {anchor: provider, name: login.endpoint}, 'removeUser')
  await runScript(kube, provider, login.endpoint, 'removeUser', inputOf(provider, login, {}), signal)
  await deleteLogin(kube, ref, name)
}

/** The login that `database user create` made. @throws UserError `database.user-not-found` */
export async function findUser(kube: Kube, ref: AppRef, name: string, signal: AbortSignal): Promise<Login> {
  const logins = await listLogins(kube, ref, signal)
  const login = logins.find(each => each.name === name)
  if (login !== undefined) return login
  throw notOurUser(
    ref,
    name,
    logins.map(each => each.name),
  )
}

async function ensureUser(
  kube: Kube,
  provider: Anchor,
  {known, login, kind, password}: {known: Login | undefined; login: Login; kind: string; password: string},
  signal: AbortSignal,
): Promise<MadeUser> {
  const {ref} = provider
  const {name, database, endpoint} = login
  const {host, port} = provider.current?.provides[endpoint] ?? {host: '', port: 0}
  await requireScript(kube, {anchor: provider, name: endpoint}, 'ensureUser')
  const values = {username: name, password, database, host, port: String(port)}
  await writeLogin(kube, ref, {known, login, values})
  await runScript(kube, provider, endpoint, 'ensureUser', inputOf(provider, login, {password}), signal)
  return {row: personal(provider, kind, login, true), password}
}

const inputOf = ({ref}: Anchor, {name, database, access}: Login, secrets: Record<string, string>) => ({
  consumer: {...ref, parameter: '', id: name},
  request: {database, access},
  secrets,
})

async function findDatabase(
  kube: Kube,
  anchor: Anchor,
  database: string,
  signal: AbortSignal,
): Promise<{endpoint: string; kind: string; logins: string[]}> {
  const {ref} = anchor
  if (anchor.pending?.kind === 'uninstall') throw providerRefuses(database, ref, 'it is being removed')
  const known: string[] = []
  for (const [endpoint, kind] of databaseEndpoints(anchor)) {
    const {databases, logins} = await askDatabases(kube, anchor, endpoint, kind, signal)
    if (databases.some(({name}) => name === database)) return {endpoint, kind, logins}
    known.push(...databases.map(({name}) => name))
  }
  throw databaseNotFound(formatRef(ref), database, known)
}
