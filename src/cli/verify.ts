import { parseArgs } from 'node:util'
import { explain, misuse, type Io } from './command.ts'
import { verifyLog } from './verify-log.ts'
import { verifyReceipts } from './verify-receipt.ts'

export type { Io } from './command.ts'

/**
 * `assent verify`: proves or refutes a consent log on disk, or receipts that someone kept. Returns the exit code:
 * 0 verified, 1 something is wrong with it, 2 it could not be tried.
 */
export async function verifyCommand(args: readonly string[], io: Io): Promise<number> {
  try {
    const { values, positionals } = parse(args)
    const { policy, json, help, 'vault-key': vaultKey, 'tree-only': isTreeOnly, ...files } = values
    if (help) {
      io.stdout.write(usage)
      return 0
    }
    const { vkey, ...log } = files
    const isLog = Object.values({ ...log, vaultKey }).some((named) => named !== undefined)
    if (isLog || isTreeOnly || positionals.length === 0) {
      if (policy !== undefined) throw misuse('--policy is for receipts; a log has one key, --vkey')
      return await verifyLog({ ...log, vkey, vaultKey, isTreeOnly, kept: positionals, json }, io)
    }
    return await verifyReceipts(positionals, { policy, vkey, json }, io)
  } catch (error) {
    io.stderr.write(explain('verify', error, usage))
    return 2
  }
}

function parse(args: readonly string[]) {
  const text = { type: 'string' } as const
  const flag = { type: 'boolean', default: false } as const
  const options = {
    data: text,
    config: text,
    log: text,
    vault: text,
    guard: text,
    vkey: text,
    keys: text,
    'vault-key': text,
    recordings: text,
    policy: text,
    'tree-only': flag,
    json: flag,
    help: { ...flag, short: 'h' },
  } as const
  const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true })
  const { data, config, log, vault, guard, vkey, keys, recordings } = values
  return {
    values: { ...values, data, config, log, vault, guard, vkey, keys, recordings },
    positionals,
  }
}

const usage = `Usage: assent verify --config FILE [--vkey KEY|FILE] [--tree-only] [--json] [KEPT…]
       assent verify --data DIR [--vkey KEY|FILE] [--vault-key FILE | --tree-only] [--guard FILE]
                     [--recordings DIR] [--json] [KEPT…]
       assent verify --log log.db --vault vault.db --keys keys.db --vault-key FILE --vkey KEY|FILE …
       assent verify RECEIPT… --policy FILE [--json]
       assent verify RECEIPT… --vkey KEY|FILE [--json]

Checks a consent log without changing it; its server may go on running. --config names the server's settings, which
say where the data, the vault's key and the guard are; with --data the vault's key is looked for at DIR/vault.key.
Without that key no entry can be read, and nothing is verified; --tree-only is for who has the tree alone: that no
entry was changed, removed or moved, whatever the entries say. KEPT is a receipt or a checkpoint that someone kept of
the log: whether it still contains what it once signed. Recordings in DIR/recordings, or in the folder given with
--recordings, are held against the log, too. Or checks receipts, without any server: a RECEIPT is the one file that
people download, or NAME.tlog-proof with NAME.opening.json beside it.
Exit code: 0 verified, 1 something is wrong with it, 2 it could not be checked; of several the highest.
`
