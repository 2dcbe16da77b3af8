type PolicyText = {
  /** `url`: where the log is published; null: nowhere. */
  readonly log: { readonly vkey: string; readonly url: string | null }
  readonly witnesses: readonly { readonly vkey: string; readonly url: string }[]
  /** How many of the witnesses must have seen a tree; null: more than half. */
  readonly quorum: number | null
}

/** A trust policy (C2SP tlog-policy) as a log hands it out for its own receipts. Whoever believes it believes this log. */
export function formatPolicy({ log, witnesses, quorum }: PolicyText): string {
  const named = witnesses.map(({ vkey, url }) => ({ name: vkey.split('+', 1)[0]!, vkey, url }))
  const lines = [
    ['log', log.vkey, log.url ?? ''],
    ...named.map(({ name, vkey, url }) => ['witness', name, vkey, url]),
    ...(named.length === 0
      ? [['quorum', 'none']]
      : [
          [
            'group',
            'quorum-of-witnesses',
            String(quorum ?? Math.floor(named.length / 2) + 1),
            ...named.map(({ name }) => name),
          ],
          ['quorum', 'quorum-of-witnesses'],
        ]),
  ]
  return lines.map((words) => `${words.filter((word) => word !== '').join(' ')}\n`).join('')
}
