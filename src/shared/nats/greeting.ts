/** @file What a server says before anything else, on its own line and in the clear. In: an address. Out: whether it asks for a certificate of ours: one that does says no more to
 *  whoever brings none that it accepts, and the client takes that for a server that is silent. */
import { connect } from 'node:net';

/** The longest greeting, and how long it may take. */
const [limitBytes, limitMs] = [65_536, 2000];

/** Whether the server at 'host:port' asks for a client's certificate; false when it says nothing that could be read. */
export async function asksForCertificate(server: string): Promise<boolean> {
  const colon = server.lastIndexOf(':');
  const line = await firstLine(
    server.slice(0, colon).replace(/^\[|\]$/g, ''),
    Number(server.slice(colon + 1)),
  );
  try {
    return (JSON.parse(line.replace(/^INFO /, '')) as { tls_verify?: unknown }).tls_verify === true;
  } catch {
    return false;
  }
}

/** The first line, or what of it came. */
function firstLine(host: string, port: number): Promise<string> {
  return new Promise(resolve => {
    let text = '';
    const socket = connect(port, host).setEncoding('utf8').setTimeout(limitMs);
    socket
      .on('data', (more: string) => {
        text += more;
        if (text.includes('\n') || text.length > limitBytes) socket.destroy();
      })
      .on('timeout', () => socket.destroy())
      .on('error', () => undefined) // closes too
      .on('close', () => resolve(text.split('\n')[0]!));
  });
}
