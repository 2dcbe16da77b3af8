import type { Row } from './row.ts'
import { median, shuffled, spread } from './statistics.ts'

/** What is compared; each returns what one go cost. `control` is a second copy of `baseline`: it shows how far noise goes. */
interface Contestants {
  readonly ours: () => Promise<number>
  readonly baseline: () => Promise<number>
  readonly control: () => Promise<number>
}

type Round = Record<keyof Contestants, number>

const minRounds = 3
const maxRounds = 40

/** Each round visits everyone once in random order, so that a slow minute of the machine meets all alike. */
export async function contest(budgetMs: number, contestants: Contestants): Promise<Round[]> {
  const names = ['ours', 'baseline', 'control'] as const
  const until = performance.now() + budgetMs
  // On a machine so busy that three rounds take that long, there is nothing to be learnt from more.
  const enough = performance.now() + 4 * budgetMs
  for (const name of names) await contestants[name]()
  const rounds: Round[] = []
  const goesOn = (now: number): boolean =>
    rounds.length < minRounds
      ? rounds.length === 0 || now < enough
      : rounds.length < maxRounds && now < until
  while (goesOn(performance.now())) {
    const round: Round = { ours: NaN, baseline: NaN, control: NaN }
    for (const name of shuffled(names)) round[name] = await contestants[name]()
    rounds.push(round)
  }
  return rounds
}

/** The row of a contest. `atMost`: the goal for the median of the ratios of each round. */
export function compared({
  metric,
  baseline,
  write,
  atMost,
  rounds,
}: {
  readonly metric: string
  readonly baseline: string
  readonly write: (value: number) => string
  readonly atMost?: number
  readonly rounds: readonly Round[]
}): Row {
  const ratio = spread(rounds.map((round) => round.ours / round.baseline))
  return {
    metric: `${metric}, ${rounds.length} rounds`,
    ours: write(median(rounds.map(({ ours }) => ours))),
    against: `${baseline} ${write(median(rounds.map((round) => round.baseline)))}`,
    ratio,
    control: median(rounds.map((round) => round.control / round.baseline)),
    ...(atMost !== undefined && { goal: `ratio ≤ ${atMost}`, isMet: ratio.median <= atMost }),
  }
}
