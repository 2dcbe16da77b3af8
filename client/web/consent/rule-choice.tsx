import type { Policy } from '#sdk'
import { useText } from '../language/text.tsx'

const texts = {
  everyone: ['ask.rule.everyone', 'ask.rule.everyone.hint'],
  each: ['ask.rule.each', 'ask.rule.each.hint'],
} as const

export function RuleChoice({
  policies,
  policy,
  onChange,
}: {
  readonly policies: readonly Policy[]
  readonly policy: Policy
  readonly onChange: (policy: Policy) => void
}) {
  const { t } = useText()
  return (
    <fieldset>
      <legend className="legend">{t('ask.rule')}</legend>
      <div className="opts">
        {policies.map((choice) => (
          <label key={choice} className="opt">
            <input
              type="radio"
              name="rule"
              checked={choice === policy}
              onChange={() => onChange(choice)}
            />
            <b>{t(texts[choice][0])}</b>
            <em>{t(texts[choice][1])}</em>
          </label>
        ))}
      </div>
    </fieldset>
  )
}
