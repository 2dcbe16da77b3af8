import { existsSync, readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { CallError } from '#protocol'
import { fromEnvironment } from './environment.ts'
import { settingsProblem } from './problems.ts'
import { retentionProblems } from './retention.ts'
import { Settings } from './schema.ts'

/** The settings of one server, complete: every path absolute, `publicUrl` known. */
export interface Config extends Settings {
  readonly publicUrl: string
  readonly guardFile: string
  readonly vaultKeyFile: string
  readonly demo: boolean
}

/**
 * Reads a settings file; the environment goes before it. Paths are relative to the file's folder.
 * Throws CONFIG_INVALID that names everything that is wrong; nothing has been started or written
 * then.
 */
export function loadConfig({
  file,
  env,
}: {
  file: string
  env: Readonly<Record<string, string | undefined>>
}): Config {
  return complete(merged(readJson(file), fromEnvironment(env)), {
    folder: dirname(resolve(file)),
    demo: false,
  })
}

/** A settings document, parsed and completed. Throws CONFIG_INVALID. */
export function complete(
  document: unknown,
  { folder, demo }: { folder: string; demo: boolean },
): Config {
  const parsed = Settings.safeParse(document)
  if (!parsed.success) throw settingsProblem(parsed.error)
  const settings = parsed.data
  const { turn } = settings.media
  checkIssuers(settings)
  checkRetention(settings)
  const at = (path: string) => (path === '' ? '' : resolve(folder, path))
  return {
    ...settings,
    demo,
    publicUrl: settings.publicUrl ?? `https://localhost:${settings.listen.port}`,
    dataDir: at(settings.dataDir),
    guardFile: at(settings.guardFile ?? `${settings.dataDir}/guard`),
    vaultKeyFile: at(settings.vaultKeyFile ?? `${settings.dataDir}/vault.key`),
    backupDir: settings.backupDir && at(settings.backupDir),
    webDir: shippedOr(settings.webDir, at),
    policyDir: shippedOr(settings.policyDir, at),
    tls: {
      ...settings.tls,
      certificateFile: at(settings.tls.certificateFile),
      keyFile: at(settings.tls.keyFile),
    },
    issuers: settings.issuers.map((issuer) => ({
      ...issuer,
      ...(issuer.jwksFile !== undefined && { jwksFile: at(issuer.jwksFile) }),
    })),
    media: {
      ...settings.media,
      turn: turn === null ? null : { ...turn, secretFile: at(turn.secretFile) },
    },
  }
}

/** `over` wins, key by key; lists and scalars are replaced whole. */
export function merged(under: unknown, over: unknown): unknown {
  if (!isObject(under) || !isObject(over)) return over === undefined ? under : over
  const keys = new Set([...Object.keys(under), ...Object.keys(over)])
  return Object.fromEntries(
    [...keys].map((key) => [key, merged(Reflect.get(under, key), Reflect.get(over, key))]),
  )
}

const isObject = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

function readJson(file: string): object {
  if (!existsSync(file)) throw new CallError('CONFIG_INVALID', `${file}: there is no such file`)
  try {
    const document: unknown = JSON.parse(readFileSync(file, 'utf8'))
    if (isObject(document)) return document
  } catch (cause) {
    // The parser's own message quotes the file.
    throw new CallError('CONFIG_INVALID', `${file}: cannot be read as JSON`, { cause })
  }
  throw new CallError('CONFIG_INVALID', `${file}: a JSON object is expected`)
}

/** Two controllers under one name would share rooms and rules (P21). */
function checkIssuers({ issuers }: Settings): void {
  const names = issuers.map(({ issuer }) => issuer)
  const twice = names.findIndex((name, index) => names.indexOf(name) !== index)
  if (twice !== -1) throw new CallError('CONFIG_INVALID', `issuers.${twice}.issuer: named before`)
}

/** What stands in a notice is a promise: none may be made that the sweep would break. */
function checkRetention(settings: Settings): void {
  const problems = retentionProblems(settings)
  if (problems.length > 0) throw new CallError('CONFIG_INVALID', problems.join('\n'))
}

/** What ships with the server is found next to it, wherever the settings file is. */
function shippedOr(path: string, at: (path: string) => string): string {
  const shipped = resolve(import.meta.dirname, '../..', path)
  return path !== '' && !existsSync(at(path)) && existsSync(shipped) ? shipped : at(path)
}
