/** The words where somebody is turned away, or nothing could be answered, in English. */
export const refusal = {
  401: {
    title: 'Who asks?',
    text: 'Only who is known may read here. Whoever runs this vigie can give you a name and a password.',
  },
  403: {
    title: 'Not open to you',
    text: 'Only who is known may read here: by the proxy in front of this vigie, or by a client certificate.',
  },
  429: {
    title: 'Too many attempts',
    text: 'Too many log-ins have failed from this address.',
    again: (seconds: string) => `Try again in ${seconds} s.`,
  },
  500: { title: 'vigie failed to answer', text: 'Its log says why.' },
};
