/**
 * What a process does: `probe` looks and writes what it sees, `judge` judges what all have seen, `both` does both. Only
 * with shared windows can they be different processes.
 */
export const ROLES = ['both', 'probe', 'judge'] as const;
export type Role = (typeof ROLES)[number];
