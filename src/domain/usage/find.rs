//! Finds names in the text of one file, by the forms in which languages read the environment.

use std::collections::{BTreeMap, BTreeSet};

use regex::{Captures, Regex};

use crate::domain::contract::Place;
use crate::domain::usage::{Form, Kind, Usage};

/// Reads of an environment variable. The first group that took part is the name.
const READS: [&str; 6] = [
    // JavaScript and what follows it: process.env.X, import.meta.env.X, Bun.env.X, env.X, env["X"].
    r#"\benv\s*(?:\?\.|\.|!\.)\s*([A-Z][A-Z0-9_]{2,})\b|\benv\s*(?:\?\.)?\[\s*['"`]([A-Za-z_][A-Za-z0-9_]*)['"`]\s*\]"#,
    // Deno.env.get("X"), Rust env::var("X"), env::var_os("X"), env!("X"), option_env!("X").
    r#"\b(?:option_)?env(?:\.get|::var|::var_os|!)\(\s*['"]([A-Za-z_][A-Za-z0-9_]*)['"]"#,
    // Python os.environ["X"], os.environ.get("X"), os.getenv("X"); C and PHP getenv("X"); Java System.getenv("X").
    r#"\b(?:environ(?:\.get|\.pop|\.setdefault)?|getenv)\s*[\[(]\s*['"]([A-Za-z_][A-Za-z0-9_]*)['"]"#,
    // Go os.Getenv("X"), os.LookupEnv("X"); .NET Environment.GetEnvironmentVariable("X").
    r#"\b(?:Getenv|LookupEnv|GetEnvironmentVariable)\(\s*"([A-Za-z_][A-Za-z0-9_]*)""#,
    // Ruby ENV["X"], ENV.fetch("X"); PHP $_ENV["X"].
    r#"\bENV(?:\.fetch)?\s*[\[(]\s*['"]([A-Za-z_][A-Za-z0-9_]*)['"]|\$_(?:ENV|SERVER)\[['"]([A-Za-z_][A-Za-z0-9_]*)['"]"#,
    // Elixir System.get_env("X"), System.fetch_env!("X").
    r#"\b(?:get_env|fetch_env!?)\(\s*"([A-Za-z_][A-Za-z0-9_]*)""#,
];

/// Questions to a flag library: OpenFeature, Unleash, LaunchDarkly, and what apps call their own.
const ASKS: &str = concat!(
    r"\b(?:isFeatureEnabled|is_feature_enabled|isFlagEnabled|isEnabled|is_enabled|useFlag|useFeatureFlag|getVariant|",
    r"(?:get|use)Boolean(?:Flag)?(?:Value|Details)|get_boolean_(?:value|details)|boolVariation|variation)",
    r#"\(\s*['"`]([A-Za-z][A-Za-z0-9_.\-]*)['"`]"#
);

/// `const { X, Y: y = "" } = process.env`.
const DESTRUCTURED: &str = r"\{([^{}]{1,2000})\}\s*(?::[^=]{1,80})?=\s*(?:process|import\.meta)\.env\b";

/// References of configurations and shells.
const REFERENCES: &str = concat!(
    r"\$\{\{\s*(?:secrets|vars|env|inputs)\.([A-Za-z_][A-Za-z0-9_]*)|",
    r"\$\{([A-Za-z_][A-Za-z0-9_]*)[}:?+\-]|\$([A-Z_][A-Z0-9_]{2,})\b"
);

/// Tables that SQL or a Prisma model makes. Only known words are kept.
const TABLES: &str = concat!(
    r#"(?i)\bcreate\s+(?:unlogged\s+)?table\s+(?:if\s+not\s+exists\s+)?(?:"?\w+"?\.)?"?(\w+)"?|@@map\(\s*"(\w+)"|"#,
    r#"\bcreate_?table[!(\s]+[:'"](\w+)"#
);

/// `X=…`, `export X=…`, `X: …`, `"X": …`, `ENV X …`, `- X=…` at the beginning of a line.
const SETTINGS: &str = r#"(?m)^[ \t]*(?:-[ \t]+)?(?:export[ \t]+|ENV[ \t]+|ARG[ \t]+)?["']?([A-Z][A-Z0-9_]{2,})["']?[ \t]*(?:=|:[ \t]|:$|[ \t])"#;

/// Looks for names in texts. Made once, used for many files.
#[derive(Debug)]
pub struct Finder {
    reads: Vec<Regex>,
    asks: Regex,
    destructured: Regex,
    references: Regex,
    settings: Regex,
    tables: Regex,
    /// The known words; None when there are none.
    words: Option<Regex>,
}

