import Ajv2020 from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'
import {expect} from 'chai'
import {checkExpression, parseExpression} from '../../src/lib/expr/index.ts'
import {
  exportSchema,
  formFields,
  fromPointer,
  type ParamSchema,
  paramTypes,
  schemaFaults,
} from '../../src/lib/params/index.ts'
import type {ChoiceLookup, FormField, ParametersSchema, ResolveContext} from '../../src/lib/params/types.ts'

const context: ResolveContext = {
  app: {name: 'wiki', namespace: 'apps', revision: 1},
  cluster: {domain: 'example.com', kubernetes: '1.34.4', ingressClass: null, storageClass: null},
  images: {},
  kept: new Set(),
  bindings: {},
  interfaces: {},
  read: {file: async () => '', env: () => undefined},
  secretName: 's',
}

const lookup: ChoiceLookup = {
  items: async from =>
    from === 'storageClasses'
      ? [
          {name: 'fast', default: false},
          {name: 'standard', default: true},
        ]
      : [],
  services: async name => (name === 'postgresql' ? ['erp'] : []),
  installable: async (reference, field, name) =>
    reference === 'postgres' ? {title: `a new ${name} for ${field}`, item: []} : undefined,
  providers: async name => [
    {ref: 'db/pg', title: `${name} 15`, endpoint: 'sql'},
    {ref: 'db/multi', title: `${name} 16`, endpoint: 'rw'},
    {ref: 'db/multi', title: `${name} 16`, endpoint: 'ro'},
  ],
}

const parameters: ParametersSchema = {
  required: ['database'],
  properties: {
    host: {kind: 'hostname', title: 'Address', default: '${app.name}.${cluster.domain}', group: 'Web'},
    logLevel: {
      oneOf: [
        {const: 'info', title: 'Normal'},
        {const: 'debug', title: 'Everything'},
      ],
      default: 'info',
    },
    database: {kind: 'binding', interface: 'postgresql', suggest: ['postgres']},
    data: {kind: 'volume', default: '10Gi'},
    password: {kind: 'secret'},
    mail: {type: 'boolean', default: false},
    smtp: {
      type: 'object',
      when: 'params.mail',
      required: ['host'],
      properties: {host: {type: 'string'}, port: {type: 'integer', default: 25}},
    },
    banner: {type: 'string', format: 'multiline', advanced: true},
    servers: {type: 'array', items: {type: 'object', properties: {name: {type: 'string'}, level: {enum: [1, 2]}}}},
    labels: {type: 'object', additionalProperties: {type: 'string'}},
    proxy: {type: 'object', required: ['url'], properties: {url: {type: 'string', format: 'uri'}}},
  },
}

const byPointer = (fields: FormField[]) => Object.fromEntries(fields.map(field => [field.field, field]))

describe('params: fields of a form', () => {
  it('are flat, in order, and say how to be drawn', async () => {
    const fields = await formFields(parameters, {}, context, lookup)
    expect(fields.map(({field, widget, active}) => `${field} ${widget}${active ? '' : ' (inactive)'}`)).to.deep.equal([
      '/host text',
      '/logLevel choice',
      '/database binding',
      '/data volume',
      '/password password',
      '/mail boolean',
      '/smtp group (inactive)',
      '/smtp/host text (inactive)',
      '/smtp/port number (inactive)',
      '/banner multiline',
      '/servers list',
      '/labels dictionary',
      '/proxy group',
      '/proxy/url text (inactive)',
    ])
    const {
      '/host': host,
      '/logLevel': level,
      '/database': database,
      '/data': data,
      '/servers': servers,
    } = byPointer(fields)
    expect(host).to.include({title: 'Address', group: 'Web', default: 'wiki.example.com', required: false})
    expect(level).to.deep.include({
      title: 'Log level',
      choices: [
        {value: 'info', title: 'Normal'},
        {value: 'debug', title: 'Everything'},
      ],
    })
    expect(database?.choices).to.deep.equal([
      {value: {$app: 'db/pg'}, title: 'db/pg (postgresql 15)'},
      {value: {$app: 'db/multi', endpoint: 'rw'}, title: 'db/multi rw (postgresql 16)'},
      {value: {$app: 'db/multi', endpoint: 'ro'}, title: 'db/multi ro (postgresql 16)'},
      {value: {$service: 'erp'}, title: 'service erp'},
      {value: {$new: 'postgres'}, title: 'a new postgresql for /database', item: []},
    ])
    expect(data).to.deep.include({default: {size: '10Gi'}})
    expect(data?.choices?.map(({title}) => title)).to.deep.equal(['fast', 'standard (default)'])
    expect(servers?.item?.map(({field, widget}) => `${field} ${widget}`)).to.deep.equal([
      '/servers/- group',
      '/servers/-/name text',
      '/servers/-/level choice',
    ])
  })

  it('follow the answers', async () => {
    const answers = {mail: true, password: 'hunter2', host: 'x.y', proxy: {url: 'http://p/'}}
    const fields = byPointer(await formFields(parameters, answers, {...context, kept: new Set(['password'])}))
    expect(fields['/smtp/port']).to.include({active: true, default: 25})
    expect(fields['/host']).to.include({answer: 'x.y'})
    expect(fields['/proxy/url']).to.include({active: true, answer: 'http://p/'})
    expect(fields['/password']).to.include({secret: true, kept: true}).and.not.have.property('answer')
    expect(JSON.stringify(fields)).to.not.include('hunter2')
  })
})

