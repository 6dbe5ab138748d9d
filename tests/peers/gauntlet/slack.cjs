// npm @slack/web-api as an app uses it: who am I, and a message.
const { WebClient, LogLevel } = require('@slack/web-api');

async function main() {
  const client = new WebClient(process.env.SLACK_BOT_TOKEN, { slackApiUrl: process.env.SLACK_API_URL, logLevel: LogLevel.ERROR });
  await client.auth.test();
  await client.chat.postMessage({ channel: 'C00000000', text: 'hello' });
}

main().catch((error) => {
  console.error(`${error.name}: ${error.message}`);
  process.exit(1);
});