impl Finder {
    /// `words` are looked for wherever they stand as a whole word; what is read, asked, referred to or set is found
    /// whether it is among them or not.
    ///
    /// # Errors
    /// The words are too many for one expression.
    pub fn new<'a>(words: impl IntoIterator<Item = &'a str>) -> Result<Self, regex::Error> {
        let words: BTreeSet<&str> = words.into_iter().filter(|word| !word.is_empty()).collect();
        // The longest first, because the first alternative that fits is taken.
        let mut words: Vec<String> = words.into_iter().map(regex::escape).collect();
        words.sort_by_key(|word| std::cmp::Reverse(word.len()));
        let words = if words.is_empty() { None } else { Some(Regex::new(&format!("({})", words.join("|")))?) };
        Ok(Self {
            reads: READS.iter().map(|read| Regex::new(read)).collect::<Result<_, _>>()?,
            asks: Regex::new(ASKS)?,
            destructured: Regex::new(DESTRUCTURED)?,
            references: Regex::new(REFERENCES)?,
            settings: Regex::new(SETTINGS)?,
            tables: Regex::new(TABLES)?,
            words,
        })
    }

    /// Every use of a name in a file, in the order of lines, one for each name and line.
    pub fn find(&self, path: &str, text: &str) -> Vec<Usage> {
        let kind = Kind::of(path);
        let mut found: BTreeMap<(usize, String), Form> = BTreeMap::new();
        let mut add = |at: usize, name: &str, form: Form| {
            let form = if in_comment(path, text, at) { Form::Comment } else { form };
            // Of several forms on one line the strongest one stands.
            let known = found.entry((at, name.to_owned())).or_insert(form);
            *known = form.min(*known);
        };
        for read in &self.reads {
            each(read, text, |at, name| add(at, name, Form::Read));
        }
        each(&self.asks, text, |at, name| add(at, name, Form::Asked));
        for list in self.destructured.captures_iter(text).filter_map(|found| found.get(1)) {
            for (at, name) in members(list.as_str()) {
                add(list.start() + at, name, Form::Read);
            }
        }
        if kind == Kind::Configuration {
            each(&self.references, text, |at, name| add(at, name, Form::Reference));
            each(&self.settings, text, |at, name| add(at, name, Form::Set));
        }
        if let Some(words) = &self.words {
            each(&self.tables, text, |at, name| {
                if words.find(name).is_some_and(|word| word.as_str() == name) {
                    add(at, name, Form::Made);
                }
            });
            for word in words.find_iter(text).filter(|word| is_whole(text, word.start(), word.end())) {
                add(word.start(), word.as_str(), Form::Mention);
            }
        }
        by_line(path, kind, text, found)
    }
}

/// Turns byte offsets into lines; keeps the strongest form of a name on each line.
fn by_line(path: &str, kind: Kind, text: &str, found: BTreeMap<(usize, String), Form>) -> Vec<Usage> {
    let (mut line, mut upto) = (1, 0);
    let mut lines: BTreeMap<(usize, String), Form> = BTreeMap::new();
    for ((at, name), form) in found {
        line += text[upto..at].matches('\n').count();
        upto = at;
        let known = lines.entry((line, name)).or_insert(form);
        *known = form.min(*known);
    }
    let usage = |((line, name), form)| Usage { name, place: Place { file: path.to_owned(), line }, form, kind };
    lines.into_iter().map(usage).collect()
}

fn each(expression: &Regex, text: &str, mut add: impl FnMut(usize, &str)) {
    for found in expression.captures_iter(text) {
        if let Some(name) = first_group(&found) {
            add(name.start(), name.as_str());
        }
    }
}

fn first_group<'t>(found: &Captures<'t>) -> Option<regex::Match<'t>> {
    found.iter().skip(1).flatten().next()
}

/// The names of a destructuring pattern, with their offset in it.
fn members(list: &str) -> Vec<(usize, &str)> {
    let (mut names, mut at) = (Vec::new(), 0);
    for part in list.split(',') {
        let blank = part.len() - part.trim_start().len();
        let name = part.trim_start();
        let end = name.find(|letter: char| !(letter.is_ascii_alphanumeric() || letter == '_')).unwrap_or(name.len());
        if end > 2 && name.starts_with(|letter: char| letter.is_ascii_uppercase()) {
            names.push((at + blank, &name[..end]));
        }
        at += part.len() + 1;
    }
    names
}

/// Not a part of a longer word: `IDEA_POOL_LIVE` in `FEATURE_IDEA_POOL_LIVE` is another name.
fn is_whole(text: &str, start: usize, end: usize) -> bool {
    let part_of_word = |letter: char| letter.is_alphanumeric() || letter == '_';
    !text[..start].chars().next_back().is_some_and(part_of_word)
        && !text[end..].chars().next().is_some_and(part_of_word)
}

/// Whether the line begins as a comment, or one begins before the name after a blank.
fn in_comment(path: &str, text: &str, at: usize) -> bool {
    let begin = text[..at].rfind('\n').map_or(0, |newline| newline + 1);
    let before = &text[begin..at];
    let line = before.trim_start();
    let hash =
        !matches!(path.rsplit('.').next(), Some("rs" | "c" | "h" | "cpp" | "cs" | "md" | "ts" | "tsx" | "js" | "jsx"));
    line.starts_with("//")
        || line.starts_with("/*")
        || line.starts_with("* ")
        || line.starts_with("--")
        || line.starts_with("<!--")
        || before.contains(" // ")
        || hash && (line.starts_with('#') || before.contains(" # "))
}

