// npm @shopify/admin-api-client against an empty bucket of points: throttled, then answered after the computed wait.
import { createRequire } from 'node:module';
import { setTimeout as pause } from 'node:timers/promises';

const require = createRequire(`${process.env.NODE_PATH}/`);
const { createAdminApiClient } = require('@shopify/admin-api-client');

const client = createAdminApiClient({
  storeDomain: process.env.SHOPIFY_SHOP_DOMAIN,
  apiVersion: '2026-07',
  accessToken: process.env.SHOPIFY_ADMIN_TOKEN,
  logger: () => {},
});
const ask = () => client.request('{ orders(first: 250) { nodes { id } } }');

const first = await ask();
const { requestedQueryCost, throttleStatus } = first.extensions.cost;
const seconds = (requestedQueryCost - throttleStatus.currentlyAvailable) / throttleStatus.restoreRate;
await pause(seconds * 1000 + 50);
const second = await ask();
console.log(JSON.stringify({
  status: first.errors.networkStatusCode,
  code: first.errors.graphQLErrors[0].extensions.code,
  waited: seconds > 0 && seconds < 3,
  orders: second.data?.orders.nodes.length ?? null,
}));
