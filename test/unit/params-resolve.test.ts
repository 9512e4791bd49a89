import {expect} from 'chai'
import fc from 'fast-check'
import {maskSecrets, secretToken} from '../../src/lib/expr/index.ts'
import {paramTypes, resolveParameters} from '../../src/lib/params/index.ts'
import type {Answers, Declarations, ParamSchema, ResolveContext} from '../../src/lib/params/types.ts'

const context: ResolveContext = {
  app: {name: 'wiki', namespace: 'apps', revision: 1},
  cluster: {domain: 'example.com', kubernetes: '1.34.4', ingressClass: 'nginx', storageClass: null},
  images: {},
  kept: new Set(),
  bindings: {},
  interfaces: {},
  read: {
    file: async path => {
      if (path === 'gone') throw new Error('ENOENT')
      return 'from file\n'
    },
    env: name => (name === 'PW' ? 'from env' : undefined),
  },
  secretName: 'berth.wiki.s.1',
}

const declare = (properties: Record<string, ParamSchema>, more: Partial<Declarations> & {required?: string[]} = {}) => {
  const {required = [], ...rest} = more
  return {parameters: {properties, required}, ...rest}
}
const resolve = (properties: Record<string, ParamSchema>, answers: Answers, more: Partial<ResolveContext> = {}) =>
  resolveParameters(declare(properties), answers, {...context, ...more})
const words = (resolution: {errors: {field: string; message: string}[]}) =>
  resolution.errors.map(({field, message}) => `${field} ${message}`)

