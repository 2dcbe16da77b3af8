import { parseArgs } from 'node:util'
import {
  ArchiveLanguage,
  CallError,
  errors,
  operatorMethods,
  Right,
  RightsId,
  type Erased,
  type OperatorMethod,
  type OperatorParams,
  type OperatorResult,
} from '#protocol'
import { askServer, saveArchive } from './ask-server.ts'
import { explain, misuse, printable, type Io } from './command.ts'
import { tellErased, tellOpen, tellRequest } from './rights-words.ts'

/**
 * `assent rights`: what an operator does for people who wrote a letter. Returns the exit code: 0 done, 1 the server
 * refused it, 2 it could not be tried.
 */
export async function rightsCommand(args: readonly string[], io: Io): Promise<number> {
  try {
    const { values, positionals } = parse(args)
    const [act, what, ...more] = positionals
    if (values.help) {
      io.stdout.write(usage)
      return 0
    }
    if (act === undefined || !isAct(act)) throw misuse('say what is to be done, such as list')
    if (more.length > 0) throw misuse(`${act}: more than one was named`)
    if (values.data === undefined) throw misuse('where do the data lie? Give --data DIR')
    io.stdout.write(await acts[act]({ ...values, data: values.data, what }))
    return 0
  } catch (error) {
    const isRefused = error instanceof CallError && refusals.has(error.code)
    io.stderr.write(
      isRefused
        ? `assent rights: ${printable(error.message)}  [${error.code}]\n${errors[error.code].todo}\n`
        : explain('rights', error, usage),
    )
    return isRefused ? 1 : 2
  }
}

type Values = ReturnType<typeof parse>['values'] & {
  readonly data: string
  readonly what: string | undefined
}

/** Each answers with what to print. */
const acts = {
  list: async (values: Values) => {
    const { open } = await ask(values, 'rights.list', {})
    return tellOpen(open, Date.now())
  },
  show: async (values: Values) => {
    const shown = await ask(values, 'rights.show', { id: idIn(values) })
    return `${JSON.stringify(shown, null, 2)}\n`
  },
  access: async (values: Values) => {
    const { out } = values
    if (out === undefined) throw misuse('where shall the copy lie? Give --out FILE.zip')
    const lang = ArchiveLanguage.safeParse(values.lang ?? 'en').data
    if (lang === undefined) throw misuse(`--lang: one of ${ArchiveLanguage.options.join(', ')}`)
    const letter = letterIn(values)
    await saveArchive(values.data, out, async () => {
      const { ticket } = await ask(values, 'rights.access', { ...letter, lang })
      return ticket
    })
    return `Everything that is held is in ${out}. The demand is met; send it safely, it is personal.\n`
  },
  correct: async (values: Values) => {
    const name = textIn(values, 'name')
    return told(ask(values, 'rights.correct', { ...letterIn(values), name }))
  },
  restrict: async (values: Values) => {
    const on = !values.lift
    return told(ask(values, 'rights.restrict', { ...letterIn(values), on }))
  },
  object: async (values: Values) => {
    const words = values.words ?? ''
    return told(ask(values, 'rights.object', { ...letterIn(values), words }))
  },
  erase: async (values: Values) => {
    const erased: Erased = await ask(values, 'rights.erase', {
      ...letterIn(values),
      all: values.all,
    })
    return tellErased(erased)
  },
  register: async (values: Values) => {
    const right = Right.safeParse(values.what).data
    if (right === undefined) throw misuse(`register: name one of ${Right.options.join(', ')}`)
    const words = values.words ?? ''
    return told(ask(values, 'rights.register', { ...letterIn(values), right, words }))
  },
  extend: (values: Values) => told(answer(values, 'rights.extend')),
  refuse: (values: Values) => told(answer(values, 'rights.refuse')),
  done: (values: Values) => told(answer(values, 'rights.done')),
}

const isAct = (name: string): name is keyof typeof acts => Object.hasOwn(acts, name)

/** What a server says no to; anything else is a mistake in the command, or no server. */
const refusals = new Set(['ON_HOLD', 'LOG_UNAVAILABLE', 'VAULT_BUSY', 'RECORDER_FAILED'])

const answer = (values: Values, method: 'rights.extend' | 'rights.refuse' | 'rights.done') =>
  ask(values, method, { id: idIn(values), reason: textIn(values, 'reason') })

async function told(answered: Promise<OperatorResult<'rights.restrict'>>): Promise<string> {
  const { request } = await answered
  return request === null ? 'There was nothing to lift.\n' : tellRequest(request)
}

/** Checked here as well: a mistake should cost no question. */
async function ask<M extends OperatorMethod>(
  { data, by }: Values,
  method: M,
  params: OperatorParams<M>,
): Promise<OperatorResult<M>> {
  const { error } = operatorMethods[method].params.safeParse(params)
  const [issue] = error?.issues ?? []
  if (issue !== undefined) throw misuse(`${issue.path.join('.')}: ${issue.message}`)
  return askServer(data, method, params, by)
}

function letterIn(values: Values) {
  const letter = { issuer: textIn(values, 'issuer'), account: textIn(values, 'account') }
  if (values.received === undefined) return letter
  const receivedAt = Date.parse(values.received)
  if (!/^\d{4}-\d\d-\d\d/.test(values.received) || Number.isNaN(receivedAt))
    throw misuse('--received: a day, such as 2026-11-25')
  return { ...letter, receivedAt }
}

function idIn({ what }: Values): RightsId {
  const id = RightsId.safeParse(what).data
  if (id === undefined) throw misuse('name the demand: rights_…')
  return id
}

function textIn(values: Values, name: 'issuer' | 'account' | 'name' | 'reason'): string {
  const text = values[name]
  if (text === undefined) throw misuse(`--${name} is missing`)
  return text
}

function parse(args: readonly string[]) {
  const text = { type: 'string' } as const
  const flag = { type: 'boolean', default: false } as const
  return parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      data: text,
      by: text,
      issuer: text,
      account: text,
      received: text,
      lang: text,
      out: { ...text, short: 'o' },
      name: text,
      lift: flag,
      words: text,
      all: flag,
      reason: text,
      help: { ...flag, short: 'h' },
    },
  })
}

const usage = `Usage: assent rights list --data DIR
       assent rights show DEMAND --data DIR
       assent rights access   LETTER --out FILE.zip [--lang en|de|fr|es|uk]
       assent rights correct  LETTER --name NAME
       assent rights restrict LETTER [--lift]
       assent rights object   LETTER [--words TEXT]
       assent rights erase    LETTER [--all]
       assent rights register access|correct|restrict|object|erase LETTER [--words TEXT]
       assent rights extend|refuse|done DEMAND --reason TEXT --data DIR

LETTER is --data DIR --issuer ISSUER --account SUBJECT [--received 2026-11-25]: whose letter it is, as the tokens name
them, and when it came. Make sure first that they are who they say. --by NAME names you in the log; your account, unless
told. The server must be running. \`list\` shows by when each open demand must be met: a month, or three once it was
extended with a reason. \`erase\` leaves what proves others’ consent, without the name; --all takes that too.
Exit code: 0 done, 1 the server refused it, such as ON_HOLD, 2 it could not be tried.
`
