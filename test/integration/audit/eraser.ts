import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { openLog } from '../../support/call-log.ts'

/** Erases one person, then has it said in the tree; prints what it was promised. Killed on the way, see `killer.ts`. */
const [dir = '', ref = ''] = process.argv.slice(2)
const log = await openLog(dir)
writeFileSync(join(dir, 'armed'), '')
const { entries } = await log.ask({ what: 'erase', target: { refs: [ref] }, reason: 'on-request' })
process.stdout.write(`erased ${entries}\n`)
const said = await log.ask({ what: 'bury' })
process.stdout.write(`buried ${said}\n`)
await log[Symbol.asyncDispose]()