describe('params: resolving', () => {
  it('works defaults out over app, cluster and other parameters, in whatever order they stand', async () => {
    const {errors, params, answers} = await resolve(
      {
        url: {type: 'string', default: 'https://${params.host}/'},
        host: {kind: 'hostname', default: '${app.name}.${cluster.domain}'},
        size: {type: 'integer', default: '${params.base * 2}'},
        base: {type: 'integer', default: 4},
        hosts: {type: 'array', items: {type: 'string'}, default: ['${params.host}', 'x']},
      },
      {base: 5},
    )
    expect(errors).to.deep.equal([])
    expect(params).to.deep.equal({
      url: 'https://wiki.example.com/',
      host: 'wiki.example.com',
      size: 10,
      base: 5,
      hosts: ['wiki.example.com', 'x'],
    })
    expect(answers).to.deep.equal({base: 5})
  })

  it('names cycles by the way they go', async () => {
    const cyclic = await resolve(
      {
        a: {type: 'string', default: '${params.b}'},
        b: {type: 'string', default: '${params.a}'},
        c: {type: 'string', when: 'params.c == "x"'},
      },
      {},
    )
    expect(words(cyclic)).to.deep.equal([
      '/a reads itself: a → b → a',
      '/b reads itself: a → b → a',
      '/c reads itself: c → c',
    ])
  })

  it('tells all errors at once, each where it is', async () => {
    const resolution = await resolveParameters(
      declare(
        {
          name: {type: 'string', minLength: 2},
          poll: {type: 'integer', minimum: 1},
          smtp: {
            type: 'object',
            required: ['host'],
            properties: {host: {type: 'string'}, port: {type: 'integer', maximum: 65535}},
          },
        },
        {required: ['name', 'smtp']},
      ),
      {poll: 0, smtp: {port: 70000, user: 'x'}, pol: 1},
      context,
    )
    expect(words(resolution)).to.have.members([
      '/pol there is no field pol: did you mean poll?',
      '/smtp/user there is no field user',
      '/name is required',
      '/poll must be at least 1',
      '/smtp/host is required',
      '/smtp/port must be at most 65535',
    ])
    expect(resolution.errors.find(error => error.field === '/poll')).to.deep.equal({
      field: '/poll',
      code: 'minimum',
      message: 'must be at least 1',
      expected: 1,
      got: 0,
    })
  })

  it('a field whose condition fails is null, its answer stays and is not checked', async () => {
    const properties: Record<string, ParamSchema> = {
      mail: {type: 'boolean', default: false},
      host: {type: 'string', when: 'params.mail', minLength: 3},
      password: {kind: 'secret', when: 'params.mail'},
    }
    const off = await resolve(properties, {host: 'x'})
    expect(off).to.deep.include({
      errors: [],
      answers: {host: 'x'},
      params: {mail: false, host: null, password: null},
      secrets: [],
    })
    const on = await resolve(properties, {host: 'x', mail: true})
    expect(words(on)).to.deep.equal(['/host must have at least 3 characters'])
    expect(on.secrets).to.have.length(1)
    const kept = await resolve(properties, {}, {kept: new Set(['password'])})
    expect(kept.secrets).to.deep.equal([{name: 'password', source: {from: 'kept'}}])
    const typed = await resolve(properties, {password: 'hunter2'})
    expect(typed.answers).to.deep.equal({password: {$kept: true}})
    expect(typed.secrets).to.deep.equal([{name: 'password', source: {from: 'given', value: 'hunter2'}}])
  })

  it('does not judge what reads something wrong', async () => {
    const resolution = await resolveParameters(
      declare(
        {
          n: {type: 'integer'},
          host: {type: 'string', default: 'h${string(params.n)}'},
          x: {type: 'string', when: 'params.n > 1'},
        },
        {
          required: ['n'],
          rules: [{check: 'params.n > 5', field: '/n', message: 'more'}],
          let: {m: 'params.n + 1', k: 'm + 1'},
        },
      ),
      {n: 'x', x: 'y'},
      context,
    )
    expect(words(resolution)).to.deep.equal(['/n must be a whole number, is text'])
    expect(resolution.answers).to.deep.equal({n: 'x', x: 'y'})
  })

  it('checks rules and works out let, in order of need', async () => {
    const declared = declare(
      {poll: {type: 'integer', default: 60}, blocked: {type: 'array', items: {type: 'string'}}},
      {
        rules: [
          {
            check: 'params.poll >= 5 || params.blocked.size() < 2',
            field: '/poll',
            message: 'Poll less often, or block less',
          },
          {check: 'twice < 1000', field: '/poll', message: 'too much'},
        ],
        let: {twice: 'once * 2', once: 'params.poll'},
      },
    )
    expect(await resolveParameters(declared, {poll: 3}, context)).to.deep.include({
      errors: [],
      lets: {twice: 6, once: 3},
    })
    expect((await resolveParameters(declared, {poll: 3, blocked: ['a', 'b']}, context)).errors).to.deep.equal([
      {field: '/poll', code: 'rule', message: 'Poll less often, or block less'},
    ])
    const loop = await resolveParameters({...declared, rules: [], let: {a: 'b', b: 'a'}}, {}, context)
    expect(words(loop)).to.deep.equal([" the package's let a reads itself: a → b → a"])
  })

  it('has the keywords of JSON Schema across the fields of an object', async () => {
    const nested = await resolve(
      {
        tls: {
          type: 'object',
          properties: {
            cert: {type: 'string'},
            key: {kind: 'secret', generate: false},
            on: {type: 'boolean', default: false},
          },
          dependentRequired: {cert: ['key']},
          anyOf: [{properties: {on: {const: false}}}, {required: ['cert']}],
        },
      },
      {tls: {cert: 'x', on: true}},
    )
    expect(words(nested)).to.deep.equal(['/tls/key is required together with cert'])
  })

  it('reads defaults in entries as it reads answers, and never gives one that does not fit', async () => {
    const inner = {type: 'object', default: {}, properties: {p: {type: 'string', default: 'q'}, l: {type: 'array'}}}
    const entry: ParamSchema = {type: 'object', properties: {o: inner, m: {type: 'integer', default: 1}}}
    const {params} = await resolve(
      {a: {type: 'array', items: entry}, d: {type: 'object', additionalProperties: entry}},
      {a: [{}, {o: {p: 'x'}}], d: {x: {m: 2}}},
    )
    const o = {p: 'q', l: []}
    expect(params).to.deep.equal({
      a: [
        {o, m: 1},
        {o: {...o, p: 'x'}, m: 1},
      ],
      d: {x: {o, m: 2}},
    })
    const m = {type: 'integer', default: 'zzz'}
    const wrong = await resolve({a: {type: 'array', items: {type: 'object', properties: {m}}}}, {a: [{m: 1}, {}]})
    expect(words(wrong)).to.deep.equal(['/a/1/m has a default that does not fit: must be a whole number, is text'])
    const tree: ParamSchema = {type: 'object', properties: {}}
    Object.assign(tree.properties ?? {}, {t: {...tree, default: {}}})
    expect(words(await resolve({a: {type: 'array', items: tree}}, {a: [{}]}))).to.deep.equal([
      '/a/0/t/t has a default that does not fit: it is in itself',
    ])
    const level = (below: string) => ({
      ...{type: 'object', default: {}},
      properties: Object.fromEntries(['a', 'b', 'c'].map(key => [key, {$ref: `#/$defs/${below}`}])),
    })
    const levels = Array.from({length: 8}, (_, index) => [`l${index}`, level(`l${index + 1}`)])
    const $defs = {...Object.fromEntries(levels), l8: {type: 'integer', default: 1}}
    const many = {$defs, properties: {a: {type: 'array', items: {$ref: '#/$defs/l0'}}}}
    expect(words(await resolveParameters({parameters: many}, {a: [{}]}, context))[0]).to.match(
      /^\/a\/0\/a(\/a)+ has a default that does not fit: it comes to more than 1000 values$/,
    )
  })

  it('fills what is left out of the entries of lists, so that templates may select it', async () => {
    const item = {
      type: 'object',
      required: ['name'],
      properties: {name: {type: 'string'}, port: {type: 'integer', default: 80}, tag: {type: 'string'}},
    }
    const {params, answers} = await resolve({servers: {type: 'array', items: item}}, {servers: [{name: 'a'}]})
    expect(params).to.deep.equal({servers: [{name: 'a', port: 80, tag: null}]})
    expect(answers).to.deep.equal({servers: [{name: 'a'}]})
    const wrong = await resolve({servers: {type: 'array', items: item}}, {servers: [{name: 'a', prot: 1}]})
    expect(words(wrong)).to.deep.equal(['/servers/0/prot there is no field prot: did you mean port?'])
  })

  it('an object that needs an answer is null until it has one; others are there with their defaults', async () => {
    const properties = {
      smtp: {
        type: 'object',
        required: ['host'],
        properties: {host: {type: 'string'}, port: {type: 'integer', default: 25}},
      },
      limits: {type: 'object', properties: {cpu: {type: 'integer', default: 1}}},
    }
    expect((await resolve(properties, {})).params).to.deep.equal({smtp: null, limits: {cpu: 1}})
    expect((await resolve(properties, {smtp: {host: 'mx'}})).params).to.deep.equal({
      smtp: {host: 'mx', port: 25},
      limits: {cpu: 1},
    })
    expect(words(await resolve(properties, {smtp: {}}))).to.deep.equal(['/smtp/host is required'])
    expect(words(await resolve(properties, {smtp: 'x'}))).to.deep.equal(['/smtp must be an object, is text'])
  })

  it('blames the package for a default that does not fit', async () => {
    expect(words(await resolve({n: {type: 'integer', default: 'x'}}, {}))).to.deep.equal([
      '/n has a default that does not fit: must be a whole number, is text',
    ])
    expect(words(await resolve({n: {type: 'string', default: '${params.x}'}}, {}))[0]).to.include(
      '/n cannot be worked out',
    )
  })

  it('renames answers and kept secrets', async () => {
    const properties: Record<string, ParamSchema> = {
      password: {kind: 'secret', formerly: ['adminPassword']},
      mail: {type: 'object', properties: {port: {type: 'integer', formerly: ['/smtpPort']}}},
      db: {kind: 'binding', interface: 'postgresql', formerly: ['database']},
    }
    const {errors, answers, secrets} = await resolve(
      properties,
      {adminPassword: {$kept: true}, smtpPort: 25, database: {$app: 'db/pg'}},
      {kept: new Set(['adminPassword', 'database.password'])},
    )
    expect(errors).to.deep.equal([])
    expect(answers).to.deep.equal({password: {$kept: true}, mail: {port: 25}, db: {$app: 'db/pg'}})
    expect(secrets).to.deep.equal([
      {name: 'password', source: {from: 'kept', was: 'adminPassword'}},
      {name: 'db.password', source: {from: 'kept', was: 'database.password'}},
    ])
    const both = await resolve(properties, {smtpPort: 25, mail: {port: 1}})
    expect(words(both)).to.deep.equal(['/smtpPort is called mail.port now, which is answered, too'])
  })

  it('refuses changes of what cannot be changed', async () => {
    const properties: Record<string, ParamSchema> = {
      admin: {type: 'string', default: 'admin', immutable: true},
      key: {kind: 'secret', immutable: true},
      data: {kind: 'volume'},
      later: {type: 'string', immutable: true},
    }
    const change = (previous: Answers, answers: Answers, more = {}) =>
      resolve(properties, answers, {previous, kept: new Set(['key']), ...more})
    expect((await change({}, {admin: 'root'})).errors).to.deep.equal([
      {
        field: '/admin',
        code: 'immutable',
        message: 'cannot be changed after the install: it is admin',
        expected: 'admin',
        got: 'root',
      },
    ])
    const computed = {
      name: {type: 'string', default: 'bob'},
      user: {type: 'string', default: '${params.name}x', immutable: true},
    }
    const rename = (previous: Answers, answers: Answers) => resolve(computed, answers, {previous})
    expect(words(await rename({}, {name: 'alice'}))).to.deep.equal([
      '/user cannot be changed after the install: it is bobx',
    ])
    expect((await rename({}, {name: 'alice', user: 'bobx'})).errors).to.deep.equal([])
    expect((await rename({name: 'bob'}, {name: 'bob'})).errors).to.deep.equal([])
    expect((await change({admin: 'root'}, {})).errors[0]).to.include({field: '/admin', code: 'immutable'})
    expect((await change({admin: 'root'}, {admin: 'root', later: 'x'})).errors).to.deep.equal([])
    expect((await change({key: {$kept: true}}, {key: {$kept: true}})).errors).to.deep.equal([])
    expect(words(await change({}, {key: 'hunter2'}))).to.deep.equal(['/key cannot be changed after the install'])
    expect(words(await change({data: {size: '10Gi'}}, {data: {size: '5Gi'}}))).to.deep.equal([
      '/data cannot shrink: it has 10Gi, and storage only grows',
    ])
    expect(words(await change({data: {size: '10Gi'}}, {data: {size: '20Gi', class: 'fast'}}))).to.deep.equal([
      '/data the class of a volume cannot be changed after the install',
    ])
    expect((await change({data: {size: '1024Mi'}}, {data: {size: '2Gi'}})).errors).to.deep.equal([])
    const before = {properties: {data: {kind: 'volume'}}}
    expect((await change({}, {admin: 'root'}, {previousParameters: before})).errors).to.deep.equal([])
  })

  describe('secrets', () => {
    const properties: Record<string, ParamSchema> = {password: {kind: 'secret', minLength: 4}}

    it('are made once, or given, and leave no trace in the answers', async () => {
      const source = async (answer: unknown, kept = new Set<string>()) => {
        const {answers, secrets, params, errors} = await resolve(
          properties,
          answer === undefined ? {} : {password: answer},
          {kept},
        )
        expect(errors).to.deep.equal([])
        expect(JSON.stringify([answers, params]))
          .to.not.include('from ')
          .and.not.include('hunter2')
        return {source: secrets[0]?.source, answers}
      }
      expect(await source(undefined)).to.deep.equal({source: {from: 'generate', spec: {length: 24}}, answers: {}})
      expect(await source(undefined, new Set(['password']))).to.deep.equal({source: {from: 'kept'}, answers: {}})
      expect(await source('hunter2')).to.deep.equal({
        source: {from: 'given', value: 'hunter2'},
        answers: {password: {$kept: true}},
      })
      expect((await source({$file: 'x'})).source).to.deep.equal({from: 'given', value: 'from file'})
      expect((await source({$env: 'PW'})).source).to.deep.equal({from: 'given', value: 'from env'})
      expect(await source({$secret: 'shared/mail/password'})).to.deep.equal({
        source: {from: 'secretKey', namespace: 'shared', secret: 'mail', key: 'password'},
        answers: {password: {$secret: 'shared/mail/password'}},
      })
    })

    it('are seen as a place and a token', async () => {
      const {params} = await resolve(properties, {})
      expect(params.password).to.deep.equal({
        ref: {name: 'berth.wiki.s.1', key: 'password'},
        value: secretToken('password'),
      })
    })

    it('are checked without being shown', async () => {
      const errors = async (answer: unknown, more: Partial<ResolveContext> = {}) =>
        (await resolve(properties, {password: answer}, more)).errors
      expect(await errors('abc')).to.deep.equal([
        {field: '/password', code: 'minLength', message: 'must have at least 4 characters', expected: 4},
      ])
      expect((await errors(''))[0]).to.include({message: 'must not be empty'})
      expect(await errors(1234)).to.deep.equal([
        {
          field: '/password',
          code: 'anyOf',
          message: 'must be text, {$secret: namespace/name/key}, {$file: path} or {$env: NAME}',
        },
      ])
      expect((await errors({$file: 'gone'}))[0]?.message).to.equal('the file gone cannot be read: ENOENT')
      expect((await errors({$env: 'NO'}))[0]?.message).to.equal('the environment has no variable NO')
      expect((await errors({$kept: true}))[0]?.message).to.include('is not kept any more')
      expect((await errors({$secret: 'a/b'}))[0]).to.include({field: '/password/$secret', code: 'pattern'})
      expect((await resolve(properties, {password: 'abc'})).answers).to.deep.equal({})
    })

    it('are not made where the package says so', async () => {
      const optional = await resolve({smtp: {kind: 'secret', generate: false}}, {})
      expect(optional).to.deep.include({errors: [], params: {smtp: null}, secrets: []})
      const required = await resolveParameters(
        declare({smtp: {kind: 'secret', generate: false}}, {required: ['smtp']}),
        {},
        context,
      )
      expect(words(required)).to.deep.equal(['/smtp is required'])
      const again = await resolveParameters(
        declare({smtp: {kind: 'secret', generate: false}}, {required: ['smtp']}),
        {},
        {
          ...context,
          kept: new Set(['smtp']),
        },
      )
      expect(again.errors).to.deep.equal([])
    })
  })

  describe('keys and hashes', () => {
    const properties: Record<string, ParamSchema> = {
      admin: {type: 'string', default: 'root'},
      password: {kind: 'secret', formerly: ['pw']},
      users: {kind: 'secret', derive: {htpasswd: 'password', user: 'admin'}, formerly: ['basic']},
      lock: {kind: 'key', algorithm: 'aes-256', formerly: ['cipher']},
      web: {kind: 'key', algorithm: 'ed25519', when: "params.admin == 'root'"},
    }

    it('are needed in every form, each under its name; hashes follow what they are of', async () => {
      const {errors, secrets, params} = await resolve(properties, {}, {published: {'web.publicKey': 'PEM'}})
      expect(errors).to.deep.equal([])
      const sources = Object.fromEntries(secrets.map(({name, source}) => [name, source]))
      expect(sources).to.deep.include({
        users: {from: 'hash', of: 'password', derivation: 'htpasswd', user: 'root'},
        lock: {from: 'generate', spec: {algorithm: 'aes-256'}},
        'lock.jwk': {from: 'form', of: 'lock', form: 'jwk', algorithm: 'aes-256', hosts: []},
      })
      expect(maskSecrets(params.web)).to.deep.include({
        value: '<secret web>',
        openssh: {ref: {name: 'berth.wiki.s.1', key: 'web.openssh'}, value: '<secret web.openssh>'},
        publicKey: 'PEM',
        kid: '<web.kid: known once it is made>',
      })
      expect(paramTypes({properties})).to.deep.nested.include({'fields.web.of.fields.kid': {t: 'string'}})
    })

    it('stay when they are renamed or out of sight', async () => {
      const kept = new Set(['pw', 'basic', 'cipher', 'cipher.jwk', 'web', 'web.kid'])
      const {secrets, params} = await resolve(properties, {admin: 'eve'}, {kept})
      expect(params.web).to.equal(null)
      const sources = secrets.map(({name, source}) => [name, 'was' in source ? source.was : source.from])
      expect(sources).to.deep.equal([
        ['password', 'pw'],
        ['users', 'basic'],
        ['lock', 'cipher'],
        ['lock.jwk', 'cipher.jwk'],
        ['web', 'kept'],
        ['web.kid', 'kept'],
      ])
    })

    it('that are given are read at once, and never quoted', async () => {
      const {errors} = await resolve(properties, {lock: 'hunter2', users: 'root:x'})
      expect(words({errors})).to.deep.equal([
        '/users is made of another secret: it takes no answer',
        '/lock is 5 bytes long, but has to be 32',
      ])
      expect(JSON.stringify(errors)).to.not.include('hunter2')
      const tls: ParamSchema = {kind: 'key', algorithm: 'tls', hosts: ['a.test']}
      const meant = await resolve({tls}, {tls: 'letsencrypt'})
      expect(words(meant)).to.deep.equal([
        '/tls cannot be read: it must be PEM or a JWK, with its certificate; or Issuer/NAME or ClusterIssuer/NAME, of cert-manager',
      ])
    })
  })

  describe('bindings', () => {
    const properties: Record<string, ParamSchema> = {
      database: {kind: 'binding', interface: 'postgresql', request: {version: '>=14', extensions: ['${params.ext}']}},
      ext: {type: 'string', default: 'hstore'},
    }

    it('show what is known, and say what is not', async () => {
      const {params, bindings, secrets, answers} = await resolve(
        properties,
        {database: 'app:pg'},
        {
          bindings: {database: {outputs: {host: 'pg.apps.svc', port: 5432}, secrets: []}},
        },
      )
      expect(maskSecrets(params.database)).to.deep.equal({
        host: 'pg.apps.svc',
        port: 5432,
        name: '<database.name: known after provisioning>',
        user: '<database.user: known after provisioning>',
        password: '<secret database.password>',
        url: '<secret database.url>',
        sslmode: null,
        ca: null,
        ref: {
          password: {name: 'berth.wiki.s.1', key: 'database.password'},
          url: {name: 'berth.wiki.s.1', key: 'database.url'},
        },
      })
      expect(answers).to.deep.equal({database: {$app: 'apps/pg'}})
      expect(bindings).to.deep.equal([
        {
          parameter: 'database',
          interface: 'postgresql',
          request: {version: '>=14', extensions: ['hstore']},
          provider: {$app: 'apps/pg'},
        },
      ])
      expect(secrets).to.deep.equal([{name: 'database.password', source: {from: 'generate', spec: {length: 32}}}])
    })

    it('take their outputs outright, passwords apart', async () => {
      const $literal = {host: 'db.example.com', port: 5432, name: 'wiki', user: 'wiki', password: 'hunter2'}
      const {params, bindings, secrets, answers, errors} = await resolve(properties, {database: {$literal}})
      expect(errors).to.deep.equal([])
      expect(params.database).to.include({host: 'db.example.com', user: 'wiki'})
      expect(secrets).to.deep.equal([{name: 'database.password', source: {from: 'given', value: 'hunter2'}}])
      expect(JSON.stringify([answers, bindings])).to.not.include('hunter2')
      expect(answers).to.deep.equal({database: {$literal: {...$literal, password: {$kept: true}}}})
      const missing = await resolve(properties, {database: {$literal: {host: 'x', port: 'y', pasword: 'hunter2'}}})
      expect(JSON.stringify(missing)).to.not.include('hunter2')
      expect(words(missing)).to.include('/database/$literal/pasword there is no field pasword: did you mean password?')
    })

    it('name a package to install first, whose answers are its own affair', async () => {
      const $new = {$new: 'postgres', name: 'pg', answers: {password: 'hunter2', host: {$value: 'x'}}}
      const {errors, bindings, answers} = await resolve(properties, {database: $new})
      expect(errors).to.deep.equal([])
      expect(bindings[0]?.provider).to.deep.equal($new)
      expect(answers, 'what is kept holds no secret').to.deep.equal({database: {$new: 'postgres', name: 'pg'}})
      const database = {kind: 'binding', interface: 'postgresql', suggest: ['postgres', 'maria']}
      const [missing] = words(await resolveParameters(declare({database}, {required: ['database']}), {}, context))
      expect(missing).to.include(
        'is required: app:NAMESPACE/NAME names a provider, new:postgres or new:maria installs one',
      )
      expect(words(await resolve(properties, {database: 'new:./pg'}))[0]).to.include(
        'must be a package of a repository',
      )
    })

    it('say how to answer', async () => {
      expect(words(await resolve(properties, {database: {app: 'x'}}))).to.deep.equal([
        '/database must be app:namespace/name, service:name, new:package or {$literal: {…}}',
      ])
      expect(words(await resolve(properties, {database: 'x'}))).to.deep.equal([
        '/database must be app:namespace/name, service:name, new:package',
      ])
      expect(words(await resolve({q: {kind: 'binding', interface: 'amqp'}}, {q: {$app: 'x'}}))[0]).to.include(
        'the interface amqp',
      )
    })
  })

  it('is idempotent: what is kept resolves to the same, and makes no secret anew', async () => {
    const properties: Record<string, ParamSchema> = {
      host: {kind: 'hostname', default: '${app.name}.${cluster.domain}'},
      poll: {type: 'integer', default: 60},
      on: {type: 'boolean', default: false},
      tags: {type: 'array', items: {type: 'string'}},
      password: {kind: 'secret'},
      smtp: {
        type: 'object',
        required: ['host'],
        when: 'params.on',
        properties: {host: {type: 'string'}, password: {kind: 'secret', generate: false}},
      },
      database: {kind: 'binding', interface: 'postgresql'},
      data: {kind: 'volume', default: '1Gi'},
    }
    const secret = fc.oneof(fc.string({minLength: 1}), fc.constant({$secret: 'a/b/c'}), fc.constant({$env: 'PW'}))
    const answers = fc.record(
      {
        host: fc.constant('Wiki.example.com'),
        poll: fc.integer(),
        on: fc.boolean(),
        tags: fc.array(fc.string()),
        password: secret,
        smtp: fc.record({host: fc.string(), password: secret}),
        database: fc.constantFrom('app:pg', 'service:x', {
          $literal: {host: 'h', port: 1, name: 'n', user: 'u', password: 'p'},
        }),
        data: fc.constantFrom('2Gi', {size: '1Gi', class: 'fast'}),
      },
      {requiredKeys: []},
    )
    await fc.assert(
      fc.asyncProperty(answers, async given => {
        fc.pre(given.on !== true || given.smtp !== undefined)
        const first = await resolve(properties, given)
        expect(first.errors).to.deep.equal([])
        const kept = new Set(first.secrets.map(({name}) => name))
        const second = await resolve(properties, first.answers, {kept, previous: first.answers})
        expect(second.errors).to.deep.equal([])
        expect(second.answers).to.deep.equal(first.answers)
        expect(second.params).to.deep.equal(first.params)
        expect(second.secrets.map(({name}) => name)).to.deep.equal(first.secrets.map(({name}) => name))
        expect(
          second.secrets.filter(({source}) => source.from === 'generate' || source.from === 'given'),
        ).to.deep.equal([])
      }),
      {numRuns: 60},
    )
  })
})
