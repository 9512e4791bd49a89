import type {Migration, ParametersSchema, ParamSchema, Rule} from '../params/index.ts'
import {
  anything,
  choice,
  constant,
  either,
  filled,
  integer,
  type JsonSchema,
  list,
  object,
  record,
  type Schema,
  type TypeOf,
  text,
  truth,
} from '../yaml/index.ts'

const name = {pattern: '^[a-z]([a-z0-9-]*[a-z0-9])?$', maxLength: 40}
const identifier = {pattern: '^[A-Za-z_][A-Za-z0-9_]*$', maxLength: 63}
const version = '^(0|[1-9]\\d*)\\.(0|[1-9]\\d*)\\.(0|[1-9]\\d*)(-[0-9A-Za-z-]+(\\.[0-9A-Za-z-]+)*)?$'

/** A kind, or Kind/name, and a field of it: `Deployment:spec.strategy`, `Service/web:metadata.labels.team`. */
export const ignoreRule = '^[A-Z][A-Za-z0-9]*(/[a-z0-9][-a-z0-9.]*)?:[a-zA-Z].*$'

const cel = text({description: 'a CEL expression, without ${}'})

const range = object({}, {version: text(), appVersion: text()})

const component = object(
  {},
  {
    scale: object({min: integer(0, 1000), default: integer(0, 1000), max: integer(1, 1000)}, {}),
    profile: {...choice('small', 'medium', 'large'), description: 'default resources of its containers that say none'},
    after: filled(list(text(), {uniqueItems: true, description: 'components that must be ready first'}), []),
    stop: {
      ...record(record(anything)),
      description: 'of each kind of custom resource: the fields that stop what it runs, {} where it runs nothing',
    },
  },
)

const script = object(
  {file: text({pattern: '^files/.+', description: 'a path below files/', examples: ['files/ensure.sh']})},
  {timeout: integer(1, 50, {description: 'seconds; shorter than the lease'})},
)

const said = {
  ...record(text()),
  description: 'environment variable → output of the interface, as it was said of the service',
}

/** Where the same scripts run for a service outside that this package did not install: a pod of their own. */
const outside = object(
  {image: text({description: 'one of images'})},
  {
    env: filled(said, {}),
    files: filled({...said, description: `${said.description}; it has the path of a file`}, {}),
    before: {...script, description: 'put before each script there, which is one with it'},
  },
)

/** The provider's scripts for a consumer: run by exec in one of its pods, JSON on stdin, JSON on stdout, idempotent. */
const grant = object(
  {run: object({component: text()}, {container: text(), select: record(text()), outside}), ensure: script},
  {
    remove: script,
    rotate: script,
    list: script,
    dump: script,
    restore: script,
    ensureUser: {
      ...script,
      description: "a person's login to one database: request is {database, access}, consumer.id its name",
    },
    removeUser: {...script, description: 'drops that login'},
  },
)

const publishHttp = object(
  {host: either(text(), list(text(), {minItems: 1}))},
  {
    path: text(),
    /** True, or a template that gives true: the Secret `<app>-<endpoint>-tls`. */
    tls: either(truth, text(), object({secret: text()}, {})),
    bodySize: text(),
  },
)

const publishTcp = object(
  {tcp: either(integer(1, 65_535, {description: 'the public port'}), text())},
  {
    via: list(choice('loadBalancer', 'nodePort'), {
      minItems: 1,
      uniqueItems: true,
      description: 'the first is taken; loadBalancer without it',
    }),
  },
)

/** Something others can use: an address that speaks a protocol. berth makes its Service `<app>-<endpoint>`. */
const endpoint = object(
  {interface: text({pattern: name.pattern}), component: text(), port: integer(1, 65_535)},
  {
    version: text(),
    /** How it is reached from outside: by an Ingress, or by a Service of its own. Null, by a template, publishes nothing. */
    publish: either(publishHttp, publishTcp),
    allow: filled(object({namespaces: either(choice('all', 'own'), list(text()))}, {}), {namespaces: 'all'}),
    grant,
  },
)

