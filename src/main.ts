import { join } from 'node:path'
import process from 'node:process'
import { parseArgs } from 'node:util'
import {
  formatPolicy,
  nameOfLog,
  openConsentLog,
  openStatementKey,
  startCosigning,
  type ConsentLog,
  type StatementKey,
} from '#audit'
import { createAuthenticator } from '#auth'
import {
  authIssuers,
  demoConfig,
  demoWelcome,
  iceServers,
  loadConfig,
  longestLives,
  PolicyTexts,
  productionProblems,
  tenantOf,
  watchPolicies,
  type Config,
  type Demo,
  type TenantSettings,
} from '#config'
import { startMedia } from '#media'
import { createMetrics, type Metrics } from '#metrics'
import { dropSnapshot, openRights, startSweeper, takeSnapshot } from '#privacy'
import { CallError, errors } from '#protocol'
import { openVault, removedFile } from '#recording'
import { AllRooms, RecorderTally } from '#rooms'
import { createLog, hashOfPage, startOperatorSocket, startServer, type Log } from '#server'

/** How long people are told in advance that the server stops, in milliseconds. */
const noticeMs = 1000

try {
  await main()
} catch (failure) {
  process.stderr.write(explain(failure))
  process.exitCode = 1
}

/** Builds each module once, wires them, and waits for the signal to stop. */
async function main(): Promise<void> {
  const { config, demo } = await settings(process.argv.slice(2), process.env)
  const log = createLog(demo === null ? config.log.level : 'warn')
  const stopping = Promise.withResolvers<void>()
  // mediasoup listens to these too, so Node no longer ends by itself: stopping in order is ours to do.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => stopping.resolve())

  await using parts = new AsyncDisposableStack()
  const metrics = parts.use(createMetrics())
  const media = parts.use(
    await startMedia({
      ...config.media,
      ...workerBin(process.env),
      observe: metrics,
      log: log.info.bind(log),
    }),
  )
  const logFailed = Promise.withResolvers<void>()
  const statements = openStatementKey(join(config.dataDir, 'statement.key'))
  const consentLog = parts.use(
    await openLog(config, statements, { metrics, log, failed: logFailed.resolve }),
  )
  parts.use(
    await startCosigning({
      log: consentLog,
      witnesses: config.consentLog.witnesses,
      onProgress: (progress) => metrics.setLog(progress),
      onProblem: ({ witness, code, size, message }) => {
        metrics.witnessProblem(code)
        log.error({ witness, code, size }, `a witness does not cosign: ${message}`)
      },
    }),
  )
  const recordingsDir = join(config.dataDir, 'recordings')
  const vault = parts.use(
    openVault({
      folder: recordingsDir,
      logOrigin: consentLog.origin,
      removedFile: removedFile(config.guardFile),
    }),
  )
  for (const { state, ...recording } of await vault.recover()) {
    if (state === 'failed')
      log.error(
        { err: 'cause' in recording ? recording.cause : null },
        'a recording that a crash interrupted cannot be completed; its folder is left as it is',
      )
    else
      log.warn(
        { kept: state === 'completed' },
        'a recording that a crash interrupted was completed',
      )
  }
  const authenticator = parts.use(
    createAuthenticator({ issuers: authIssuers(config), log: log.warn.bind(log) }),
  )
  const policies = new PolicyTexts({
    dir: config.policyDir,
    archive: join(config.dataDir, 'policies'),
  })
  const tenants = new Map<string, TenantSettings>()
  const readTenants = (): void => {
    for (const issuer of config.issuers)
      tenants.set(issuer.issuer, tenantOf(issuer, config, policies))
  }
  readTenants()
  const rights = parts.use(
    openRights({
      dir: config.dataDir,
      vaultKeyFile: config.vaultKeyFile,
      statementJwk: statements.jwk,
      log: consentLog,
      vault,
      recordingsDir,
      calls: () => rooms,
      controllerOf: (issuer) => tenants.get(issuer),
      now: Date.now,
      observe: (demands) => metrics.setRights(demands),
      failed: (err) => log.error({ err }, 'what somebody demanded or settled is not at hand'),
    }),
  )
  const rooms: AllRooms = parts.use(
    new AllRooms({
      media,
      log: consentLog,
      statements,
      uiSha256: hashOfPage(config.webDir),
      vault,
      metrics,
      tally: new RecorderTally(metrics),
      now: Date.now,
      iceServers: () => iceServers(config, Date.now()),
      tenantOf: (issuer) => tenants.get(issuer),
      wishesOf: (who) => rights.wishesOf(who),
      failed: (err) => log.error({ err }, 'work for a room failed'),
    }),
  )
  void logFailed.promise.then(() => rooms.logFailed())
  await rights.start()
  const health = { consentLog: () => consentLog.state === 'open', media: () => media.isUp }
  const server = parts.use(
    await startServer({
      config,
      authenticator,
      rooms,
      metrics,
      log,
      health,
      publicLog: config.consentLog.publish ? consentLog : null,
      trustPolicy: trustPolicyOf(config, consentLog),
      policyText: (name) => policies.text(name),
      rights,
    }),
  )
  await dropSnapshot(config.dataDir)
  const [lives, dataDir] = [longestLives(config), config.dataDir]
  const sweeper = parts.use(
    startSweeper({
      log: consentLog,
      vault,
      recordingsDir,
      lives,
      isLive: (session) => rooms.isLive(session),
      givenUpDir: join(dataDir, 'logs'),
      backupDir: config.backupDir,
      shelves: [rights.shelf(lives)],
      observe: metrics,
      failed: (err, what) => log.error({ err, ...what }, 'something is kept past its end'),
    }),
  )
  parts.use(
    await startOperatorSocket({
      path: join(config.dataDir, 'operator.sock'),
      handlers: {
        ...rights.commands,
        'backup.snapshot': (_, by) =>
          takeSnapshot({ log: consentLog, now: Date.now, dataDir, lives }, by),
        'sweep.run': ({ isDry }, by) => sweeper.run({ cause: 'operator', entity: by }, { isDry }),
      },
      archive: (ticket) => rights.archive(ticket),
      log,
    }),
  )
  parts.use(
    watchPolicies(policies, {
      changed(languages) {
        log.info({ languages }, 'a privacy notice has changed; who is asked is asked anew')
        readTenants()
        rooms.noticesChanged().catch((err: unknown) => log.error({ err }, 'notices not renewed'))
      },
      refused: (problems) => log.error({ problems }, 'a privacy notice is not taken up'),
    }),
  )
  log.info({ port: server.port, metricsPort: server.metricsPort }, 'ready')
  if (demo !== null) process.stdout.write(await demoWelcome(demo, server.metricsPort))

  await stopping.promise
  await server.drain(noticeMs)
}

