// What an app does with unleash-client and with OpenFeature over OFREP, unchanged but for address and token; prints what it saw.
const { initialize } = require('unleash-client');
const { OpenFeature } = require('@openfeature/server-sdk');
const { OFREPProvider } = require('@openfeature/ofrep-provider');

const { FLAGS_BASE_URL: base, UNLEASH_API_TOKEN: token, UNLEASH_ADMIN_TOKEN: admin } = process.env;
const users = Array.from({ length: 200 }, (_, number) => `user-${number}`);

/** Switches a flag in the environment of the token. */
const turn = async (flag, word) => {
  const path = `/api/admin/projects/default/features/${flag}/environments/development/${word}`;
  const answer = await fetch(base + path, { method: 'POST', headers: { Authorization: admin } });
  return answer.status;
};

async function main() {
  const unleash = initialize({
    url: `${base}/api/`, appName: 'preflight-peer', customHeaders: { Authorization: token },
    refreshInterval: 100, metricsInterval: 200, disableMetrics: false,
  });
  const failures = [];
  unleash.on('error', (error) => failures.push(String(error)));
  unleash.on('warn', (warning) => failures.push(String(warning)));
  const registered = new Promise((done) => unleash.once('registered', () => done(true)));
  await new Promise((done) => unleash.once('synchronized', done));

  await OpenFeature.setProviderAndWait(new OFREPProvider({
    baseUrl: base, headers: [['Authorization', `Bearer ${token}`]],
  }));
  const client = OpenFeature.getClient();
  const details = async (flag, user, otherwise = false) => {
    const { value, reason, variant, errorCode } = await client.getBooleanDetails(flag, otherwise, { targetingKey: user });
    return { value, reason, variant, errorCode };
  };

  const seen = {};
  seen.registered = await registered;
  seen.flags = unleash.getFeatureToggleDefinitions().map((flag) => flag.name).sort();
  seen.before = [unleash.isEnabled('supabase_idea_pool'), (await details('supabase_idea_pool', 'u')).value];
  seen.live = await details('shopify.live', 'u');
  seen.missing = await details('no-such-flag', 'u', true);
  seen.pilot = [await details('chatwoot.pilot', '123'), await details('chatwoot.pilot', '8')];
  seen.pilotByUnleash = ['123', '8'].map((userId) => unleash.isEnabled('chatwoot.pilot', { userId }));

  // A rollout to a half: both clients put the same users into it.
  let differing = 0;
  let inside = 0;
  for (const user of users) {
    const mine = unleash.isEnabled('dashboard.new-tile', { userId: user });
    const theirs = (await details('dashboard.new-tile', user)).value;
    differing += mine === theirs ? 0 : 1;
    inside += mine ? 1 : 0;
  }
  seen.rollout = { differing, half: inside > 70 && inside < 130 };

  const changed = new Promise((done) => unleash.once('changed', () => done(true)));
  seen.turned = await turn('supabase_idea_pool', 'on');
  seen.changed = await changed;
  seen.after = [unleash.isEnabled('supabase_idea_pool'), (await details('supabase_idea_pool', 'u')).value];
  const back = new Promise((done) => unleash.once('changed', () => done(true)));
  await turn('supabase_idea_pool', 'off');
  await back;
  seen.back = [unleash.isEnabled('supabase_idea_pool'), (await details('supabase_idea_pool', 'u')).value];

  const sent = new Promise((done) => unleash.once('sent', () => done(true)));
  seen.metrics = await sent;
  seen.failures = failures;
  unleash.destroy();
  await OpenFeature.close();
  console.log(JSON.stringify(seen));
}

// The clients' own timers keep no process alive, and what never comes must not hang the test.
setTimeout(() => {
  console.error('what was waited for has not come');
  process.exit(1);
}, 30000);
main().then(() => process.exit(0), (error) => {
  console.error(error);
  process.exit(1);
});
