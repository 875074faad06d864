/** The words where there is no page, or none could be made, in English. */
export const missing = {
  title: 'Nothing here',
  text: (path: string) => `There is nothing at ${path}.`,
  back: 'To the contract',
  failed: 'vigie could not make this page',
};
