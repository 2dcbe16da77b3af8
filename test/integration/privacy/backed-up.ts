import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { generateX25519Identity, identityToRecipient } from 'age-encryption'
import { takeSnapshot } from '#privacy'
import { createLog, startOperatorSocket } from '#server'
import { backupCommand } from '../../../src/cli/backup.ts'
import { restoreCommand } from '../../../src/cli/restore.ts'
import { answering } from '../../support/operator-handlers.ts'
import { SweptFolder } from './swept.ts'

export type Said = { readonly exit: number; readonly out: string; readonly err: string }

/** A server's folder with its operator's socket, and a safe place outside of it with a key for backups. */
export class BackedUp implements AsyncDisposable {
  readonly at: SweptFolder
  readonly safe: string
  readonly recipient: string
  readonly #socket: AsyncDisposable

  static async open(): Promise<BackedUp> {
    const at = await SweptFolder.open()
    const safe = await mkdtemp(join(tmpdir(), 'assent-safe-'))
    const identity = await generateX25519Identity()
    await writeFile(join(safe, 'backup.key'), `${identity}\n`, { mode: 0o600 })
    const world = { log: at.log, dataDir: at.dir, lives: at.lives, now: () => at.clock.now }
    const socket = await startOperatorSocket({
      path: join(at.dir, 'operator.sock'),
      log: createLog('silent'),
      archive: async () => null,
      handlers: answering({ 'backup.snapshot': (_, by) => takeSnapshot(world, by) }),
    })
    return new BackedUp(at, safe, await identityToRecipient(identity), socket)
  }

  private constructor(at: SweptFolder, safe: string, recipient: string, socket: AsyncDisposable) {
    this.at = at
    this.safe = safe
    this.recipient = recipient
    this.#socket = socket
  }

  get file(): string {
    return join(this.safe, 'backup.age')
  }

  /** Where it is restored to. */
  get into(): string {
    return join(this.safe, 'restored')
  }

  backup(...args: string[]): Promise<Said> {
    return run(backupCommand, ['--data', this.at.dir, '--to', this.recipient, '--out', this.file, ...args])
  }

  /** With the guard as it is at this moment, as if it lay on a volume that outlived the machine. */
  async restore(change: Readonly<Record<string, string>> = {}, ...flags: string[]): Promise<Said> {
    for (const name of ['guard', 'guard.erasures', 'guard.recordings'])
      await cp(join(this.at.dir, name), join(this.safe, name)).catch(() => undefined)
    const options = {
      identity: join(this.safe, 'backup.key'),
      into: this.into,
      'vault-key': join(this.at.dir, 'vault.key'),
      guard: join(this.safe, 'guard'),
      ...change,
    }
    const named = Object.entries(options).filter(([, value]) => value !== '')
    const args = named.flatMap(([name, value]) => [`--${name}`, value])
    return run(restoreCommand, [this.file, ...args, ...flags])
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#socket[Symbol.asyncDispose]()
    await this.at[Symbol.asyncDispose]()
    await rm(this.safe, { recursive: true })
  }
}

export async function run(command: typeof backupCommand, args: readonly string[]): Promise<Said> {
  let out = ''
  let err = ''
  const io = {
    stdout: { write: (text: string) => (out += text) },
    stderr: { write: (text: string) => (err += text) },
  }
  return { exit: await command(args, io), out, err }
}
