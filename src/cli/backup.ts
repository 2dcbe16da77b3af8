import { existsSync, statSync } from 'node:fs'
import { open, readdir, readFile, rename, rm, type FileHandle } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { backupName } from '#privacy'
import { sealStream } from '#recording'
import { askServer } from './ask-server.ts'
import { explain, misuse, type Io } from './command.ts'
import { dataFolder } from './data-folder.ts'
import { tar, type Packed } from './tar.ts'

/** `assent backup`: one sealed file of what the running server keeps. Returns the exit code: 0 done, 2 not. */
export async function backupCommand(args: readonly string[], io: Io): Promise<number> {
  try {
    const options = parse(args)
    if (options === null) io.stdout.write(usage)
    else io.stdout.write(await backup(options))
    return 0
  } catch (error) {
    io.stderr.write(explain('backup', error, usage))
    return 2
  }
}

type Options = {
  readonly dataDir: string
  readonly backupDir: string | null
  readonly out: string
  readonly to: readonly string[]
  readonly withRecordings: boolean
}

/** Null when help was asked for. */
function parse(args: readonly string[]): Options | null {
  const text = { type: 'string' } as const
  const { values } = parseArgs({
    args: [...args],
    options: {
      data: text,
      config: text,
      out: { ...text, short: 'o' },
      to: { ...text, multiple: true },
      recordings: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h' },
    },
  })
  if (values.help === true) return null
  const { dataDir, settings } = dataFolder({ data: values.data, config: values.config })
  const out = values.out ?? settings?.backupDir
  if (typeof out !== 'string')
    throw misuse('name the file, or the folder for it, with --out, or set backupDir')
  if (values.to === undefined) throw misuse('name with --to whose key (age1…) opens the backup')
  const backupDir = settings?.backupDir ?? null
  return { dataDir, backupDir, out, to: values.to, withRecordings: values.recordings }
}

async function backup(options: Options): Promise<string> {
  const { dataDir, backupDir, to, withRecordings } = options
  // Before the server does anything: whether the keys are any.
  for await (const _ of await sealStream(to, tar(empty()))) break
  const { dir, madeAt, entries, keptDays } = await askServer(dataDir, 'backup.snapshot', {})
  const file = fileOf(options.out, madeAt)
  await using snapshot = await taken(dir)
  if (existsSync(file)) throw misuse(`${file} is there already; nothing is overwritten`)
  const bytes = await write(file, await sealStream(to, tar(everything(snapshot.files, dataDir, withRecordings))))
  const until = new Date(madeAt + keptDays * 86_400_000).toISOString().slice(0, 10)
  const isSwept =
    backupDir !== null &&
    resolve(dirname(file)) === resolve(backupDir) &&
    basename(file) === backupName(madeAt)
  return [
    `${file}: ${bytes} bytes, with ${entries} entries of the log${withRecordings ? ' and the recordings' : ', without the recordings'}.`,
    isSwept
      ? `The server removes it on ${until}.`
      : `Nothing removes it by itself: do so by ${until}, since what is erased meanwhile is still in it.`,
    'Keep vault.key, log.key, statement.key and the guard’s files apart from it: they are not in it, and it is worth nothing without the first.',
    '',
  ].join('\n')
}

const fileOf = (out: string, madeAt: number): string =>
  existsSync(out) && statSync(out).isDirectory() ? join(out, backupName(madeAt)) : out

/** The whole file or none, durable on return. Answers its size. */
async function write(path: string, bytes: AsyncIterable<Uint8Array>): Promise<number> {
  const fresh = `${path}.new`
  let size = 0
  try {
    await using file = await open(fresh, 'wx', 0o600)
    for await (const piece of bytes) {
      await file.writeFile(piece)
      size += piece.length
    }
    await file.sync()
  } catch (error) {
    await rm(fresh, { force: true })
    throw error
  }
  await rename(fresh, path)
  await using folder = await open(dirname(resolve(path)), 'r')
  await folder.sync()
  return size
}

type Snapshot = AsyncDisposable & { readonly files: readonly { name: string; file: FileHandle }[] }

/** Opens the copies and removes their names: they are gone with this process, however it ends. */
async function taken(dir: string): Promise<Snapshot> {
  const files: { name: string; file: FileHandle }[] = []
  for (const name of databases) files.push({ name, file: await open(join(dir, name), 'r') })
  await rm(dir, { recursive: true })
  return {
    files,
    async [Symbol.asyncDispose]() {
      for (const { file } of files) await file.close()
    },
  }
}

async function* everything(
  copies: Snapshot['files'],
  dataDir: string,
  withRecordings: boolean,
): AsyncGenerator<Packed> {
  for (const { name, file } of copies) {
    const { size } = await file.stat()
    yield { name: `log/${name}`, size, bytes: file.createReadStream({ autoClose: false }) }
  }
  yield* filesIn(dataDir, 'log/vkey')
  yield* filesIn(dataDir, 'policies')
  // Logs that were given up: nobody writes to them any more.
  for (const name of await namesIn(join(dataDir, 'logs')))
    for (const file of await namesIn(join(dataDir, 'logs', name)))
      if (!file.endsWith('.key')) yield* filesIn(dataDir, `logs/${name}/${file}`)
  if (!withRecordings) return
  for (const name of await namesIn(join(dataDir, 'recordings'))) {
    // One that is still running has no manifest yet.
    const folder = `recordings/${name}`
    if (existsSync(join(dataDir, folder, 'manifest.json'))) yield* filesIn(dataDir, folder)
  }
}

/** A file, or all under a folder. What goes meanwhile is left out: it was removed, and is noted as such. */
async function* filesIn(dataDir: string, name: string): AsyncGenerator<Packed> {
  const path = join(dataDir, name)
  const stat = existsSync(path) ? statSync(path) : undefined
  if (stat?.isDirectory() === true) {
    for (const each of await namesIn(path)) yield* filesIn(dataDir, `${name}/${each}`)
    return
  }
  const bytes = stat && (await readFile(path).catch(nullIfGone))
  if (bytes instanceof Uint8Array) yield { name, size: bytes.length, bytes: only(bytes) }
}

const namesIn = async (folder: string): Promise<string[]> =>
  existsSync(folder) ? (await readdir(folder)).toSorted() : []

function nullIfGone(error: unknown): null {
  if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null
  throw error
}

async function* only(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes
}

async function* empty(): AsyncGenerator<Packed> {}

const databases = ['log.db', 'vault.db', 'keys.db'] as const

const usage = `Usage: npx assent backup --config FILE --to age1… [--to age1…] [--out FILE-OR-FOLDER] [--recordings]
       npx assent backup --data DIR --to age1… --out FILE-OR-FOLDER [--recordings]

Has the running server copy its consent log as of one moment, and seals the copy. Calls go on; for the seconds of the
copying nothing is written to the log, so that no recording starts.

  --config FILE  the server's settings; without --out the backup goes to the backupDir they name
  --data DIR     the server's data folder instead
  --to age1…     whose key opens it (age-keygen); repeat it for others
  --out          a new file, or a folder for it
  --recordings   put the finished recordings in as well, which stay sealed to their readers

In it: the log, its vault and the wrapped keys, the notices' texts. Not in it: vault.key, without which the vault opens
nothing; log.key, statement.key; the guard and its lists. Keep those apart, each where this file is not.
`
