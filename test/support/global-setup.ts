import type { TestProject } from 'vitest/node';
import { startServices } from './services.js';

declare module 'vitest' {
  interface ProvidedContext {
    services: string;
  }
}

/** One set of services per run. Each starts on first use: a run of pure unit tests starts none. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const services = await startServices();
  project.provide('services', services.url);
  return services.close;
}
