import {expect} from 'chai'
import {FormTerminal, keys} from '../fixtures/form/pseudo-terminal.ts'

const {enter, down, up, ctrlC, ctrlD} = keys
/** Clears the line that readline edits. */
const clear = '\x15'

describe('form: in a pseudo-terminal', function () {
  this.timeout(40_000)
  let terminal: FormTerminal

  afterEach(() => terminal.close())

  const start = (
    properties: object,
    options: {required?: string[]; rules?: object[]; present?: object; env?: Record<string, string>} = {},
  ) => {
    const {required = [], rules = [], ...rest} = options
    terminal = new FormTerminal({parameters: {required, properties}, rules}, rest)
    return terminal
  }

  it('has the group of an object in its heading, and takes a text of several lines away', async () => {
    const admin = {
      type: 'object',
      title: 'Admin',
      group: 'Login',
      properties: {name: {type: 'string', title: 'Name', default: 'root'}},
    }
    const form = start(
      {admin, motd: {type: 'string', format: 'multiline', title: 'Motd'}},
      {required: ['admin'], present: {motd: 'one\ntwo\n'}},
    )
    await form.see('Login › Admin')
    await form.answer('Name (root)')
    await form.answer('Motd (optional) [an empty line keeps what is there, - is none]', '-')
    await form.answer('…')
    await form.answer('Everything as it should be?')
    expect(await form.result()).to.deep.equal({})
  })

  it('moves no cursor for a package, and takes what is offered as it is', async () => {
    const form = start({a: {type: 'string', title: 'Ev\x1b]0;owned\x07il', default: 'x\x1b[2Jy'}})
    await form.answer('Ev^[]0;owned^Gil (x^[[2Jy)')
    await form.see('x^[[2Jy')
    await form.answer('Everything as it should be?')
    expect(await form.result()).to.deep.equal({})
  })

  it('asks in order, takes defaults with Enter, follows conditions and groups, and shows a summary', async () => {
    const form = start(
      {
        host: {
          kind: 'hostname',
          title: 'Address',
          description: 'Under which name people reach it',
          default: '${app.name}.${cluster.domain}',
        },
        database: {kind: 'binding', interface: 'postgresql', title: 'Database'},
        password: {kind: 'secret', title: 'Password'},
        mail: {type: 'boolean', title: 'Send mail', default: false},
        smtp: {
          type: 'object',
          title: 'Mail server',
          when: 'params.mail',
          required: ['host'],
          properties: {host: {type: 'string', title: 'Host'}, port: {type: 'integer', title: 'Port', default: 25}},
        },
        data: {kind: 'volume', title: 'Data', default: '10Gi'},
        extra: {type: 'string', title: 'Extra', advanced: true},
      },
      {required: ['database']},
    )
    await form.see('Under which name people reach it')
    await form.answer('Address (wiki.example.com)')
    await form.answer('db/pg (PostgreSQL 15)')
    await form.answer('generate')
    await form.answer('Send mail (y/N)', 'y')
    await form.see('Mail server')
    await form.answer('Host', 'mx')
    await form.answer('Port (25)', '587')
    await form.answer('Data: size (10Gi)', '20Gi')
    await form.see('storage class')
    form.type(down + enter)
    await form.see('Summary')
    await form.see('Mail server › Port  587')
    await form.see('ask the advanced ones, too (1)')
    form.type(enter)
    expect(await form.result()).to.deep.equal({
      database: {$app: 'db/pg'},
      mail: true,
      smtp: {host: 'mx', port: 587},
      data: {size: '20Gi', class: 'fast'},
    })
    expect(form.text).to.include('RAW false')
    expect(await form.exited).to.equal(0)
  })

  it('says what is wrong until it is right', async () => {
    const form = start(
      {poll: {type: 'integer', title: 'Poll', minimum: 1, default: 60}, name: {type: 'string', title: 'Name'}},
      {required: ['name']},
    )
    await form.answer('Poll (60)', 'often')
    await form.see('must be a whole number')
    form.type(`${clear}0${enter}`)
    await form.see('must be at least 1')
    form.type(`${clear}5${enter}`)
    await form.answer('Name')
    await form.see('is required')
    form.type(`x${enter}`)
    await form.answer('Everything as it should be?')
    expect(await form.result()).to.deep.equal({poll: 5, name: 'x'})
  })

  it('edits lists and dictionaries in place', async () => {
    const form = start(
      {
        servers: {
          type: 'array',
          title: 'Servers',
          items: {
            type: 'object',
            required: ['name'],
            properties: {name: {type: 'string', title: 'Name'}, port: {type: 'integer', title: 'Port'}},
          },
        },
        labels: {type: 'object', title: 'Labels', additionalProperties: {type: 'string'}},
      },
      {present: {servers: [{name: 'old', port: 1}, {name: 'gone'}]}},
    )
    await form.see('Servers (optional): 2 entries')
    form.type(up + enter)
    await form.answer('Name', 'new')
    await form.answer('Port', '70')
    await form.see('3 entries')
    form.type(up.repeat(4) + enter)
    await form.answer('change')
    await form.answer('Name (old)', 'older')
    await form.answer('Port', '-')
    await form.see('3 entries')
    form.type(up.repeat(3) + enter)
    await form.see('remove')
    form.type(down + enter)
    await form.answer('2 entries')
    await form.see('Labels (optional): empty')
    form.type(up + enter)
    await form.answer('name of the new entry', 'a.b/c')
    await form.answer('Entry', 'x')
    await form.answer('1 entry')
    await form.answer('Everything as it should be?')
    expect(await form.result()).to.deep.equal({
      servers: [{name: 'older'}, {name: 'new', port: 70}],
      labels: {'a.b/c': 'x'},
    })
  })

  it('goes back with < and with Esc, and on again', async () => {
    const form = start({
      a: {type: 'string', title: 'First'},
      b: {type: 'boolean', title: 'Second', default: false},
      c: {type: 'string', title: 'Third'},
    })
    await form.answer('First', '1')
    await form.answer('Second', 'y')
    await form.see('Third')
    form.type(keys.escape)
    await form.see('Second (Y/n)')
    form.type('<')
    await form.answer('First (optional) [- for none] (1)', '<')
    await form.see('This is the first question.')
    await form.answer('First', '2')
    await form.answer('Second (Y/n)', 'n')
    await form.answer('Third', '3')
    await form.see('Everything as it should be?')
    form.type(down + enter)
    await form.see('Which one?')
    form.type(down + down + enter)
    await form.answer('Third', '4')
    await form.answer('Everything as it should be?')
    expect(await form.result()).to.deep.equal({a: '2', b: false, c: '4'})
  })

  it('asks again about what is wrong with the whole', async () => {
    const form = start(
      {
        poll: {type: 'integer', title: 'Poll', default: 60},
        blocked: {type: 'integer', title: 'Blocked', default: 0, advanced: true},
      },
      {
        rules: [{check: 'params.poll > params.blocked', field: '/blocked', message: 'Block less than the poll'}],
        present: {gone: 1, blocked: 9},
      },
    )
    await form.answer('Poll (60)', '5')
    await form.see('gone there is no field gone')
    await form.see('blocked Block less than the poll')
    form.type(`y${enter}`)
    await form.answer('Blocked [- for none] (9)', '1')
    await form.answer('Everything as it should be?')
    expect(await form.result()).to.deep.equal({poll: 5, blocked: 1})
  })

  it('never echoes a secret', async () => {
    const form = start({token: {kind: 'secret', title: 'Token', generate: false, minLength: 8}}, {required: ['token']})
    await form.answer('type it')
    await form.see('Token')
    form.type(`short${enter}`)
    await form.see('must have at least 8 characters')
    form.type(`${clear}hunter2hunter2${enter}`)
    await form.see('(typed)')
    expect(form.raw).to.not.include('hunter2').and.not.include('short')
    await form.answer('Everything as it should be?')
    expect(await form.result()).to.deep.equal({token: 'hunter2hunter2'})
  })

  it('keeps a secret that is there', async () => {
    const form = start(
      {token: {kind: 'secret', title: 'Token'}},
      {present: {token: {$kept: true}}, env: {KEPT: 'token'}},
    )
    await form.answer('keep the present one')
    await form.answer('Everything as it should be?')
    expect(await form.result()).to.deep.equal({token: {$kept: true}})
  })

  it('filters long lists while typing', async () => {
    const zones = Array.from({length: 30}, (_, index) => `Zone ${index}`)
    const form = start({zone: {enum: zones, title: 'Zone'}}, {required: ['zone']})
    await form.see('Zone 0')
    form.type('27')
    await form.see('Zone 27')
    form.type(enter)
    await form.answer('Everything as it should be?')
    expect(await form.result()).to.deep.equal({zone: 'Zone 27'})
  })

  it('takes an address of its own for a binding, part by part', async () => {
    const form = start(
      {database: {kind: 'binding', interface: 'postgresql', title: 'Database'}},
      {required: ['database']},
    )
    await form.see('an address of its own')
    form.type(down + down + enter)
    await form.answer('Host', 'db.example.com')
    await form.answer('Port', '5432')
    await form.answer('Name', 'wiki')
    await form.answer('User', 'wiki')
    await form.answer('type it')
    await form.see('Password')
    form.type(`hunter2${enter}`)
    await form.answer('Sslmode')
    await form.answer('Ca')
    await form.answer('Everything as it should be?')
    expect(form.raw.split('RESULT')[0]).to.not.include('hunter2')
    expect(await form.result()).to.deep.equal({
      database: {$literal: {host: 'db.example.com', port: 5432, name: 'wiki', user: 'wiki', password: 'hunter2'}},
    })
  })

  it('asks what a package asks that is to be installed first, and goes back out of it', async () => {
    const form = start(
      {
        database: {kind: 'binding', interface: 'postgresql', title: 'Database', suggest: ['postgres', 'nowhere']},
        name: {type: 'string', title: 'Name', default: 'x'},
      },
      {required: ['database']},
    )
    await form.answer('Database', 'a new')
    await form.see('PostgreSQL for database')
    await form.see('Size')
    form.type(keys.escape)
    await form.answer('Database', 'a new')
    await form.answer('Size', '0')
    await form.see('must be at least 1')
    form.type(`${clear}5${enter}`)
    await form.answer('Level (low)')
    await form.answer('yes, go on')
    await form.answer('Name (x)')
    await form.see('Database  new:postgres')
    await form.answer('Everything as it should be?')
    expect(await form.result()).to.deep.equal({database: {$new: 'postgres', answers: {size: 5}}})
    expect(form.text).to.not.include('nowhere')
  })

  for (const [name, key] of [
    ['Ctrl-C', ctrlC],
    ['Ctrl-D', ctrlD],
  ] as const) {
    it(`leaves at ${name} with the terminal as it was`, async () => {
      const form = start({level: {enum: ['low', 'high'], title: 'Level'}})
      await form.see('low')
      form.type(key)
      await form.see('FAILED operation.interrupted interrupted: nothing was changed')
      await form.see('RAW false')
      expect(await form.exited).to.equal(0)
      expect(form.raw.lastIndexOf('\x1b[?25h'), 'the cursor is shown again').to.be.above(
        form.raw.lastIndexOf('\x1b[?25l'),
      )
    })
  }

  it('fits 80 columns and obeys NO_COLOR', async () => {
    const long = 'word '.repeat(60)
    const form = start(
      {
        name: {type: 'string', title: 'Name', description: long},
        level: {oneOf: [{const: 'a', title: `Level ${'x'.repeat(120)}`}, {const: 'b'}], title: 'Level'},
      },
      {env: {NO_COLOR: '1'}},
    )
    await form.answer('Name', 'x')
    await form.answer('(none)')
    await form.answer('Everything as it should be?')
    await form.result()
    const lines = form.text.split('\n')
    expect(
      Math.max(
        ...lines
          .slice(
            0,
            lines.findIndex(line => line.includes('Name')),
          )
          .map(line => line.length),
      ),
    ).to.be.at.most(80)
    expect(form.text).to.include('…')
    // biome-ignore lint/suspicious/noControlCharactersInRegex: colours are escape sequences
    expect(form.raw).to.not.match(/\x1b\[3[0-7]m/)
  })

  it('asks line by line on a dumb terminal, without an escape sequence', async () => {
    const form = start(
      {
        name: {type: 'string', title: 'Name', minLength: 2},
        level: {enum: ['low', 'high'], title: 'Level', default: 'low'},
        on: {type: 'boolean', title: 'On', default: false},
        token: {kind: 'secret', title: 'Token'},
      },
      {env: {TERM: 'dumb', NO_COLOR: '1'}, required: ['name']},
    )
    await form.answer('Name: ', 'x')
    await form.see('> must have at least 2 characters')
    await form.answer('Name: ', 'xy')
    await form.see('2) high')
    await form.answer('Number (1): ', '2')
    await form.answer('On (y/N): ', '<')
    await form.answer('Number (2): ')
    await form.answer('On (y/N): ', 'y')
    await form.see('2) type it')
    await form.answer('Number (1): ', '2')
    await form.answer('Token: ', 'hunter2')
    await form.answer('Number (1): ')
    const [before = ''] = form.raw.split('RESULT')
    expect(before).to.not.include('hunter2').and.not.include('\x1b[')
    expect(await form.result()).to.deep.equal({name: 'xy', level: 'high', on: true, token: 'hunter2'})
  })
})
