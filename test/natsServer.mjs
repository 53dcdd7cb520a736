/** nats-server for the tests: the one on the PATH, else Debian's package where it may be installed (root, apt-get). */
import { execFileSync, spawnSync } from 'node:child_process';

const present = () => spawnSync('nats-server', ['--version'], { stdio: 'ignore' }).status === 0;

/** Installs it if it is not there. @returns undefined when it is there now, else why not, and how to get it */
export function installNatsServer() {
  if (present()) return undefined;
  const how = "install it (Debian: 'apt-get install nats-server') and put it on the PATH";
  if (process.getuid?.() !== 0 || spawnSync('apt-get', ['--version'], { stdio: 'ignore' }).status !== 0)
    return `nats-server is not on the PATH, and may not be installed from here: ${how}`;
  console.log('nats-server is not on the PATH: installing the package of that name');
  try {
    const options = { stdio: 'inherit', env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } };
    execFileSync('apt-get', ['update', '-qq'], options);
    execFileSync('apt-get', ['install', '-y', '-qq', '--no-install-recommends', 'nats-server'], options);
  } catch (error) {
    return `nats-server could not be installed (${error.message}): ${how}`;
  }
  return present() ? undefined : `the package nats-server brought no nats-server: ${how}`;
}
