/** The words about the provider’s own status feed, in English. */
export const feed = {
  title: 'What the provider says of itself',
  entry: 'Entry',
  kind: 'Kind',
  status: 'Status',
  from: 'From',
  to: 'To',
  nothing: 'The provider announces nothing.',
  notRead: (url: string) => `Not read yet: ${url}.`,
  read: (url: string) => `Read from ${url}; no verdict is made of it.`,
  trouble: 'It cannot be read now:',
};
