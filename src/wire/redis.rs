//! What Redis speaks: RESP2 as far as a question that only reads needs it, and the report of INFO.

use serde_json::{Map, Value, json};

/// A reply.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Reply {
    Text(String),
    /// `NOAUTH Authentication required.`
    Error(String),
}

/// Bytes of a reply that are read at most; INFO of a busy server has about 10 kB.
pub const MOST_BYTES: usize = 1024 * 1024;

/// A command as it goes over the wire.
pub fn command(words: &[&str]) -> Vec<u8> {
    let mut bytes = format!("*{}\r\n", words.len()).into_bytes();
    for word in words {
        bytes.extend_from_slice(format!("${}\r\n{word}\r\n", word.len()).as_bytes());
    }
    bytes
}

/// The reply at the beginning of what came, and how many bytes it is; None where more has to come.
///
/// # Errors
/// It is no reply of Redis.
pub fn reply(bytes: &[u8]) -> Result<Option<(Reply, usize)>, String> {
    let Some(end) = bytes.windows(2).position(|pair| pair == b"\r\n") else {
        let is_one = bytes.first().is_none_or(|kind| b"+-:$".contains(kind));
        return if is_one { Ok(None) } else { Err(strange(bytes)) };
    };
    let line = String::from_utf8_lossy(&bytes[1..end.max(1)]).into_owned();
    let whole = end + 2;
    match bytes[0] {
        b'+' | b':' => Ok(Some((Reply::Text(line), whole))),
        b'-' => Ok(Some((Reply::Error(line), whole))),
        b'$' => {
            let length: usize =
                line.parse().ok().filter(|length| *length <= MOST_BYTES).ok_or_else(|| strange(bytes))?;
            let Some(text) = bytes.get(whole..whole + length) else { return Ok(None) };
            if bytes.len() < whole + length + 2 {
                return Ok(None);
            }
            Ok(Some((Reply::Text(String::from_utf8_lossy(text).into_owned()), whole + length + 2)))
        }
        _ => Err(strange(bytes)),
    }
}

fn strange(bytes: &[u8]) -> String {
    let start: String = String::from_utf8_lossy(&bytes[..bytes.len().min(40)]).escape_debug().to_string();
    format!("what answers does not speak Redis: it says `{start}`")
}

/// INFO as a document: a member for each section, numbers as numbers, and `writes`: `ok`, or why they would be refused.
pub fn info(text: &str) -> Value {
    let (mut sections, mut section) = (Map::new(), "server".to_owned());
    for line in text.lines() {
        if let Some(title) = line.strip_prefix("# ") {
            section = title.trim().to_lowercase();
        } else if let Some((name, value)) = line.split_once(':') {
            let value = value.trim();
            let value = value.parse::<i64>().map_or_else(|_| json!(value), |number| json!(number));
            let members = sections.entry(section.clone()).or_insert_with(|| json!({}));
            members[name] = value;
        }
    }
    let mut document = Value::Object(sections);
    document["writes"] = json!(writes(&document));
    document
}

/// What a write would be answered, as far as INFO shows it: a PING passes in all of these states.
fn writes(info: &Value) -> &'static str {
    let (memory, persistence, replication) = (&info["memory"], &info["persistence"], &info["replication"]);
    let full = || {
        let (used, most) = (memory["used_memory"].as_i64(), memory["maxmemory"].as_i64().filter(|most| *most > 0));
        used.zip(most).is_some_and(|(used, most)| used >= most)
    };
    if persistence["loading"] == 1 {
        "LOADING: it is still reading its data from disk"
    } else if replication["role"] == "slave" && replication["slave_read_only"] != 0 {
        "READONLY: it is a replica that takes no writes"
    } else if memory["maxmemory_policy"] == "noeviction" && full() {
        "OOM: its memory is full and it evicts nothing"
    } else if persistence["rdb_last_bgsave_status"].as_str().is_some_and(|status| status != "ok") {
        "MISCONF: its last snapshot failed, after which it stops writes unless it is told not to"
    } else if replication["role"].is_null() {
        "unknown: its report names no role"
    } else {
        "ok"
    }
}

#[cfg(test)]
mod tests {
    use super::{Reply, command, info, reply};

    #[test]
    fn a_command_and_its_replies() {
        assert_eq!(command(&["PING"]), b"*1\r\n$4\r\nPING\r\n");
        let text = |text: &str| Reply::Text(text.to_owned());
        for (bytes, read) in [
            (&b"+PONG\r\n"[..], Ok(Some((text("PONG"), 7)))),
            (b"+PON", Ok(None)),
            (b"", Ok(None)),
            (
                b"-NOAUTH Authentication required.\r\n",
                Ok(Some((Reply::Error("NOAUTH Authentication required.".into()), 34))),
            ),
            (b"$3\r\nabc\r\n+x", Ok(Some((text("abc"), 9)))),
            (b"$3\r\nabc", Ok(None)),
            (b"HTTP/1.1 400 Bad Request\r\n", Err(())),
            (b"$99999999999\r\n", Err(())),
            (b"<html>", Err(())),
        ] {
            assert_eq!(reply(bytes).map_err(|_| ()), read, "{}", String::from_utf8_lossy(bytes));
        }
    }

    #[test]
    fn a_ping_passes_where_writes_fail_and_the_report_shows_it() {
        let good = "# Memory\r\nused_memory:100\r\nmaxmemory:0\r\nmaxmemory_policy:noeviction\r\n# Persistence\r\nloading:0\r\nrdb_last_bgsave_status:ok\r\n# Replication\r\nrole:master\r\n";
        assert_eq!(info(good)["memory"]["used_memory"], 100);
        for (from, to, writes) in [
            ("", "", "ok"),
            ("loading:0", "loading:1", "LOADING"),
            ("role:master", "role:slave\r\nslave_read_only:1", "READONLY"),
            ("role:master", "role:slave\r\nslave_read_only:0", "ok"),
            ("maxmemory:0", "maxmemory:100", "OOM"),
            ("bgsave_status:ok", "bgsave_status:err", "MISCONF"),
            ("role:master", "", "unknown"),
        ] {
            let told = info(&good.replace(from, to))["writes"].as_str().unwrap().to_owned();
            assert!(told.starts_with(writes), "{to}: {told}");
        }
    }
}
