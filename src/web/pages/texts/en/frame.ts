/** The words around every page, in English. */
export const frame = {
  skip: 'Skip to the content',
  navigation: 'Pages',
  contract: 'Contract',
  tickets: 'Tickets',
  health: 'Health',
  language: 'Language',
  theme: 'Theme',
  themes: { auto: 'Theme: automatic', light: 'Theme: light', dark: 'Theme: dark' },
  asOf: 'As of',
  offline: 'The connection to vigie is lost: what is shown is what was known last.',
  live: 'Live',
  paused: 'Not connected',
  loading: 'Connecting',
  zone: (zone: string) => `Times are those of ${zone}.`,
  json: 'The same as JSON',
  notReady: 'Not ready yet',
};
