import type { PolicyTexts } from './policies.ts'

const everyMs = 5000

/** Looks for changed privacy notices while the server runs. What is wrong is told once, until it is another thing. */
export function watchPolicies(
  policies: PolicyTexts,
  tell: {
    readonly changed: (languages: readonly string[]) => void
    readonly refused: (problems: readonly string[]) => void
  },
): Disposable {
  let told = ''
  const timer = setInterval(() => {
    const { changed, problems } = policies.reload()
    const now = problems.join('\n')
    if (now !== told && now !== '') tell.refused(problems)
    told = now
    if (changed.length > 0) tell.changed(changed)
  }, everyMs)
  return { [Symbol.dispose]: () => clearInterval(timer) }
}