#[cfg(test)]
mod tests {
    use super::{Finder, Form};

    fn seen(path: &str, text: &str) -> Vec<(usize, String, Form)> {
        let finder = Finder::new(["IDEA_POOL_LIVE", "supabase_idea_pool"]).unwrap();
        finder.find(path, text).into_iter().map(|usage| (usage.place.line, usage.name, usage.form)).collect()
    }

    #[test]
    fn every_language_reads_in_its_own_form() {
        let table = [
            ("a.ts", "const x = process.env.FEATURE_X === 'true'", "FEATURE_X"),
            ("a.ts", "process.env['FEATURE_X']", "FEATURE_X"),
            ("a.ts", "import.meta.env?.FEATURE_X", "FEATURE_X"),
            ("a.ts", "Deno.env.get(\"FEATURE_X\")", "FEATURE_X"),
            ("a.ts", "const { FEATURE_X = '', b } = process.env;", "FEATURE_X"),
            ("a.rs", "std::env::var(\"FEATURE_X\")", "FEATURE_X"),
            ("a.rs", "option_env!(\"FEATURE_X\")", "FEATURE_X"),
            ("a.py", "os.environ[\"FEATURE_X\"]", "FEATURE_X"),
            ("a.py", "os.environ.get('FEATURE_X', '')", "FEATURE_X"),
            ("a.py", "os.getenv('FEATURE_X')", "FEATURE_X"),
            ("a.go", "os.Getenv(\"FEATURE_X\")", "FEATURE_X"),
            ("a.go", "v, ok := os.LookupEnv(\"FEATURE_X\")", "FEATURE_X"),
            ("a.rb", "ENV.fetch('FEATURE_X', nil)", "FEATURE_X"),
            ("a.java", "System.getenv(\"FEATURE_X\")", "FEATURE_X"),
            ("a.php", "getenv('FEATURE_X')", "FEATURE_X"),
            ("a.exs", "System.get_env(\"FEATURE_X\")", "FEATURE_X"),
        ];
        for (path, text, name) in table {
            assert_eq!(seen(path, text), [(1, name.to_owned(), Form::Read)], "{path}: {text}");
        }
    }

    #[test]
    fn a_configuration_refers_and_sets() {
        let table = [
            ("ci.yml", "  token: ${{ secrets.API_TOKEN }}", Form::Reference, "API_TOKEN"),
            ("ci.yml", "run: echo ${API_TOKEN:-none}", Form::Reference, "API_TOKEN"),
            ("x.sh", "curl -H \"$API_TOKEN\"", Form::Reference, "API_TOKEN"),
            (".env.example", "API_TOKEN=", Form::Set, "API_TOKEN"),
            ("ci.yml", "      API_TOKEN: abc", Form::Set, "API_TOKEN"),
            ("fly.toml", "  API_TOKEN = \"1\"", Form::Set, "API_TOKEN"),
            ("Dockerfile", "ENV API_TOKEN 1", Form::Set, "API_TOKEN"),
        ];
        for (path, text, form, name) in table {
            assert_eq!(seen(path, text), [(1, name.to_owned(), form)], "{path}: {text}");
        }
        assert!(seen("a.ts", "`${API_TOKEN}`").is_empty(), "a template's own constant is no variable");
    }

    #[test]
    fn a_table_is_made_by_sql_or_a_model() {
        let finder = Finder::new(["idea_pool", "ideas"]).unwrap();
        let seen = |text: &str| -> Vec<_> {
            finder.find("migrations/1.sql", text).into_iter().map(|usage| (usage.name, usage.form)).collect()
        };
        let made = vec![("idea_pool".to_owned(), Form::Made)];
        for text in [
            "CREATE TABLE IF NOT EXISTS public.idea_pool (",
            "create table \"idea_pool\" (id int)",
            "  @@map(\"idea_pool\")",
            "create_table :idea_pool do |t|",
        ] {
            assert_eq!(seen(text), made, "{text}");
        }
        assert_eq!(seen("select * from ideas"), [("ideas".to_owned(), Form::Mention)]);
        assert_eq!(seen("-- create table idea_pool (")[0].1, Form::Comment);
        assert!(seen("create table idea_pools (").is_empty());
    }

    #[test]
    fn words_are_whole_and_comments_read_nothing() {
        let text = "isFeatureEnabled('supabase_idea_pool')\n\n// process.env.IDEA_POOL_LIVE\nfoo(FEATURE_IDEA_POOL_LIVE, IDEA_POOL_LIVE)\n";
        let expected = [
            (1, "supabase_idea_pool".to_owned(), Form::Asked),
            (3, "IDEA_POOL_LIVE".to_owned(), Form::Comment),
            (4, "IDEA_POOL_LIVE".to_owned(), Form::Mention),
        ];
        assert_eq!(seen("a.ts", text), expected);
        assert_eq!(seen("x.py", "# os.getenv('A_B')")[0].2, Form::Comment);
        assert_eq!(seen("x.ts", "a.env.A_B // process.env.C_D").len(), 2);
    }
}