async function settings(
  args: readonly string[],
  env: NodeJS.ProcessEnv,
): Promise<{ config: Config; demo: Demo | null }> {
  const { values } = parseArgs({
    args: [...args],
    options: { demo: { type: 'boolean', default: false }, config: { type: 'string' } },
  })
  const file = values.config ?? env['ASSENT_CONFIG']
  if (file === undefined) {
    if (!values.demo)
      throw new CallError(
        'CONFIG_INVALID',
        'name a settings file with --config FILE, or start a demonstration with --demo',
      )
    const demo = await demoConfig({ env })
    return { config: demo.config, demo }
  }
  const config = loadConfig({ file, env })
  const problems = productionProblems(config, Date.now())
  if (problems.length > 0) throw new CallError('CONFIG_INVALID', problems.join('\n  '))
  return { config, demo: null }
}

async function openLog(
  config: Config,
  statements: StatementKey,
  {
    metrics,
    log,
    failed,
  }: { readonly metrics: Metrics; readonly log: Log; readonly failed: () => void },
): Promise<ConsentLog> {
  const dir = join(config.dataDir, 'log')
  return openConsentLog({
    dir,
    guardFile: config.guardFile,
    origin: originOf(dir, config.publicUrl),
    keyFile: join(config.dataDir, 'log.key'),
    vaultKeyFile: config.vaultKeyFile,
    statementJwk: statements.jwk,
    createKey: true,
    onFailed: (err) => {
      metrics.logFailed()
      failed()
      log.error(
        { err },
        'the consent log cannot be written: nothing is recorded until the server has been started again',
      )
    },
    observe: ({ commitMs }) => metrics.logAppended(commitMs),
  })
}

/** What is needed to verify this server's receipts, for whoever chooses to believe it. */
function trustPolicyOf(
  { publicUrl, consentLog: { publish, witnesses, quorum } }: Config,
  { vkey, origin }: ConsentLog,
): string {
  const url = publish ? new URL(origin.slice(origin.indexOf('/')), publicUrl).href : null
  return formatPolicy({ log: { vkey, url }, witnesses, quorum })
}

/** A log keeps its name for good, whatever the server is called later; a new one is named after server and year. */
function originOf(dir: string, publicUrl: string): string {
  return nameOfLog(dir) ?? `${new URL(publicUrl).host}/consent/${new Date().getUTCFullYear()}-a`
}

function workerBin({ MEDIASOUP_WORKER_BIN: file }: NodeJS.ProcessEnv): { workerBin?: string } {
  return file === undefined ? {} : { workerBin: file }
}

function explain(failure: unknown): string {
  if (!(failure instanceof CallError))
    return `Assent did not start: ${failure instanceof Error ? failure.stack : String(failure)}\n`
  const cause = failure.cause instanceof Error ? ` (${failure.cause.message})` : ''
  return `Assent did not start: ${failure.message}${cause}\n${errors[failure.code].todo}\n`
}
