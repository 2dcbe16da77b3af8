import { existsSync, readFileSync } from 'node:fs'
import process from 'node:process'
import { createSecureContext } from 'node:tls'
import { parseArgs } from 'node:util'
import { createWitnessKey, loadWitnessKey, startWitness } from '#audit'
import { Flaw, parsePolicy, parseVerifierKey, sha256, type Verifier } from '#audit/verify'
import { CallError, errors } from '#protocol'
import type { Io } from './command.ts'

/**
 * `assent witness`: cosigns the checkpoints of the logs it is given, each a continuation of what it has seen, until it is
 * told to stop; or makes such a witness's key. Returns the exit code: 0 stopped, or made; 1 its memory failed; 2 it could
 * not be started.
 */
export async function witnessCommand(args: readonly string[], io: Io): Promise<number> {
  try {
    const options = parse(args)
    if (options.help) io.stdout.write(usage)
    else if (options['new-key'] === undefined) return await witness(options, io)
    else io.stdout.write(`${createWitnessKey(options['new-key'], needed(options, 'key')).vkey}\n`)
    return 0
  } catch (error) {
    io.stderr.write(explain(error))
    return 2
  }
}

type Options = ReturnType<typeof parse>

function parse(args: readonly string[]) {
  const text = { type: 'string' } as const
  return parseArgs({
    args: [...args],
    options: {
      key: text,
      'new-key': text,
      log: { ...text, multiple: true, default: [] },
      state: text,
      listen: text,
      certificate: text,
      'key-file': text,
      help: { type: 'boolean', default: false, short: 'h' },
    },
  }).values
}

async function witness(options: Options, io: Io): Promise<number> {
  const key = loadWitnessKey(needed(options, 'key'))
  const logs = (await Promise.all(options.log.map(readLogKeys))).flat()
  if (logs.length === 0) throw misuse('--log is missing: name the key of each log it cosigns')
  const tls = readCertificate(options.certificate, options['key-file'])
  const listen = readAddress(needed(options, 'listen'))
  const ended = Promise.withResolvers<number>()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => ended.resolve(0))

  await using server = await startWitness({
    key,
    logs,
    stateFile: needed(options, 'state'),
    listen,
    tls,
    say: (line) => io.stderr.write(`${line}\n`),
    onFailed: () => ended.resolve(1),
  })
  const scheme = tls === undefined ? 'http' : 'https'
  io.stdout.write(`${key.vkey}\n${scheme}://${listen.shown}:${server.port}\n`)
  return await ended.promise
}

/** A key given as text, or the file that holds it; or the logs of a trust policy, as a server hands out its own. */
async function readLogKeys(log: string): Promise<Verifier[]> {
  const text = existsSync(log) ? readFileSync(log, 'utf8') : log
  try {
    // A key has no space, a policy always.
    return /\s/.test(text.trim())
      ? (await parsePolicy(sha256, text)).logs.map(({ key }) => key)
      : [await parseVerifierKey(sha256, text.trim())]
  } catch (cause) {
    if (!(cause instanceof Flaw)) throw cause
    throw misuse(
      `--log ${log.slice(0, 200)}: no such file, and no log's key or policy (${cause.message})`,
    )
  }
}

function readCertificate(certificate: string | undefined, keyFile: string | undefined) {
  if (certificate === undefined && keyFile === undefined) return undefined
  if (certificate === undefined || keyFile === undefined)
    throw misuse('--certificate and --key-file go together')
  const tls = { cert: readFileSync(certificate), key: readFileSync(keyFile) }
  try {
    // Throws for a key that does not belong to the certificate, before any log would notice.
    createSecureContext(tls)
    return tls
  } catch {
    throw misuse('the certificate and its key are malformed, or do not belong together')
  }
}

function readAddress(listen: string): { host: string; shown: string; port: number } {
  const [, shown = '', port] = /^(\[[0-9a-fA-F:.]+\]|[^\s:/[\]]+):([0-9]{1,5})$/.exec(listen) ?? []
  if (Number(port) <= 65_535)
    return { host: shown.replace(/^\[|\]$/g, ''), shown, port: Number(port) }
  throw misuse('--listen: HOST:PORT, as in 127.0.0.1:7380 or [::1]:7380')
}

function needed(options: Options, name: 'key' | 'state' | 'listen'): string {
  return options[name] ?? refuse(`--${name} is missing`)
}

function explain(error: unknown): string {
  const message = error instanceof Error ? error.message : 'failed'
  const todo =
    error instanceof CallError && error.code === 'PORT_TAKEN' ? ` ${errors[error.code].todo}` : ''
  return `assent witness: ${message}.${todo}\nSee: npx assent witness --help\n`
}

const misuse = (what: string): CallError => new CallError('BAD_REQUEST', what)

function refuse(what: string): never {
  throw misuse(what)
}

const usage = `Usage: npx assent witness --key FILE --log KEY|FILE … --state FILE --listen HOST:PORT
       npx assent witness --new-key NAME --key FILE

Cosigns the checkpoints of consent logs, each only if it continues all that were cosigned before, so that nobody can
be shown another log than everybody else. Run it where the logs' operator has no access.

  --key FILE          the witness's private key
  --log KEY|FILE      the key of a log, or the file that holds it, or a server's policy; once for each log
  --state FILE        what it has seen, kept for good; put no older copy in its place
  --listen HOST:PORT  where it answers: POST add-checkpoint, and GET for monitors
  --certificate FILE  in PEM, with --key-file, to answer over HTTPS; behind a proxy leave them out
  --key-file FILE     the certificate's private key
  --new-key NAME      make the key instead, and print its public half; a name is like witness.example/w1

The first line it prints is its public key, for others' trust policies; the second is its address. Each refusal is a line
on standard error. It ends in order on SIGINT and SIGTERM. Exit code: 0 stopped, 1 its memory failed, 2 not started.
`