describe('params: exported schema', () => {
  const exported = exportSchema(parameters)
  const ajv = new Ajv2020.default({strict: false, allErrors: true})
  addFormats.default(ajv)
  const validate = ajv.compile(exported)

  it('is plain JSON Schema that others can use', () => {
    const database = {$app: 'db/pg'}
    expect(validate({database}), ajv.errorsText(validate.errors)).to.equal(true)
    expect(validate({})).to.equal(false)
    expect(validate({database, mail: true, smtp: {host: 'x'}})).to.equal(true)
    expect(validate({database, mail: true, smtp: {}})).to.equal(false)
    expect(validate({database, mail: true})).to.equal(false)
    expect(validate({database, mail: false, smtp: {}}), 'kept out of sight').to.equal(true)
    expect(validate({database, unknown: 1})).to.equal(false)
    expect(JSON.stringify(exported)).to.not.match(/"(kind|when|immutable|advanced|formerly)":/)
  })

  it('keeps what only berth knows under x-berth', () => {
    const properties = exported.properties ?? {}
    expect(properties.host).to.include({'x-berth-kind': 'hostname', 'x-berth-default': '${app.name}.${cluster.domain}'})
    expect(properties.host).to.not.have.property('default')
    expect(properties.smtp, 'conditional fields stand in `then`').to.equal(undefined)
    expect(exported.allOf).to.deep.include.members([
      {
        if: {properties: {mail: {const: true}}, required: ['mail']},
        // biome-ignore lint/suspicious/noThenProperty: a word of JSON Schema
        then: {
          properties: {
            smtp: {
              type: 'object',
              'x-berth-when': 'params.mail',
              properties: {host: {type: 'string'}, port: {type: 'integer', default: 25}},
              required: ['host'],
              additionalProperties: false,
            },
          },
          required: ['smtp'],
        },
        else: {properties: {smtp: {}}},
      },
    ])
  })

  it('says conditions as far as JSON Schema can', () => {
    const condition = (when: string) => {
      const {allOf} = exportSchema({
        properties: {
          a: {enum: ['x', 'y'], default: 'x'},
          b: {type: 'string'},
          n: {type: 'integer'},
          c: {type: 'string', when},
        },
      })
      return (allOf as {if: unknown}[] | undefined)?.[0]?.if
    }
    expect(condition('params.a == "x"')).to.deep.equal({properties: {a: {const: 'x'}}})
    expect(condition("params.a in ['y', 'z'] && !(params.n == 3)")).to.deep.equal({
      allOf: [
        {properties: {a: {enum: ['y', 'z']}}, required: ['a']},
        {not: {properties: {n: {const: 3}}, required: ['n']}},
      ],
    })
    expect(condition('params.b != null')).to.deep.equal({not: {properties: {b: {const: null}}}})
    expect(condition('params.b.size() > 3')).to.equal(undefined)
    expect(condition('params.n > 3')).to.equal(undefined)
    expect(condition('app.name == "x"')).to.equal(undefined)
  })
})

describe('params: types in expressions', () => {
  const scope = {params: paramTypes(parameters)}
  const problems = (source: string) =>
    checkExpression(parseExpression(source, {file: 'x', line: 1, column: 1}), scope).problems.map(({rule}) => rule)

  it('know fields, and what may be null', () => {
    expect(problems('params.host + params.database.user + params.data.claim')).to.deep.equal([])
    expect(problems('params.labels.map(k, params.labels[k])')).to.deep.equal([])
    expect(problems('params.servers.size() > 0')).to.deep.equal([])
    expect(problems('params.smtp.port + 1')).to.have.length(1)
    expect(problems('params.smtp != null ? params.smtp.port + 1 : 0')).to.deep.equal([])
    expect(problems('params.proxy.url')).to.have.length(1)
    expect(problems('params.hots')).to.have.length(1)
    expect(paramTypes(parameters)).to.deep.nested.include({
      'fields.mail': {t: 'bool'},
      'fields.logLevel': {t: 'string'},
    })
  })
})

