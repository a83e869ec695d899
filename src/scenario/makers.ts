/** Actions that give new entries a name. */
export const makers: readonly string[] = ['dst_alloc', 'route_lookup', 'reject_route', 'bundle_create'];
