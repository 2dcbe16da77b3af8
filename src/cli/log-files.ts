import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { FoundRecording, LogFiles } from '#audit'
import { misuse } from './command.ts'
import { readKey } from './trust.ts'

export type LogPlaces = {
  readonly data: string | undefined
  readonly config: string | undefined
  readonly log: string | undefined
  readonly vault: string | undefined
  readonly guard: string | undefined
  readonly vkey: string | undefined
  readonly keys: string | undefined
  readonly vaultKey: string | undefined
  readonly recordings: string | undefined
  readonly isTreeOnly: boolean
}

/**
 * The files of a log, by what a command was told. What was named must be there, and so must the vault's key unless the
 * tree alone is asked for: nobody shall believe that entries were read which were not. Throws BAD_REQUEST.
 */
export async function logFilesOf(places: LogPlaces): Promise<LogFiles> {
  const { data, guard, vaultKey, vault, vkey, isTreeOnly } = await withSettings(places)
  if (data === undefined && (places.log === undefined || vault === undefined))
    throw misuse('name --config FILE, --data DIR, or --log and --vault')
  const dir = folderOf(data ?? '.')
  const log = places.log ?? join(dir, 'log.db')
  if (!existsSync(log)) throw misuse(`${log} does not exist; name the directory that holds it`)
  return {
    log,
    vkey: keyOf(vkey ?? (data === undefined ? undefined : join(dir, 'vkey'))),
    vault: vault ?? join(dir, 'vault.db'),
    keys: isTreeOnly
      ? undefined
      : {
          keys: there(places.keys, 'file of keys') ?? join(dir, 'keys.db'),
          master: there(vaultKey, 'key file') ?? besideLog(join(dir, '..', 'vault.key')),
        },
    guard: there(guard, 'guard file'),
    recordings: isTreeOnly ? [] : await recordingsOf(data, places.recordings),
  }
}

/** What was not named stands in the server's settings, if those were. */
async function withSettings(places: LogPlaces): Promise<LogPlaces> {
  const { data, config, keys, vaultKey, recordings, isTreeOnly } = places
  if (isTreeOnly && (keys ?? vaultKey ?? recordings) !== undefined)
    throw misuse('--tree-only reads no entry: leave out --keys, --vault-key and --recordings')
  if (config === undefined) return places
  const { dataFolder } = await import('./data-folder.ts')
  const { dataDir, settings } = dataFolder({ data, config })
  return {
    ...places,
    data: dataDir,
    guard: places.guard ?? settings?.guardFile,
    vaultKey: vaultKey ?? settings?.vaultKeyFile,
  }
}

/** The log's own folder, also when the server's data folder was named, which holds it. */
function folderOf(data: string): string {
  const inner = join(data, 'log')
  return !existsSync(join(data, 'log.db')) && existsSync(join(inner, 'log.db')) ? inner : data
}

function there(path: string | undefined, what: string): string | undefined {
  if (path === undefined || existsSync(path)) return path
  throw misuse(`there is no ${what} ${path}`)
}

function besideLog(master: string): string {
  if (existsSync(master)) return master
  throw misuse(
    `the vault’s key is not at ${master}, and no entry can be read without it: name it with --vault-key FILE, or the ` +
      'server’s settings with --config FILE; --tree-only checks the tree alone',
  )
}

function keyOf(vkey: string | undefined): string {
  if (vkey === undefined) throw misuse('name the key with --vkey KEY or --vkey FILE')
  return readKey(vkey)
}

/** Those that were named must be there; beside the log they may be. */
async function recordingsOf(
  data: string | undefined,
  named: string | undefined,
): Promise<readonly FoundRecording[]> {
  const beside = data === undefined ? undefined : join(data, 'recordings')
  const folder = named ?? (beside !== undefined && existsSync(beside) ? beside : undefined)
  if (folder === undefined) return []
  return (await import('./found-recordings.ts')).recordingsIn(folder)
}
