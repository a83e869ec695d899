/** Devices, namespaces and neighbours by the names that scenarios give them. */
import type { NetNamespace } from '../net/namespace.js';
import { type Neighbour, neigh_create } from '../net/neighbour.js';
import type { Net } from '../net/net.js';
import type { NetDevice } from '../net/netdevice.js';
import { copy_net_ns } from '../net/pernet.js';
import { didYouMean, InputError } from '../sim/errors.js';
import type { K } from '../smp/op.js';

/** `eth0`, or `eth0@ns1` in a namespace: the device, made up when first mentioned. */
export function deviceNamed(net: Net, text: string): NetDevice {
  const at = text.indexOf('@');
  return at < 0 ? net.device(text) : net.device(text.slice(0, at), net.namespace(text.slice(at + 1)));
}

export class NetNames {
  private readonly net: Net;
  private readonly neighbours = new Map<string, Neighbour>();

  constructor(net: Net) {
    this.net = net;
  }

  device(text: string): NetDevice {
    return deviceNamed(this.net, text);
  }

  namespace(name: string): NetNamespace {
    return this.net.namespace(name);
  }

  createNamespace(name: string): K<NetNamespace> {
    return copy_net_ns(this.net, name);
  }

  /** Makes a neighbour on a device and remembers it; false if there was no room. */
  *createNeighbour(name: string, dev: string): K<boolean> {
    const neighbour = yield* neigh_create(this.net, name, this.device(dev));
    if (neighbour !== null) this.neighbours.set(name, neighbour);
    return neighbour !== null;
  }

  hasNeighbour(name: string): boolean {
    return this.neighbours.has(name);
  }

  neighbour(name: string): Neighbour {
    const neighbour = this.neighbours.get(name);
    if (neighbour !== undefined) return neighbour;
    throw new InputError(`there is no neighbour '${name}' yet${didYouMean(name, this.neighbours.keys())}`);
  }
}
