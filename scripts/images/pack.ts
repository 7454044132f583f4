import { runTool } from '../run-tool.ts'

/**
 * Packs what lies in a folder into a tar file, `.gz` where its name ends so. The same files give the same bytes: their
 * order, owner and time are set.
 */
export async function packFolder(
  folder: string,
  file: string,
  entries: readonly string[] = ['.']
): Promise<void> {
  const even = ['--sort=name', '--mtime=@0', '--owner=0', '--group=0', '--numeric-owner', '--format=gnu']
  const zip = file.endsWith('.gz') ? ['--use-compress-program=gzip -n -9'] : []
  await runTool('tar', ['-c', ...zip, ...even, '-f', file, '-C', folder, ...entries])
}
