/** What people are told who are never recorded, by why. */
export const neverText = { minor: 'notice.minor', restricted: 'notice.restricted' } as const
