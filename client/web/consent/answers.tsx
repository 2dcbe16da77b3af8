import { useText } from '../language/text.tsx'

/** A no and a yes of one weight: always this order, and nothing that tells them apart but the word. */
export function Answers({
  sending,
  canAgree,
  onAnswer,
}: {
  readonly sending: boolean
  /** Without a signature a yes is none: a page that cannot sign offers none. */
  readonly canAgree: boolean
  readonly onAnswer: (decision: 'refused' | 'given') => void
}) {
  const { t } = useText()
  return (
    <div className="answers">
      <button
        className="answer"
        type="button"
        disabled={sending}
        onClick={() => onAnswer('refused')}
      >
        {t('notice.decline')}
      </button>
      <button
        className="answer"
        type="button"
        disabled={sending || !canAgree}
        onClick={() => onAnswer('given')}
      >
        {t('notice.agree')}
      </button>
    </div>
  )
}
