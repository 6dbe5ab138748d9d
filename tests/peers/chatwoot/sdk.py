"""Uses chatwoot-sdk as its readme says, against the server that the environment names; prints what came as JSON."""

import json
import os

from chatwoot import ChatwootClient
from chatwoot.exceptions import ChatwootAPIError

env = os.environ
account = int(env["CHATWOOT_ACCOUNT_ID"])
conversation = int(env["CHATWOOT_CONVERSATION_ID"])
contact = int(env["CHATWOOT_CONTACT_ID"])


def client(token):
    return ChatwootClient(base_url=env["CHATWOOT_BASE_URL"], api_token=token)


def refusal(act):
    try:
        act()
    except ChatwootAPIError as error:
        return {"kind": type(error).__name__, "status": error.status_code}
    return None


admin = client(env["CHATWOOT_API_TOKEN"])
agent = client(env["CHATWOOT_AGENT_TOKEN"])
seen = {}

seen["profile"] = admin.profile.get().role.value
pages = [admin.conversations.list(account_id=account, page=page) for page in (1, 2, 3)]
seen["pages"] = [len(page) for page in pages]
seen["labelled"] = [row.id for row in admin.conversations.list(account_id=account, labels=["vip"])]
seen["counts"] = admin.conversations.get_counts(account_id=account)["meta"]["all_count"]
shown = admin.conversations.get(account_id=account, conversation_id=conversation)
seen["conversation"] = {"status": shown.status.value, "priority": shown.priority.value}

note = admin.messages.create(account_id=account, conversation_id=conversation, content="Draft", private=True)
seen["note"] = {"private": note.private, "type": note.message_type, "sender": note.sender.type}
reply = agent.messages.create(account_id=account, conversation_id=conversation, content="Reply")
seen["reply"] = {"private": reply.private, "sender": reply.sender.type}
seen["thread"] = [message.content for message in admin.messages.list(account, conversation)[-2:]]

seen["labels"] = admin.conversations.labels.add(account, conversation, ["urgent"])
seen["toggled"] = admin.conversations.toggle_status(account, conversation, "resolved").current_status.value
# The client sends an assignment as an update of the conversation, which Chatwoot passes over.
assigned = admin.conversations.assign(account, conversation, int(env["CHATWOOT_AGENT_ID"]))
seen["assigned"] = assigned.meta.assignee.id if assigned.meta.assignee else None

seen["contacts"] = len(admin.contacts.list(account_id=account))
seen["found"] = [row.id for row in admin.contacts.search(account_id=account, query="nora")]
seen["contact"] = admin.contacts.get(account_id=account, contact_id=contact).email
seen["inboxes"] = sorted(inbox.channel_type for inbox in admin.inboxes.list(account_id=account))
seen["agents"] = len(admin.agents.list(account_id=account))
seen["teams"] = len(admin.teams.list(account_id=account))

seen["wrong_token"] = refusal(lambda: client("wrong").profile.get())
seen["not_found"] = refusal(lambda: admin.conversations.get(account_id=account, conversation_id=999999))
seen["stranger"] = refusal(lambda: client(env["CHATWOOT_BOT_TOKEN"]).conversations.list(account_id=account))
print(json.dumps(seen))
