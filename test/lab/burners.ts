import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { availableParallelism } from 'node:os';

/** Keeps every core busy meanwhile. */
export async function whileBusy<T>(act: () => Promise<T>): Promise<T> {
  const burners = Array.from({ length: availableParallelism() }, () =>
    spawn(process.execPath, ['-e', 'for (;;);']),
  );
  try {
    return await act();
  } finally {
    for (const burner of burners) burner.kill('SIGKILL');
    await Promise.all(burners.map((burner) => once(burner, 'close')));
  }
}