const task = object(
  {
    on: list(choice('install', 'config', 'upgrade', 'restore', 'clone', 'rotate'), {minItems: 1, uniqueItems: true}),
    job: text({description: 'the name of a Job among the resources: $task at its top'}),
  },
  {
    when: cel,
    before: text(),
    after: text(),
    once: truth,
    idempotent: truth,
    timeout: integer(1, 86_400, {description: 'seconds'}),
  },
)

const pointer = {pattern: '^(/[^/]+)+$', description: 'a JSON pointer to a parameter, such as /smtp/port'}

const rule: Schema<Rule> = object(
  {
    check: cel,
    field: text(pointer),
    message: text(),
  },
  {},
)

const migration: Schema<Migration> = object(
  {below: text({pattern: version, description: 'answers for earlier versions than this one are changed'})},
  {
    set: {...record(cel, pointer), description: 'new answers: JSON pointer: CEL over `old`'},
    remove: list(text(pointer), {description: 'answers that nothing takes any more'}),
  },
)

/** Parameters are looked at further by lib/params. */
const parameters: Schema<ParametersSchema> = object(
  {},
  {
    required: list(text(), {uniqueItems: true}),
    properties: filled(record(anything as Schema<ParamSchema>, identifier), {}),
  },
)

const manifest = object(
  {
    apiVersion: constant('berth.dev/v1'),
    kind: constant('Package'),
    name: text({...name, description: 'lower-case letters, digits and dashes', examples: ['miniflux']}),
    version: text({
      pattern: version,
      maxLength: 64,
      description: 'a semantic version such as 1.4.0, of the packaging',
      examples: ['1.0.0'],
    }),
  },
  {
    appVersion: text({maxLength: 64, description: 'version of the application'}),
    title: text(),
    description: text(),
    license: text(),
    home: text(),
    compatibility: object({}, {kubernetes: text(), upgradeFrom: range, downgradeTo: range}),
    images: filled({...record(text(), identifier), description: 'name: registry/repository:tag'}, {}),
    parameters: filled(parameters, {properties: {}}),
    let: filled(record(cel, identifier), {}),
    rules: filled(list(rule), []),
    migrations: filled(list(migration), []),
    components: filled(record(component, name), {}),
    provides: filled(record(endpoint, {...name, maxLength: 22}), {}),
    tasks: filled(record(task, name), {}),
    drift: filled(
      object(
        {},
        {
          ignore: filled(
            list(
              text({
                pattern: ignoreRule,
                description: 'a kind, or Kind/name, and a field: Deployment:spec.strategy',
              }),
              {description: 'fields that others set and berth leaves to them'},
            ),
            [],
          ),
        },
      ),
      {ignore: []},
    ),
    backup: {...anything, description: 'policy, quiesce and state: see docs on backups'},
    outputs: filled(
      record(object({title: text(), value: {type: 'string'} as Schema<string>}, {secret: text()}), identifier),
      {},
    ),
    needs: filled(
      list(object({what: text(), why: text()}, {}), {
        description: 'what reaches beyond the namespace: users must agree',
      }),
      [],
    ),
    notes: text({description: 'a text with ${}, shown after an install'}),
  },
)

/** The schema of `package.yaml`, published as `schemas/package.schema.json`. */
export const manifestSchema: JsonSchema & Schema<Manifest> = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  $id: 'https://berth.dev/schemas/package.schema.json',
  title: 'package.yaml of a berth package',
  ...manifest,
}

/** `package.yaml`, checked, with what was left out filled in. */
export interface Manifest extends TypeOf<typeof manifest> {}
export interface Component extends TypeOf<typeof component> {}
export interface Endpoint extends TypeOf<typeof endpoint> {}
export interface PublishHttp extends TypeOf<typeof publishHttp> {}
export interface PublishTcp extends TypeOf<typeof publishTcp> {}
export interface Grant extends TypeOf<typeof grant> {}
export interface Script extends TypeOf<typeof script> {}
export interface Task extends TypeOf<typeof task> {}
