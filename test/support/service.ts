import { inject } from 'vitest';

/** The address of a service of this run, which is started on first use. */
export async function service(
  name: 'postgres' | 'redis' | 'redis-program' | 'chromium' | 'nginx' | 'build',
): Promise<string> {
  const response = await fetch(`${inject('services')}/${name}`);
  const answer = await response.text();
  if (!response.ok) throw new Error(answer);
  return answer;
}
