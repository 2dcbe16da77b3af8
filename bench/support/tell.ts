import { table, type Row } from './row.ts'

/** How much time one benchmark may take for its rounds; setting up comes on top. */
export interface Plan {
  readonly isQuick: boolean
  readonly budgetMs: number
}

/** Runs a benchmark that is started as a program: alone it prints its rows, started by `run.ts` it hands them over. */
export async function tell(measure: (plan: Plan) => Promise<Row[]>): Promise<void> {
  const isQuick = process.argv.includes('--quick')
  const rows = await measure({ isQuick, budgetMs: isQuick ? 3000 : 25_000 })
  if (process.send === undefined) return console.log(table(rows))
  process.send(rows)
  // Whatever is still open would keep the parent waiting.
  process.disconnect?.()
}
