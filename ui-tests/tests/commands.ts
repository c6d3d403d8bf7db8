import type { IJupyterLabPageFixture } from '@jupyterlab/galata';

/** Runs one of the application's commands without waiting for its end, which a dialog may hold up. */
export async function execute(
  page: IJupyterLabPageFixture,
  command: string,
  args: Record<string, string> = {}
): Promise<void> {
  await page.evaluate(
    ([id, given]) => {
      void window.jupyterapp.commands.execute(id as string, given as Record<string, string>);
    },
    [command, args] as const
  );
}
