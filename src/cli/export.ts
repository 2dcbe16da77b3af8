import { writeFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import { evidenceOf, to27560JsonLd, toKantara11, toVcon } from '#audit'
import { Flaw, sha256, verifyReceipt } from '#audit/verify'
import { CallError } from '#protocol'
import { explain, misuse, type Io } from './command.ts'
import { readReceipt, receiptsNamed } from './receipt-files.ts'
import { readTrust } from './trust.ts'

/**
 * `assent export`: a receipt in the format of others, once it is verified. Returns the exit code: 0 written, 1 the receipt
 * is refused, or the format has no words for it, 2 it could not be tried.
 */
export async function exportCommand(args: readonly string[], io: Io): Promise<number> {
  try {
    const { values, positionals } = parse(args)
    if (values.help) {
      io.stdout.write(usage)
      return 0
    }
    const [receipt, ...more] = receiptsNamed(positionals)
    if (receipt === undefined || more.length > 0) throw misuse('name one receipt')
    const write = formats[isFormat(values.as) ? values.as : refuseFormat()]
    const trust = await readTrust({ policy: values.policy, vkey: values.vkey })
    if (trust === undefined) throw misuse('whose signature counts? Give --policy FILE or --vkey KEY')
    const texts = await readReceipt(receipt)
    const proven = await verifyReceipt(sha256, texts, trust)
    const json = `${JSON.stringify(write(evidenceOf(proven, texts.tlogProof)), null, 2)}\n`
    if (values.out === undefined) io.stdout.write(json)
    else await writeNew(values.out, json)
    return 0
  } catch (error) {
    const isRefused = error instanceof Flaw
    io.stderr.write(
      isRefused
        ? `assent export: ${error.message}  [${error.code}]\nNothing was written. See: npx assent verify RECEIPT\n`
        : explain('export', error, usage),
    )
    return isRefused ? 1 : 2
  }
}

const formats = { iso27560: to27560JsonLd, kantara: toKantara11, vcon: toVcon } as const

const isFormat = (name: string | undefined): name is keyof typeof formats =>
  name !== undefined && Object.hasOwn(formats, name)

function refuseFormat(): never {
  throw misuse('name the format with --as: iso27560, kantara or vcon')
}

function parse(args: readonly string[]) {
  const text = { type: 'string' } as const
  return parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      as: text,
      policy: text,
      vkey: text,
      out: { ...text, short: 'o' },
      help: { type: 'boolean', default: false, short: 'h' },
    },
  })
}

async function writeNew(path: string, json: string): Promise<void> {
  try {
    await writeFile(path, json, { flag: 'wx', mode: 0o600 })
  } catch (cause) {
    const why = Reflect.get(Object(cause), 'code') === 'EEXIST' ? 'is there already' : 'cannot be written'
    throw new CallError('BAD_REQUEST', `${path} ${why}; nothing was overwritten`, { cause })
  }
}

const usage = `Usage: assent export RECEIPT --as iso27560|kantara|vcon --policy FILE [--out FILE]
       assent export RECEIPT --as iso27560|kantara|vcon --vkey KEY|FILE [--out FILE]

Verifies a receipt, then says the same in another format, as JSON. The receipt stays the evidence: keep both.
Exit code: 0 written, 1 the receipt is refused or the format cannot say it, 2 it could not be tried.
`
