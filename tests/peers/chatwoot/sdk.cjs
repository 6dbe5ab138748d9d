// Uses @figuro/chatwoot-sdk as its readme says, against the server that the environment names; prints what came as JSON.
const Client = require("@figuro/chatwoot-sdk").default;

const env = process.env;
const accountId = Number(env.CHATWOOT_ACCOUNT_ID);
const conversationId = Number(env.CHATWOOT_CONVERSATION_ID);
const client = (token) => new Client({ config: { basePath: env.CHATWOOT_BASE_URL, with_credentials: true, credentials: "include", token } });

async function refusal(promise) {
  try {
    await promise;
    return null;
  } catch (error) {
    return { status: error.status, body: error.body };
  }
}

async function main() {
  const admin = client(env.CHATWOOT_API_TOKEN);
  const agent = client(env.CHATWOOT_AGENT_TOKEN);
  const at = { accountId, conversationId };
  const seen = {};

  seen.profile = (await admin.profile.profile()).role;
  const first = await admin.conversations.list({ accountId });
  const second = await admin.conversations.list({ accountId, page: 2 });
  seen.pages = [first.data.payload.length, second.data.payload.length];
  seen.counts = (await admin.conversations.getMeta({ accountId })).meta.all_count;
  seen.filtered = (
    await admin.conversations.filter({
      accountId,
      payload: [{ attribute_key: "status", filter_operator: "equal_to", values: ["pending"], query_operator: null }],
    })
  ).payload.length;

  const note = await admin.messages.create({ ...at, data: { content: "Draft ½", message_type: "outgoing", private: true, content_attributes: { ai_generated: true } } });
  seen.note = { private: note.private, type: note.message_type, attributes: note.content_attributes, content: note.content };
  const reply = await agent.messages.create({ ...at, data: { content: "Reply", message_type: "outgoing", private: false } });
  seen.reply = { private: reply.private, sender: reply.sender.type };
  const thread = await admin.messages.list(at);
  seen.thread = thread.payload.slice(-2).map((message) => message.content);
  seen.deleted = (await admin.messages.delete({ ...at, messageId: note.id })).content;

  seen.labels = (await admin.conversationLabels.add({ ...at, data: { labels: ["urgent"] } })).payload;
  seen.assigned = (await admin.conversationAssignment.assign({ ...at, data: { assignee_id: Number(env.CHATWOOT_AGENT_ID) } })).id;
  seen.unassigned = await admin.conversationAssignment.assign({ ...at, data: { assignee_id: 999999 } });
  seen.status = (await admin.conversations.toggleStatus({ ...at, data: { status: "resolved" } })).payload.current_status;
  seen.conversation = (await admin.conversations.get(at)).status;

  const contact = await admin.contacts.create({ accountId, data: { inbox_id: Number(env.CHATWOOT_INBOX_ID), name: "Sdk", email: "sdk@customers.example.test" } });
  seen.contact = (await admin.contacts.get({ accountId, id: contact.payload.contact.id })).payload.email;
  seen.found = (await admin.contacts.search({ accountId, q: "sdk@" })).payload.length;
  seen.inboxes = (await admin.inboxes.list({ accountId })).payload.length;
  seen.inbox = (await admin.inboxes.get({ accountId, id: Number(env.CHATWOOT_INBOX_ID) })).channel_type;

  const hook = await admin.webhooks.create({ accountId, data: { url: "https://sdk.example.test/hook", subscriptions: ["message_created"] } });
  seen.hook = hook.payload.webhook.subscriptions;
  await admin.webhooks.delete({ accountId, webhookId: hook.payload.webhook.id });
  seen.hooks = (await admin.webhooks.list({ accountId })).payload.webhooks.length;

  seen.wrongToken = await refusal(client("wrong").conversations.list({ accountId }));
  seen.noRight = await refusal(agent.webhooks.list({ accountId }));
  seen.notFound = await refusal(admin.conversations.get({ accountId, conversationId: 999999 }));
  seen.refused = await refusal(admin.messages.create({ accountId, conversationId: Number(env.CHATWOOT_WIDGET_CONVERSATION_ID), data: { content: "x", message_type: "incoming" } }));
  console.log(JSON.stringify(seen));
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