describe('params: faults of a declaration', () => {
  it('none where there are none', () => {
    expect(schemaFaults(parameters)).to.deep.equal([])
  })

  it('of values that mean nothing are told first, each at its word', () => {
    const said: [Record<string, unknown>, string][] = [
      [{type: 'array', items: 'string'}, 'items must be an object or true or false, is text'],
      [{kind: null}, 'kind must be text, is null'],
      [{when: null}, 'when must be text, is null'],
      [{when: true}, 'when must be text, is true or false'],
      [{required: 'b'}, 'required must be a list, is text'],
      [{required: {}}, 'required must be a list, is an object'],
      [{oneOf: [null]}, 'oneOf.0 must be an object or true or false, is null'],
      [{properties: null}, 'properties must be an object, is null'],
      [{properties: {b: null}}, 'properties.b must be an object or true or false, is null'],
      [{items: {properties: {b: {title: 5}}}}, 'items.properties.b.title must be text, is a whole number'],
      [{type: 'integer', minimum: '5'}, 'minimum must be a number, is text'],
      [{type: []}, 'type must have at least 1 entry, has 0'],
      [{enum: 'foo'}, 'enum must be a list, is text'],
      [{enum: []}, 'enum must have at least 1 entry, has 0'],
      [{immutable: 'no'}, 'immutable must be true or false, is text'],
      [{maxLength: -1}, 'maxLength must be at least 0'],
      [{pattern: ['x']}, 'pattern must be text, is a list'],
      [{multipleOf: 0}, 'multipleOf must be more than 0'],
      [{formerly: 'b'}, 'formerly must be a list, is text'],
      [{checks: [{message: 'm'}]}, 'checks.0.check is required'],
      [{choices: {from: 5}}, 'choices.from must be text, is a whole number'],
      [{dependentRequired: {b: 'c'}}, 'dependentRequired.b must be a list, is text'],
    ]
    for (const [schema, words] of said) {
      const faults = schemaFaults({properties: {a: schema}})
      const told = faults.map(({pointer, rule, message}) => {
        const [, , ...path] = fromPointer(pointer)
        return `${rule}: ${path.join('.')} ${message}`
      })
      expect(told, JSON.stringify(schema)).to.deep.equal([`shape: ${words}`])
    }
  })

  it('are none of schemas that are true or false', () => {
    const parameters = {properties: {a: {type: 'object', properties: {b: true}, items: false, not: false}}}
    expect(schemaFaults(parameters as unknown as ParametersSchema)).to.deep.equal([])
  })

  it('are found before anybody installs', () => {
    const faults = schemaFaults({
      required: ['hots'],
      properties: {
        'a-b': {type: 'string'},
        host: {kind: 'hostnam'},
        n: {type: 'integer', minimun: 1, default: 'x'},
        p: {type: 'string', pattern: '(?=x)'},
        r: {$ref: 'https://example.com/x'},
        l: {type: 'array', items: {kind: 'secret'}},
        s: {kind: 'secret', default: 'admin', generate: {length: 2}},
        b: {kind: 'binding', interface: 'postgres'},
        c: {type: 'string', default: '${params.c}'},
        t: {type: 'text'},
        d: {kind: 'secret', derive: {bcrypt: 'c'}},
        e: {kind: 'secret', derive: {md5: 's'}},
        k: {kind: 'key', algorithm: 'rsa-512'},
        w: {kind: 'key', algorithm: 'tls'},
      },
    })
    expect(faults.map(({pointer, rule}) => `${pointer} ${rule}`)).to.have.members([
      '/required unknown-field',
      '/properties/a-b name',
      '/properties/host/kind unknown-kind',
      '/properties/n/minimun unknown-word',
      '/properties/n/default default',
      '/properties/p/pattern pattern',
      '/properties/r/$ref reference',
      '/properties/l/items/kind kind-in-entry',
      '/properties/s kind',
      '/properties/s/default secret-default',
      '/properties/b kind',
      '/properties/c cycle',
      '/properties/t/type unknown-type',
      '/properties/d/derive derive',
      '/properties/e kind',
      '/properties/k kind',
      '/properties/w kind',
    ])
    expect(faults.map(({message}) => message)).to.include('there is no word minimun: did you mean minimum?')
    expect(faults.map(({message}) => message)).to.include('there is no kind hostnam: did you mean hostname?')
  })
  it('are what entries of lists and dictionaries cannot have, however they are reached', () => {
    const said: ParamSchema = {
      type: 'object',
      properties: {
        n: {type: 'string', default: '${params.h}'},
        m: {type: 'integer', default: 'zzz'},
        w: {type: 'string', when: 'true', formerly: ['v'], immutable: true},
        s: {kind: 'secret'},
      },
    }
    const wrong = (at: string) =>
      [
        ...['n/default default', 'm/default default', 'w/when when', 'w/formerly formerly'],
        ...['w/immutable immutable', 's/kind kind-in-entry'],
      ].map(fault => `/properties/${at}/properties/${fault}`)
    const faults = (properties: Record<string, ParamSchema>, more = {}) =>
      schemaFaults({properties, ...more}).map(({pointer, rule}) => `${pointer} ${rule}`)
    expect(faults({a: {type: 'array', items: said}})).to.have.members(wrong('a/items'))
    expect(faults({a: {type: 'object', additionalProperties: said}})).to.have.members(wrong('a/additionalProperties'))
    expect(faults({a: {...said, type: ['object', 'null']}})).to.have.members(wrong('a'))
    const $ref = '#/$defs/said'
    expect(faults({a: {type: 'array', items: {$ref}}}, {$defs: {said}})).to.have.members(wrong('a/items'))
    expect(faults({a: {...said, properties: {w: {type: 'string', when: 'true', formerly: ['v']}}}})).to.deep.equal([])
  })
})
