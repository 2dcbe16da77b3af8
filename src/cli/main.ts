#!/usr/bin/env node
import process from 'node:process'
import type { Io } from './command.ts'
import { verifyCommand } from './verify.ts'

type Command = (args: readonly string[], io: Io) => Promise<number>

/** Each command's code is loaded when it is called, so that asking for help takes no time. */
const commands: Record<string, { readonly about: string; readonly run: Command }> = {
  verify: {
    about: 'prove or refute a consent log, or the receipts that people hold',
    run: verifyCommand,
  },
  export: {
    about: 'say in another format what a receipt proves: iso27560, kantara or vcon',
    run: async (args, io) => (await import('./export.ts')).exportCommand(args, io),
  },
  open: {
    about: 'check, decrypt and lay out a recording, with a reader’s key',
    run: async (args, io) => (await import('./open.ts')).openCommand(args, io),
  },
  backup: {
    about: 'seal a copy of the running server’s log, and of its recordings, to a key',
    run: async (args, io) => (await import('./backup.ts')).backupCommand(args, io),
  },
  restore: {
    about: 'open a backup, without what was erased since, and prove it',
    run: async (args, io) => (await import('./restore.ts')).restoreCommand(args, io),
  },
  succeed: {
    about: 'begin a new log in the place of one of which the newest part is lost',
    run: async (args, io) => (await import('./succeed.ts')).succeedCommand(args, io),
  },
  hold: {
    about: 'keep the evidence of a call for a claim, whatever its age and whoever asks',
    run: async (args, io) => (await import('./hold.ts')).holdCommand(args, io),
  },
  rights: {
    about: 'do what somebody demands by letter: see, correct, restrict, object, erase',
    run: async (args, io) => (await import('./rights.ts')).rightsCommand(args, io),
  },
  sweep: {
    about: 'remove what has reached the end of its life, or show what would go',
    run: async (args, io) => (await import('./sweep.ts')).sweepCommand(args, io),
  },
  witness: {
    about: 'watch over a log that someone else runs, and cosign its checkpoints',
    run: async (args, io) => (await import('./witness.ts')).witnessCommand(args, io),
  },
  token: {
    about: 'sign a token, to try things out or to see what yours must look like',
    run: async (args, io) => (await import('./token.ts')).tokenCommand(args, io),
  },
}

const [name, ...args] = process.argv.slice(2)
process.exitCode = await run(name, args)

async function run(name: string | undefined, rest: readonly string[]): Promise<number> {
  if (name === undefined || name === '--help' || name === '-h' || name === 'help') {
    process.stdout.write(usage())
    return name === undefined ? 2 : 0
  }
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined
  if (command === undefined) {
    process.stderr.write(`assent: no command of that name. ${usage()}`)
    return 2
  }
  return command.run(rest, process)
}

function usage(): string {
  const rows = Object.entries(commands).map(([each, { about }]) => `  ${each.padEnd(8)} ${about}`)
  return `Usage: npx assent COMMAND …\n\n${rows.join('\n')}\n\nEach command explains itself with --help. The server is started with npm start.\n`
}
